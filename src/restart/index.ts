/**
 * What systemd does when a service ends: pure functions of the service's settings, its surroundings, systemd's version
 * and the ending. No function here reads a file, asks a manager or looks at a clock, and none throws.
 *
 * Results give durations in seconds; settings hold them in microseconds, systemd's own unit.
 *
 * @example
 * import { alone, parseEnding, predictOutcome } from 'daruma/restart';
 * import { createUnitLoader, openOfflineHost, resolveService } from 'daruma/systemd';
 *
 * const loader = createUnitLoader(openOfflineHost({ root: 'examples/neko', scope: 'user' }));
 * const { settings } = resolveService(loader.load('litellm.service'), loader.defaults, 252);
 * const ending = parseEnding('signal:TERM');
 * if (settings === undefined || ending === undefined) throw new Error('not loaded');
 *
 * const outcome = predictOutcome({ settings, surroundings: alone }, ending, { version: 252, cgroups: 'unified' });
 * outcome.result; // 'success'
 * outcome.restarts; // false
 *
 * @module
 */
export { decideRestart, type RestartDecision } from './decision.ts';
export { type Interval, restartDelay, restartWaitUsec } from './delay.ts';
export {
  type Ending,
  endingForms,
  formatEnding,
  type OwnEnding,
  parseEnding,
  type TiedEnding,
  type WorldEnding,
} from './ending.ts';
export { everyEnding } from './every-ending.ts';
export { type Fall, type Machine, predictFall } from './fall.ts';
export { type Outcome, predictOutcome, type ServiceFacts } from './outcome.ts';
export { classifyProcessEnd, type ProcessEnd, type ProcessRole, type ServiceResult } from './process-end.ts';
export type { HookName, Reason, ReasonCode } from './reason.ts';
export type { StartFault, StartObstacle } from './start-obstacle.ts';
export {
  alone,
  type Bond,
  type BootStart,
  type Surroundings,
  type Tie,
  type Trigger,
} from './surroundings.ts';
export { type FallName, type FallOutcome, fallNames, type SurvivalRow, survivalRow } from './survival.ts';
export { predictTimeline, type Timeline } from './timeline.ts';
