import type { Cause } from '../../notify/notice.ts';
import type { TimeLimit } from '../../systemd/service-settings.ts';
import { limitText, setupFailure } from '../parts.ts';
import type { NoticeTexts } from '../notice-texts.ts';
import { span } from './span.ts';

type FailedEnd = NonNullable<Cause['failedCommand']>;

export const notices: NoticeTexts = {
  titles: {
    fell: name => `⚠️ ${name} is down`,
    'keeps-falling': name => `🔁 ${name} keeps falling`,
    restarted: name => `🔄 ${name} restarted`,
    started: name => `✅ ${name} is up`,
    'not-ready': name => `⏳ ${name} did not become ready`,
    'stays-down': name => `🔴 ${name} stays down`,
    'still-down': name => `🔴 ${name} is still down`,
    failed: name => `⚠️ ${name} failed`,
    recovered: name => `✅ ${name} is well again`,
    'nobody-answers': name => `🚨 Nobody answers in place of ${name}`,
    'moved-back': name => `✅ ${name} answers again`,
  },
  movedTitle: (name, standIn) => `🔀 ${standIn} is asked in place of ${name}`,
  moved: (unit, standIn, since) =>
    `The front has found no answer from ${unit} since ${since}, and asks ${standIn} in its place.`,
  nobodyAnswers: (unit, since) =>
    `The front has found no answer from ${unit}, nor from any other machine, since ${since}. It goes on asking.`,
  movedBack: (unit, standIns, seconds, isInAll) => {
    const meanwhile = standIns === undefined ? 'nobody answered' : `it asked ${standIns}`;
    return isInAll
      ? `The front asks ${unit} again; for ${span(seconds)} in all ${meanwhile} in its place.`
      : `The front asks ${unit} again, after ${span(seconds)} in which ${meanwhile} in its place.`;
  },
  nobodyFor: seconds => `For ${span(seconds)} of that nobody answered.`,
  movedTimes: (count, since) => `It has been without an answer ${times(count)}, first at ${since}.`,
  stoodIn: (names, isOver, seconds) => {
    if (!isOver)
      return names === undefined ? 'Nobody answers in its place.' : `The front asks ${names} in its place.`;
    const said =
      names === undefined
        ? 'Meanwhile nobody answered in its place'
        : `Meanwhile the front asked ${names} in its place`;
    return seconds === undefined ? `${said}.` : `${said}, for ${span(seconds)}.`;
  },
  stillStartingTitle: name => `⏳ ${name} is still starting`,
  keepsFailingToStart: name => `🔁 ${name} keeps failing to start`,
  upAgain: name => `✅ ${name} is up again`,
  wasUpTitle: name => `🕐 ${name} was up again, and is not now`,
  wasDownTitle: name => `🕐 ${name} was down, and runs now`,
  fellThenStopped: name => `🔄 ${name} restarted, and was stopped since`,
  fellNotReady: name => `⏳ ${name} fell, and has not become ready since`,
  onlyStarted: name => `✅ ${name} has started`,
  outageTitle: (host, { of, end }) => {
    if (of === 'manager') return `⚡ The user manager of ${host} ended, and is back`;
    const what = {
      shutdown: `🔌 ${host} was rebooted`,
      crash: `⚡ ${host} went down, and is back`,
      unknown: `🔌 ${host} is up again`,
    };
    return what[end];
  },
  outageEnd: ({ of, end }, last, up) => {
    const who = of === 'machine' ? 'It' : 'The manager of the user services';
    if (last === undefined) return `${who} was started at ${up}; since when it was down is not known.`;
    switch (end) {
      case 'shutdown':
        return `${who} was shut down, and was last seen at ${last}; it was started at ${up}.`;
      case 'crash':
        return of === 'machine'
          ? `${who} went down between ${last} and ${up}, without a shutdown: the power was cut, or the system crashed.`
          : `${who} ended between ${last} and ${up}, without a shutdown: it crashed or was killed.`;
      case 'unknown':
        return `${who} went down between ${last} and ${up}; how is not known.`;
      default:
        return end satisfies never;
    }
  },
  managerEnded: (how, at, up) =>
    `The manager of the user services ended at ${at}, without a shutdown: ${how} It was started at ${up}.`,
  outageSpan: seconds => `It was down for ${span(seconds)} at most.`,
  run: names => `Running: ${names}.`,
  noAnswerYet: names => `Started, but not answering yet: ${names}.`,
  doNotStayUp: names => `Not staying up: ${names}.`,
  doNotRun: names => `Not running: ${names}.`,
  testTitle: '✅ A test message of daruma',
  testBody: 'Messages about services of this machine will arrive here.',
  textTitle: 'daruma',
  lateTitle: count => `📭 ${count} older ${count === 1 ? 'message was' : 'messages were'} not delivered`,
  lateBody: (about, from, to) =>
    `${about === '' ? 'They were' : `They were about ${about}, and were`} written from ${from} to ${to}. "daruma status" shows how things are now.`,
  digestTitle: count => `${count} messages`,
  digestLine: (time, title) => `${time}  ${title}`,
  now: (time, how) => `Now, at ${time}:${how === '' ? '' : ` ${how}.`}`,
  presentRun: (kind, since, answers) => {
    const answer = answers === undefined ? '' : answers ? ', and answers' : ', and does not answer';
    return presentRuns[kind] + (since === undefined ? '' : `, since ${since}`) + answer;
  },
  why: (unit, cause) => `${unit} ${why(cause)}.`,
  downFor: (seconds, bound, isLast) => {
    const suffix = { exact: '', 'at-most': ' at most', 'at-least': ' at least' }[bound];
    return `${isLast ? 'After the last fall it' : 'It'} was down for ${span(seconds)}${suffix}.`;
  },
  unreadyFor: (since, seconds, isAtMost) =>
    `From its fall at ${since} until it was up again it was not seen to be ready: ${span(seconds)}${isAtMost ? ' at most' : ''}.`,
  failedStarts: count =>
    count === 1
      ? 'After that one start failed: a file or a resource that it needs was missing.'
      : `After that ${count} starts failed: a file or a resource that they need was missing.`,
  endBefore: (cause, at) =>
    `${at === undefined ? 'The' : `At ${at} the`} last run before that ${why(cause)}.`,
  fallsSoFar: ({ falls, failedStarts = 0, isAtLeast = false }, since) => {
    const all = [
      ...(falls > 0 ? [`It has fallen ${times(falls, isAtLeast)}`] : []),
      ...(failedStarts > 0
        ? [`${falls > 0 ? 'its' : 'Its'} start has failed ${times(failedStarts, isAtLeast)}`]
        : []),
    ].join(', and ');
    if (since === undefined) return `${all}.`;
    return falls > 0 && failedStarts > 0
      ? `${all}, the first of these at ${since}.`
      : `${all}, first at ${since}.`;
  },
  upFor: seconds => `It has stayed up for ${span(seconds)} since then.`,
  byJob: 'It was not Restart= that started it again, but somebody, another unit or a boot.',
  byJobAfter: (started, until, by) =>
    `It had been started at ${started} already; at ${until}, before it was seen to be ready, ${by === 'restart' ? 'a restart' : 'the shutdown of the machine or of its manager'} ended that run. The start after that was not by Restart=, but by somebody, another unit or a boot.`,
  stoppedSince: time => `It does not run now: a stop job ended it at ${time}.`,
  gaveUp: ({ falls, failedStarts = 0, isAtLeast = false }, seconds) => {
    const all = [
      ...(falls > 0 ? [`it fell ${times(falls, isAtLeast)}`] : []),
      ...(failedStarts > 0 ? [`its start failed ${times(failedStarts, isAtLeast)}`] : []),
    ].join(' and ');
    const isOnce = falls + failedStarts === 1;
    return `systemd gave up after ${all}${isAtLeast || isOnce ? '' : ` in ${span(seconds)}`}.`;
  },
  waited: (seconds, phase, isAgain) => {
    const how = {
      starting: `systemd is still starting it, and it has not become ready in ${span(seconds)}`,
      active: `systemd calls it active, but it has not answered as it should for ${span(seconds)}`,
      stopping: `systemd is stopping it, and it has not ended in ${span(seconds)}`,
    }[phase];
    return isAgain ? `It was started again: ${how}.` : `${how}.`;
  },
  refusedUntil: asserts =>
    `systemd refuses each start until ${asserts.length === 1 ? `${asserts.join('')} holds` : 'its assertions hold'}.`,
  jobTimedOut: limits =>
    `The job of its start timed out (${jobLimits(limits)}). That ended the job alone: systemd goes on starting the service, which is not ready yet.`,
  downSince: time => `It has been down since ${time}.`,
  notRestarted: 'systemd does not restart it after this.',
  startedAgain: (names, count) => `${names} ${count === 1 ? 'starts' : 'start'} it again.`,
  triggerFailed: trigger => `${trigger}, which starts it on demand, has failed, too.`,
  failedTimes: falls => `It failed ${falls} times before that.`,
  stillTried: hasBeenUp => `It is not up ${hasBeenUp ? 'again ' : ''}yet.`,
  stillStarting: (since, isAgain) =>
    `systemd has been starting it ${isAgain ? 'again ' : ''}since ${since}; it is not ready yet.`,
  look: 'To see why:',
  goOn: 'To let it go on:',
  seeCheck: 'More on that:',
  startAgain: 'To start it again:',
  logHeading: 'Its last log lines:',
  logHeadingOfEnded: 'The last log lines of the run that ended:',
  host: (name, scope) =>
    scope === undefined ? name : `${name} (${scope === 'user' ? 'user service' : 'system service'})`,
};

