/** What other units have to do with a service that is down: that it was stopped with them, requires them or waits for them. */
import type { Host, JournalTime, LiveUnit } from '../systemd/host/host.ts';
import { statesOf } from '../systemd/host/states.ts';
import { dependenciesOf, type Unit, type UnitLoader } from '../systemd/unit.ts';
import { resolveService } from '../systemd/service.ts';
import { bondsOf } from './surroundings.ts';
import { type DownTies, endedBy, isAtRest, noTies } from './downfall.ts';

/**
 * Asks the manager about the units around a service that is at rest, and the journal where their times do not tell.
 *
 * @param stoppedAt when a job stopped it, of one whose times its manager has forgotten
 */
export async function downTiesOf(
  unit: Unit,
  live: LiveUnit,
  loader: UnitLoader,
  stoppedAt: JournalTime | null,
): Promise<DownTies> {
  const { host } = loader;
  const { manager } = host;
  if (manager === undefined) return noTies;
  const around = unitsAround(unit, loader);
  const awaited = live.hasJob ? dependenciesOf(unit, 'After').map(({ unit: name }) => name) : [];
  const names = [...around.keys(), ...awaited].slice(0, mostUnits);
  if (names.length === 0) return noTies;
  const states = await statesOf(names, manager);
  if (states.size === 0) return { ...noTies, endedWith: 'unknown' };
  const missing = requiredBy(unit, loader).find(name => isMissing(states.get(name), loader));
  const waitsFor = awaited.find(name => states.get(name)?.hasJob === true);
  const endedWith =
    stoppedAt === null ? endingWith(unit.id, live, around, states, new Set([unit.id])) : undefined;
  return {
    endedWith:
      stoppedAt !== null
        ? await endedAt(stoppedAt, unit.id, around, host)
        : endedWith === 'ask'
          ? await askedOf(unit.id, live, around, host)
          : endedWith,
    missing,
    awaited: waitsFor,
  };
}

/** A group of services that need each other has a few members; what is looked at must end in any case. */
const mostUnits = 32;

/** The units that a unit goes down with, and those that they go down with, and so on. */
function unitsAround(unit: Unit, loader: UnitLoader): ReadonlyMap<string, readonly string[]> {
  const around = new Map<string, readonly string[]>();
  const left = [unit];
  for (const next of left) {
    if (around.has(next.id) || around.size >= mostUnits) continue;
    const others = bondsOf(next, loader.host.systemd.version)
      .slice(0, mostUnits)
      .map(({ other }) => loader.load(other));
    // A dependency may name an alias.
    around.set(
      next.id,
      others.map(({ id }) => id),
    );
    left.push(...others);
  }
  return around;
}

/** The units without which it cannot be started. */
export function requiredBy(unit: Unit, loader: UnitLoader): readonly string[] {
  return bondsOf(unit, loader.host.systemd.version)
    .filter(({ kind }) => kind === 'Requires' || kind === 'Requisite' || kind === 'BindsTo')
    .map(({ other }) => loader.load(other).id);
}

/** A oneshot that has done its work is at rest and not missing. */
function isMissing(state: LiveUnit | undefined, loader: UnitLoader): boolean {
  if (state === undefined || !isAtRest(state)) return false;
  if (state.activeState === 'failed') return true;
  const { settings } = resolveService(loader.load(state.id), loader.defaults, loader.host.systemd.version);
  return settings !== undefined && settings.Type.value !== 'oneshot';
}

/**
 * The unit whose own end had a unit stopped: it left `active` in the same moment, or a little before. A stop that somebody asked for
 * goes through the same dependencies, so that how the other unit ended decides.
 */
function endingWith(
  name: string,
  live: LiveUnit,
  around: ReadonlyMap<string, readonly string[]>,
  states: ReadonlyMap<string, LiveUnit>,
  seen: Set<string>,
): DownTies['endedWith'] | 'ask' {
  let answer: 'ask' | undefined;
  for (const other of around.get(name) ?? []) {
    const state = states.get(other);
    if (state === undefined || seen.has(state.id)) continue;
    seen.add(state.id);
    if (isTogether(live, state)) {
      if (endedByItself(state)) return { unit: other };
      const farther = endingWith(state.id, state, around, states, seen);
      if (typeof farther === 'object') return { unit: other };
      if (farther === 'ask' || (isAtRest(state) && endedBy(state) === 'ask')) answer = 'ask';
    } else if (state.leftActiveUsec > live.leftActiveUsec) {
      // It has ended once more since then, and the manager keeps only the last time.
      answer = 'ask';
    }
  }
  return answer;
}

/** While the other unit fell, waited for its restart and failed for good, its jobs went on to this one. */
function isTogether(live: LiveUnit, other: LiveUnit): boolean {
  const at = live.leftActiveUsec;
  if (at === 0 || other.leftActiveUsec === 0) return false;
  const last = isAtRest(other) ? other.enteredInactiveUsec : other.leftActiveUsec;
  return at >= other.leftActiveUsec - nearUsec && at <= Math.max(last, other.leftActiveUsec) + nearUsec;
}

const nearUsec = 1_000_000;

/** systemd counts restarts anew after each stop: one that it has restarted left `active` by itself. */
function endedByItself(state: LiveUnit): boolean {
  return isAtRest(state) ? endedBy(state) === 'itself' : state.nRestarts > 0;
}

async function askedOf(
  name: string,
  live: LiveUnit,
  around: ReadonlyMap<string, readonly string[]>,
  host: Host,
): Promise<DownTies['endedWith']> {
  const { journal } = host;
  const { enteredInactiveSeconds, enteredInactiveUsec, leftActiveUsec } = live;
  if (journal === undefined || enteredInactiveSeconds === null) return 'unknown';
  const seconds = enteredInactiveSeconds - (enteredInactiveUsec - leftActiveUsec) / 1e6;
  const own = (await journal.endsOf(new Map([[name, live.invocation]]))).get(name);
  const found = await endedAt({ usec: leftActiveUsec, seconds }, name, around, host);
  // The journal has its stop, and of the others no end of their own.
  return found ?? (own?.wasStopped === true ? undefined : 'unknown');
}

/** The unit around it that ended by itself at a time, by the journal. */
async function endedAt(
  { usec, seconds }: JournalTime,
  name: string,
  around: ReadonlyMap<string, readonly string[]>,
  { journal }: Host,
): Promise<{ readonly unit: string } | undefined> {
  for (const other of (around.get(name) ?? []).slice(0, mostAsked)) {
    if ((await journal?.endedByItselfAt(other, usec, seconds)) === true) return { unit: other };
  }
  return undefined;
}

/** Each takes a command. */
const mostAsked = 8;
