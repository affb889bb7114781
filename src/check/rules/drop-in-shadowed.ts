import path from 'node:path';
import { readUnitFile } from '../../systemd/read-unit-file.ts';
import type { UnitFile } from '../../systemd/unit-file.ts';
import { parseUnitName } from '../../systemd/unit-name.ts';
import type { CheckContext, Fault, UnitRule } from '../rule.ts';

export interface DropInShadowed {
  /** The file that does not count. */
  readonly hidden: string;
  /** The file of the same name that counts. */
  readonly by: string;
  /** The settings of the hidden file that nothing else sets, such as `Restart`. */
  readonly lost: readonly string[];
}

/**
 * A drop-in that is hidden by another of the same base name, which does not make all of its settings. An empty file, or
 * a link to /dev/null, hides the other on purpose (systemd.unit(5)).
 */
export const dropInShadowed: UnitRule<'drop-in-shadowed', DropInShadowed> = {
  id: 'drop-in-shadowed',
  severity: 'warning',
  needs: 'units',
  judges: 'unit',
  *check({ unit }, context): Iterable<Fault<DropInShadowed>> {
    const { index } = context.inventory.loader;
    const name = parseUnitName(unit.name);
    if (name === undefined || unit.dropIns.length === 0) return;
    const counting = new Map(unit.dropIns.map(file => [path.posix.basename(file), file]));
    for (const folder of index.dropInFolders(index.locate(name))) {
      for (const [base, by] of counting) {
        const hidden = `${folder}/${base}`;
        if (hidden === by) continue;
        const lost = settingsLost(hidden, by, context);
        if (lost.length > 0)
          yield { source: { file: hidden, line: 1 }, details: { hidden, by, lost }, changes: [] };
      }
    }
  },
};

function settingsLost(hidden: string, by: string, context: CheckContext): readonly string[] {
  const before = parsed(hidden, context);
  const after = parsed(by, context);
  if (before === undefined || after === undefined) return [];
  const made = new Set(keysOf(after));
  return made.size === 0 ? [] : [...new Set(keysOf(before))].filter(key => !made.has(key));
}

function keysOf({ items }: UnitFile): readonly string[] {
  return items.flatMap(item => (item.kind === 'assignment' ? [item.key] : []));
}

function parsed(file: string, { inventory }: CheckContext): UnitFile | undefined {
  const { host } = inventory;
  try {
    return host.files.status(file)?.kind === 'file' ? readUnitFile(host, file) : undefined;
  } catch {
    return undefined;
  }
}
