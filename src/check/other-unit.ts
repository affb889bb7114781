/** What rules need to know about the units that a service names. */
import { rememberSome } from '../systemd/remember.ts';
import { resolveService } from '../systemd/service.ts';
import type { LoadState, Unit, UnitLoader } from '../systemd/unit.ts';
import { parseBoolean } from '../systemd/values/boolean.ts';

export interface OtherUnit extends Pick<Unit, 'name' | 'type'> {
  readonly load: LoadState;
  /** Whether the unit is loaded and systemd lets a person stop it. */
  readonly canBeStopped: boolean;
  /** Whether the unit is a service that systemd refuses although it can read its files. */
  readonly isRefused: boolean;
}

/** Describes a unit that services name. It is loaded once for all of them: many services may name one unit. */
export function otherUnit(loader: UnitLoader, name: string): OtherUnit {
  let look = lookUps.get(loader);
  if (look === undefined) {
    look = rememberSome(mostKept, (other: string) => describe(loader.load(other), loader));
    lookUps.set(loader, look);
  }
  return look(name);
}

const lookUps = new WeakMap<UnitLoader, (name: string) => OtherUnit>();

/** How many units are kept: enough for any group that is tied together, and no more memory for a hundred thousand units in a row. */
const mostKept = 4096;

function describe(unit: Unit, { host, defaults }: UnitLoader): OtherUnit {
  const { name, type, load, assignments } = unit;
  const isLoaded = load === 'loaded';
  const refuses = parseBoolean(assignments.last('Unit', 'RefuseManualStop')?.value ?? 'no') ?? false;
  const isRefused =
    isLoaded &&
    type === 'service' &&
    resolveService(unit, defaults, host.systemd.version).settings === undefined;
  return { name, type, load, canBeStopped: isLoaded && !refuses, isRefused };
}
