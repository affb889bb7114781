/** Runs many cases at once on one host: installs, predicts, starts, observes and compares them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isTiedEnding } from '../../src/restart/ending.ts';
import { waitsForLeftMain } from '../../src/restart/fall.ts';
import type { ManagerScope } from '../../src/systemd/search-path.ts';
import { bootHost, type Host } from '../host.ts';
import { scriptsFor } from './actor.ts';
import { allowNames } from './bus.ts';
import {
  type Case,
  companionOf,
  installManagerLines,
  installUnit,
  labUser,
  type ManagerLines,
  removeUnit,
} from './case.ts';
import { companionScripts } from './companion.ts';
import { type Comparison, compare } from './compare.ts';
import { installActor, installScripts } from './install-actor.ts';
import { observe, type Observation, type Place, showUnits, systemctl } from './observation.ts';
import { type LoadedPrediction, type Prediction, predictorOf } from './prediction.ts';
import { longestWatchSeconds, moreStartSeconds, whyNotRun } from './why-not-run.ts';

export interface CaseReport {
  readonly case: Case;
  readonly place: Place;
  readonly prediction: Prediction;
  /** Why the case was not run; then nothing is compared. */
  readonly excluded: string | undefined;
  readonly comparison: Comparison;
  readonly observation: Observation | undefined;
  /** Whether the case disagreed at first and was run again alone. */
  readonly isRepeated: boolean;
}

/**
 * Runs cases as {@link runBatchOf} does. Since a busy host is slow, a case that disagrees is run again alone, and the second
 * result counts.
 */
export async function runPatiently(
  systemd: number,
  cases: readonly Case[],
  managerLines: ManagerLines,
): Promise<readonly CaseReport[]> {
  const reports: CaseReport[] = [];
  for (const report of await runBatchOf(systemd, cases, managerLines)) {
    const { case: some, place, comparison } = report;
    if (comparison.disagreements.length === 0) reports.push(report);
    else reports.push({ ...(await runAlone(systemd, some, managerLines, place.scope)), isRepeated: true });
  }
  return reports;
}

/** Runs a case again in both managers, and takes the result of the manager in which it ran before. */
async function runAlone(
  systemd: number,
  some: Case,
  managerLines: ManagerLines,
  scope: ManagerScope,
): Promise<CaseReport> {
  const again = await runBatchOf(systemd, [some, some], managerLines);
  const report = again.find(({ place }) => place.scope === scope);
  if (report === undefined) throw new Error(`nothing ran in the manager of the ${scope}`);
  return report;
}

/** Runs cases on a new host, and once more on another one when the first does not answer in time or is gone. */
export async function runBatchOf(
  systemd: number,
  cases: readonly Case[],
  managerLines: ManagerLines,
): Promise<readonly CaseReport[]> {
  try {
    return await runOnFreshHost(systemd, cases, managerLines);
  } catch {
    return runOnFreshHost(systemd, cases, managerLines);
  }
}

async function runOnFreshHost(
  systemd: number,
  cases: readonly Case[],
  managerLines: ManagerLines,
): Promise<readonly CaseReport[]> {
  await using host = await bootHost({ systemd, name: 'conformance', users: [labUser] });
  installManagerLines(host.rootDir, managerLines);
  return await runBatch(host, cases);
}

/** Runs cases on a host with a {@link labUser} and without units of ours; every second case runs in that user's manager. */
export async function runBatch(host: Host, cases: readonly Case[]): Promise<readonly CaseReport[]> {
  await prepare(host);
  const units = cases.map((some, index) => install(host, some, index));
  const predict = {
    system: await predictorOf(host.rootDir, 'system'),
    user: await predictorOf(host.rootDir, 'user'),
  };
  const planned = units.map(({ place, case: some }) => {
    const prediction = predict[place.scope](place.unit, some);
    const excluded = whyNotRun(prediction);
    if (prediction.isFatal) removeUnit(host.rootDir, place.scope, place.unit);
    const { loaded } = prediction;
    installScripts(
      host.rootDir,
      place.unit,
      loaded === undefined ? new Map() : scriptsFor(place.unit, loaded),
    );
    if (some.companion !== undefined) {
      installScripts(host.rootDir, companionOf(place.unit), companionScripts);
    }
    return { place, case: some, prediction, excluded };
  });
  for (const scope of ['system', 'user'] as const) await systemctl(host, scope, 'daemon-reload');
  // Reads properties before the first start, since systemd unloads a unit that ended successfully.
  const before = await showUnits(
    host,
    units.map(unit => unit.place),
  );
  await run(host, planned);
  const observed = await observe(
    host,
    units.map(unit => unit.place),
  );

  return planned.map(plan => {
    const last = observed.get(plan.place.unit);
    const properties = { ...before.get(plan.place.unit), ...lasting(last?.properties ?? {}) };
    const observation = last && { ...last, properties };
    const comparison =
      plan.excluded === undefined && observation !== undefined
        ? compare(plan.prediction, observation)
        : { disagreements: [], skipped: [] };
    return { ...plan, comparison, observation, isRepeated: false };
  });
}

