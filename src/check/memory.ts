/** The memory limits in effect for a service: its own and those of the slices above it. */
import { ownFilesOf } from '../services/own-files.ts';
import { Assignments } from '../systemd/assignments.ts';
import type { Host } from '../systemd/host/host.ts';
import type { Source } from '../systemd/service-settings.ts';
import { systemLoaderOf } from '../systemd/system-manager.ts';
import type { Unit, UnitLoader } from '../systemd/unit.ts';
import { parseUnitName } from '../systemd/unit-name.ts';
import { parseBoolean } from '../systemd/values/boolean.ts';

/**
 * Why a manager cannot limit the memory of its units. `legacy`: a user's manager on control groups of version 1, which the kernel
 * leaves to root; `undelegated`: a user's manager that was not given the memory controller; `no-controller`: the kernel runs
 * without it, or the container was not given it.
 */
export type MemoryHindrance = 'legacy' | 'undelegated' | 'no-controller';

/**
 * What keeps the manager of a host from limiting memory; undefined for nothing that is known.
 *
 * Source: systemd.resource-control(5), `Delegate=`; cgroups(7), "Cgroups delegation"; `cg_mask_supported()`.
 */
export function memoryHindrance(loader: UnitLoader): MemoryHindrance | undefined {
  const { cgroups, reach, scope, user } = loader.host;
  if (cgroups.layout === 'legacy') return scope === 'user' ? 'legacy' : undefined;
  if (reach !== 'machine') return undefined;
  if (controllersAt(loader, '')?.includes('memory') === false) return 'no-controller';
  if (scope !== 'user' || user === undefined) return undefined;
  const { uid } = user;
  const given = controllersAt(loader, `/user.slice/user-${uid}.slice/user@${uid}.service`);
  const isGiven =
    given?.includes('memory') ?? delegatesMemory(systemLoaderOf(loader).load(`user@${uid}.service`));
  return isGiven ? undefined : 'undelegated';
}

/** The controllers of a control group that is there. */
function controllersAt(loader: UnitLoader, group: string): readonly string[] | undefined {
  const content = ownFilesOf(loader.host).read(`/sys/fs/cgroup${group}/cgroup.controllers`);
  return content.state === 'read' ? content.text.trim().split(/\s+/) : undefined;
}

/** Lists add up, and an empty one, like `no`, takes everything back (`config_parse_delegate()`). */
function delegatesMemory({ load, assignments }: Unit): boolean {
  if (load !== 'loaded') return true;
  let delegates = false;
  for (const { value } of assignments.get('Service', 'Delegate')) {
    const boolean = parseBoolean(value);
    if (boolean !== undefined) delegates = boolean;
    else if (value === '') delegates = false;
    else delegates ||= value.split(/\s+/).includes('memory');
  }
  return delegates;
}

/**
 * The unit whose `MemoryMax=` or `MemoryHigh=` limits a service: the service itself, its slice, a slice above that one,
 * or a unit that the user manager runs in.
 *
 * @returns undefined when there is no limit
 *
 * Source: systemd.resource-control(5); systemd.slice(5) for the names of slices; `unit_get_default_slice()`.
 */
export function limitingSlice(unit: Unit, loader: UnitLoader): string | undefined {
  const { layout } = loader.host.cgroups;
  if (memoryHindrance(loader) !== undefined) return managerLimit(loader);
  if (limitIn(unit.assignments, 'Service', layout) !== undefined) return unit.id;
  return slicesOf(unit).find(slice => isLimited(slice, loader)) ?? managerLimit(loader);
}

/** The setting that limits the memory of a service itself, if its manager can. */
export function ownLimit(unit: Unit): { readonly key: string; readonly source: Source } | undefined {
  return limitIn(unit.assignments, 'Service', 'unified');
}

function limitIn(assignments: Assignments, section: 'Service' | 'Slice', layout: Host['cgroups']['layout']) {
  for (const key of limits[layout]) {
    const assigned = assignments.last(section, key);
    if (assigned === undefined) continue;
    const { value, source } = assigned;
    if (value !== '' && value !== 'infinity' && value !== '100%') return { key, source };
  }
  return undefined;
}

/** MemoryLimit= is the name of MemoryMax= on legacy control groups, which know no MemoryHigh= (`cgroup_context_apply()`). */
const limits = {
  unified: ['MemoryMax', 'MemoryHigh', 'MemoryLimit'],
  legacy: ['MemoryMax', 'MemoryLimit'],
} as const;

/** Whether a slice is limited. A slice needs no file of its own: drop-ins alone count as well (`slice_load()`). */
function isLimited(slice: string, loader: UnitLoader): boolean {
  const name = parseUnitName(slice);
  if (name === undefined) return false;
  const { layout } = loader.host.cgroups;
  const unit = loader.load(slice);
  if (unit.load === 'loaded') return limitIn(unit.assignments, 'Slice', layout) !== undefined;
  const { version } = loader.host.systemd;
  const assignments = new Assignments({ sections: new Set(['Slice']), version });
  for (const file of loader.index.dropIns(loader.index.locate(name))) {
    try {
      assignments.read(file, loader.parse(file));
    } catch {
      // systemd also ignores what it cannot read.
    }
  }
  return limitIn(assignments, 'Slice', layout) !== undefined;
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
  if (limitIn(manager.assignments, 'Service', host.cgroups.layout) !== undefined) return manager.id;
  return [`user-${uid}.slice`, 'user.slice'].find(slice => isLimited(slice, system));
}
