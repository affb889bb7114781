/**
 * Compares a prediction with an observation. Delays on a busy machine are no disagreement, but anything that happens too early
 * is one.
 */
import { type Interval, restartDelay } from '../../src/restart/delay.ts';
import { isTiedEnding } from '../../src/restart/ending.ts';
import type { ServiceResult } from '../../src/restart/process-end.ts';
import { firstRole } from './actor.ts';
import { type Note, type Observation, propertyOf } from './observation.ts';
import { type LoadedPrediction, mainEndsItself, type Prediction } from './prediction.ts';

export interface Comparison {
  readonly disagreements: readonly Disagreement[];
  /** Facts that could not be compared, each with the reason. */
  readonly skipped: readonly string[];
}

interface Disagreement {
  readonly what: string;
  readonly predicted: string;
  readonly observed: string;
}

/** Compares one unit. */
export function compare(prediction: Prediction, observation: Observation): Comparison {
  const notes = new Ledger();
  notes.expect('LoadState', prediction.load, observation.properties['LoadState']);
  const { loaded } = prediction;
  if (loaded === undefined || notes.disagreements.length > 0) return notes;
  for (const [name, { value }] of Object.entries(loaded.shown)) {
    const observed = observation.properties[propertyOf(name)];
    // systemd shows no watchdog for a unit that was not started or was unloaded again.
    if (name === 'WatchdogSec' && observed === 'infinity') continue;
    notes.expect(name, value, observed);
  }
  if (notes.disagreements.length === 0) compareRun(notes, prediction.version, loaded, observation);
  return notes;
}

const inMotion = 'in motion when it was asked';

function compareRun(
  notes: Ledger,
  version: number,
  loaded: LoadedPrediction,
  observation: Observation,
): void {
  const { ending, outcome, timeline, settings } = loaded;
  const { events, properties, notes: all } = observation;
  const state = `${properties['ActiveState']}/${properties['SubState']}`;
  const first = events.find(event => event.kind === 'ended');

  if (isTiedEnding(ending)) {
    compareTied(notes, loaded, observation, first?.result, state);
    return;
  }
  if (outcome.result === null || outcome.state === 'active/exited') {
    notes.expect('first result', 'none', first?.result ?? 'none');
    if (!losesNotes(settings)) notes.expect('starts', '1', String(startsOf(settings, all, events).length));
    if (observation.inMotion) notes.skip(inMotion);
    else notes.expect('end state', outcome.state ?? '', state);
    return;
  }
  if (endedBeforeItWasUp(version, loaded, observation)) {
    notes.skip('the machine was so slow that it ended before it was up');
    return;
  }
  const scheduled = events.filter(event => event.kind === 'restart-scheduled');
  if (isUpheld(loaded)) {
    // It is started again at once, and a user manager does not log a successful end.
    notes.expect('first result', outcome.result, first?.result ?? 'success');
    if (losesNotes(settings)) return;
    const starts = startsOf(settings, all, events).length;
    notes.expect('restarts', 'yes, upheld', upholding(scheduled.length, starts, state));
    return;
  }
  notes.expect('first result', outcome.result, first?.result ?? `none (${state})`);
  if (first === undefined) return;

  if (!outcome.restarts) {
    notes.expect('restarts', 'no', scheduled.length > 0 ? 'yes' : 'no');
    if (observation.inMotion) {
      notes.skip(inMotion);
      return;
    }
    notes.expect('end state', outcome.state ?? '', state);
    if (outcome.state === 'failed/failed') notes.expect('NRestarts', '0', properties['NRestarts']);
    return;
  }
  notes.expect('restarts', 'yes', scheduled.length > 0 ? 'yes' : `no (${state})`);
  if (scheduled.length === 0) return;
  compareDelays(notes, loaded, observation);
  if (leavesProcessesBehind(settings, loaded)) {
    notes.skip('processes left behind meet the next start');
    return;
  }
  compareGivingUp(notes, version, timeline, loaded, observation, state);
}

/**
 * Compares a unit that is tied to a companion. The companion was killed or stopped once; the unit goes down with it or does not,
 * and may be started with it again. A user manager does not log a successful stop.
 */
