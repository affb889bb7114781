/**
 * Rings of units: a stop of the unit stops others, and theirs stops it. In such a ring a unit that lingers on its way down (and
 * `ExecStopPost=` makes it do so) takes all others with it, and nothing starts them again; without, systemd restarts all of them
 * (ran on 247, 252, 257, 262).
 */
import { dependenciesOf, type UnitLoader } from '../systemd/unit.ts';

/** A function that finds out whether a unit is part of a ring. All units of the search path are read once, when it is first asked. */
export function ringFinder(loader: UnitLoader): (unit: string) => boolean {
  let stops: ReadonlyMap<string, ReadonlySet<string>> | undefined;
  return unit => {
    stops ??= stopsOf(loader);
    return leadsBack(loader.load(unit).id, stops);
  };
}

const stoppedWith = ['BindsTo', 'Requires', 'Requisite', 'PartOf', 'StopPropagatedFrom'] as const;

/** The units that a stop of each unit stops. */
function stopsOf(loader: UnitLoader): ReadonlyMap<string, ReadonlySet<string>> {
  const stops = new Map<string, Set<string>>();
  const idOf = (name: string) => (loader.index.entry(name) === undefined ? name : loader.load(name).id);
  const add = (from: string, to: string) => {
    if (from === to) return;
    stops.set(from, (stops.get(from) ?? new Set()).add(to));
  };
  for (const name of loader.index.names) {
    const unit = loader.load(name);
    for (const kind of stoppedWith) {
      for (const { unit: other } of dependenciesOf(unit, kind)) add(idOf(other), unit.id);
    }
    for (const { kind, to } of unit.links) if (kind === 'Requires') add(idOf(to), unit.id);
    for (const { unit: other } of dependenciesOf(unit, 'PropagatesStopTo')) add(unit.id, idOf(other));
  }
  return stops;
}

function leadsBack(unit: string, stops: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  const seen = new Set<string>();
  const open = [...(stops.get(unit) ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === unit) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    open.push(...(stops.get(next) ?? []));
  }
  return false;
}
