/** What the start or restart of a unit does to other units: what it stops, and what it starts although somebody stopped it. */
import { pullsOf } from '../systemd/boot.ts';
import type { LiveUnit, Manager } from '../systemd/host/host.ts';
import { dependenciesOf, type UnitLoader } from '../systemd/unit.ts';
import { parseUnitName } from '../systemd/unit-name.ts';
import { isAtRest } from './downfall.ts';

/** Other units, each by its name; both are empty where the start does no harm. */
export interface StartEffects {
  /** Units that run and would be stopped. */
  readonly stops: readonly string[];
  /** Units that would be started, and that somebody stopped, or may have stopped. */
  readonly startsStopped: readonly string[];
}

export function isHarmless({ stops, startsStopped }: StartEffects): boolean {
  return stops.length + startsStopped.length === 0;
}

/**
 * Follows `Conflicts=` and what a start pulls in. The units that are pulled in pull in others even where they run already.
 *
 * Source: systemd.unit(5), Conflicts=, Wants=, Requires=, BindsTo=; `transaction_add_job_and_dependencies()` in
 * `src/core/transaction.c`. Ran on 257.
 *
 * @returns nothing harmful where no manager was asked
 */
export async function startEffects(unit: string, loader: UnitLoader): Promise<StartEffects> {
  const { host } = loader;
  const { manager } = host;
  if (manager === undefined) return { stops: [], startsStopped: [] };
  const pulled = pulledInBy(unit, loader);
  const rivals = await rivalsOf(pulled, loader, manager);
  const live = await manager.units([...pulled, ...rivals]);
  const down = [...pulled].filter(name => name !== unit && hasRunAndIsDown(live.get(name)));
  const runs = down.map(name => live.get(name)?.invocation ?? '');
  const jobs = down.length === 0 ? undefined : await host.journal?.jobsOfRuns(runs);
  return {
    stops: [...rivals].filter(name => isUp(live.get(name))),
    // What the journal does not know may have been stopped.
    startsStopped: down.filter((_, index) => jobs?.get(runs[index] ?? '')?.hasStopJob !== false),
  };
}

/** The unit and all that its start starts, by name. */
function pulledInBy(unit: string, loader: UnitLoader): ReadonlySet<string> {
  const pulled = new Set([loader.load(unit).id]);
  for (const name of pulled) {
    if (pulled.size > mostPulledIn) break;
    // `Upholds=` starts nothing by itself: the manager looks later whether the unit is up.
    for (const { to, kind } of pullsOf(loader.load(name), loader)) {
      if (kind !== 'Upholds' && parseUnitName(to) !== undefined) pulled.add(loader.load(to).id);
    }
  }
  return pulled;
}

/** More than any start on a real machine pulls in. */
const mostPulledIn = 1000;

/** The units that conflict with one of these, whichever of the two says so. */
async function rivalsOf(
  units: ReadonlySet<string>,
  loader: UnitLoader,
  manager: Manager,
): Promise<ReadonlySet<string>> {
  const conflicts = await conflictsAmongLoaded(loader, manager);
  const rivals = new Set<string>();
  for (const unit of units) for (const rival of conflictsOf(unit, loader)) rivals.add(rival);
  for (const [loaded, names] of conflicts) if (names.some(name => units.has(name))) rivals.add(loaded);
  for (const unit of units) rivals.delete(unit);
  return rivals;
}

/** What each unit that the manager has loaded conflicts with. Many services may be started: their host is asked once. */
async function conflictsAmongLoaded(
  loader: UnitLoader,
  manager: Manager,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const known = conflictsOfLoader.get(loader);
  if (known !== undefined) return known;
  const names = (await manager.loadedUnits())
    .map(({ name }) => name)
    .filter(name => parseUnitName(name) !== undefined);
  const conflicts = new Map(names.map(name => [name, conflictsOf(name, loader)]));
  conflictsOfLoader.set(loader, conflicts);
  return conflicts;
}

const conflictsOfLoader = new WeakMap<UnitLoader, ReadonlyMap<string, readonly string[]>>();

function conflictsOf(name: string, loader: UnitLoader): readonly string[] {
  return dependenciesOf(loader.load(name), 'Conflicts').map(({ unit }) => loader.load(unit).id);
}

function isUp(state: LiveUnit | undefined): boolean {
  return state !== undefined && ['active', 'activating', 'reloading'].includes(state.activeState);
}

function hasRunAndIsDown(state: LiveUnit | undefined): boolean {
  return state !== undefined && state.invocation !== '' && isAtRest(state);
}
