import type { StartPostCanTimeOut } from '../../../check/rules/start-post-can-time-out.ts';
import type { GroupTexts } from '../../rule-texts.ts';
import { daruma } from '../../shown-commands.ts';
import { span } from '../span.ts';

export const hooks: GroupTexts<'hooks'> = {
  'start-post-can-kill': {
    title: '启动后的钩子可能连累服务',
    message: ({ program }) => `ExecStartPost= 中的 ${program} 一旦失败，systemd 会把整个服务一起终止`,
    why: ({ afterwards, policy }) =>
      `没有“-”的 ExecStartPost= 失败就等于启动失败：健康的主进程会收到 SIGTERM，${consequences[afterwards](policy)}。`,
    remedy: () => '在命令前加“-”：这样失败只会记入日志。',
  },
  'start-post-can-time-out': {
    title: '启动后的钩子可能超过启动时限',
    message: ({ seconds, limitSeconds, waits }) =>
      `${seconds === null ? 'ExecStartPost= 可能一直等下去' : `ExecStartPost= 最长需要 ${span(seconds)}`}，而 TimeoutStartSec= 只允许 ${span(limitSeconds)}：${listed(waits)}`,
    why: ({ limitSeconds, ignoresFailure }) =>
      `超过 ${span(limitSeconds)}后，systemd 会终止钩子，同时终止健康的主进程${ignoresFailure ? '；“-”只对失败有效，对超时无效' : ''}。`,
    remedy: ({ boundedSeconds, waits }) =>
      `让钩子在启动时限之前结束：在命令前加上“-/usr/bin/timeout -k 1 ${boundedSeconds}”${waits.some(isCurlWithoutEnd) ? '，并给 curl 加上 --max-time' : ''}。`,
  },
  'start-post-delays-ready': {
    title: '启动后的钩子会让其他 unit 等待',
    message: ({ seconds, waiting }) =>
      `启动后，ExecStartPost= 会让它停留在“activating”状态，最长 ${span(seconds)}${waiting.length === 0 ? '' : `，${waiting.join('、')} 要等到那之后才会启动`}`,
    why: ({ waiting }) =>
      `ExecStartPost= 执行完，unit 才算启动完成${waiting.length === 0 ? '；“systemctl start”到那时才会返回' : '；用 After= 排在它后面的 unit 要一直等'}。`,
    remedy: () =>
      '如果钩子就是用来等待服务就绪的，可以保留。发送通知之类的工作应放到单独的 unit 里，用“systemctl start --no-block”启动。',
  },
  'hooks-lead-nowhere': {
    title: '通知钩子没有通向任何地方',
    message: ({ problem, units, count, missing }) =>
      ({
        missing: `${services(units, count)}的钩子通向 ${missing}，但它不存在`,
        earlier: `${services(units, count)}的钩子是由较早版本的 daruma 写入的`,
        'no-channel': `${services(units, count)}有钩子，但没有配置任何通知渠道`,
        'no-hooks': '配置了通知渠道，但没有任何服务装有钩子',
        unhooked: '它没有装钩子，而其他服务装有钩子',
      })[problem],
    why: ({ problem }, { unit }) =>
      ({
        missing: '这些服务出了什么事，都不会有人收到通知。',
        earlier: '它们会让服务等待 daruma 启动；daruma 不在期间发生的事会丢失。',
        'no-channel': '这些服务出了什么事都会记下来，但不会有人收到通知。',
        'no-hooks': '服务出了什么事，都不会有人收到通知。',
        unhooked:
          unit === 'daruma-front.service'
            ? '前置代理自己倒下时，不会有人收到通知。'
            : '它出了什么事，都不会有人收到通知。',
      })[problem],
    remedy: ({ problem }, { scope }) =>
      problem === 'no-channel'
        ? `在配置中写上一个渠道，或运行“${daruma('notify', scope, 'uninstall')}”。`
        : `运行“${daruma('notify', scope, 'install')}”。`,
  },
};

function services(units: readonly string[], count: number): string {
  const [first = ''] = units;
  return count === 1 ? `${first} ` : ` ${count} 个服务`;
}

const consequences = {
  'stays-down': (policy: string) => `而 Restart=${policy} 不会把它拉起来`,
  'gives-up': () => '重启后又以同样的方式失败，很快就会触及启动次数限制',
  restarts: () => '只要原因还在，重启后仍会以同样的方式失败',
} as const;

function isCurlWithoutEnd({ program, seconds }: Waits[number]): boolean {
  return program === 'curl' && seconds === null;
}

type Waits = StartPostCanTimeOut['waits'];

/** 只列出最长的几处。 */
function listed(waits: Waits): string {
  return waits
    .slice(0, 3)
    .map(({ kind, program, seconds, script }) => {
      const place =
        script === null ? '' : `（${script.file.slice(script.file.lastIndexOf('/') + 1)}:${script.line}）`;
      return waiting[kind](program, seconds) + place;
    })
    .join('、');
}

const waiting = {
  sleep: (_: string, seconds: number | null) =>
    seconds === null ? '无限期的 sleep' : `sleep 共 ${span(seconds)}`,
  request: (program: string, seconds: number | null) =>
    seconds === null
      ? `${program} 没有${program === 'curl' ? ' --max-time' : '时限'}`
      : `${program} 最长 ${span(seconds)}`,
  loop: (_: string, seconds: number | null) =>
    seconds === null ? '没有终止条件的循环' : `循环最长 ${span(seconds)}`,
  limit: (program: string, seconds: number | null) =>
    seconds === null ? `${program} 没有时限` : `${program} 最长 ${span(seconds)}`,
} as const;
