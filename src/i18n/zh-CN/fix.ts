import type { FixTexts } from '../catalogue.ts';

export const fix: FixTexts = {
  dropInHead: version => `由 daruma ${version} 写入；运行“daruma undo”可撤销。`,
  commands: '然后运行',
  mode: octal => `权限改为 ${octal}`,
  preventedHeading: '写了也不生效，因此不写',
  prevented: (setting, unit, by) =>
    by === undefined ? `${unit} 的 ${setting}：systemd 不接受` : `${unit} 的 ${setting}：最终以 ${by} 为准`,
  leftHeading: '需要你来处理',
  summary: (settled, left) => `解决 ${settled} 个问题，剩余 ${left} 个`,
  nothingToDo: '没有 daruma 可以自行修复的问题。',
  question: '要执行吗？',
  yesOrNo: '（y 执行，回车取消）',
  cannotAsk: '这里没有人可以确认是否继续',
  useYes: '加上 --yes 直接执行，或用 --dry-run 只看计划',
  nothingDone: '没有改动任何内容。',
  done: id => `已完成。运行“daruma undo ${id}”可撤销。`,
  refused: (command, said) => `没有权限：${said}。请由管理员运行：${command}`,
  failedAndTakenBack: (at, cause) => `${at}：${cause}；一切已恢复原样`,
  failed: (at, cause) => `${at}：${cause}；未能全部恢复`,
  undoHint: '排除原因后运行“daruma undo”',
  noStateFolder: '没有可以存放记录的主目录',
  unitsOnly: 'daruma fix 只处理同一台机器的单元：写单元名，或用 --root DIR 指定解包的系统',
  wrote: file => `已写入 ${file}`,
  interrupted: id =>
    `修复 ${id} 曾被中断：每个文件都是完整的旧版或新版；“daruma undo ${id}”可撤销，“daruma fix”可从这里继续`,
  nothingToUndo: '没有可撤销的修复。',
  unknownFix: id => `没有编号为 ${id} 的修复`,
  undone: (id, files) => `修复 ${id} 已撤销：${files} 个文件恢复原样。`,
  untouched: file => `${file} 之后被改动过，保持现状。`,
  phases: { begun: '被中断', done: '已完成', undone: '已撤销' },
};
