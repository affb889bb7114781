/** The file `begun` beside the records, which exists while a fix is under way. Every command looks for it, so the look is cheap. */
import fs from 'node:fs';
import path from 'node:path';
import { isRunning, type ProcessIdentity } from '../kernel/process-identity.ts';
import { fixesFolder } from '../store/state-folder.ts';

export function beginMark(stateFolder: string): string {
  return path.join(fixesFolder(stateFolder), 'begun');
}

/** Whether a fix is under way or was interrupted. */
export function isAnyBegun(stateFolder: string): boolean {
  return fs.existsSync(beginMark(stateFolder));
}

/** A fix, or the undo of one, that was begun. */
export interface Begun {
  readonly id: string;
  readonly isUndo: boolean;
  /** The process that works on it; undefined when that process has ended: the fix was interrupted. */
  readonly pid: number | undefined;
  /** When a process last began to work on it. */
  readonly since: Date;
}

/** The text of the mark. Every user may read it, while the record itself may be readable by its owner only. */
export function markText(id: string, process: ProcessIdentity, work: 'fix' | 'undo' = 'fix'): string {
  const begun = `${id} ${process.pid} ${process.started ?? ''}`.trimEnd();
  return work === 'undo' ? begun + undoSuffix : begun;
}

const undoSuffix = ' undo';

/** @returns undefined where no fix is begun */
export function readMark(stateFolder: string): Begun | undefined {
  const { text = '', since = new Date(0) } = markContent(beginMark(stateFolder)) ?? {};
  const isUndo = text.endsWith(undoSuffix);
  const begun = isUndo ? text.slice(0, -undoSuffix.length) : text;
  const [, id, pid, started] = /^([\dTZ-]+) (\d+)(?: (.+))?$/.exec(begun) ?? [];
  if (id === undefined) return undefined;
  const isAtWork = isRunning({ pid: Number(pid), started: started ?? null });
  return { id, isUndo, pid: isAtWork ? Number(pid) : undefined, since };
}

function markContent(file: string): { readonly text: string; readonly since: Date } | undefined {
  try {
    const descriptor = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    try {
      // A mark is much shorter. Any other file at this path is not read beyond this limit.
      const head = Buffer.alloc(1024);
      const text = head.toString('utf8', 0, fs.readSync(descriptor, head));
      return { text, since: fs.fstatSync(descriptor).mtime };
    } finally {
      fs.closeSync(descriptor);
    }
  } catch {
    // The mark has been removed: the fix has ended.
    return undefined;
  }
}
