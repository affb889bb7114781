import type { Cause } from '../../notify/notice.ts';
import type { TimeLimit } from '../../systemd/service-settings.ts';
import { limitText, setupFailure } from '../parts.ts';
import type { NoticeTexts } from '../notice-texts.ts';
import { span } from './span.ts';

type FailedEnd = NonNullable<Cause['failedCommand']>;

export const notices: NoticeTexts = {
  titles: {
    fell: name => `⚠️ ${name} 已停止`,
    'keeps-falling': name => `🔁 ${name} 反复倒下`,
    restarted: name => `🔄 ${name} 已重启`,
    started: name => `✅ ${name} 已就绪`,
    'not-ready': name => `⏳ ${name} 启动后未就绪`,
    'stays-down': name => `🔴 ${name} 停止且不会恢复`,
    'still-down': name => `🔴 ${name} 仍未恢复`,
    failed: name => `⚠️ ${name} 运行失败`,
    recovered: name => `✅ ${name} 恢复正常`,
    'nobody-answers': name => `🚨 ${name} 不回答，也无人代为回答`,
    'moved-back': name => `✅ ${name} 恢复回答`,
  },
  movedTitle: (name, standIn) => `🔀 代替 ${name}，现向 ${standIn} 请求`,
  moved: (unit, standIn, since) => `前置代理自 ${since} 起得不到 ${unit} 的回答，现改向 ${standIn} 请求。`,
  nobodyAnswers: (unit, since) =>
    `前置代理自 ${since} 起得不到 ${unit} 的回答，其他机器也都没有回答。它会继续尝试。`,
  movedBack: (unit, standIns, seconds, isInAll) => {
    const meanwhile = standIns === undefined ? '无人代为回答' : `改向 ${standIns} 请求`;
    return `前置代理已重新向 ${unit} 请求；此前${isInAll ? '共' : ''}有 ${span(seconds)}${meanwhile}。`;
  },
  nobodyFor: seconds => `其中有 ${span(seconds)}无人回答。`,
  movedTimes: (count, since) => `它已有 ${count} 次不回答，首次在 ${since}。`,
  stoodIn: (names, isOver, seconds) => {
    if (!isOver) return names === undefined ? '目前无人代为回答。' : `目前改向 ${names} 请求。`;
    const said = names === undefined ? '期间无人代为回答' : `期间改向 ${names} 请求`;
    return seconds === undefined ? `${said}。` : `${said}（${span(seconds)}）。`;
  },
  stillStartingTitle: name => `⏳ ${name} 仍在启动`,
  keepsFailingToStart: name => `🔁 ${name} 反复启动失败`,
  upAgain: name => `✅ ${name} 已恢复运行`,
  wasUpTitle: name => `🕐 ${name} 曾恢复运行，现在没有运行`,
  wasDownTitle: name => `🕐 ${name} 曾停止运行，现在正在运行`,
  fellThenStopped: name => `🔄 ${name} 曾重启，此后已被停止`,
  fellNotReady: name => `⏳ ${name} 倒下后尚未就绪`,
  onlyStarted: name => `✅ ${name} 已启动`,
  outageTitle: (host, { of, end }) => {
    if (of === 'manager') return `⚡ ${host} 的用户管理器曾中断，现已恢复`;
    const what = {
      shutdown: `🔌 ${host} 已重启`,
      crash: `⚡ ${host} 曾宕机，现已恢复`,
      unknown: `🔌 ${host} 已重新启动`,
    };
    return what[end];
  },
  outageEnd: ({ of, end }, last, up) => {
    const who = of === 'machine' ? '这台机器' : '用户服务的管理器';
    if (last === undefined) return `${who}于 ${up} 启动；从何时起中断不得而知。`;
    switch (end) {
      case 'shutdown':
        return `${who}正常关闭，最后一次活动在 ${last}；于 ${up} 启动。`;
      case 'crash':
        return of === 'machine'
          ? `${who}在 ${last} 与 ${up} 之间未经关机而中断：断电或系统崩溃。`
          : `${who}在 ${last} 与 ${up} 之间未经关闭而结束：崩溃或被杀死。`;
      case 'unknown':
        return `${who}在 ${last} 与 ${up} 之间中断，原因未知。`;
      default:
        return end satisfies never;
    }
  },
  managerEnded: (how, at, up) => `用户服务的管理器在 ${at} 未经关闭而结束，于 ${up} 重新启动。${how}`,
  outageSpan: seconds => `最多中断 ${span(seconds)}。`,
  run: names => `正在运行：${names}。`,
  noAnswerYet: names => `已启动，但还没有应答：${names}。`,
  doNotStayUp: names => `未能保持运行：${names}。`,
  doNotRun: names => `未在运行：${names}。`,
  testTitle: '✅ daruma 测试消息',
  testBody: '本机服务的通知会发送到这里。',
  textTitle: 'daruma',
  lateTitle: count => `📭 有 ${count} 条较早的消息未送达`,
  lateBody: (about, from, to) =>
    `${about === '' ? '这些消息' : `内容涉及 ${about}，`}产生于 ${from} 至 ${to}。运行“daruma status”查看现状。`,
  digestTitle: count => `${count} 条消息`,
  digestLine: (time, title) => `${time}  ${title}`,
  now: (time, how) => `现在（${time}）：${how === '' ? '' : `${how}。`}`,
  presentRun: (kind, since, answers) => {
    const answer = answers === undefined ? '' : answers ? '，能正常应答' : '，但没有正常应答';
    return presentRuns[kind] + (since === undefined ? '' : `，自 ${since} 起`) + answer;
  },
  why: (unit, cause) => `${unit} ${why(cause)}。`,
  downFor: (seconds, bound, isLast) => {
    const prefix = { exact: '', 'at-most': '最多', 'at-least': '至少' }[bound];
    return `${isLast ? '最后一次倒下后' : ''}中断${prefix} ${span(seconds)}。`;
  },
  unreadyFor: (since, seconds, isAtMost) =>
    `从 ${since} 那次倒下到恢复运行，其间没有观察到它就绪：${isAtMost ? '最多' : '共'} ${span(seconds)}。`,
  failedStarts: count => `此后有 ${count} 次启动失败：缺少所需的文件或资源。`,
  endBefore: (cause, at) => `此前的那次运行${at === undefined ? '' : `（结束于 ${at}）`}${why(cause)}。`,
  fallsSoFar: ({ falls, failedStarts = 0, isAtLeast = false }, since) => {
    const least = isAtLeast ? '至少' : '';
    const all = [
      ...(falls > 0 ? [`已${least}倒下 ${falls} 次`] : []),
      ...(failedStarts > 0 ? [`${least}启动失败 ${failedStarts} 次`] : []),
    ].join('，');
    return `${all}${since === undefined ? '' : `，首次在 ${since}`}。`;
  },
  upFor: seconds => `此后已连续运行 ${span(seconds)}。`,
  byJob: '这次启动不是由 Restart= 触发，而是由人工、其他单元或开机触发。',
  byJobAfter: (started, until, by) =>
    `它在 ${started} 已经启动过；${until}，在观察到它就绪之前，那次运行因${by === 'restart' ? '重启任务' : '机器或其管理器关闭'}而结束。此后的这次启动不是由 Restart= 触发，而是由人工、其他单元或开机触发。`,
  stoppedSince: time => `现在没有在运行：已于 ${time} 被停止任务（stop job）停止。`,
  gaveUp: ({ falls, failedStarts = 0, isAtLeast = false }, seconds) => {
    const least = isAtLeast ? '至少' : '';
    const all = [
      ...(falls > 0 ? [`${least}倒下 ${falls} 次`] : []),
      ...(failedStarts > 0 ? [`${least}启动失败 ${failedStarts} 次`] : []),
    ].join('、');
    const isOnce = falls + failedStarts === 1;
    return `${isAtLeast || isOnce ? '' : `${span(seconds)}内`}${all}，systemd 已放弃重启。`;
  },
  waited: (seconds, phase, isAgain) => {
    const how = {
      starting: `systemd 仍在启动它，${span(seconds)}内没有就绪`,
      active: `systemd 认为它处于 active，但 ${span(seconds)}内没有正常应答`,
      stopping: `systemd 正在停止它，${span(seconds)}内没有结束`,
    }[phase];
    return `${isAgain ? '它已重新启动：' : ''}${how}。`;
  },
  refusedUntil: asserts =>
    `在${asserts.length === 1 ? ` ${asserts.join('')} ` : '它的断言'}成立之前，systemd 会拒绝每次启动。`,
  jobTimedOut: limits =>
    `启动任务（job）已超时（${jobLimits(limits)}）。结束的只是任务：systemd 仍在启动该服务，它尚未就绪。`,
  downSince: time => `自 ${time} 起一直停止。`,
  notRestarted: '这种情况下 systemd 不会重启它。',
  startedAgain: names => `${names} 会再次启动它。`,
  triggerFailed: trigger => `按需启动它的 ${trigger} 也已失败。`,
  failedTimes: falls => `此前共失败 ${falls} 次。`,
  stillTried: hasBeenUp => (hasBeenUp ? '目前尚未恢复。' : '目前尚未启动成功。'),
  stillStarting: (since, isAgain) =>
    `systemd 自 ${since} 起一直在${isAgain ? '重新' : ''}启动它，至今尚未就绪。`,
  look: '查看原因：',
  goOn: '让它继续运行：',
  seeCheck: '详情：',
  startAgain: '重新启动：',
  logHeading: '最后的日志：',
  logHeadingOfEnded: '已结束的那次运行最后的日志：',
  host: (name, scope) =>
    scope === undefined ? name : `${name}（${scope === 'user' ? '用户服务' : '系统服务'}）`,
};

