import type { StartLimitMisplaced } from '../../../check/rules/start-limit-misplaced.ts';
import type { FallName } from '../../../restart/survival.ts';
import { causesOf } from '../../parts.ts';
import type { GroupTexts } from '../../rule-texts.ts';
import { fallNames } from '../fall-names.ts';
import { reasons } from '../reasons.ts';
import { span } from '../span.ts';

export const restart: GroupTexts<'restart'> = {
  'restart-blind-spot': {
    title: 'A common end leaves the service down',
    message: ({ falls }) => `Stays down after ${named(falls.map(({ fall }) => fall))}`,
    why: ({ falls, policy, isDefault }) =>
      policy === 'no'
        ? `Restart=no${isDefault ? ', the default,' : ''} restarts it after no end at all: it is down until somebody starts it by hand.`
        : `${causesOf(falls, reasons)
            .map(({ counts, decides }) => capital(`${counts.join(', ')}: ${decides}.`))
            .join(' ')} It is down until somebody starts it by hand.`,
    remedy: ({ beside }) => `Set Restart=always in [Service]${besideAlways[beside]}.`,
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
    message: ({ ends }) =>
      `RestartPreventExitStatus= keeps it down after ${ends.map(end => (/^\d/.test(end) ? `exit ${end}` : end)).join(', ')}`,
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
    why: ({ afterSeconds }) =>
      `What it lacks at its start (a network, a server, a token) may be there a minute later: by then it ${afterSeconds === null ? 'may be' : 'is'} down for good.`,
    remedy: ({ wouldSpin }) => `Set StartLimitIntervalSec=0 in [Unit]${wouldSpin ? ` and ${calmly}` : ''}.`,
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
};

function named(falls: readonly FallName[]): string {
  return falls.map(fall => fallNames[fall]).join(', ');
}

/** `systemd` stays as it is. */
function capital(text: string): string {
  return text.startsWith('systemd') ? text : text.charAt(0).toUpperCase() + text.slice(1);
}

const besideAlways = {
  nothing: '',
  'no-limit': ', and StartLimitIntervalSec=0 in [Unit] so that a crash loop does not end it',
  'no-limit-and-delay':
    ' with RestartSec=5, and StartLimitIntervalSec=0 in [Unit] so that a crash loop does not end it',
} as const;

/** How a program comes to such an end without anybody wanting it down. */
const commonEnds: Readonly<Record<string, string>> = {
  '0': 'programs exit with 0 when they are told to go, and when they give up politely',
  '1': 'exit status 1 is what most programs fail with, whatever the reason',
  '137': '137 is what a shell makes of SIGKILL',
  '143': '143 is what a shell or Java makes of SIGTERM',
  SIGKILL: 'SIGKILL is how the kernel frees memory',
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
