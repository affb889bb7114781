/** The endings worth telling about a service when nobody asks for particular ones. */
import { sigkill, sigsegv, sigterm } from '../systemd/values/signal.ts';
import type { Ending } from './ending.ts';
import { formatEnding } from './ending.ts';
import type { ServiceFacts } from './outcome.ts';

/**
 * Lists the endings that are worth a prediction: one of each kind, the common exit statuses and signals, those that the
 * service's own lists name (`SuccessExitStatus=` and the like), and the endings of the units that it is tied to. Exit status
 * 143 is among the common ones because a shell reports a SIGTERM of its child that way (128 + 15).
 *
 * @returns each ending once, in the order in which a table shows them
 * @example
 * import { alone, everyEnding, formatEnding } from 'daruma/restart';
 * import { createUnitLoader, openOfflineHost, resolveService } from 'daruma/systemd';
 *
 * const loader = createUnitLoader(openOfflineHost({ root: 'examples/neko', scope: 'user' }));
 * const { settings } = resolveService(loader.load('litellm.service'), loader.defaults, 252);
 * if (settings === undefined) throw new Error('not loaded');
 *
 * const endings = everyEnding({ settings, surroundings: alone });
 * endings.slice(0, 4).map(formatEnding); // [ 'exit:0', 'exit:1', 'exit:143', 'signal:SIGKILL' ]
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
