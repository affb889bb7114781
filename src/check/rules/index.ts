/** All rules by group, in the order of the rule reference; each rule is one file. */
import type { Rule, RuleGroup } from '../rule.ts';
import { bindsToStaysDown } from './binds-to-stays-down.ts';
import { daemonReloadNeeded } from './daemon-reload-needed.ts';
import { dropInNotConf } from './drop-in-not-conf.ts';
import { dropInShadowed } from './drop-in-shadowed.ts';
import { environmentFileMissing } from './environment-file-missing.ts';
import { execMissing } from './exec-missing.ts';
import { execNotExecutable } from './exec-not-executable.ts';
import { execVersionManagerPath } from './exec-version-manager-path.ts';
import { failoverAgentWithoutFallbacks } from './failover-agent-without-fallbacks.ts';
import { failoverAnswerCut } from './failover-answer-cut.ts';
import { failoverFront } from './failover-front.ts';
import { failoverKeyHidden } from './failover-key-hidden.ts';
import { failoverKeyRefused } from './failover-key-refused.ts';
import { failoverKeyUnread } from './failover-key-unread.ts';
import { failoverLoop } from './failover-loop.ts';
import { failoverModelUndeclared } from './failover-model-undeclared.ts';
import { failoverNone } from './failover-none.ts';
import { failoverNotMutual } from './failover-not-mutual.ts';
import { failoverPlainHttp } from './failover-plain-http.ts';
import { failoverSameMachine } from './failover-same-machine.ts';
import { failoverSlow } from './failover-slow.ts';
import { failoverVariableUnset } from './failover-variable-unset.ts';
import { goesToBackground } from './goes-to-background.ts';
import { hooksLeadNowhere } from './hooks-lead-nowhere.ts';
import { killModeLeavesProcesses } from './kill-mode-leaves-processes.ts';
import { lingerOff } from './linger-off.ts';
import { listensOnAllInterfaces } from './listens-on-all-interfaces.ts';
import { litellmConfigInvalid } from './litellm-config-invalid.ts';
import { litellmConfigMissing } from './litellm-config-missing.ts';
import { litellmMasterKey } from './litellm-master-key.ts';
import { masked } from './masked.ts';
import { noHangDetection } from './no-hang-detection.ts';
import { noMemoryLimit } from './no-memory-limit.ts';
import { notEnabled } from './not-enabled.ts';
import { onFailureFiresLate } from './on-failure-fires-late.ts';
import { onFailureUnitMissing } from './on-failure-unit-missing.ts';
import { oomPolicy } from './oom-policy.ts';
import { openclawConfigInvalid } from './openclaw-config-invalid.ts';
import { orderingOnSystemUnit } from './ordering-on-system-unit.ts';
import { portConflict } from './port-conflict.ts';
import { portSilentlyRandom } from './port-silently-random.ts';
import { remainAfterExitHidesDeath } from './remain-after-exit-hides-death.ts';
import { restartBackoffAvailable } from './restart-backoff-available.ts';
import { restartBlindSpot } from './restart-blind-spot.ts';
import { restartDelayBusyLoop } from './restart-delay-busy-loop.ts';
import { restartDelayTooLong } from './restart-delay-too-long.ts';
import { restartNeeded } from './restart-needed.ts';
import { restartOneshot } from './restart-oneshot.ts';
import { restartPrevented } from './restart-prevented.ts';
import { restartValueInvalid } from './restart-value-invalid.ts';
import { secretFileReadable } from './secret-file-readable.ts';
import { secretInArguments } from './secret-in-arguments.ts';
import { secretInUnit } from './secret-in-unit.ts';
import { serviceDown } from './service-down.ts';
import { triggerFailed } from './trigger-failed.ts';
import { jobFailed } from './job-failed.ts';
import { shellSyntax } from './shell-syntax.ts';
import { startLimitGivesUp } from './start-limit-gives-up.ts';
import { startLimitMisplaced } from './start-limit-misplaced.ts';
import { startPostCanKill } from './start-post-can-kill.ts';
import { startPostCanTimeOut } from './start-post-can-time-out.ts';
import { startPostDelaysReady } from './start-post-delays-ready.ts';
import { startTimeoutInfinite } from './start-timeout-infinite.ts';
import { stopPropagates } from './stop-propagates.ts';
import { stopTimeoutLong } from './stop-timeout-long.ts';
import { successStatusHidesFailure } from './success-status-hides-failure.ts';
import { systemOnlySetting } from './system-only-setting.ts';
import { userManagerDown } from './user-manager-down.ts';
import { unitLoadError } from './unit-load-error.ts';
import { unitUnreadable } from './unit-unreadable.ts';
import { unknownSetting } from './unknown-setting.ts';
import { valueInvalid } from './value-invalid.ts';
import { wantedByMissingTarget } from './wanted-by-missing-target.ts';
import { watchdogNotSupported } from './watchdog-not-supported.ts';
import { workingDirectoryMissing } from './working-directory-missing.ts';

export const rulesByGroup = {
  restart: [
    goesToBackground,
    restartBlindSpot,
    restartValueInvalid,
    restartPrevented,
    startLimitGivesUp,
    startLimitMisplaced,
    restartDelayBusyLoop,
    restartDelayTooLong,
    restartBackoffAvailable,
    restartOneshot,
    successStatusHidesFailure,
    remainAfterExitHidesDeath,
    bindsToStaysDown,
    stopPropagates,
    onFailureUnitMissing,
    onFailureFiresLate,
  ],
  hang: [
    noHangDetection,
    watchdogNotSupported,
    stopTimeoutLong,
    startTimeoutInfinite,
    killModeLeavesProcesses,
  ],
  session: [
    userManagerDown,
    serviceDown,
    triggerFailed,
    jobFailed,
    lingerOff,
    notEnabled,
    wantedByMissingTarget,
    orderingOnSystemUnit,
    masked,
    daemonReloadNeeded,
    restartNeeded,
    systemOnlySetting,
  ],
  hooks: [startPostCanKill, startPostCanTimeOut, startPostDelaysReady, hooksLeadNowhere],
  secrets: [secretInUnit, secretInArguments, secretFileReadable, litellmMasterKey],
  command: [
    shellSyntax,
    execMissing,
    execNotExecutable,
    execVersionManagerPath,
    workingDirectoryMissing,
    environmentFileMissing,
  ],
  ports: [portConflict, portSilentlyRandom, listensOnAllInterfaces],
  file: [unknownSetting, valueInvalid, unitUnreadable, unitLoadError, dropInShadowed, dropInNotConf],
  memory: [noMemoryLimit, oomPolicy],
  failover: [
    failoverNone,
    failoverSameMachine,
    failoverPlainHttp,
    failoverNotMutual,
    failoverLoop,
    failoverFront,
    failoverModelUndeclared,
    failoverAgentWithoutFallbacks,
    failoverAnswerCut,
    failoverSlow,
    failoverVariableUnset,
    failoverKeyHidden,
    failoverKeyRefused,
    failoverKeyUnread,
    openclawConfigInvalid,
    litellmConfigInvalid,
    litellmConfigMissing,
  ],
} as const satisfies Readonly<Record<RuleGroup, readonly Rule<string, object>[]>>;

/** A rule with its own type, that is, with its id and the details of its faults. */
export type KnownRule = (typeof rulesByGroup)[RuleGroup][number];

/** All rules in the order of the rule reference. */
export const allRules: readonly Rule<KnownRule['id'], object>[] = Object.values(rulesByGroup).flat();