/** @param count at least 1 */
export function times(count: number, isAtLeast = false): string {
  return `${isAtLeast ? 'at least ' : ''}${count === 1 ? 'once' : `${count} times`}`;
}

const presentRuns = {
  runs: 'it runs',
  halts: 'its process is there and does not go on: it is stopped (SIGSTOP), frozen or debugged',
  starts: 'systemd is starting it',
  restarts: 'it has ended, and systemd is about to start it again',
  ends: 'it is on its way down',
  fails: 'it has failed and does not run',
  stopped: 'it does not run, since a stop job ended it',
  rests: 'it does not run',
} as const;

/** Which of several conditions or assertions of a unit did not hold, the manager does not always say. */
export function oneOf(lines: readonly string[], kind: string): string {
  if (lines.length === 1) return lines.join('');
  return lines.length === 0 || lines.length > 3 ? `one of its ${kind}` : `one of ${lines.join(', ')}`;
}

/** How a service ended, as the rest of a sentence about it. */
export function why(cause: Cause): string {
  if (!cause.isBeforeUp) return whyEnded(cause);
  if (cause.result === 'timeout') return 'took longer to start than it may, and systemd ended it';
  const isTold =
    cause.result === 'protocol' ||
    cause.code === null ||
    setupFailure(cause.status) !== undefined ||
    (cause.failedCommand ?? null) !== null;
  return isTold ? whyEnded(cause) : `${whyEnded(cause)}, before it was ready`;
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
      return 'was killed by the kernel for lack of memory';
    case 'watchdog':
      return 'sent no sign of life within WatchdogSec=, and systemd ended it';
    case 'timeout':
      return cause.endedBeforeTimeout
        ? lateEnd(cause, 'TimeoutStopSec=')
        : 'took longer to start, to run or to stop than it may, and systemd ended it';
    case 'protocol':
      return 'ended, or failed to report, before it was ready';
    case 'resources':
      return 'could not be run: a file or a resource that it needs is missing';
    case 'start-limit-hit':
      return 'was started too often in too short a time';
    case 'job-timeout':
      return `was not started: the job of its start timed out (${jobLimits(cause.limits)}), and was cancelled`;
    case 'job-dependency':
      return required === undefined
        ? 'was not started: a unit that it requires could not be started'
        : `was not started: it requires ${required}, which is down`;
    case 'job-assert':
      return `was not started: systemd refused it, since ${oneOf(asserts, 'assertions')} did not hold`;
    case 'exec-condition':
      return 'was not started, since its ExecCondition= did not hold';
    default:
      return `ended with the result ${result}`;
  }
}

