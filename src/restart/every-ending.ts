/** The endings worth telling about a service when nobody asks for particular ones. */
import { sigkill, sigsegv, sigterm } from '../systemd/values/signal.ts';
import type { Ending } from './ending.ts';
import { formatEnding } from './ending.ts';
import type { ServiceFacts } from './outcome.ts';

/**
 * All kinds of endings, the common statuses and signals, and those that the service's own lists name. 143 is what a
 * shell makes of a SIGTERM (128 + 15).
 */
export function everyEnding({ settings, surroundings }: ServiceFacts): readonly Ending[] {
  const lists = [
    settings.SuccessExitStatus,
    settings.RestartPreventExitStatus,
    settings.RestartForceExitStatus,
  ].map(setting => setting.value);
  const statuses = new Set([0, 1, 143, ...lists.flatMap(list => [...list.statuses])]);
  const signals = new Set([sigterm, sigkill, ...lists.flatMap(list => [...list.signals])]);
  const becomesReady = ['notify', 'notify-reload', 'dbus', 'forking'].includes(settings.Type.value);
  const endings: readonly Ending[] = [
    ...rising(statuses).map(status => ({ kind: 'exit', status }) as const),
    ...rising(signals).map(signal => ({ kind: 'signal', signal }) as const),
    { kind: 'core', signal: sigsegv },
    ...(becomesReady ? beforeReady : []),
    { kind: 'watchdog' },
    { kind: 'start-timeout' },
    { kind: 'runtime-max' },
    { kind: 'oom' },
    { kind: 'condition', status: 1 },
    { kind: 'start-pre', status: 1 },
    { kind: 'start-post', status: 1 },
    { kind: 'start-post-timeout' },
    { kind: 'stop' },
    { kind: 'hang' },
    { kind: 'logout' },
    { kind: 'manager-kill' },
    { kind: 'reboot' },
    ...surroundings.bonds.flatMap(({ other }) => [
      { kind: 'fall-of', unit: other } as const,
      { kind: 'stop-of', unit: other } as const,
    ]),
  ];
  return [...new Map(endings.map(ending => [formatEnding(ending), ending])).values()];
}

const beforeReady: readonly Ending[] = [
  { kind: 'unready-exit', status: 0 },
  { kind: 'unready-signal', signal: sigterm },
];

function rising(numbers: ReadonlySet<number>): readonly number[] {
  return [...numbers].sort((a, b) => a - b);
}