/** Properties that a run does not change. The property of the watchdog exists only from the first start on. */
function lasting(properties: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const names = new Set(['ActiveState', 'SubState', 'Result', 'NRestarts', 'WatchdogUSec']);
  return Object.fromEntries(Object.entries(properties).filter(([name]) => names.has(name)));
}

async function prepare(host: Host): Promise<void> {
  installActor(host.rootDir);
  await host.writeFile(
    '/etc/systemd/journald.conf.d/lab.conf',
    '[Journal]\nRateLimitBurst=0\nRuntimeMaxUse=200M\n',
  );
  await host.exec(['systemctl', 'restart', 'systemd-journald.service']);
  await allowNames(host);
  // Otherwise the first unit that wants a name would start the bus, and be late.
  await systemctl(host, 'user', 'start', 'dbus.service');
}

function install(host: Host, some: Case, index: number): { readonly case: Case; readonly place: Place } {
  const scope = index % 2 === 0 ? 'system' : 'user';
  const place = { unit: `case-${index}.service`, scope } as const;
  installUnit(host.rootDir, scope, place.unit, some);
  return { case: some, place };
}

interface Plan {
  readonly case: Case;
  readonly place: Place;
  readonly prediction: Prediction;
  readonly excluded: string | undefined;
}

interface Runnable {
  readonly case: Case;
  readonly place: Place;
  readonly loaded: LoadedPrediction;
}

async function run(host: Host, plans: readonly Plan[]): Promise<void> {
  const runnable = plans.flatMap(({ case: some, place, prediction: { loaded }, excluded }): Runnable[] =>
    loaded === undefined || excluded !== undefined ? [] : [{ case: some, place, loaded }],
  );
  const namesOf = (
    scope: ManagerScope,
    which: (one: Runnable) => boolean,
    nameOf: (unit: string) => string,
  ) => runnable.filter(one => one.place.scope === scope && which(one)).map(({ place }) => nameOf(place.unit));
  const itself = (unit: string) => unit;
  const startedAt = performance.now();
  for (const scope of ['system', 'user'] as const) {
    // A unit may be bound to its companion or require it without an order of starting, so companions are started first.
    const companions = namesOf(scope, ({ case: some }) => some.companion !== undefined, companionOf);
    if (companions.length > 0) await systemctl(host, scope, 'start', '--', ...companions);
    const units = namesOf(scope, ({ loaded }) => !isStartedByCompanion(loaded), itself);
    if (units.length > 0) await systemctl(host, scope, 'start', '--no-block', '--', ...units);
  }
  // An idle service begins after six seconds at the latest.
  const hasIdle = runnable.some(({ loaded }) => loaded.settings.Type.value === 'idle');
  await sleep(hasIdle ? 8_000 : 2_000);
  for (const scope of ['system', 'user'] as const) {
    const stopped = [
      ...namesOf(scope, ({ loaded }) => loaded.ending.kind === 'stop', itself),
      ...namesOf(scope, ({ case: { ending } }) => ending.startsWith('stop-of:'), companionOf),
    ];
    if (stopped.length > 0) await systemctl(host, scope, 'stop', '--no-block', '--', ...stopped);
    const killed = namesOf(scope, ({ case: { ending } }) => ending.startsWith('fall-of:'), companionOf);
    if (killed.length > 0) await systemctl(host, scope, 'kill', '--signal=KILL', '--', ...killed);
  }
  const watchSeconds = Math.max(hasIdle ? 10 : 4, ...runnable.map(({ loaded }) => settleSeconds(loaded)));
  await sleep(Math.max(0, watchSeconds * 1_000 - (performance.now() - startedAt)));
}

/** Whether the companion starts the unit again; even a needless start counts (250 to 258). */
function isStartedByCompanion({ surroundings: { upheldBy, bonds } }: LoadedPrediction): boolean {
  return upheldBy.length > 0 || bonds.some(({ pull }) => pull !== null);
}

/** Seconds until everything that is compared should have happened. */
function settleSeconds(prediction: LoadedPrediction): number {
  const { timeline, ending, outcome, settings, lifetimeMs } = prediction;
  const limits = [settings.RuntimeMaxSec, settings.WatchdogSec, settings.TimeoutStartSec].map(
    ({ value }) => value / 1e6,
  );
  const limit = Math.max(0, ...limits.filter(each => each < 5));
  const once = lifetimeMs / 1e3 + limit + moreStartSeconds(prediction) + 1.5;
  if (isTiedEnding(ending)) {
    const stops = waitsForLeftMain(settings) ? settings.TimeoutStopSec.value / 1e6 : 0;
    return 2 + 1.5 + stops + 1.5;
  }
  const seconds = timeline.afterSeconds?.[1] ?? once + 2 * (outcome.delaySeconds?.[1] ?? 0);
  return Math.min(seconds + 1.5, longestWatchSeconds);
}