function compareTied(
  notes: Ledger,
  { outcome, settings }: LoadedPrediction,
  { notes: all, inMotion: moving }: Observation,
  firstResult: string | undefined,
  state: string,
): void {
  const isSpared = outcome.restarts && outcome.state === upState(settings);
  const result = isSpared ? 'none' : (outcome.result ?? 'success');
  notes.expect('first result', result, firstResult ?? (isSpared ? 'none' : 'success'));
  if (moving) {
    notes.skip(inMotion);
    return;
  }
  const isStartedAgain = outcome.restarts && !isSpared;
  const starts = all.filter(note => note.what === 'start' && note.role === firstRole(settings)).length;
  notes.expect('starts', isStartedAgain ? '2' : '1', String(starts));
  notes.expect('end state', outcome.restarts ? upState(settings) : (outcome.state ?? ''), state);
}

function upState({ Type }: LoadedPrediction['settings']): string {
  return Type.value === 'oneshot' ? 'active/exited' : 'active/running';
}

/** Whether the companion has to start the unit again, because the unit has no restart of its own. */
function isUpheld({ outcome }: LoadedPrediction): boolean {
  return outcome.because.some(({ code }) => code === 'upheld');
}

function upholding(scheduled: number, starts: number, state: string): string {
  if (scheduled > 0) return 'yes, by itself';
  return starts > 1 ? 'yes, upheld' : `no (${state})`;
}

/**
 * Whether the main process ended before the unit was up. When it is gone after ExecStartPost=, its PID file names no process. And
 * systemd 262 checks at READY=1 whether a `notify-reload` service handles SIGHUP; a slow manager reads READY=1 too late for that.
 */
function endedBeforeItWasUp(
  version: number,
  { settings, ending }: LoadedPrediction,
  { notes, events }: Observation,
): boolean {
  if (ending.kind.startsWith('unready')) return false;
  const ends = notes.filter(note => note.what === 'end');
  const main = ends.find(note => note.role === 'main');
  if (main === undefined) return false;
  if (settings.Type.value === 'notify-reload' && version >= 262) {
    const seen = events.find(event => event.kind === 'ended');
    return seen !== undefined && seen.at - main.at > latenessSeconds;
  }
  const posts = settings.ExecStartPost.value.length;
  if (settings.PIDFile.value === undefined || posts === 0) return false;
  const lastPost = ends.filter(note => note.role.startsWith('post'))[posts - 1];
  return lastPost === undefined || main.at < lastPost.at;
}

/** A manager that notices an end later than this is also late with other events. */
const latenessSeconds = 0.05;

/** Checks that no activation begins before its delay is over. */
function compareDelays(
  notes: Ledger,
  { settings, ending }: LoadedPrediction,
  { notes: all }: Observation,
): void {
  if (losesNotes(settings)) return;
  const waits = waitsByNotes(all, firstRole(settings), ending);
  for (const [index, waited] of waits.entries()) {
    const restart = index + 1;
    const [least] = restartDelay(settings, restart) ?? [Number.POSITIVE_INFINITY];
    // One millisecond of tolerance for the clocks.
    if (waited < least - 0.001) {
      notes.differ('delay', `${least} s or more before restart ${restart}`, `${waited} s`);
    }
  }
}

/** Seconds from the last note of each activation to the first command of the next one. */
function waitsByNotes(
  all: readonly Note[],
  role: string,
  ending: LoadedPrediction['ending'],
): readonly number[] {
  // ExecStartPost= begins together with the main process, and may end before the main process has noted its start. A process
  // that is killed from outside leaves only the note of its start.
  const isLast = ({ what, role: by }: Note) =>
    what === 'end' && (ending.kind === 'start-post' || !by.startsWith('post'));
  const starts = all.flatMap((note, index) => (note.role === role && note.what === 'start' ? [index] : []));
  return starts.slice(1).map(index => {
    const begin = all[index]?.at ?? 0;
    const before = all.slice(0, index).findLast(note => note.role === role || isLast(note));
    return begin - (before?.at ?? begin);
  });
}

function leavesProcessesBehind(
  { KillMode, Type }: LoadedPrediction['settings'],
  { ending }: LoadedPrediction,
): boolean {
  if (mainEndsItself(ending)) return false;
  return KillMode.value === 'none' || (KillMode.value === 'process' && Type.value === 'forking');
}

