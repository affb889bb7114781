/** What rules need to know about the units that a service is tied to. */
import { rememberSome } from '../systemd/remember.ts';
import type { LoadState, Unit, UnitLoader } from '../systemd/unit.ts';
import { parseBoolean } from '../systemd/values/boolean.ts';

export interface TiedUnit {
  readonly load: LoadState;
  /** Whether the unit is loaded and systemd lets a person stop it. */
  readonly canBeStopped: boolean;
}

/** Describes a unit that services are tied to. It is loaded once for all of them. */
export function tiedUnit(loader: UnitLoader, name: string): TiedUnit {
  let look = lookUps.get(loader);
  if (look === undefined) {
    look = rememberSome(mostKept, (other: string) => describe(loader.load(other)));
    lookUps.set(loader, look);
  }
  return look(name);
}

const lookUps = new WeakMap<UnitLoader, (name: string) => TiedUnit>();

/** How many units are kept: enough for any group that is tied together, and no more memory for a hundred thousand units in a row. */
const mostKept = 4096;

function describe({ load, assignments }: Unit): TiedUnit {
  const refuses = parseBoolean(assignments.last('Unit', 'RefuseManualStop')?.value ?? 'no') ?? false;
  return { load, canBeStopped: load === 'loaded' && !refuses };
}
