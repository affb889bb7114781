import type { IgnoredLine } from '../../systemd/assignments.ts';
import type { MetLimit } from '../../systemd/host/limit.ts';
import type { LoadProblem } from '../../systemd/unit.ts';
import { describeIgnoredLine, describeLoadProblem, type ProblemTexts } from '../parts.ts';

/** Why a unit is not loaded. */
export function loadProblem(problem: LoadProblem): string {
  return describeLoadProblem(problem, problemTexts);
}

/** A line that systemd ignores, and why. */
export function ignoredLine(line: IgnoredLine): string {
  return describeIgnoredLine(line, problemTexts);
}

export function alike(count: number): string {
  return count === 0 ? '' : `（另有 ${count} 处同类问题，未列出）`;
}

export function metLimit(limit: MetLimit['limit']): string {
  switch (limit.of) {
    case 'bytes':
      return `大于 ${limit.most} 字节，未查看`;
    case 'lines':
      return `只读取了前 ${limit.most} 行，systemd 会继续读下去`;
    case 'characters':
      return `它运行或引入的内容超过 ${limit.most} 个字符，其余部分未继续查看`;
    case 'words':
      return `脚本超过 ${limit.most} 个词，其余部分未查看`;
    case 'levels':
      return `嵌套超过 ${limit.most} 层，更深的部分未查看`;
    case 'values':
      return `展开后超过 ${limit.most} 个值，其余部分未查看`;
    case 'files':
      return `引入的文件超过 ${limit.most} 个，其余文件未查看`;
    case 'steps':
      return `模型之间的通路太多，查找环路时只走了 ${limit.most} 步，其余部分未查找`;
    case 'question':
      return `没有向管理器询问它的状态：它的文件超过 ${limit.most} 字节，读取它们可能让管理器几分钟内无法做别的事`;
    case 'answer':
      return '管理器没有及时说明它的状态';
    case 'errno':
      return `无法读取（${limit.errno}），未查看`;
    case 'kind':
      return '不是普通文件，未查看';
    case 'syntax':
      if (limit.isAtEnd) return '到末尾仍不完整，整个文件未查看';
      return `无法解析（第 ${limit.column} 列），整个文件未查看`;
    case 'setting':
      return `${limit.key} 看不懂，或引用了这里无从得知的内容，其中的设置未计入`;
    case 'value':
      return limit.key === '' ? '内容不是键和值，整个文件未查看' : `${limit.key} 的值类型不对，未查看`;
    default:
      return limit satisfies never;
  }
}

const problemTexts: ProblemTexts = {
  colon: '：',
  notFound: '文件不存在',
  masked: path => `被 ${path} 屏蔽（mask）`,
  aliasLoop: '别名链接绕成了一圈',
  unreadable: (path, errno) => `无法读取 ${path}（${errno}）`,
  syntax: {
    'line-too-long': '有一行达到或超过 1 MiB',
    'invalid-utf8': '有一行不是 UTF-8',
    'invalid-section-header': '有一行像节标题，但写法不对',
  },
  refusedByManager: reason =>
    reason === null ? '管理器没有加载它，日志里也没有原因' : `它的说法是“${reason}”`,
  refusals: {
    'isolates-several':
      '写了 OnFailureJobMode=isolate 时，OnFailure= 只能有一个 unit；OnSuccessJobMode= 与 OnSuccess= 也一样',
    'no-command': 'ExecStart=、ExecStop=、SuccessAction= 一个也没有',
    'no-exec-start': '没有 ExecStart=，只有 Type=oneshot 才可以省略',
    'no-exec-start-and-not-remaining': '既没有 ExecStart=，也没有 RemainAfterExit=yes',
    'several-exec-starts': '有多个 ExecStart=，只有 Type=oneshot 才允许',
    'oneshot-restarts-on-success': 'Type=oneshot 不能与 Restart=always 或 on-success 同用',
    'oneshot-forces-restart': '在 systemd 256 之前，Type=oneshot 不能与 RestartForceExitStatus= 同用',
    'oneshot-exit-type-cgroup': 'Type=oneshot 不能与 ExitType=cgroup 同用',
    'dbus-without-name': 'Type=dbus 必须有 BusName=',
    'pam-with-kill-mode': 'PAMName= 要求 KillMode=control-group 或 mixed',
    'dynamic-user-of-user': '用户管理器的 unit 不能使用 DynamicUser=',
    'dynamic-user-at-home': 'DynamicUser= 不能与 WorkingDirectory=~ 一起使用',
  },
  unknownSection: '这里没有这一节，整节都被忽略',
  noEffect: '在这个版本里不起作用',
  strays: {
    'missing-equals': '缺少“=”',
    'missing-key': '“=”前面没有名称',
    'outside-section': '不在任何一节之内',
  },
  unread: what => `文件从这里起不再读取：${what ?? '这个值无法解析'}`,
  settingSince: version => `systemd ${version} 及更新的版本才有`,
  settingBelongsIn: (home, section) => `应当写在 [${home}] 里，而不是 [${section}]`,
  noSuchSetting: (section, suggestion) =>
    suggestion === undefined
      ? `[${section}] 没有这个设置`
      : `[${section}] 没有这个设置，是不是想写 ${suggestion}=？`,
  emptyKeeps: '空值不会重置它，之前的值仍然有效',
  malformed: {
    boolean: '不是布尔值',
    'time-span': '不是时间长度',
    integer: '不是整数',
    signal: '不是信号',
    mode: '不是权限模式',
    'resource-limit': '不是资源限制',
    'memory-limit': '不是内存限制',
    'tasks-max': '不是任务数上限',
    percentage: '不是百分比',
    weight: '不是权重',
  },
  outOfRange: (min, max) => `不在 ${min} 到 ${max} 之间`,
  valueSince: version => `systemd ${version} 及更新的版本才有这个值`,
  notOneOf: values => `没有这个值，可用的有：${values.join('、')}`,
  noSuchValue: suggestion => `没有这个值，是不是想写 ${suggestion}？`,
  badWords: words => `其中被忽略的有：${words}`,
  pathNotAbsolute: path => `${path} 不是绝对路径`,
  pathNotNormalized: path => `${path} 里有“..”`,
  invalidSpecifier: specifier => `%${specifier} 没有含义`,
  commands: {
    'unbalanced-quote': () => '引号没有闭合',
    'invalid-specifier': what => `%${what} 没有含义`,
    'empty-path': () => '没有要运行的程序',
    'unsafe-characters': what => `${what} 含有不允许的字符`,
    'path-is-directory': what => `${what} 是目录`,
    'path-not-absolute': what => `${what} 既不是绝对路径，也不是单纯的程序名`,
    'empty-argv': () => '一个参数也没有',
  },
};
