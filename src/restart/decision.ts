/**
 * Whether systemd restarts a service of its own accord once it has ended.
 * Source: `service_shall_restart()`; systemd.service(5), Restart=, RestartPreventExitStatus=, RestartForceExitStatus=.
 */
import type { RestartPolicy, ServiceSettings } from '../systemd/service-settings.ts';
import { describeEnd, listMatches, type ProcessEnd, type ServiceResult } from './process-end.ts';
import type { Reason } from './reason.ts';

/** Whether systemd restarts the service, and why. */
export interface RestartDecision {
  readonly restarts: boolean;
  readonly reason: Reason;
}

/**
 * Decides whether systemd restarts a service that has ended by itself. After `systemctl stop` nothing is to be decided:
 * systemd never restarts a service that it was told to stop.
 *
 * `RestartPreventExitStatus=` goes first, then `RestartForceExitStatus=`, then `Restart=`.
 *
 * Source: `service_shall_restart()`; systemd.service(5), Restart=, RestartPreventExitStatus=, RestartForceExitStatus=.
 *
 * @param result what systemd calls the end of the service
 * @param main how the main process ended; null when it never ran, so that no list of exit statuses can match
 * @param version systemd's major version, such as 252
 * @example
 * import { decideRestart } from 'daruma/restart';
 * import { createUnitLoader, openOfflineHost, resolveService } from 'daruma/systemd';
 *
 * const loader = createUnitLoader(openOfflineHost({ root: 'examples/neko', scope: 'user' }));
 * const { settings } = resolveService(loader.load('litellm.service'), loader.defaults, 252);
 * if (settings === undefined) throw new Error('not loaded');
 *
 * settings.Restart.value; // 'on-failure'
 * decideRestart(settings, 'exit-code', { code: 'exited', status: 1 }, 252).restarts; // true
 * decideRestart(settings, 'success', { code: 'killed', signal: 15 }, 252).restarts; // false
 */
export function decideRestart(
  settings: Pick<ServiceSettings, 'Type' | 'Restart' | 'RestartPreventExitStatus' | 'RestartForceExitStatus'>,
  result: ServiceResult,
  main: ProcessEnd | null,
  version: number,
): RestartDecision {
  const { RestartPreventExitStatus: prevent, RestartForceExitStatus: force } = settings;
  if (main !== null && listMatches(prevent.value, main)) {
    const what = describeEnd(main);
    return {
      restarts: false,
      reason: {
        code: 'restart-prevented',
        what,
        setting: 'RestartPreventExitStatus',
        value: what,
        source: prevent.source,
      },
    };
  }
  if (main !== null && listMatches(force.value, main)) {
    const what = describeEnd(main);
    const setting = { setting: 'RestartForceExitStatus', value: what, source: force.source };
    // systemd 256 began to accept the list for oneshot services; it still does not restart one that has succeeded.
    if (version >= 256 && settings.Type.value === 'oneshot' && result === 'success') {
      return { restarts: false, reason: { code: 'force-not-for-successful-oneshot', ...setting } };
    }
    return { restarts: true, reason: { code: 'restart-forced', what, ...setting } };
  }
  return decideByPolicy(settings.Restart, result, version);
}

function decideByPolicy(
  policy: ServiceSettings['Restart'],
  result: ServiceResult,
  version: number,
): RestartDecision {
  const setting = { setting: 'Restart', value: policy.value, source: policy.source };
  if (result === 'exec-condition') {
    const restarts = policy.value === 'always' && version < 251;
    return restarts
      ? { restarts, reason: { code: 'policy-restarts', result, ...setting } }
      : { restarts, reason: { code: 'skip-never-restarts', ...setting } };
  }
  const restarts = restartingResults[policy.value].has(result);
  return {
    restarts,
    reason: { code: restarts ? 'policy-restarts' : 'policy-does-not-restart', result, ...setting },
  };
}

const abort: readonly ServiceResult[] = ['signal', 'core-dump'];
const abnormal: readonly ServiceResult[] = [
  ...abort,
  'timeout',
  'protocol',
  'resources',
  'oom-kill',
  'watchdog',
];

/** The table of systemd.service(5), "Exit causes and the effect of the Restart= settings". */
const restartingResults = {
  no: new Set<ServiceResult>(),
  'on-success': new Set<ServiceResult>(['success']),
  'on-failure': new Set<ServiceResult>(['exit-code', ...abnormal]),
  'on-abnormal': new Set<ServiceResult>(abnormal),
  'on-abort': new Set<ServiceResult>(abort),
  'on-watchdog': new Set<ServiceResult>(['watchdog']),
  always: new Set<ServiceResult>(['success', 'exit-code', ...abnormal]),
} satisfies Record<RestartPolicy, ReadonlySet<ServiceResult>>;
