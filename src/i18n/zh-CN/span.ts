/**
 * 时长的口语写法；两分钟以内用秒，与 unit 文件一致。
 *
 * @example span(90) // '90 秒'
 * @example span(3725) // '1 小时 2 分 5 秒'
 */
export function span(seconds: number): string {
  if (seconds < 120) return `${Number(seconds.toFixed(1))} 秒`;
  const whole = Math.round(seconds);
  const minutes = Math.floor((whole % 3600) / 60);
  const parts = [
    [Math.floor(whole / 3600), '小时'],
    [minutes, whole % 60 === 0 ? '分钟' : '分'],
    [whole % 60, '秒'],
  ] as const;
  return parts
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}
