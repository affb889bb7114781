/** A unit and the way it ends: what is both predicted and observed. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ManagerScope } from '../../src/systemd/search-path.ts';

export interface Case {
  readonly fragment: string;
  /** By file name. */
  readonly dropIns: Readonly<Record<string, string>>;
  /** As `daruma explain --on` takes it: `exit:1`. */
  readonly ending: string;
  /** How long the main process lives before that. */
  readonly lifetimeMs: number;
}

/** The user whose manager has the user units of a host. */
export const labUser = 'kuma';

/** Lines of `[Manager]` that hold for a whole host: its defaults for units. */
export type ManagerLines = readonly string[];

/** Writes what both managers of a root read at their next reload. */
export function installManagerLines(root: string, lines: ManagerLines): void {
  for (const name of ['system.conf', 'user.conf']) {
    const folder = join(root, 'etc/systemd', `${name}.d`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, '50-conformance.conf'), `[Manager]\n${lines.join('\n')}\n`);
  }
}

/** Writes the unit of a case into a root, be it that of a running host or an empty folder. */
export function installUnit(
  root: string,
  scope: ManagerScope,
  unit: string,
  { fragment, dropIns }: Case,
): void {
  const folder = unitFolder(root, scope);
  mkdirSync(join(folder, `${unit}.d`), { recursive: true });
  writeFileSync(join(folder, unit), fragment);
  for (const [name, text] of Object.entries(dropIns)) writeFileSync(join(folder, `${unit}.d`, name), text);
}

/** Takes the unit of a case out of a root again. */
export function removeUnit(root: string, scope: ManagerScope, unit: string): void {
  for (const name of [unit, `${unit}.d`]) rmSync(join(unitFolder(root, scope), name), { recursive: true });
}

function unitFolder(root: string, scope: ManagerScope): string {
  return join(root, scope === 'system' ? 'etc/systemd/system' : 'etc/systemd/user');
}