const presentRuns = {
  runs: '正在运行',
  halts: '进程还在，但没有继续执行：被暂停（SIGSTOP）、冻结或正被调试',
  starts: 'systemd 正在启动它',
  restarts: '已结束，systemd 即将再次启动它',
  ends: '正在停止',
  fails: '已失败，没有在运行',
  stopped: '没有在运行，已被停止任务（stop job）停止',
  rests: '没有在运行',
} as const;

/** Which of several conditions or assertions of a unit did not hold, the manager does not always say. */
export function oneOf(lines: readonly string[], kind: string): string {
  if (lines.length === 1) return ` ${lines.join('')} `;
  return lines.length === 0 || lines.length > 3 ? `它的某个${kind}` : ` ${lines.join('、')} 之一`;
}

/** How a service ended, as the rest of a sentence about it. */
export function why(cause: Cause): string {
  if (!cause.isBeforeUp) return whyEnded(cause);
  if (cause.result === 'timeout') return '启动超时，被 systemd 终止';
  const isTold =
    cause.result === 'protocol' ||
    cause.code === null ||
    setupFailure(cause.status) !== undefined ||
    (cause.failedCommand ?? null) !== null;
  return isTold ? whyEnded(cause) : `${whyEnded(cause)}（当时尚未就绪）`;
}

