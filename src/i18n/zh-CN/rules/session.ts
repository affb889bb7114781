import type { DetailsOf } from '../../../check/finding.ts';
import type { GroupTexts } from '../../rule-texts.ts';
import { downCommand, endsSoon, isVain, neverRan, startByHand } from '../../down-command.ts';
import { describeReason, limitText, utcTime } from '../../parts.ts';
import {
  enableLinger,
  enabling,
  lastEntries,
  showManager,
  startAgain,
  startManager,
  systemctl,
} from '../../shown-commands.ts';
import { lateEnd, oneOf, why } from '../notices.ts';
import { reasons } from '../reasons.ts';

function downMessage(unit: string, down: DetailsOf<'service-down'>): string {
  const { how, since, lastFall, other, conditions, restarts, lastRestart } = down;
  const last = lastRestart === null ? '' : `，最近一次在 ${utcTime(Date.parse(lastRestart))}`;
  const time = since === null ? '' : `从 ${utcTime(Date.parse(since))} 起`;
  switch (how) {
    case 'never-started':
      return `${unit} 没有运行，也查不到管理器启动过它`;
    case 'unloadable':
      return `${unit} ${time}没有运行，也无法启动：systemd 拒绝加载它的 unit 文件`;
    case 'skipped':
      return `${unit} 没有运行：systemd 跳过了启动，因为${oneOf(conditions, '条件')}不成立`;
    case 'refused':
      return `${unit} 没有运行：systemd 拒绝启动，因为${oneOf(conditions, '断言')}不成立`;
    case 'blocked':
      return `${unit} 没有运行：它需要的${other === null ? '一个 unit ' : ` ${other} `}没有运行`;
    case 'start-failed':
      return `${unit} 没有运行：它${since === null ? '' : `在 ${utcTime(Date.parse(since))} `}启动失败，因为它需要的${other === null ? '一个 unit 无法启动' : ` ${other} 没有运行`}`;
    case 'start-timed-out':
      return `${unit} 没有运行：它${since === null ? '' : `在 ${utcTime(Date.parse(since))} `}启动失败，因为启动任务（job）超过了 ${limits(down, ['JobTimeoutSec=', 'JobRunningTimeoutSec='])} 的时限，已被取消`;
    case 'trigger-failed':
      return `${unit} 没有运行：按需启动它的${down.failedTrigger === null ? '一个 unit ' : ` ${down.failedTrigger} `}已失败`;
    case 'queued':
      return `${unit} 还没有运行：它的启动在等待${other === null ? '其他任务' : ` ${other}`}`;
    case 'restarting':
      if (down.cannotStart === null) return `${unit} 正在等待下一次重启：它${endOf(down)}`;
      return neverRan(down)
        ? `${unit} 没有运行，上一次启动失败：它${whyLast(down)}`
        : `${unit} ${down.code === null ? '' : time}没有运行：它${endOf(down)}`;
    case 'looping':
      if (down.phase === 'starting')
        return `${unit} 正在启动（尚未就绪），已失败 ${countOf(down)} 次，${falls(down)}；上一次它${whyLast(down)}`;
      return `${unit} ${isVain(down) ? '一直无法启动' : '反复倒下'}，${falls(down)}：systemd 已重启它${restartsText(down)}；上一次它${whyLast(down)}${runsAgain(down)}`;
    case 'restarted':
      if (since !== null)
        return `${unit} ${isVain(down) ? '反复启动失败' : '反复倒下'}之后又在运行，${falls(down)}：systemd 已重启它${restartsText(down)}；上一次它${whyLast(down)}`;
      return `${unit} 可能在反复倒下：从上一次手动或开机启动以来，systemd 已重启它 ${restarts} 次${last}`;
    case 'halted':
      return `${unit} 正在${down.phase === 'starting' ? '启动' : '运行'}，但${halted(down)}${lately(down)}`;
    case 'not-listening':
    case 'not-listening-yet':
      return `${unit} 正在运行，但${notListening(down)}${lately(down)}`;
    case 'fell-lately':
      return since === null
        ? `${unit} 正在运行：从上一次手动或开机启动以来，systemd 已重启它 ${restarts} 次${last}`
        : `${unit} 正在运行，但${inMinutes(down)}${fellTimes(down)}，${fallsOf(down)}`;
    case 'starting':
      if (since === null)
        return `${unit} 正在启动（尚未就绪）：从上一次手动或开机启动以来，systemd 已重启它 ${restarts} 次${last}`;
      return `${unit} 正在启动（尚未就绪），${inMinutes(down)}已${down.result === 'success' ? '退出' : '失败'} ${countOf(down)} 次，${fallsOf(down)}`;
    case 'still-starting':
      return `${unit} ${phaseTime(down)}正在启动，至今没有就绪${lately(down)}`;
    case 'ending':
      return `${unit} ${time}没有运行：它${endOf(down)}；systemd 还在等它善后完成（例如 ExecStopPost=）`;
    case 'still-stopping':
      return `${unit} ${phaseTime(down)}正在停止，至今没有结束`;
    case 'ended-lately':
      return `${unit} 正在运行，${inMinutes(down)}退出并被重新启动 ${restarts} 次，${fallsOf(down)}`;
    case 'ends-again':
      return `${unit} 退出并被重新启动 ${restarts} 次，${falls(down)}；上一次它${endOf(down)}`;
    case 'waiting':
      return down.startsAgain === null
        ? `${unit} ${time}没有运行：它${endOf(down)}，而 systemd 永远等不到重启它的时候`
        : `${unit} ${time}没有运行：它${endOf(down)}，systemd 要到 ${utcTime(Date.parse(down.startsAgain))} 才会重启它`;
    case 'stopped-with':
      return `${unit} ${time}没有运行：它随${other === null ? '另一个 unit ' : ` ${other} `}一起停止`;
    case 'exited':
      return `${unit} 已经没有进程：它${endOf(down)}，而 RemainAfterExit= 让 systemd 仍称它为 active`;
    case 'unknown':
      if (down.result === 'success') return `${unit} ${time}没有运行；不知道是不是有人停止了它`;
      break;
    case 'gave-up':
      if (lastFall === null) return `${unit} 没有运行：它${endOf(down)}，systemd 已不再尝试`;
      if (since !== lastFall || down.mayHaveBegunEarlier)
        return `${unit} 没有运行：它${isVain(down) ? '一直无法启动' : '反复倒下'}，${falls(down)}；上一次它${endOf(down)}，systemd 已不再尝试${beforeStarts(down)}`;
      return `${unit} ${time}没有运行：它${endOf(down)}，systemd 已不再尝试`;
    default:
  }
  return `${unit} ${time}没有运行：它${endOf(down)}`;
}

