import type { StartLimitMisplaced } from '../../../check/rules/start-limit-misplaced.ts';
import type { FallName } from '../../../restart/survival.ts';
import { causesOf, foregroundSettings } from '../../parts.ts';
import type { GroupTexts } from '../../rule-texts.ts';
import { fallNames } from '../fall-names.ts';
import { goesToBackground } from '../goes-to-background.ts';
import { reasons } from '../reasons.ts';
import { span } from '../span.ts';
import { daruma, systemctl } from '../../shown-commands.ts';

export const restart: GroupTexts<'restart'> = {
  'goes-to-background': {
    title: 'A command puts into the background what it is for',
    message: goesToBackground,
    why: ({ effect, type, killMode, restart: policy, script }) => {
      const where = script === null ? '' : ` The command stands in ${script}.`;
      const again =
        policy === null ? '' : ` Restart=${policy} then starts it anew, again and again, with the same end.`;
      switch (effect) {
        case 'killed':
          return `With Type=${type} the command is the service: once it has ended, systemd ends all that it has left behind (KillMode=${killMode}).${again}${where}`;
        case 'stopped':
          return `With Type=${type} the command is the service: once it has ended, systemd runs ExecStop=, as it does after every start.${again}${where}`;
        case 'unwatched':
          return `With Type=${type} the command is the service, and it has ended: what goes on belongs to no unit, and its death is not seen.${policy === null ? '' : ` Restart=${policy} runs the command again and again meanwhile.`}${where}`;
        case 'hidden':
          return `With RemainAfterExit=yes the unit stays active when the command has ended. When the program in the background dies, systemctl shows green and nothing restarts it.${where}`;
        default:
          return effect satisfies never;
      }
    },
    remedy: details => {
      const { program, words, foreground, beside } = details;
      const settings = foregroundSettings(details);
      const rest =
        settings.length === 0
          ? ''
          : ` Then set ${settings.join(', ')} in [Service]${beside === null ? '' : besideAlways[beside]}.`;
      const free = words.startsWith('run ')
        ? ' Add --rm, so that the name of the container is free at the next start.'
        : '';
      switch (foreground.how) {
        case 'without':
          return `Keep it in the foreground: leave out ${foreground.words}.${free}${rest}`;
        case 'with':
          return `Keep it in the foreground: add ${foreground.words}.${rest}`;
        case 'instead':
          return `Keep it in the foreground: write ${foreground.instead} in place of ${foreground.words}.${free}${rest}`;
        case 'file':
          return `Keep it in the foreground: take "${foreground.words}" out of ${foreground.file}.${rest}`;
        case 'exec':
          return `Keep it in the foreground: leave out the & (and nohup), and put exec in front of the command.${rest}`;
        case 'direct':
          return `${program} has no form for a service: let ExecStart= name the program that it starts.${rest}`;
        default:
          return foreground satisfies never;
      }
    },
  },
  'restart-blind-spot': {
    title: 'A common end leaves the service down',
    message: ({ falls }) => `Stays down after ${named(falls.map(({ fall }) => fall))}`,
    why: ({ falls, policy, isDefault }) =>
      policy === 'no'
        ? `Restart=no${isDefault ? ', the default,' : ''} restarts it after no end at all: it is down until somebody starts it by hand.`
        : `${causesOf(falls, reasons)
            .map(({ counts, decides }) => capital(`${counts.join(', ')}: ${decides}.`))
            .join(' ')} It is down until somebody starts it by hand.`,
    remedy: ({ beside, mayEnd }) =>
      mayEnd
        ? `It ended by itself and without an error. If it is meant to end, write Type=oneshot. If it should run all the time, set Restart=always in [Service]${besideAlways[beside]}.`
        : `Set Restart=always in [Service]${besideAlways[beside]}.`,
  },
  'restart-value-invalid': {
    title: 'A Restart= that systemd ignores',
    message: ({ value, policy, isDefault }) =>
      `${value === '' ? 'An empty Restart= takes nothing back' : `systemd does not know Restart=${value} and ignores it`}: Restart=${policy}${isDefault ? ', the default,' : ' from before'} holds`,
    why: ({ falls }) =>
      falls.length === 0
        ? 'It gets up all the same, but not because of this line.'
        : `So it stays down after ${named(falls)}. systemd only logs a warning, and the unit starts as if all were well.`,
    remedy: ({ meant, meantFalls, write, beside }) =>
      write === null
        ? 'Remove the line, or write the value that is meant.'
        : meant === null || meant === write || meantFalls.length === 0
          ? `Write Restart=${write}${besideAlways[beside]}.`
          : `Write Restart=${write}${besideAlways[beside]}. Restart=${meant} would still leave it down after ${named(meantFalls)}.`,
  },
  'restart-prevented': {
    title: 'RestartPreventExitStatus= names a common end',
    message: ({ ends }) => `RestartPreventExitStatus= keeps it down after ${statuses(ends)}`,
    why: ({ ends }) =>
      `${capital(ends.map(end => commonEnds[end] ?? end).join('; '))}. The list beats Restart=, even Restart=always.`,
    remedy: ({ ends, mayBeMeant, rest }) => {
      const remains = rest === '' ? '' : `, so that RestartPreventExitStatus=${rest} remains`;
      return mayBeMeant
        ? `If it exits with 0 only when its work is done, leave it as it is; otherwise take ${ends.join(', ')} out of the list${remains}.`
        : `Take ${ends.join(', ')} out of the list${remains}.`;
    },
  },
  'start-limit-gives-up': {
    title: 'systemd gives up a service that cannot start for a while',
    message: ({ starts, intervalSeconds, afterSeconds }) =>
      afterSeconds === null
        ? `systemd may give up after ${limit(starts, intervalSeconds)}: here its timing decides`
        : `systemd gives up after ${limit(starts, intervalSeconds)}: a program that fails at once gets there in ${span(afterSeconds[1])} or less`,
    why: ({ afterSeconds, socket }) =>
      socket === null
        ? `What it lacks at its start (a network, a server, a token) may be there a minute later: by then it ${afterSeconds === null ? 'may be' : 'is'} down for good.`
        : `With it ${socket} ${afterSeconds === null ? 'may fail' : 'fails'} (service-start-limit-hit): then nobody listens, and no call starts it again until somebody starts the socket.`,
    remedy: ({ wouldSpin, needsRestart }) =>
      needsRestart
        ? `Set StartLimitIntervalSec=0 in [Unit], and Restart=on-failure with RestartSec=5 in [Service]: without a wait the socket would meet a limit of its own.`
        : `Set StartLimitIntervalSec=0 in [Unit]${wouldSpin ? ` and ${calmly}` : ''}.`,
  },
  'start-limit-misplaced': {
    title: 'A start limit in the wrong section',
    message: ({ value, starts, intervalSeconds }) =>
      `StartLimitIntervalSec=${value} belongs in [Unit] and is ignored in [Service]: the limit is ${starts === 0 || intervalSeconds === 0 ? 'off' : limit(starts, intervalSeconds)}`,
    why: ({ givesUp }) => limitEffects[givesUp],
    remedy: ({ value, write, wouldSpin }) =>
      write === value
        ? `Move the line to [Unit]${wouldSpin ? `, and set ${calmly}` : ''}.`
        : `Set StartLimitIntervalSec=${write} in [Unit]${wouldSpin ? ` and ${calmly}` : ''}. With ${value} systemd would give it up all the same.`,
  },
  'restart-delay-busy-loop': {
    title: 'A program that cannot start is started again many times a second',
    message: ({ waitSeconds, isDefault }) =>
      waitSeconds === 0
        ? 'A program that cannot start is started again at once (RestartSec=0), and no start limit ends that'
        : `A program that cannot start is started ${often(waitSeconds)} (RestartSec=${waitSeconds * 1000}ms${isDefault ? ', the default' : ''}), and no start limit ends that`,
    why: () =>
      'Such a loop keeps a processor busy, fills the journal and asks whatever the program needs over and over, until somebody looks.',
    remedy: () => 'Set RestartSec=5 in [Service].',
  },
  'restart-delay-too-long': {
    title: 'A restart waits very long',
    message: ({ waitSeconds, isGrown }) =>
      waitSeconds === null
        ? 'RestartSec=infinity: the wait before the restart never ends'
        : isGrown
          ? `The wait before a restart grows to ${span(waitSeconds)}`
          : `It waits ${span(waitSeconds)} before each restart`,
    why: ({ waitSeconds, isGrown }) =>
      waitSeconds === null
        ? 'It stays in "auto-restart" until somebody starts it by hand.'
        : isGrown
          ? `systemd counts restarts until the service is started by hand, however well it ran in between: after enough of them any single fall is an outage of ${span(waitSeconds)}.`
          : `Any single fall is an outage of ${span(waitSeconds)}, though the next start might work at once.`,
    remedy: ({ waitSeconds, isGrown }) =>
      waitSeconds === null
        ? 'Set RestartSec=5 in [Service].'
        : isGrown
          ? 'Set RestartMaxDelaySec= to 1min or less: one start a minute costs little.'
          : 'Set RestartSec=5. If a server is to be spared, 1min is enough for that.',
  },
  'restart-backoff-available': {
    title: 'Waits between restarts could grow',
    message: ({ waitSeconds }) =>
      `A program that cannot start is started again every ${span(waitSeconds)}, without end`,
    why: () =>
      'Each start that fails costs processor time, lines in the journal and requests to others. systemd 254 and newer can wait longer from one to the next.',
    remedy: ({ waitSeconds, steps, mostSeconds }) =>
      `Set RestartSteps=${steps} and RestartMaxDelaySec=${mostSeconds} in [Service]: the wait grows from ${span(waitSeconds)} to ${span(mostSeconds)}.`,
  },
  'restart-oneshot': {
    title: 'A job whose retries are of little use',
    message: ({ tries, seconds }) =>
      tries === null
        ? `A job that fails is started again every ${span(seconds)}, without end`
        : `A job that fails is tried ${tries} times within ${span(seconds)}, and then given up`,
    why: ({ tries, seconds }) =>
      tries === null
        ? 'From one try to the next it counts as "activating": "systemctl --failed" never lists it.'
        : `What a job lacks (a network, a server, a lock) is seldom there ${span(seconds)} later: every try meets the same trouble.`,
    remedy: ({ tries }) =>
      tries === null
        ? 'Set RestartSec=1min or more in [Service], and StartLimitBurst= and StartLimitIntervalSec= in [Unit] so that it ends as failed after some tries.'
        : 'Set RestartSec=1min or more in [Service], and StartLimitIntervalSec= in [Unit] long enough for the tries that you want.',
  },
  'success-status-hides-failure': {
    title: 'SuccessExitStatus= calls a failure a success',
    message: ({ ends, policy }) =>
      `SuccessExitStatus= makes a success of ${statuses(ends)}, and Restart=${policy} waits for failures`,
    why: ({ ends }) => `${capital(ends.map(end => commonEnds[end] ?? end).join('; '))}. So it stays down.`,
    remedy: ({ ends, rest }) =>
      `Take ${ends.join(', ')} out of the list${rest === '' ? '' : `, so that SuccessExitStatus=${rest} remains`}.`,
  },
  'remain-after-exit-hides-death': {
    title: 'RemainAfterExit= hides that the process is gone',
    message: ({ falls }) => `Still counts as active after ${named(falls)}, though nothing runs`,
    why: () =>
      'RemainAfterExit=yes is for jobs that set something up. A unit that counts as active is not restarted, whatever Restart= says.',
    remedy: ({ mayBeMeant, policy, needsAlways, beside }) => {
      const stay = `emove RemainAfterExit=yes${needsAlways ? `, and set Restart=always in [Service]${besideAlways[beside]}` : ''}.`;
      return mayBeMeant
        ? `If its process is meant to end after it has set something up, say so with Type=oneshot${policy === 'no' ? '' : ' and Restart=no'}; otherwise r${stay}`
        : `R${stay}`;
    },
  },
  'binds-to-stays-down': {
    title: 'The fall of another unit takes it down for good',
    message: ({ directive, other }) =>
      `${directive}=${other}: when that one falls, this one is stopped and stays down`,
    why: ({ other, otherRestarts }) =>
      `A unit that is stopped with another counts as stopped on purpose, and Restart= does not bring it back${otherRestarts ? `: systemd restarts ${other} alone` : ''}.`,
    remedy: ({ directive, other, otherRestarts, instead, isStartedWithIt }, { unit }) =>
      `Write ${instead}=${other} in place of ${directive}=${isStartedWithIt ? '' : `, and Wants=${unit} in [Unit] of ${other}`}: ${otherRestarts ? 'then it is restarted together with that one' : 'then the fall of that one leaves it running'}. No drop-in can take a dependency back, so edit the line itself.`,
  },
  'stop-propagates': {
    title: 'A stop of another unit leaves it down',
    message: ({ directive, other }) =>
      `${directive}=${other}: when that one is stopped, this one is stopped too, and does not start with it again`,
    why: ({ other, restartsWithIt }, manager) =>
      `After "${systemctl(manager, 'stop', other)}" and "start" it is down until somebody thinks of it${restartsWithIt ? `; "${systemctl(manager, 'restart', other)}" restarts both` : ''}.`,
    remedy: ({ other }, { unit }) =>
      `Set Wants=${unit} in [Unit] of ${other}: then it is started with that one every time.`,
  },
  'on-failure-unit-missing': {
    title: 'OnFailure= names a unit that cannot be started',
    message: ({ other, problem }) => `OnFailure=${other}: ${onFailureProblems[problem]}`,
    why: () => 'When the service fails nothing is started, and nobody is told.',
    remedy: ({ other, problem }, manager) =>
      problem === 'masked'
        ? `Run "${systemctl(manager, 'unmask', other)}", or name another unit.`
        : problem === 'refused'
          ? `Put ${other} right: "${daruma('explain', manager.scope, other)}" says what is wrong with it.`
          : `Install ${other.includes('@') ? templateOf(other) : other} where this manager finds it, or name another unit.`,
  },
  'on-failure-fires-late': {
    title: 'OnFailure= of a service that is restarted',
    message: ({ others, fires, starts }) =>
      fires === 'never'
        ? `OnFailure=${others.join(' ')} never fires: after every failure the service is restarted, without end`
        : fires === 'at-the-end'
          ? `OnFailure=${others.join(' ')} fires only once systemd gives up${starts === null ? '' : `, after ${starts} starts`}`
          : `OnFailure=${others.join(' ')} fires at every failure, also when the service is restarted`,
    why: ({ fires, starts }) =>
      fires === 'at-every-failure'
        ? `Since systemd 254 a restart passes through "failed"${starts === null ? ': a service that cannot start fires it again and again' : `: in a crash loop it fires ${starts + 1} times, the last one for giving up`}.`
        : 'Until systemd 253, and with RestartMode=direct, a service that is restarted never gets to "failed": a fall that it gets up from is not told.',
    remedy: ({ fires, starts }) =>
      fires === 'at-every-failure'
        ? starts === null
          ? 'See that what it starts bears repetition.'
          : 'If only the end is to be told, set RestartMode=direct in [Service]; otherwise see that what it starts bears repetition.'
        : 'If each fall is to be told, use ExecStopPost=: it runs after every end, with $SERVICE_RESULT and $EXIT_STATUS.',
  },
};

