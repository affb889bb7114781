import { errorCode } from '../../kernel/errno.ts';
import { type MetLimit, noteLimit } from '../../systemd/host/limit.ts';
import { readUnitFile } from '../../systemd/read-unit-file.ts';
import type { CheckContext, Fault, UnitRule } from '../rule.ts';

export interface DropInNotConf {
  readonly path: string;
}

/** A file in a drop-in folder that contains settings, but that systemd does not read since its name does not end in `.conf`. */
export const dropInNotConf: UnitRule<'drop-in-not-conf', DropInNotConf> = {
  id: 'drop-in-not-conf',
  severity: 'info',
  needs: 'units',
  judges: 'unit',
  *check({ unit }, context): Iterable<Fault<DropInNotConf>> {
    for (const folder of context.inventory.loader.index.dropInFolders(unit)) {
      for (const file of filesIn(folder, context)) {
        const path = `${folder}/${file}`;
        if (file.endsWith('.conf') || isPutAside(file) || !looksLikeDropIn(path, context)) continue;
        yield { source: { file: path, line: 1 }, details: { path }, changes: [] };
      }
    }
  },
};

function filesIn(folder: string, { inventory }: CheckContext): readonly string[] {
  try {
    const entries = inventory.host.files.list(folder) ?? [];
    return entries
      .filter(({ kind }) => kind !== 'directory')
      .map(entry => entry.name)
      .sort();
  } catch {
    return [];
  }
}

/** Whether the name is that of a hidden file or of an older version, as editors, packages and people leave them. */
function isPutAside(file: string): boolean {
  return (
    file.startsWith('.') ||
    /(?:~|[.-](?:bak|backup|old|orig|save[d]?|sw[op]|tmp|disabled?|off|example|sample|rej|(?:dpkg|rpm|ucf)-?\w+))$/i.test(
      file,
    )
  );
}

function looksLikeDropIn(path: string, { inventory }: CheckContext): boolean {
  const { host } = inventory;
  const note = (limit: MetLimit['limit']) => noteLimit(host, { source: { file: path, line: null }, limit });
  try {
    const status = host.files.status(path);
    if (status?.kind !== 'file') return false;
    if (status.size > mostBytes) {
      note({ of: 'bytes', most: mostBytes });
      return false;
    }
    return readUnitFile(host, path).items.some(
      item => item.kind === 'section' && /^(?:Unit|Service|Install)$/.test(item.name),
    );
  } catch (error) {
    const errno = errorCode(error);
    if (errno !== undefined) note({ of: 'errno', errno });
    return false;
  }
}

/** Limit in bytes. A drop-in has a few lines; a larger file is something else. */
const mostBytes = 64 * 1024;