/** Since when it is on its way up or down. */
function phaseTime({ phaseSince }: DetailsOf<'service-down'>): string {
  return phaseSince === null ? '' : `从 ${utcTime(Date.parse(phaseSince))} 起`;
}

/** Of what falls again and again and is up at the moment. */
function runsAgain({ phase, phaseSince }: DetailsOf<'service-down'>): string {
  if (phase !== 'up' || phaseSince === null) return '';
  return `；从 ${utcTime(Date.parse(phaseSince))} 起再次运行`;
}

function halted({ halt, othersRun }: DetailsOf<'service-down'>): string {
  if (halt === 'frozen') return '已被冻结（例如 systemctl freeze）';
  const which = othersRun ? '它的主进程' : '它的进程';
  const how = halt === 'traced' ? `${which}被调试器暂停` : `${which}已被暂停（例如 SIGSTOP）`;
  return othersRun ? `${how}；它还有别的进程在运行` : how;
}

function notListening({ how, port, listensOn, isPortTaken }: DetailsOf<'service-down'>): string {
  const instead = listensOn.length === 0 ? '' : `；它监听的是 ${listensOn.join('、')}`;
  if (isPortTaken) return `它的端口 ${port ?? ''} 被别的程序占用${instead}`;
  return `它的端口 ${port ?? ''} ${how === 'not-listening-yet' ? '还' : ''}没有人监听${instead}`;
}