const onFailureProblems = {
  missing: 'there is no such unit',
  'other-manager': "it is the system manager's, and a user's manager cannot start it",
  masked: 'it is masked',
  refused: 'systemd refuses to load it',
} as const;

/** `exit 1, SIGKILL` */
function statuses(ends: readonly string[]): string {
  return ends.map(end => (/^\d/.test(end) ? `exit ${end}` : end)).join(', ');
}

function named(falls: readonly FallName[]): string {
  return falls.map(fall => fallNames[fall]).join(', ');
}

/** Capitalises the first letter, except in `systemd`. */
function capital(text: string): string {
  return text.startsWith('systemd') ? text : text.charAt(0).toUpperCase() + text.slice(1);
}

const besideAlways = {
  nothing: '',
  'no-limit': ', and StartLimitIntervalSec=0 in [Unit] so that a crash loop does not end it',
  'no-limit-and-delay':
    ' with RestartSec=5, and StartLimitIntervalSec=0 in [Unit] so that a crash loop does not end it',
} as const;

/** Common causes of such an end when nobody wanted to stop the service. */
const commonEnds: Readonly<Record<string, string>> = {
  '0': 'programs exit with 0 when they are told to go, and when they give up politely',
  '1': 'exit status 1 is what most programs fail with, whatever the reason',
  '127': '127 is what a shell gives for a command that is not there',
  '134': '134 is what a shell makes of SIGABRT, with which Node.js ends when its heap is full',
  '137': '137 is what a shell makes of SIGKILL',
  '143': '143 is what a shell or Java makes of SIGTERM',
  '139': '139 is what a shell makes of SIGSEGV',
  '255': '255 is what ssh and many scripts fail with',
  SIGABRT: 'SIGABRT is how a program ends that finds itself broken',
  SIGKILL: 'SIGKILL is how the kernel frees memory',
  SIGSEGV: 'SIGSEGV is a crash',
  SIGTERM: 'any stray kill is a SIGTERM',
};

/** `5 starts within 10 s` */
function limit(starts: number, intervalSeconds: number | null): string {
  const within = intervalSeconds === null ? 'in all' : `within ${span(intervalSeconds)}`;
  return `${starts} ${starts === 1 ? 'start' : 'starts'} ${within}`;
}

/** `up to 10 times a second` */
function often(waitSeconds: number): string {
  const starts = Math.floor(1 / waitSeconds);
  return starts === 1 ? 'about once a second' : `up to ${starts} times a second`;
}

const calmly = 'RestartSec=5 in [Service] so that a program that cannot start does not spin';

const limitEffects: Readonly<Record<StartLimitMisplaced['givesUp'], string>> = {
  yes: 'A program that cannot start meets that limit, and then it is down for good.',
  undetermined:
    "A program that cannot start may meet that limit, as systemd's timing goes, and then it is down for good.",
  no: 'For now a crash loop does not meet the limit, so nothing follows from it.',
};

/** The template of an instance, such as `daruma-notify@.service`. */
function templateOf(unit: string): string {
  // bounded: 255 bytes, the name of a unit
  return unit.replace(/@.*\./, '@.');
}
