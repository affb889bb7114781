import { errorCode } from '../../kernel/errno.ts';
import type { Host } from '../../systemd/host/host.ts';
import type { Unit, UnitLoader } from '../../systemd/unit.ts';
import type { Fault, UnitRule } from '../rule.ts';

export interface UnitUnreadable {
  readonly path: string;
  /** The errno name, such as `EACCES`; `dangling` for a link that leads nowhere. */
  readonly why: 'dangling' | (string & {});
  readonly isDropIn: boolean;
}

/** A file of the unit that its manager cannot read: for the manager, the unit does not exist or the drop-in does not count. */
export const unitUnreadable: UnitRule<'unit-unreadable', UnitUnreadable> = {
  id: 'unit-unreadable',
  severity: 'warning',
  worst: 'critical',
  needs: 'units',
  judges: 'unit',
  *check({ unit }, { inventory: { host, loader } }): Iterable<Fault<UnitUnreadable>> {
    const fragment = unreadableFragment(unit, host, loader);
    if (fragment !== undefined) {
      const source = { file: fragment.path, line: null };
      yield { source, severity: 'critical', details: { ...fragment, isDropIn: false }, changes: [] };
    }
    for (const path of unit.dropIns) {
      const errno = readError(path, loader);
      if (errno === undefined || !isToldByUs(errno, host)) continue;
      const why = errno === 'ENOENT' ? 'dangling' : errno;
      yield { source: { file: path, line: null }, details: { path, why, isDropIn: true }, changes: [] };
    }
  },
};

function unreadableFragment(
  { name, problem }: Unit,
  host: Host,
  { index }: UnitLoader,
): Omit<UnitUnreadable, 'isDropIn'> | undefined {
  if (problem?.code === 'unreadable' && isToldByUs(problem.errno, host)) {
    return { path: problem.path, why: problem.errno };
  }
  const entry = problem?.code === 'not-found' ? index.entry(name) : undefined;
  return entry?.isLink === true ? { path: entry.path, why: 'dangling' } : undefined;
}

/**
 * Whether our own failure to read the file shows that the manager cannot read it either. The system manager reads files
 * that we may not read.
 */
function isToldByUs(errno: string, { scope }: Host): boolean {
  return scope === 'user' || (errno !== 'EACCES' && errno !== 'EPERM');
}

function readError(path: string, loader: UnitLoader): string | undefined {
  try {
    loader.parse(path);
    return undefined;
  } catch (error) {
    return errorCode(error) ?? 'EIO';
  }
}
