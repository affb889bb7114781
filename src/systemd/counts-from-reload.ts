/** Which settings hold for a service that runs already, once the manager has read its files again. */

/**
 * Settings of [Service] that the manager itself reads when something happens to a service: its end, its stop, a notice of it. The
 * running process has no part in them. `ExecStartPost=` and the limits of a start belong to the next start, and a restart
 * for their sake would change nothing in the process. Tried on 257: `RuntimeMaxSec=` is counted anew at the reload, and `LimitNOFILE=`,
 * `Nice=` and `OOMScoreAdjust=` are not.
 */
const readByManager: ReadonlySet<string> = new Set([
  'Restart',
  'RestartSec',
  'RestartSteps',
  'RestartMaxDelaySec',
  'RestartRandomizedDelaySec',
  'RestartMode',
  'RestartPreventExitStatus',
  'RestartForceExitStatus',
  'SuccessExitStatus',
  'RemainAfterExit',
  'ExecStartPost',
  'ExecReload',
  'ExecReloadPost',
  'ExecStop',
  'ExecStopPost',
  'TimeoutSec',
  'TimeoutStartSec',
  'TimeoutStopSec',
  'TimeoutAbortSec',
  'TimeoutStartFailureMode',
  'TimeoutStopFailureMode',
  'RuntimeMaxSec',
  'KillMode',
  'KillSignal',
  'RestartKillSignal',
  'SendSIGHUP',
  'SendSIGKILL',
  'FinalKillSignal',
  'WatchdogSignal',
  // Older files have these in [Service] (`load-fragment-gperf.gperf.in`).
  'StartLimitInterval',
  'StartLimitBurst',
  'StartLimitAction',
  'FailureAction',
  'SuccessAction',
  'RebootArgument',
]);

/**
 * Whether a setting needs no restart of a service that runs: the manager knows it from the reload on. A setting that
 * is not known counts as one that the process receives at its start.
 */
export function countsFromReload(section: string, key: string): boolean {
  if (section.startsWith('X-') || section === 'Install') return true;
  // The process enters the namespaces of other units at its start, and its control group is marked then.
  if (section === 'Unit') return key !== 'JoinsNamespaceOf' && key !== 'SurviveFinalKillSignal';
  return section === 'Service' && (key.startsWith('X-') || readByManager.has(key));
}
