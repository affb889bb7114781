/** The drop-ins that daruma writes for a unit: their names, and where they lie. */
import path from 'node:path';
import type { Host } from '../systemd/host/host.ts';
import { ownUnitFolder } from '../systemd/search-path.ts';
import type { Unit } from '../systemd/unit.ts';

/** The name of the drop-in of a fix, unless another drop-in sorts after it. */
export const usualDropInName = 'zz-daruma.conf';

/** The drop-in with the hooks of `daruma notify`. It sorts after the other one, which may reset the lists that this one adds to. */
export const hooksDropInName = 'zz-daruma.notify.conf';

/** Whether hooks of services are among files. */
export function areHooksAmong(files: Iterable<string>): boolean {
  for (const file of files) if (path.posix.basename(file) === hooksDropInName) return true;
  return false;
}

/** Whether daruma has written this drop-in in the folder. */
export function isOwnDropIn(file: string, folder: string): boolean {
  const name = path.posix.basename(file);
  return (
    path.posix.dirname(file) === folder &&
    (name === usualDropInName || name === hooksDropInName || name.endsWith(`.${usualDropInName}`))
  );
}

/** The drop-ins of a unit that daruma has written, in the order in which systemd applies them. */
export function ownDropInsOf({ id, dropIns }: Unit, host: Host): readonly string[] {
  const units = ownUnitFolder(host.scope, host.environment);
  if (units === undefined) return [];
  const folder = `${units}/${id}.d`;
  // systemd shows a drop-in with the links among its folders resolved.
  const resolved = host.files.resolve(folder) ?? folder;
  return dropIns.filter(file => isOwnDropIn(file, resolved));
}

/**
 * The drop-in with the hooks of `daruma notify` where it comes last, so that the drop-in of a fix comes before it and its lines
 * stay. Behind a drop-in that sorts later, a fix comes later as well, and its lists would reset those of the hooks.
 */
export function lastHooksDropIn(unit: Unit, host: Host): string | undefined {
  const last = unit.dropIns.at(-1);
  if (last === undefined || path.posix.basename(last) !== hooksDropInName) return undefined;
  return ownDropInsOf(unit, host).includes(last) ? last : undefined;
}