function compareGivingUp(
  notes: Ledger,
  version: number,
  timeline: LoadedPrediction['timeline'],
  { settings, outcome }: LoadedPrediction,
  { events, properties, notes: all, inMotion: moving }: Observation,
  state: string,
): void {
  const starts = startsOf(settings, all, events);
  const gaveUp = events.find(event => event.kind === 'gave-up');
  const interval = settings.StartLimitIntervalSec.value / 1e6;
  const burst = settings.StartLimitBurst.value;

  if (gaveUp === undefined) {
    if (timeline.givesUp !== 'yes') return;
    const last = timeline.afterSeconds?.[1] ?? 0;
    const begin = starts[0] ?? 0;
    const reached = starts[burst];
    // The time window has passed in real time, or the machine was slower than the model allows.
    if (reached !== undefined && reached - begin > last) {
      notes.skip('slower than the model grants');
      return;
    }
    if (reached === undefined && starts.length <= burst && state !== 'failed/failed') {
      notes.skip('not settled when the watch ended');
      return;
    }
    notes.differ('gives up', 'yes', `no: ${starts.length} starts, ${state}`);
    return;
  }
  notes.expect('gives up', timeline.givesUp === 'no' ? 'no' : 'yes', 'yes');
  if (moving) {
    notes.skip(inMotion);
    return;
  }
  const result = resultAtTheEnd(outcome.result, version);
  notes.expect('state at the end', result === 'exec-condition' ? 'inactive/dead' : 'failed/failed', state);
  // systemd unloads an inactive unit at once.
  if (result !== 'exec-condition') {
    notes.expect('Result at the end', result ?? '', properties['Result']);
    notes.expect('NRestarts at the end', String(starts.length), properties['NRestarts']);
  }
  if (timeline.givesUp === 'yes' && timeline.starts !== starts.length) {
    const inWindow = (starts[burst] ?? 0) - (starts[0] ?? 0);
    if (starts.length > burst && inWindow > Math.min(interval, timeline.afterSeconds?.[1] ?? interval)) {
      notes.skip('slower than the model grants');
    } else notes.differ('starts', String(timeline.starts), String(starts.length));
  }
  const [least] = timeline.afterSeconds ?? ([0, 0] satisfies Interval);
  const lasted = gaveUp.at - (starts[0] ?? 0);
  // The first actor itself may have been late, or may not have noted its start.
  if (!losesNotes(settings) && lasted < least - 0.3)
    notes.differ('gives up after', `${least} s or more`, `${lasted} s`);
}

/** When the activations began. If a process can be killed before it notes its start, the restarts in the journal are used. */
function startsOf(
  settings: LoadedPrediction['settings'],
  notes: readonly Note[],
  events: Observation['events'],
): readonly number[] {
  if (losesNotes(settings))
    return events.flatMap(event => (event.kind === 'restart-scheduled' ? [event.at] : []));
  const role = firstRole(settings);
  return notes.filter(note => note.role === role && note.what === 'start').map(note => note.at);
}

/**
 * Whether notes cannot be assigned to starts. All commands of an idle service begin at once when its manager has no other jobs.
 * With RuntimeMaxSec=0, ExecStop= may end before the main process has noted its start.
 */
function losesNotes({ Type, RuntimeMaxSec }: LoadedPrediction['settings']): boolean {
  return Type.value === 'idle' || RuntimeMaxSec.value === 0;
}

/** The result at the end. Up to 259 a refused start does not change an earlier failure (`service_enter_dead()`). */
function resultAtTheEnd(first: ServiceResult | null, version: number): ServiceResult | null {
  return version >= 260 || first === 'success' ? 'start-limit-hit' : first;
}

class Ledger implements Comparison {
  readonly disagreements: Disagreement[] = [];
  readonly skipped: string[] = [];

  expect(what: string, predicted: string, observed: string | undefined): void {
    if (predicted !== observed) this.differ(what, predicted, observed ?? '(missing)');
  }

  differ(what: string, predicted: string, observed: string): void {
    this.disagreements.push({ what, predicted, observed });
  }

  skip(reason: string): void {
    this.skipped.push(reason);
  }
}