function whyEnded(cause: Cause): string {
  const { result, code, status, mainEndedWell = false, failedCommand = null, required, asserts = [] } = cause;
  if (mainEndedWell && result === 'success') return endedWell;
  switch (result) {
    case null:
      return unseen;
    case 'success':
    case 'exit-code':
    case 'signal':
    case 'core-dump':
      return ended(result, code, status, mainEndedWell, failedCommand);
    case 'oom-kill':
      return '因内存不足被内核杀死';
    case 'watchdog':
      return '未在 WatchdogSec= 内报告存活，被 systemd 终止';
    case 'timeout':
      return cause.endedBeforeTimeout
        ? lateEnd(cause, 'TimeoutStopSec=')
        : '启动、运行或停止超时，被 systemd 终止';
    case 'protocol':
      return '在就绪之前就已退出，或没有报告就绪';
    case 'resources':
      return '无法运行：缺少所需的文件或资源';
    case 'start-limit-hit':
      return '短时间内启动次数过多';
    case 'job-timeout':
      return `没有启动：启动任务（job）超时（${jobLimits(cause.limits)}），已被取消`;
    case 'job-dependency':
      return required === undefined
        ? '没有启动：它所依赖的 unit 未能启动'
        : `没有启动：它所依赖的 ${required} 没有运行`;
    case 'job-assert':
      return `没有启动：systemd 拒绝启动，因为${oneOf(asserts, '断言')}不成立`;
    case 'exec-condition':
      return '没有启动，因为 ExecCondition= 的条件不成立';
    default:
      return `已结束，结果为 ${result}`;
  }
}

/**
 * Of a process that had ended by itself, and well for systemd: a failure would have been the result.
 *
 * @param limit that of a stop
 */
