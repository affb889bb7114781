/** Decides which units are left out because their observation would prove nothing, and limits the time of observation. */
import { isTiedEnding } from '../../src/restart/ending.ts';
import {
  lateStart,
  lateStartLeavesMain,
  settingThatMissesEnd,
  waitsForLeftMain,
} from '../../src/restart/fall.ts';
import { type LoadedPrediction, mainEndsItself, type Prediction } from './prediction.ts';

export const longestWatchSeconds = 16;

/** Why the observation of a unit would prove nothing; undefined for a unit that is run. */
export function whyNotRun({ isFatal, loaded }: Prediction): string | undefined {
  if (isFatal) return 'Type=dbus without a name, which ends systemd 247';
  if (loaded === undefined) return undefined;
  return mayMissEnd(loaded) ? 'a race of Type=dbus in systemd' : whyNotTold(loaded);
}

/** Cases in which two things happen at the same time, or one happens so often that others cannot be observed. */
function whyNotTold(prediction: LoadedPrediction): string | undefined {
  const { settings, ending, lifetimeMs, outcome, timeline } = prediction;
  const oneshot = settings.Type.value === 'oneshot';
  const runtime = oneshot ? Number.POSITIVE_INFINITY : settings.RuntimeMaxSec.value / 1e6;
  const watchdog =
    settings.WatchdogSec.value === 0 ? Number.POSITIVE_INFINITY : settings.WatchdogSec.value / 1e6;
  const start = settings.TimeoutStartSec.value / 1e6 + moreStartSeconds(prediction);
  const lives = lifetimeMs / 1e3;
  const close = 0.6;
  const endsByItself = mainEndsItself(ending);
  const leaves = (waitsForLeftMain(settings) || lateStartLeavesMain(settings)) && !endsByItself;
  if (leaves && settings.TimeoutStopSec.value / 1e6 > 2) return 'longer than the watch';
  const stops = settings.ExecStop.value.length + settings.ExecStopPost.value.length > 0;
  const isStopped = ending.kind === 'stop' || isTiedEnding(ending);
  if (isStopped && settings.Type.value === 'idle' && stops) return 'Type=idle stops as idly';
  const runsBefore = settings.ExecCondition.value.length + settings.ExecStartPre.value.length > 0;
  if (settings.ExitType.value === 'cgroup' && settings.Type.value === 'forking' && runsBefore) {
    // The event that the cgroup of ExecStartPre= is empty may come when ExecStart= already runs, and then counts as its end.
    return 'a race of ExitType=cgroup in systemd';
  }
  if (ending.kind === 'runtime-max' && runtime > longestWatchSeconds / 2) return 'longer than the watch';
  if (oneshot && settings.PIDFile.value !== undefined) return 'PIDFile= of what has no daemon';
  if (ending.kind.endsWith('timeout') && start > longestWatchSeconds) return 'longer than the watch';
  if (endsByItself && runtime < lives + close) return 'RuntimeMaxSec= comes first';
  if (ending.kind === 'watchdog' && runtime < lives + watchdog + close) return 'RuntimeMaxSec= comes first';
  const limit = oneshot ? start : Math.min(runtime, watchdog + lives);
  if (ending.kind === 'hang' && limit < Number.POSITIVE_INFINITY && limit > longestWatchSeconds / 2) {
    return 'longer than the watch';
  }
  if (ending.kind === 'hang' && Math.abs(runtime - watchdog - lives) < close) return 'two limits at once';
  if (isStopped && runtime < 60) return 'RuntimeMaxSec= comes first';
  if (isTiedEnding(ending)) {
    if (oneshot && !settings.RemainAfterExit.value) return 'a oneshot that is never up';
    const interval = settings.StartLimitIntervalSec.value / 1e6;
    const burst = settings.StartLimitBurst.value;
    if (burst > 0 && burst < 3 && interval > 1) return 'the start limit comes first';
  }
  if (ending.kind === 'stop' && oneshot && start < 60) return 'TimeoutStartSec= comes first';
  const period = lives + (outcome.delaySeconds?.[0] ?? 1);
  if (outcome.restarts && timeline.givesUp !== 'yes' && period < 0.2) return 'a storm of restarts';
  return undefined;
}

/** Whether systemd may miss the end. After a successful end that leaves the unit active this makes no difference. */
function mayMissEnd({ settings, ending, outcome }: LoadedPrediction): boolean {
  const isUp = ['exit', 'signal', 'core'].includes(ending.kind);
  return isUp && settingThatMissesEnd(settings) !== undefined && outcome.state !== 'active/exited';
}

/** Seconds for the commands that run after a start that timed out. */
export function moreStartSeconds({ settings, ending }: LoadedPrediction): number {
  const isLateStart =
    ending.kind === 'start-timeout' || (ending.kind === 'hang' && settings.Type.value === 'oneshot');
  const { commandsMore } = lateStart(settings);
  return isLateStart && commandsMore > 0 ? (commandsMore * settings.TimeoutStartSec.value) / 1e6 : 0;
}