/** The falls of the last minutes, of what has another fault. */
function lately(down: DetailsOf<'service-down'>): string {
  const { since, lastFall, result } = down;
  if (since === null || lastFall === null) return '';
  const how = result === 'success' ? `退出并被重新启动 ${countOf(down)} 次` : fellTimes(down);
  return `；${inMinutes(down)}${how}，${fallsOf(down)}`;
}

/** A row that begins with a start by somebody may not be all falls of these minutes. Not where falls of before are told apart. */
function inMinutes({ earlierRestarts, mayHaveBegunEarlier }: DetailsOf<'service-down'>): string {
  if (earlierRestarts !== null) return '';
  return mayHaveBegunEarlier ? '最近十分钟内' : '从上一次手动或开机启动以来';
}

/** Falls that are over. */
function earlier({ earlierRestarts: of }: DetailsOf<'service-down'>): string {
  if (of === null) return '';
  const [first, last] = [utcTime(Date.parse(of.first)), utcTime(Date.parse(of.last))];
  return of.count === 1
    ? `；更早时，systemd 在 ${last} 重启过它 1 次`
    : `；更早时，从 ${first} 到 ${last}，systemd 重启过它 ${of.count} 次`;
}

/** When it fell, and how at last. */
function fallsOf(down: DetailsOf<'service-down'>): string {
  const { lastFall, timesOfRestarts } = down;
  const isOne = countOf(down) === 1 && lastFall !== null;
  const restarted = timesOfRestarts.includes('lastFall') ? ' 重启' : '';
  const text = isOne
    ? `在 ${utcTime(Date.parse(lastFall))}${restarted}：它${whyLast(down)}`
    : `${falls(down)}；上一次它${whyLast(down)}`;
  return text + earlier(down);
}

/** A start that failed is told apart from the fall before it. */
function fellTimes({ failedStarts, startsFailed, restarts }: DetailsOf<'service-down'>): string {
  if (failedStarts !== null) return `启动失败 ${failedStarts.count} 次`;
  const others = restarts - startsFailed;
  return startsFailed === 0 || others < 1
    ? `倒下过 ${restarts} 次`
    : `倒下过 ${others} 次、启动失败 ${startsFailed} 次`;
}

/** Of a long row not all is read. */
function restartsText({ restarts, mayHaveBegunEarlier }: DetailsOf<'service-down'>): string {
  return `${mayHaveBegunEarlier ? '至少' : ''} ${restarts} 次`;
}

function countOf({ failedStarts, restarts }: DetailsOf<'service-down'>): number {
  return failedStarts?.count ?? restarts;
}

/** How it ended last, and where its starts have failed since, how before them. */
function whyLast(down: DetailsOf<'service-down'>): string {
  return endOf(down) + beforeStarts(down);
}

function beforeStarts({ failedStarts }: DetailsOf<'service-down'>): string {
  const before = failedStarts?.before ?? null;
  if (before === null) return '';
  const at = utcTime(Date.parse(before.at));
  return `；在这些启动之前，它在 ${at}${before.isOfRestart ? ' 重启，此前' : ' '}${why(before)}`;
}

/** When it fell first and last, as far as that is known. */
function falls({ failedStarts, ...down }: DetailsOf<'service-down'>): string {
  const { lastFall } = down;
  const since = failedStarts?.since ?? down.since;
  const mayHaveBegunEarlier = down.mayHaveBegunEarlier && !failedStarts?.before;
  // A start that failed has a time of its own.
  const timesOfRestarts = failedStarts === null ? down.timesOfRestarts : [];
  const ofRestart = (name: 'since' | 'lastFall') => (timesOfRestarts.includes(name) ? '重启' : '');
  const ended = timesOfRestarts.length === 1 && !timesOfRestarts.includes('lastFall') ? '结束' : '';
  const last =
    lastFall === null ? '' : `最后一次${ofRestart('lastFall')}${ended}在 ${utcTime(Date.parse(lastFall))}`;
  if (since === null || since === lastFall) return last;
  const first = utcTime(Date.parse(since));
  return `第一次${ofRestart('since')}${mayHaveBegunEarlier ? `不晚于 ${first}` : `在 ${first}`}，${last}`;
}

const eachFails = '在解决之前，每次启动都会失败。';

/**
 * Which of several lines it was, the manager does not always say.
 *
 * @param settings where it is not known which it was
 */