export function lateEnd({ code, status }: Pick<Cause, 'code' | 'status'>, limit: string): string {
  const text = ended('success', code, status, false, null);
  return `${text}；之后善后（例如 ExecStopPost=）用时超过 ${limit}`;
}

/** Which of several lines it was, systemd does not say. */
function jobLimits(limits: readonly TimeLimit[] = []): string {
  return limits.length === 0 ? 'JobTimeoutSec= 或 JobRunningTimeoutSec=' : limits.map(limitText).join(' 或 ');
}

/** Also of a good end without a main process: then systemd has only seen that the last process is gone. */
const unseen = '已结束，原因未知';

function endedWithOther(failed: FailedEnd | null): string {
  return `因${failed === null ? '另一个 Exec…= 命令失败' : endOf(failed)}，被 systemd 终止`;
}

/** Its main process may have ended before that, or because systemd ended it then. */
function failedBeside(failed: FailedEnd | null): string {
  return `失败了，因为${failed === null ? '另一个 Exec…= 命令失败' : endOf(failed)}；它的主进程以状态 0 退出`;
}

/** systemd counts each of these as a good end (systemd.service(5), `SuccessExitStatus=`). */
const endedWell = '正常结束，没有出错：自行退出，或收到 SIGHUP、SIGINT、SIGPIPE 或 SIGTERM';

/** ExecStopPost= runs once the main process is gone, whose end comes first; one by a clean signal or with status 0 may be written nowhere. */
function beforeStopPost(code: string | null, status: string | null, failed: FailedEnd): string {
  return `${code === null ? endedWell : killed('success', status)}；之后${endOf(failed)}`;
}

function endOf({ name, code, status }: FailedEnd): string {
  return `它的 ${name}= ${code === 'exited' ? `以状态 ${status} 退出` : `被 SIG${status} 终止`}`;
}

function ended(
  result: string,
  code: string | null,
  status: string | null,
  isByOther: boolean,
  failed: FailedEnd | null,
): string {
  if (failed?.name === 'ExecStopPost' && code !== 'exited' && code !== 'dumped')
    return beforeStopPost(code, status, failed);
  // The result is that of another process: the main one has not failed, or has never been.
  if (result !== 'success' && code === null)
    return isByOther
      ? endedWithOther(failed)
      : `没有启动：${failed === null ? '它的某个 Exec…= 命令失败了' : endOf(failed)}`;
  if (result === 'exit-code' && code !== 'exited') return endedWithOther(failed);
  if (result === 'exit-code' && status === '0') return failedBeside(failed);
  if (code === null) return unseen;
  if (code === 'dumped') return `因 SIG${status ?? ''} 崩溃并转储内存`;
  if (code !== 'exited') return killed(result, status);
  switch (status) {
    case '0':
      return '以状态 0 退出：自行退出，或收到 SIGTERM';
    case '143':
      return '以状态 143 退出，程序收到 SIGTERM 时常会如此';
    case '137':
      return '以状态 137 退出：其中有进程被 SIGKILL 杀死';
    case '200':
      return '无法运行：工作目录不存在（状态 200）';
    case '203':
      return '无法运行：程序不存在或不可执行（状态 203）';
    default:
      return setupFailed(status) ?? `以状态 ${status ?? ''} 退出`;
  }
}

/** Before the program ran. */
function setupFailed(status: string | null): string | undefined {
  const failure = setupFailure(status);
  if (failure === undefined) return undefined;
  const { step, settings } = failure;
  const what = settings.length === 0 ? '准备它的进程' : `完成 ${settings.join('、')} 的要求`;
  return `无法运行：systemd 没能${what}（状态 ${status}，${step}）`;
}

const crashes: ReadonlySet<string | null> = new Set(['SEGV', 'ABRT', 'BUS', 'ILL', 'FPE', 'SYS', 'TRAP']);

/** These end a service well, unless a hook or a start was ended by them: then systemd itself may have sent them. */
const clean: ReadonlySet<string | null> = new Set(['HUP', 'INT', 'PIPE', 'TERM']);

function killed(result: string, status: string | null): string {
  if (crashes.has(status)) return `因 SIG${status ?? ''} 崩溃`;
  const isOwnResult = clean.has(status) === (result === 'success');
  // systemd 不记录信号由谁发出。
  return `被 SIG${status ?? ''} 终止${isOwnResult ? '，由它自己或外部发出' : ''}`;
}
