/** A case: a unit and its ending, which is both predicted and observed. */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ManagerScope } from '../../src/systemd/search-path.ts';

export interface Case {
  readonly fragment: string;
  /** Texts of the drop-ins by file name. */
  readonly dropIns: Readonly<Record<string, string>>;
  /** The fragment of the unit to which this one is tied, if there is one. */
  readonly companion?: string;
  /** As for `daruma explain --on`: `exit:1`; specifiers are those of the unit. */
  readonly ending: string;
  /** How long the main process lives before the ending. */
  readonly lifetimeMs: number;
}

/**
 * The names of a case and its companion: `case-7.service` has `companion-7.service`. In the files of both, `%j` is the number.
 */
export const caseName = 'case-%j.service';
export const companionName = 'companion-%j.service';

/** The companion of a unit. */
export function companionOf(unit: string): string {
  return unit.replace(/^case-/, 'companion-');
}

/** The user whose manager runs the user units of a host. */
export const labUser = 'kuma';

/** Lines of `[Manager]` for a whole host: its defaults for units. */
export type ManagerLines = readonly string[];

/** Writes the defaults that both managers of a root read at their next reload. */
export function installManagerLines(root: string, lines: ManagerLines): void {
  for (const name of ['system.conf', 'user.conf']) {
    const folder = join(root, 'etc/systemd', `${name}.d`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, '50-conformance.conf'), `[Manager]\n${lines.join('\n')}\n`);
  }
}

/** Writes the unit of a case into a root, of a running host or an empty folder. */
export function installUnit(
  root: string,
  scope: ManagerScope,
  unit: string,
  { fragment, dropIns, companion }: Case,
): void {
  const folder = unitFolder(root, scope);
  mkdirSync(join(folder, `${unit}.d`), { recursive: true });
  writeFileSync(join(folder, unit), fragment);
  for (const [name, text] of Object.entries(dropIns)) writeFileSync(join(folder, `${unit}.d`, name), text);
  if (companion !== undefined) installCompanion(folder, companionOf(unit), companion);
}

/** Writes and enables the companion, so that its `Upholds=` applies from boot on. */
function installCompanion(folder: string, unit: string, fragment: string): void {
  writeFileSync(join(folder, unit), fragment);
  const wants = join(folder, 'default.target.wants');
  mkdirSync(wants, { recursive: true });
  symlinkSync(join('..', unit), join(wants, unit));
}

/** Removes the unit of a case from a root. */
export function removeUnit(root: string, scope: ManagerScope, unit: string): void {
  for (const name of [unit, `${unit}.d`]) rmSync(join(unitFolder(root, scope), name), { recursive: true });
}

function unitFolder(root: string, scope: ManagerScope): string {
  return join(root, scope === 'system' ? 'etc/systemd/system' : 'etc/systemd/user');
}
