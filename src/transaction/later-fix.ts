/** Finds the later fix that changed the same files: fixes of one file are undone in the reverse order. */
import type { Host } from '../systemd/host/host.ts';
import { isAnyToTakeBack } from './carry-out.ts';
import { standingOf } from './file-operation.ts';
import type { FixRecord, Journal } from './journal.ts';
import { relocated } from './relocated.ts';

/** A fix is not undone, because a later fix changed one of its files and has to be undone first. */
export class LaterFixStands extends Error {
  readonly id: string;
  readonly laterId: string;
  readonly file: string;

  constructor(id: string, { id: laterId, file }: LaterFix) {
    super(`the fix ${laterId} changed ${file} after the fix ${id}`);
    this.name = 'LaterFixStands';
    this.id = id;
    this.laterId = laterId;
    this.file = file;
  }
}

interface LaterFix {
  readonly id: string;
  /** A file that both fixes changed. */
  readonly file: string;
}

/**
 * The newest fix that has to be undone before this one.
 *
 * @param record with the paths that its files have on this host
 * @throws the errno error of a file that cannot be read
 */
export function laterFix(record: FixRecord, host: Host, journal: Journal): LaterFix | undefined {
  const own = new Map(record.operations.map(operation => [operation.path, operation]));
  for (const later of journal.readable()) {
    if (later.id === record.id) break;
    if (later.phase === 'undone') continue;
    const there = relocated(later, host);
    // Its undo has left what others have edited, and would do so again.
    if (later.phase === 'partly-undone' && !isAnyToTakeBack(there, host.tree)) continue;
    const shared = there.operations.find(operation => {
      const ours = own.get(operation.path);
      if (ours === undefined) return false;
      const standing = standingOf(operation, host.tree);
      const isLeft = later.phase === 'partly-undone' || standingOf(ours, host.tree) === 'before';
      return standing === 'after' || (standing !== 'before' && !isLeft);
    });
    if (shared !== undefined) return { id: later.id, file: shared.path };
  }
  return undefined;
}