function limits({ limits: known }: DetailsOf<'service-down'>, settings: readonly string[]): string {
  return known.length === 0 ? settings.join(' 或 ') : known.map(limitText).join(' 或 ');
}

/** Of a manager on its way nothing of its services is known, or will soon be. */
/** Its last end, with the time limit that ended it where that is known. */
function endOf(down: DetailsOf<'service-down'>): string {
  const [limit] = down.limits;
  const last =
    down.result === 'timeout' && down.failedStarts !== null ? { ...down, isBeforeUp: true as const } : down;
  if (limit === undefined || (down.result !== 'timeout' && down.result !== 'watchdog')) return why(last);
  const text = limitText(limit);
  switch (limit.setting) {
    case 'TimeoutStartSec':
      return `启动用时超过 ${text}，被 systemd 终止`;
    case 'RuntimeMaxSec':
      return `运行时间超过 ${text}，被 systemd 终止`;
    case 'TimeoutStopSec':
      return lateEnd(down, text);
    case 'WatchdogSec':
      return `未在 ${text} 之内报告存活，被 systemd 终止`;
    default:
      return why(down);
  }
}

function managerMessage(down: DetailsOf<'user-manager-down'>): string {
  const { user, manager, phase, since } = down;
  const whose = `${user} 的服务管理器`;
  switch (phase) {
    case 'starting':
      return `${whose}正在启动，还没有报告任何服务的状态`;
    case 'stopping':
      return `${whose}正在停止：它会结束所有服务，不再启动任何服务`;
    case 'silent':
      return `${whose}在运行，但没有应答，因此无法得知各服务的状态`;
    default:
      return since === null
        ? `${whose}没有运行，因此其服务都没有运行`
        : `${whose}没有运行，因此其服务都没有运行；停止时间：${utcTime(Date.parse(since))}，${manager} ${why(down)}`;
  }
}

