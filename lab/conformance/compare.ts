/**
 * Holds a prediction against what was observed, as far as it is settled: how a busy machine stretches time is no
 * disagreement, but nothing happens before its time.
 */
import { type Interval, restartDelay } from '../../src/restart/delay.ts';
import { isTiedEnding } from '../../src/restart/ending.ts';
import type { ServiceResult } from '../../src/restart/process-end.ts';
import { firstRole } from './actor.ts';
import { type Note, type Observation, propertyOf } from './observation.ts';
import { type LoadedPrediction, mainEndsItself, type Prediction } from './prediction.ts';

export interface Comparison {
  readonly disagreements: readonly Disagreement[];
  /** Facts that could not be compared, each with its reason. */
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
    // A unit that has not been started, or has been forgotten since, shows no watchdog.
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
    // It is started at once, and of a user's unit that ended well nobody says that it did.
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
 * A unit goes down with its companion or is spared, and may come up with it again. The companion was struck once. A user's
 * manager says nothing of a stop that went well.
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

/** Whether its companion has to start it again, for want of a restart of its own. */
function isUpheld({ outcome }: LoadedPrediction): boolean {
  return outcome.because.some(({ code }) => code === 'upheld');
}

function upholding(scheduled: number, starts: number, state: string): string {
  if (scheduled > 0) return 'yes, by itself';
  return starts > 1 ? 'yes, upheld' : `no (${state})`;
}

/**
 * A main process that is gone when ExecStartPost= is done leaves a PID file that leads nowhere; and 262 looks whether a
 * `notify-reload` service catches SIGHUP when it reads READY=1, which a late manager does when the process is gone.
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

/** A manager that needs longer to see an end is behind with its other news, too. */
const latenessSeconds = 0.05;

/** No activation begins before its wait is over. */
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
    // A millisecond for the clocks.
    if (waited < least - 0.001) {
      notes.differ('delay', `${least} s or more before restart ${restart}`, `${waited} s`);
    }
  }
}

/** Seconds from what was last seen of each activation to the first command of the next. */
function waitsByNotes(
  all: readonly Note[],
  role: string,
  ending: LoadedPrediction['ending'],
): readonly number[] {
  // ExecStartPost= is begun together with the main process, and may be done before that has noted its start. What ends
  // a process from outside is seen only by the start before it.
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
    // Past the window by real time, or the machine was slower than the model grants.
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
  // An inactive unit is forgotten at once.
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
  // The first actor may have been late itself, or not have noted its start at all.
  if (!losesNotes(settings) && lasted < least - 0.3)
    notes.differ('gives up after', `${least} s or more`, `${lasted} s`);
}

/** When its activations began. Where a process can be killed before it notes its start, the restarts have to tell. */
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
 * Whether it is not told which note belongs to which start: all commands of an idle service begin at once, when its
 * manager is done, and with no time to run ExecStop= may be done before the main process has noted its start.
 */
function losesNotes({ Type, RuntimeMaxSec }: LoadedPrediction['settings']): boolean {
  return Type.value === 'idle' || RuntimeMaxSec.value === 0;
}

/** Up to 259 a start that is refused leaves an earlier failure as it is (`service_enter_dead()`). */
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