/**
 * Of a process that had ended by itself, and well for systemd: a failure would have been the result.
 *
 * @param limit that of a stop
 */
export function lateEnd({ code, status }: Pick<Cause, 'code' | 'status'>, limit: string): string {
  const text = ended('success', code, status, false, null);
  return `${text}; after that the rest of its end, such as ExecStopPost=, took longer than ${limit} allows`;
}

/** Which of several lines it was, systemd does not say. */
function jobLimits(limits: readonly TimeLimit[] = []): string {
  return limits.length === 0 ? 'JobTimeoutSec= or JobRunningTimeoutSec=' : limits.map(limitText).join(' or ');
}

/** Also of a good end without a main process: then systemd has only seen that the last process is gone. */
const unseen = 'ended, and nobody saw how';

function endedWithOther(failed: FailedEnd | null): string {
  return `was ended by systemd, because ${failed === null ? 'another of its Exec…= commands failed' : endOf(failed)}`;
}

/** Its main process may have ended before that, or because systemd ended it then. */
function failedBeside(failed: FailedEnd | null): string {
  return `failed, because ${failed === null ? 'another of its Exec…= commands failed' : endOf(failed)}; its main process exited with status 0`;
}

/** systemd counts each of these as a good end (systemd.service(5), `SuccessExitStatus=`). */
const endedWell = 'ended without an error: by itself, or because of a SIGHUP, SIGINT, SIGPIPE or SIGTERM';