export const session: GroupTexts<'session'> = {
  'user-manager-down': {
    title: '用户的服务管理器没有运行，或没有应答',
    message: managerMessage,
    why: ({ phase }) =>
      phase === 'down'
        ? '在它恢复运行之前，没有任何东西会启动或重启这些服务。'
        : phase === 'silent'
          ? '只要它还卡着，就没有任何东西会启动或重启这些服务；已在运行的服务会继续运行。'
          : '等这一步完成之后，才知道它会怎样处理这些服务。',
    remedy: ({ manager, phase, hasFailed }) =>
      phase === 'starting'
        ? '请稍后再看。'
        : phase === 'silent'
          ? `请稍后再看：它可能正忙。如果确实卡住了，查看原因：“${showManager(manager)}”。重启它会结束所有这些服务，再启动其中已启用的。`
          : `启动它：“${startManager(manager, hasFailed)}”。已启用的服务会随它一起启动。`,
  },
  'trigger-failed': {
    title: '按需启动服务的 unit 已失败',
    message: ({ trigger, kind }) =>
      kind === 'socket'
        ? `${trigger} 已失败：没有程序在监听，连接不会再启动这个服务`
        : `${trigger} 已失败：不会再由它启动这个服务`,
    why: ({ kind }) =>
      kind === 'socket'
        ? '它所启动的服务触发启动次数限制时，套接字也会随之失败。在有人启动套接字本身之前一直如此，启动服务并不能让它恢复。'
        : '在有人启动它之前一直如此，启动服务并不能让它恢复。',
    remedy: ({ trigger, hasFailed }, { unit, ...manager }) =>
      `先看原因：“${lastEntries(manager, trigger)}”。再执行“${startAgain(manager, trigger, true, hasFailed ? [unit] : [])}”。`,
  },
  'job-failed': {
    title: '任务上一次运行失败',
    message: ({ since, startedBy, ...end }) =>
      `上一次运行${since === null ? '' : `（${utcTime(Date.parse(since))}）`}失败：${why(end)}${startedBy.length === 0 ? '' : `；${startedBy.join('、')} 会再次启动它`}`,
    why: () => '它要做的事没有做，或只做了一部分，而且可能每次都失败。',
    remedy: (_, { unit, ...manager }) => `查看原因：“${lastEntries(manager, unit)}”。`,
  },
  'service-down': {
    title: '服务现在没有运行',
    message: (down, { unit }) => {
      const { how, standing, restarts, isEnabled, cannotStart } = down;
      const outlook = cannotStart === null ? '' : `；${describeReason(cannotStart, reasons)}`;
      const trigger = down.failedTrigger === null ? '' : `；${down.failedTrigger} 也已失败`;
      const message = downMessage(unit, down);
      if (how === 'trigger-failed') return message;
      const text = message + outlook + trigger;
      if (standing === 'called-up' || standing === 'on-its-way') return text;
      if (how === 'restarting' && restarts > 0) return `${text}；systemd 至今已重启它 ${restarts} 次`;
      return isEnabled || how === 'restarting' ? text : `${text}；它未启用`;
    },
    why: down => {
      switch (down.how) {
        case 'looping':
          if (isVain(down)) return eachFails;
          return down.phase === 'up'
            ? '没有人停止它。两次倒下之间 systemd 称它为 active；还不知道这一次它会不会一直运行下去。'
            : '没有人停止它。systemd 一次又一次地启动它，但它一直没能稳定运行。';
        case 'restarted':
          return down.since === null
            ? '它什么时候倒下过，要看日志，而这里的日志没有记录。'
            : '它这次运行的时间已比两次倒下之间更长；还不知道它会不会一直运行下去。';
        case 'halted':
          return down.othersRun
            ? '它的主进程还在，所以 systemd 称它为 active；在继续运行之前，主进程什么也不做；其他进程这时能否应答，这里无从得知。'
            : '它的进程还在，所以 systemd 称它为 active；但在继续运行之前，它什么也不做，也不会应答。';
        case 'not-listening':
        case 'not-listening-yet':
          return '它的进程在运行，所以 systemd 称它为 active；但没有人能通过那个端口访问它。';
        case 'fell-lately':
        case 'ended-lately':
          return 'systemd 已重新启动它；还不知道它会不会一直运行下去。';
        case 'starting':
          return 'systemd 正在重新启动它；还不知道这一次能不能成功。';
        case 'still-starting':
          return 'systemd 在等它启动完成，在那之前不会重启它。';
        case 'ending':
        case 'still-stopping':
          return 'systemd 在等它结束；即使会再启动它，也要等到那之后。';
        case 'ends-again':
          return '对 systemd 来说这不是失败；它可能本来就这样工作。';
        case 'unknown':
          return '看不出是不是有人停止了它，所以 daruma 不会启动它。';
        case 'ended':
          return '它正常结束，也没有 Restart= 要求重新启动。它可能本来就该结束，所以 daruma 不会启动它。';
        case 'never-started':
          return '它已启用，或本应一直运行。也许只是刚刚安装；如果日志读不到，或已不含更早的内容，也可能是有人停掉了它。';
        case 'unloadable':
          return eachFails;
        case 'skipped':
          return '条件也许就是为了不让它在这里运行。手动启动同样会被跳过。';
        case 'refused':
          return '在断言成立之前，每次启动都会失败。';
        case 'blocked':
          return `它只和 ${down.other ?? '那个 unit'} 一起运行：在后者运行之前，每次启动都会失败。`;
        case 'start-failed':
        case 'start-timed-out':
          return '没有人停止它；这样失败的启动，systemd 不会自己再试。';
        case 'trigger-failed':
          return '在它重新启动之前，没有人能得到应答。';
        case 'queued':
          return '等那边完成之后 systemd 才会启动它；手动启动也一样要等。';
        case 'restarting':
          return down.cannotStart !== null
            ? eachFails
            : 'systemd 会在一分钟之内再启动它；还不知道之后能不能一直运行。';
        case 'waiting':
          if (down.cannotStart !== null) return eachFails;
          return down.startsAgain === null
            ? '没有人停止它。RestartSec=infinity 会让 systemd 一直等下去。'
            : '没有人停止它。systemd 会自己再启动它，但要等很久。';
        case 'stopped-with':
          return '没有人停止它：systemd 让它随之停止，也不会自己再启动它。';
        case 'exited':
          return 'systemd 不会重启它认为 active 的服务，手动启动也没有作用。';
        default: {
          const ownWill = down.isEnabled ? '' : '它未启用：只有同时启用它时，daruma 才会启动它。';
          const again =
            down.startedBy.length === 0
              ? 'systemd 也不会自己再启动它'
              : `只有 ${down.startedBy.join('、')} 会再启动它`;
          const cause =
            down.cannotStart !== null
              ? eachFails
              : neverRan(down)
                ? '它的程序没有运行过；在解决之前，每次启动都会失败。'
                : `没有人停止它，${again}。`;
          return cause + ownWill;
        }
      }
    },
    remedy: (down, { unit, ...manager }) => {
      const start = startByHand(manager, unit, down);
      const look = downCommand(manager, unit, down);
      if (down.cannotStart !== null) return `先解决这个问题，然后启动它：“${start}”。`;
      switch (down.how) {
        case 'ended':
          return `如果它应该一直运行，请在 [Service] 中写上 Restart=always 和 RestartSec=5，在 [Unit] 中写上 StartLimitIntervalSec=0，再启动它：“${start}”。如果它本来就该结束，请写 Type=oneshot。`;
        case 'unloadable':
          return `看看原因并解决：“${look}”。然后运行“${systemctl(manager, 'daemon-reload')}”，再启动它：“${start}”。`;
        case 'skipped':
          return `如果它应该运行，请让条件成立，或者去掉那一行，再启动它：“${start}”。`;
        case 'refused':
          return `请让断言成立，再启动它：“${start}”。`;
        case 'blocked':
          return `先看那个 unit 为什么没有运行：“${look}”。它运行之后，再启动这个服务：“${start}”。`;
        case 'start-failed':
          return down.other === null
            ? `启动它：“${start}”。`
            : `先看那个 unit 为什么没有运行：“${look}”。然后启动这个服务：“${start}”。`;
        case 'start-timed-out':
          return `启动它：“${start}”。它等待的时候，“${systemctl(manager, 'list-jobs')}”会显示在等什么；去掉这一行，systemd 就会一直等下去。`;
        case 'queued':
          return `看看是什么一直没有完成：“${look}”。`;
        case 'waiting':
          return `想让它马上恢复，请重启它：“${look}”。把 RestartSec= 写短一些，以后就能更快恢复。`;
        case 'halted':
          return down.halt === 'traced'
            ? `看看是谁暂停了它：“${look}”。`
            : `让它继续运行：“${look}”。或者重启它：“${systemctl(manager, 'restart', unit)}”。`;
        case 'not-listening':
        case 'not-listening-yet':
          if (down.isPortTaken)
            return `看看谁占着端口：“${look}”。停掉它或给它换端口，然后重启这个服务：“${systemctl(manager, 'restart', unit)}”。`;
          return `看看它的日志：“${look}”。如果它卡住了，请重启它：“${systemctl(manager, 'restart', unit)}”。`;
        case 'still-starting':
          return `看看它的启动在等什么：“${look}”。写上 TimeoutStartSec=，systemd 就会结束卡住的启动。`;
        case 'ending':
          return `看看它在做什么：“${look}”。现在启动它，要等善后完成：“${start}”。`;
        case 'still-stopping':
          return `看看它在做什么：“${look}”。要立即结束它：“${systemctl(manager, ['kill', '--signal=KILL'], unit)}”。把 TimeoutStopSec= 写短一些，systemd 就会更早这样做。`;
        case 'ends-again':
          return `看看它为什么退出：“${look}”。如果它是要反复执行的任务，请改用 Type=oneshot 和定时器。`;
        case 'restarting':
        case 'starting':
        case 'fell-lately':
        case 'ended-lately':
        case 'looping':
        case 'restarted':
          return `看看它是怎样结束的：“${look}”。`;
        case 'exited':
          return `重启它：“${look}”。写上 RemainAfterExit=no，systemd 就能看到下一次结束。`;
        default:
          if (neverRan(down)) return `先解决这个问题；“${look}”会显示原因。然后启动它：“${start}”。`;
          return endsSoon(down)
            ? `最近每次启动后，它都在 ${down.runSeconds} 秒内结束：请先解决它结束的原因，“${lastEntries(manager, unit)}”会显示它的输出。然后启动它：“${start}”。`
            : `启动它：“${start}”。`;
      }
    },
  },
  'linger-off': {
    title: 'linger 未开启：退出登录后服务全部停止',
    message: ({ user, units }) =>
      `用户 ${user} 未开启 linger：退出登录后${units.length === 1 ? ` ${units.join('')} ` : ` ${units.length} 个服务`}会停止`,
    why: () =>
      '没有 linger，用户管理器会随最后一个会话一起停止，所有服务也随之停止；机器重启后，用户登录之前不会启动任何服务。',
    remedy: ({ user }) => `运行“${enableLinger(user)}”。`,
  },
  'not-enabled': {
    title: '开机时没有任何东西启动它',
    message: () => '开机时没有任何东西启动它',
    why: () => '机器重启之后它不会运行，直到有人手动启动。',
    remedy: (details, { unit, ...manager }) => {
      const { install, command } = enabling(manager, unit, details);
      return install === undefined
        ? `运行“${command}”。`
        : `加上 [Install] 和 ${install}，再运行“${command}”。`;
    },
  },
  'wanted-by-missing-target': {
    title: '启用到了管理器从不启动的 target',
    message: ({ target, problem, isEnabled }, { scope }) =>
      `${isEnabled ? '它启用到了' : '它会被启用到'} ${target}，而${problem === 'missing' ? `${scope === 'user' ? '用户' : '系统'}管理器没有这个 unit` : '没有任何东西启动它'}`,
    why: () => '“enable”会报告成功，但没有一次开机会启动这个服务。',
    remedy: ({ instead, isEnabled }, { unit, ...manager }) =>
      `改为 WantedBy=${instead}，再运行“${systemctl(manager, isEnabled ? 'reenable' : 'enable', unit)}”。`,
  },
  'ordering-on-system-unit': {
    title: '用户 unit 引用了系统管理器的 unit',
    message: ({ directive, other }) => `${directive}=${other}：用户管理器没有这个 unit`,
    why: ({ directive, isRequired }) =>
      isRequired
        ? `${directive}= 要求的 unit 不存在，每次启动都会失败。`
        : '写这个名字不起作用：网络（或它所指的东西）还没就绪时，服务就可能启动。',
    remedy: ({ other }) =>
      `从这一行中删掉 ${other}。有 Restart=always、RestartSec=5 和 StartLimitIntervalSec=0，服务会一直重试，直到所需的东西就绪。`,
  },
  masked: {
    title: 'unit 被屏蔽（mask）',
    message: ({ path }) => `它被 ${path} 屏蔽（mask）`,
    why: () => '没有任何东西能启动它：开机、其他 unit、手动都不行。',
    remedy: (_, { unit, ...manager }) => `如果并非有意，运行“${systemctl(manager, 'unmask', unit)}”。`,
  },
  'daemon-reload-needed': {
    title: '管理器读取之后，文件又改过',
    message: () => '管理器读取之后，它的文件又改过',
    why: () => '在重新加载之前，管理器仍按旧设置行事，服务退出后的重启也是如此。',
    remedy: (_, manager) => `运行“${systemctl(manager, 'daemon-reload')}”。`,
  },
  'restart-needed': {
    title: '进程比它的设置更旧',
    message: ({ file }) => `进程启动之后，${file} 又改过`,
    why: () => '它的命令行、环境变量和各种限制可能还是旧的；新设置里的错误要到下次重启才会暴露。',
    remedy: ({ isInVain }, { unit, ...manager }) =>
      isInVain
        ? `先不要重启它：下一次启动会失败。先把那个问题解决，再执行“${systemctl(manager, 'restart', unit)}”。`
        : `找个合适的时间重启它：“${systemctl(manager, 'restart', unit)}”。`,
  },
  'system-only-setting': {
    title: '用户管理器无权执行的设置',
    message: ({ directive, value, status }) => `有 ${directive}=${value}，每次启动都会以 ${status} 失败`,
    why: () => '用户管理器没有可以授予的权限：程序还没运行，服务就已经失败。',
    remedy: ({ directive }) => `删除 ${directive}=，或改为系统服务。`,
  },
};
