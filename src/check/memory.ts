/** Which limits of memory are in effect for a service: its own and those of the slices above it. */
import { createUnitLoader, type Unit, type UnitLoader } from '../systemd/unit.ts';
import { unitSearchPath } from '../systemd/search-path.ts';

/**
 * The unit whose `MemoryMax=` or `MemoryHigh=` holds a service: the service itself, its slice, one above it, or what the
 * user manager runs in.
 *
 * @returns undefined without any
 *
 * Source: systemd.resource-control(5); systemd.slice(5) for the names of slices; `unit_get_default_slice()`.
 */
export function limitingSlice(unit: Unit, loader: UnitLoader): string | undefined {
  if (hasLimit(unit, 'Service')) return unit.id;
  return slicesOf(unit).find(slice => hasLimit(loader.load(slice), 'Slice')) ?? managerLimit(loader);
}

function hasLimit(unit: Unit, section: 'Service' | 'Slice'): boolean {
  // MemoryLimit= is what MemoryMax= was called on legacy control groups.
  return ['MemoryMax', 'MemoryHigh', 'MemoryLimit'].some(key => {
    const value = unit.assignments.last(section, key)?.value;
    return value !== undefined && value !== '' && value !== 'infinity' && value !== '100%';
  });
}

/** From the nearest outwards; `a-b.slice` lies in `a.slice`. */
function slicesOf(unit: Unit): readonly string[] {
  const written = unit.assignments.last('Service', 'Slice')?.value;
  const expanded = written === undefined ? undefined : unit.expand(written);
  const own = typeof expanded === 'string' ? expanded : unit.scope === 'user' ? 'app.slice' : 'system.slice';
  return [...enclosing(own), '-.slice'];
}

function enclosing(slice: string): readonly string[] {
  const parts = slice.replace(/\.slice$/, '').split('-');
  return parts.map((_, index) => `${parts.slice(0, parts.length - index).join('-')}.slice`);
}

/** A user manager is itself a service, in slices of the system's. */
function managerLimit(loader: UnitLoader): string | undefined {
  const { host } = loader;
  if (host.scope !== 'user' || host.user === undefined || host.reach !== 'machine') return undefined;
  let system = systemLoaders.get(loader);
  if (system === undefined) {
    const unitPath = unitSearchPath('system', {}, host.systemd.version);
    system = createUnitLoader({ ...host, scope: 'system', user: undefined, unitPath });
    systemLoaders.set(loader, system);
  }
  const { uid } = host.user;
  const manager = system.load(`user@${uid}.service`);
  if (hasLimit(manager, 'Service')) return manager.id;
  return [`user-${uid}.slice`, 'user.slice', '-.slice'].find(slice => {
    const loaded = system.load(slice);
    return hasLimit(loaded, 'Slice');
  });
}

/** Its search path is read once a check, not once a service. */
const systemLoaders = new WeakMap<UnitLoader, UnitLoader>();
