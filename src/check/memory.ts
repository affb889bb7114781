/** The memory limits in effect for a service: its own and those of the slices above it. */
import { Assignments } from '../systemd/assignments.ts';
import { systemLoaderOf } from '../systemd/system-manager.ts';
import type { Unit, UnitLoader } from '../systemd/unit.ts';
import { parseUnitName } from '../systemd/unit-name.ts';

/**
 * The unit whose `MemoryMax=` or `MemoryHigh=` limits a service: the service itself, its slice, a slice above that one,
 * or a unit that the user manager runs in.
 *
 * @returns undefined when there is no limit
 *
 * Source: systemd.resource-control(5); systemd.slice(5) for the names of slices; `unit_get_default_slice()`.
 */
export function limitingSlice(unit: Unit, loader: UnitLoader): string | undefined {
  if (hasLimit(unit.assignments, 'Service')) return unit.id;
  return slicesOf(unit).find(slice => isLimited(slice, loader)) ?? managerLimit(loader);
}

function hasLimit(assignments: Assignments, section: 'Service' | 'Slice'): boolean {
  // MemoryLimit= is the name of MemoryMax= on legacy control groups.
  return ['MemoryMax', 'MemoryHigh', 'MemoryLimit'].some(key => {
    const value = assignments.last(section, key)?.value;
    return value !== undefined && value !== '' && value !== 'infinity' && value !== '100%';
  });
}

/** Whether a slice is limited. A slice needs no file of its own: drop-ins alone count as well (`slice_load()`). */
function isLimited(slice: string, loader: UnitLoader): boolean {
  const name = parseUnitName(slice);
  if (name === undefined) return false;
  const unit = loader.load(slice);
  if (unit.load === 'loaded') return hasLimit(unit.assignments, 'Slice');
  const { version } = loader.host.systemd;
  const assignments = new Assignments({ sections: new Set(['Slice']), version });
  for (const file of loader.index.dropIns(loader.index.locate(name))) {
    try {
      assignments.read(file, loader.parse(file));
    } catch {
      // systemd also ignores what it cannot read.
    }
  }
  return hasLimit(assignments, 'Slice');
}

/** The slices that contain a unit, the innermost first; `a-b.slice` lies in `a.slice`. */
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

/** A user manager is itself a service of the system manager, and lies in slices of the system. */
function managerLimit(loader: UnitLoader): string | undefined {
  const { host } = loader;
  if (host.scope !== 'user' || host.user === undefined || host.reach !== 'machine') return undefined;
  const { uid } = host.user;
  const system = systemLoaderOf(loader);
  const manager = system.load(`user@${uid}.service`);
  if (hasLimit(manager.assignments, 'Service')) return manager.id;
  return [`user-${uid}.slice`, 'user.slice'].find(slice => isLimited(slice, system));
}