/** ExecStopPost= runs once the main process is gone, whose end comes first; one by a clean signal or with status 0 may be written nowhere. */
function beforeStopPost(code: string | null, status: string | null, failed: FailedEnd): string {
  return `${code === null ? endedWell : killed('success', status)}; after that ${endOf(failed)}`;
}

function endOf({ name, code, status }: FailedEnd): string {
  return `its ${name}= ${code === 'exited' ? `exited with status ${status}` : `was ended by SIG${status}`}`;
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
      : `did not start: ${failed === null ? 'one of its Exec…= commands failed' : endOf(failed)}`;
  if (result === 'exit-code' && code !== 'exited') {
    return endedWithOther(failed);
  }
  if (result === 'exit-code' && status === '0') return failedBeside(failed);
  if (code === null) return unseen;
  if (code === 'dumped') return `crashed with SIG${status ?? ''} and dumped core`;
  if (code !== 'exited') return killed(result, status);
  switch (status) {
    case '0':
      return 'exited with status 0: by itself, or because of a SIGTERM';
    case '143':
      return 'exited with status 143, as programs do that receive SIGTERM';
    case '137':
      return 'exited with status 137: a process in it was killed by SIGKILL';
    case '200':
      return 'could not be run: its working directory is missing (status 200)';
    case '203':
      return 'could not be run: its program is missing or cannot be executed (status 203)';
    default:
      return setupFailed(status) ?? `exited with status ${status ?? ''}`;
  }
}

/** Before the program ran. */
function setupFailed(status: string | null): string | undefined {
  const failure = setupFailure(status);
  if (failure === undefined) return undefined;
  const { step, settings } = failure;
  const what = settings.length === 0 ? 'prepare its process' : `do what ${orOf(settings)} asks`;
  return `could not be run: systemd could not ${what} (status ${status}, ${step})`;
}

function orOf(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

const crashes: ReadonlySet<string | null> = new Set(['SEGV', 'ABRT', 'BUS', 'ILL', 'FPE', 'SYS', 'TRAP']);

/** These end a service well, unless a hook or a start was ended by them: then systemd itself may have sent them. */
const clean: ReadonlySet<string | null> = new Set(['HUP', 'INT', 'PIPE', 'TERM']);

function killed(result: string, status: string | null): string {
  if (crashes.has(status)) return `crashed with SIG${status ?? ''}`;
  const isOwnResult = clean.has(status) === (result === 'success');
  // systemd does not record who sent it.
  return `was ended by SIG${status ?? ''}${isOwnResult ? ', sent by itself or from outside' : ''}`;
}
