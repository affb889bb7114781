/** What ties a unit to others in such a way that a hook would change what becomes of them. All of it was run on 247 to 262. */
import { dependenciesOf, type UnitLoader } from '../systemd/unit.ts';

export interface Ties {
  /**
   * Whether a stop of the unit stops others, and theirs stops it. In such a ring a unit that lingers on its way down (and
   * `ExecStopPost=` makes it do so) takes all others with it, and nothing starts them again; without, systemd restarts all of them.
   */
  readonly isInRing: (unit: string) => boolean;
  /**
   * Whether others fail to start when the start job of the unit fails. With `ExecStartPost=` that job lasts until the command is done:
   * of a process that dies meanwhile it fails, and what requires the unit stays down; without, it was over before.
   */
  readonly isRequired: (unit: string) => boolean;
}

/** All units of the search path are read once, when it is first asked. */
export function tiesOf(loader: UnitLoader): Ties {
  let read: TiedUnits | undefined;
  const among = <T>(ask: (tied: TiedUnits, id: string) => T) => {
    return (unit: string) => ask((read ??= readTies(loader)), loader.load(unit).id);
  };
  return {
    isInRing: among(({ stops }, id) => leadsBack(id, stops)),
    isRequired: among(({ required }, id) => required.has(id)),
  };
}

const requiring = ['BindsTo', 'Requires', 'Requisite'] as const;
const stoppedWith = ['PartOf', 'StopPropagatedFrom'] as const;

interface TiedUnits {
  /** The units that a stop of each unit stops. */
  readonly stops: ReadonlyMap<string, ReadonlySet<string>>;
  /** The units without whose start another one does not start. */
  readonly required: ReadonlySet<string>;
}

function readTies(loader: UnitLoader): TiedUnits {
  const stops = new Map<string, Set<string>>();
  const required = new Set<string>();
  const idOf = (name: string) => (loader.index.entry(name) === undefined ? name : loader.load(name).id);
  const add = (from: string, to: string) => {
    if (from === to) return;
    stops.set(from, (stops.get(from) ?? new Set()).add(to));
  };
  for (const name of loader.index.names) {
    const unit = loader.load(name);
    const named = (kinds: readonly string[]) =>
      kinds.flatMap(kind => dependenciesOf(unit, kind).map(({ unit: other }) => idOf(other)));
    const linked = unit.links.flatMap(({ kind, to }) => (kind === 'Requires' ? [idOf(to)] : []));
    for (const other of [...named(requiring), ...linked]) {
      add(other, unit.id);
      if (other !== unit.id) required.add(other);
    }
    for (const other of named(stoppedWith)) add(other, unit.id);
    for (const other of named(['PropagatesStopTo'])) add(unit.id, other);
  }
  return { stops, required };
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
