/** The mark that lies beside the records while a fix is under way; every command looks for it, so it costs next to nothing. */
import fs from 'node:fs';
import path from 'node:path';
import { isRunning, type ProcessIdentity } from '../kernel/process-identity.ts';
import { fixesFolder } from '../store/state-folder.ts';

export function beginMark(stateFolder: string): string {
  return path.join(fixesFolder(stateFolder), 'begun');
}

/** Whether a fix is under way, or was left in the middle. */
export function isAnyBegun(stateFolder: string): boolean {
  return fs.existsSync(beginMark(stateFolder));
}

/** A fix that was begun. */
export interface Begun {
  readonly id: string;
  /** Who is at it; undefined when nobody is any more, and so it was interrupted. */
  readonly pid: number | undefined;
  /** When somebody last began to work on it. */
  readonly since: Date;
}

/** What the mark says: everybody may read it, also of a fix whose record is for its owner alone. */
export function markText(id: string, process: ProcessIdentity): string {
  return `${id} ${process.pid} ${process.started ?? ''}`.trimEnd();
}

/** @returns undefined where no fix is begun */
export function readMark(stateFolder: string): Begun | undefined {
  const { text = '', since = new Date(0) } = contentOf(beginMark(stateFolder)) ?? {};
  const [, id, pid, started] = /^([\dTZ-]+) (\d+)(?: (.+))?$/.exec(text) ?? [];
  if (id === undefined) return undefined;
  const isAtWork = isRunning({ pid: Number(pid), started: started ?? null });
  return { id, pid: isAtWork ? Number(pid) : undefined, since };
}

function contentOf(file: string): { readonly text: string; readonly since: Date } | undefined {
  try {
    const descriptor = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    try {
      // A mark is shorter by far; whatever else may lie there is read no further.
      const head = Buffer.alloc(1024);
      const text = head.toString('utf8', 0, fs.readSync(descriptor, head));
      return { text, since: fs.fstatSync(descriptor).mtime };
    } finally {
      fs.closeSync(descriptor);
    }
  } catch {
    // Gone by now: that fix has ended.
    return undefined;
  }
}
