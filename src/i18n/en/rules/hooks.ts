import type { StartPostCanTimeOut } from '../../../check/rules/start-post-can-time-out.ts';
import type { GroupTexts } from '../../rule-texts.ts';
import { daruma } from '../../shown-commands.ts';
import { span } from '../span.ts';

export const hooks: GroupTexts<'hooks'> = {
  'start-post-can-kill': {
    title: 'A hook behind the start can end the service',
    message: ({ program }) =>
      `When the ExecStartPost= command ${program} fails, systemd ends the service with it`,
    why: ({ afterwards, policy }) =>
      `A failed ExecStartPost= without "-" is a failed start: the healthy main process gets SIGTERM, ${consequences[afterwards](policy)}.`,
    remedy: () => 'Put a "-" in front of the command: its failure is then only logged.',
  },
  'start-post-can-time-out': {
    title: 'A hook behind the start can take longer than the start may',
    message: ({ seconds, limitSeconds, waits }) =>
      `${seconds === null ? 'ExecStartPost= can wait without end' : `ExecStartPost= can take ${span(seconds)}`}, and TimeoutStartSec= allows ${span(limitSeconds)}: ${listed(waits)}`,
    why: ({ limitSeconds, ignoresFailure }) =>
      `After ${span(limitSeconds)} systemd ends the hook and the healthy main process with it${ignoresFailure ? '; the "-" covers a failure, not this' : ''}.`,
    remedy: ({ boundedSeconds, waits }) =>
      `Let the hook end before the start must: put "-/usr/bin/timeout -k 1 ${boundedSeconds}" in front of its command${waits.some(isCurlWithoutEnd) ? ', and give curl --max-time' : ''}.`,
  },
  'start-post-delays-ready': {
    title: 'A hook behind the start keeps others waiting',
    message: ({ seconds, waiting }) =>
      `After its start ExecStartPost= keeps it in "activating" for up to ${span(seconds)}${waiting.length === 0 ? '' : `, and ${waiting.join(', ')} ${waiting.length === 1 ? 'waits' : 'wait'} for that`}`,
    why: ({ waiting }) =>
      `A unit counts as started only when its ExecStartPost= is done${waiting.length === 0 ? '; "systemctl start" returns only then' : '; what is ordered After= it starts no sooner'}.`,
    remedy: () =>
      'If the hook waits for readiness on purpose, leave it. A notice or the like belongs in a unit of its own, started with "systemctl start --no-block".',
  },
  'hooks-lead-nowhere': {
    title: 'Hooks of notifications lead nowhere',
    message: ({ problem, units, count, missing }) =>
      ({
        missing: `The hooks of ${services(units, count)} lead to ${missing}, which is not there`,
        earlier: `The hooks of ${services(units, count)} were written by an earlier daruma`,
        'no-channel': `${services(units, count)} ${count === 1 ? 'has' : 'have'} hooks, and no channel is configured`,
        'no-hooks': 'A channel is configured, and no service has hooks',
        unhooked: 'It has no hooks, and other services have some',
      })[problem],
    why: ({ problem }, { unit }) =>
      ({
        missing: 'What happens to them is told to nobody.',
        earlier:
          'They keep the service waiting while daruma starts, and what happens while daruma is missing is lost.',
        'no-channel': 'What happens to them is noted and told to nobody.',
        'no-hooks': 'What happens to the services is told to nobody.',
        unhooked:
          unit === 'daruma-front.service'
            ? 'When the front itself is down, nobody is told.'
            : 'What happens to it is told to nobody.',
      })[problem],
    remedy: ({ problem }, { scope }) =>
      problem === 'no-channel'
        ? `Name a channel in the configuration, or run "${daruma('notify', scope, 'uninstall')}".`
        : `Run "${daruma('notify', scope, 'install')}".`,
  },
};

function services(units: readonly string[], count: number): string {
  const [first = ''] = units;
  return count === 1 ? first : `${count} services`;
}

const consequences = {
  'stays-down': (policy: string) => `and Restart=${policy} does not bring it back`,
  'gives-up': () => 'and restarts that fail the same way soon meet the start limit',
  restarts: () => 'and the restart runs into the same failure as long as its cause lasts',
} as const;

function isCurlWithoutEnd({ program, seconds }: Waits[number]): boolean {
  return program === 'curl' && seconds === null;
}

type Waits = StartPostCanTimeOut['waits'];

/** Lists only the longest waits. */
function listed(waits: Waits): string {
  return waits
    .slice(0, 3)
    .map(({ kind, program, seconds, script }) => {
      const place =
        script === null ? '' : ` (${script.file.slice(script.file.lastIndexOf('/') + 1)}:${script.line})`;
      return waiting[kind](program, seconds) + place;
    })
    .join(', ');
}

const waiting = {
  sleep: (_: string, seconds: number | null) => `sleep for ${seconds === null ? 'ever' : span(seconds)}`,
  request: (program: string, seconds: number | null) =>
    seconds === null
      ? `${program} without ${program === 'curl' ? '--max-time' : 'a limit'}`
      : `${program} for ${span(seconds)}`,
  loop: (_: string, seconds: number | null) =>
    seconds === null ? 'a loop that nothing ends' : `a loop for ${span(seconds)}`,
  limit: (program: string, seconds: number | null) =>
    `${program} for ${seconds === null ? 'ever' : span(seconds)}`,
} as const;
