import type { GroupTexts } from '../../rule-texts.ts';
import { ignoredLine, loadProblem } from '../problems.ts';
import { homeInFront } from '../../shell-syntax-parts.ts';
import { systemctl } from '../../shown-commands.ts';

export const file: GroupTexts<'file'> = {
  'unknown-setting': {
    title: '这个版本的 systemd 不认识的设置',
    message: ({ line }) => `systemd 会忽略这一${line.key === '' ? '节' : '行'}：${ignoredLine(line)}`,
    why: ({ line, since }) =>
      since === null
        ? line.key === ''
          ? '其中的每一行都不起作用。'
          : '这一行不起作用：它想改变的行为保持原样。'
        : `在机器升级到 systemd ${since} 之前，这一行不起作用。`,
    remedy: ({ since, home, suggestion, line }) => {
      if (since !== null) return '可以留到升级之后，但在此之前不要指望它。';
      if (home !== null) return `把 ${line.key}= 移到 [${home}] 中。`;
      if (suggestion !== null) return line.key === '' ? `改为 [${suggestion}]。` : `改为 ${suggestion}=。`;
      return '更正名称，或删除这一行；自己的备注可以用 X- 开头的名称。';
    },
  },
  'value-invalid': {
    title: 'systemd 会忽略的一行',
    message: ({ line, more }) => {
      if (line.problem.code === 'unread') return ignoredLine(line);
      if (more > 0) return `systemd 会忽略从这里起的 ${more + 1} 行：${ignoredLine(line)}`;
      const isPart = line.problem.code === 'bad-value' && line.problem.counts === 'part';
      return `systemd 会忽略这一行${isPart ? '的一部分' : ''}：${ignoredLine(line)}`;
    },
    why: ({ line, instead, more }) => {
      if (line.problem.code === 'unread') return '这一行之后的内容全部不起作用。';
      if (more > 0) return '它们不属于任何设置，不会改变任何行为。要续行，就在行尾写“\\”。';
      if (line.problem.code === 'stray') return '它不属于任何设置，不会改变任何行为。';
      if (line.problem.code === 'bad-value' && line.problem.counts !== undefined) {
        return line.problem.counts === 'part'
          ? '这一行的其余部分仍然有效。'
          : `这一行没有给 ${line.key}= 增加任何内容。`;
      }
      return instead === null ? `${line.key}= 保持默认值。` : `以另一行的 ${line.key}=${instead} 为准。`;
    },
    remedy: ({ line, more }) => {
      if (line.problem.code === 'unread') return '更正这一行。';
      return more > 0 ? '更正或删除这些行。' : '更正或删除这一行。';
    },
  },
  'unit-unreadable': {
    title: 'unit 的某个文件无法读取',
    message: ({ path, why, isDropIn }) =>
      why === 'dangling'
        ? `链接指向的文件不存在：${path}`
        : `无法读取${isDropIn ? ' drop-in' : ' unit 文件'}（${why}）：${path}`,
    why: ({ isDropIn }) =>
      isDropIn
        ? 'systemd 会跳过它：其中的设置全部不起作用。'
        : '对 systemd 来说这个 unit 不存在：既无法启动，机器重启后也不会恢复。',
    remedy: ({ path, why }) =>
      why === 'dangling' ? `让链接重新指向该文件，或删除 ${path}。` : `让管理器的用户能够读取 ${path}。`,
  },
  'unit-load-error': {
    title: 'systemd 拒绝加载这个 unit',
    message: ({ problem }) =>
      problem.code === 'not-found'
        ? '它的 unit 文件已不存在'
        : `systemd 拒绝加载这个 unit：${loadProblem(problem)}`,
    why: () => '已经在运行的进程会继续，但下次停止、退出或机器重启之后，就再也无法启动这个服务。',
    remedy: ({ problem }, manager) => {
      const reload = systemctl(manager, 'daemon-reload');
      if (problem.code === 'not-found')
        return `把文件放回去并运行“${reload}”，或者停止这个服务：“${systemctl(manager, 'stop', manager.unit)}”。`;
      const home = homeInFront(problem);
      const correct =
        home === undefined
          ? '更正之后'
          : home === '' || manager.scope === 'system'
            ? '写出程序的完整路径，然后'
            : `把 ${home} 写成 %h/，然后`;
      return `${correct}运行“${reload}”。`;
    },
  },
  'drop-in-shadowed': {
    title: 'drop-in 被另一个同名文件遮住',
    message: ({ hidden, by, lost }) =>
      `${by} 遮住了 ${hidden}，其中的 ${lost.map(key => `${key}=`).join('、')} 不起作用`,
    why: () => '同名的 drop-in 中，systemd 只读取优先级最高的目录里的那个，其余的完全不起作用。',
    remedy: () => '给其中一个换个名字，让两个都被读取。',
  },
  'drop-in-not-conf': {
    title: '文件名不以 .conf 结尾的 drop-in',
    message: ({ path }) => `systemd 不会读取 ${inFolder(path)}：文件名不以 .conf 结尾`,
    why: () => '其中的设置不起作用，而且没有任何提示。',
    remedy: ({ path }) => `改名为 ${inFolder(path)}.conf；如果不打算让它生效，就移到别处。`,
  },
};

/** A file with its folder, which names the unit. */
function inFolder(path: string): string {
  return path.split('/').slice(-2).join('/');
}
