/** Carries a plan out, all or nothing, and takes it back. */
import fs from 'node:fs';
import path from 'node:path';
import { type FileOperation, putState, removeStaged, standingOf } from './file-operation.ts';
import type { FixRecord, Journal } from './journal.ts';

/** Told what is about to be done: a path, `journal`, `prepare` or `activate`. */
export type Progress = (step: string) => void;

/** What a fix was not able to do, and why nothing is left of it. */
export class FixFailed extends Error {
  /** The file or command at which it stopped. */
  readonly at: string;
  /** Whether everything is as it was before. */
  readonly isTakenBack: boolean;

  constructor(at: string, isTakenBack: boolean, options: ErrorOptions) {
    super(`failed at ${at}`, options);
    this.name = 'FixFailed';
    this.at = at;
    this.isTakenBack = isTakenBack;
  }
}

/** Somebody else has changed a file since the plan was made. */
export class ChangedMeanwhile extends Error {
  readonly path: string;

  constructor(file: string) {
    super(`${file} was changed meanwhile`);
    this.name = 'ChangedMeanwhile';
    this.path = file;
  }
}

/** What goes with the files; a failure of either takes them back as well. */
export interface Surroundings {
  /** Stops what would stumble over the change. */
  readonly prepare?: () => Promise<void>;
  /** Reloads the manager, and whatever else follows the files. */
  readonly activate: () => Promise<void>;
}

/**
 * Makes the changes of a record that is written down as `begun` first, and as `done` at the end. What fails on the way
 * is taken back.
 *
 * @throws FixFailed; its cause is ChangedMeanwhile where a file is no longer what the record says it was before
 */
export async function carryOut(
  record: FixRecord,
  journal: Journal,
  { prepare, activate }: Surroundings,
  progress: Progress = () => {},
): Promise<void> {
  progress('journal');
  journal.write(record);
  let at = '';
  try {
    if (prepare !== undefined) {
      at = 'prepare';
      progress(at);
      await prepare();
    }
    for (const operation of record.operations) {
      at = operation.path;
      progress(at);
      if (standingOf(operation) === 'changed') throw new ChangedMeanwhile(at);
      putState(operation.path, operation.after);
    }
    at = 'activate';
    progress(at);
    await activate();
  } catch (error) {
    const changed = error instanceof ChangedMeanwhile ? error.path : undefined;
    throw new FixFailed(at, takeBackAll(record, journal, changed), { cause: error });
  }
  progress('journal');
  journal.write({ ...record, phase: 'done' });
}

/**
 * @param changed a file that somebody else had changed before it was its turn
 * @returns whether everything else is as it was before
 */
function takeBackAll(record: FixRecord, journal: Journal, changed: string | undefined): boolean {
  try {
    const { untouched } = takeBack(record);
    journal.write({ ...record, phase: 'undone' });
    return untouched.every(file => file === changed);
  } catch {
    // The record stays as begun: the next command tells of it.
    return false;
  }
}

export interface TakenBack {
  /** Files that are what they were before the fix. */
  readonly restored: readonly string[];
  /** Files that somebody has changed since: they are left alone. */
  readonly untouched: readonly string[];
}

/** Brings back what stood there before, except where somebody has changed it since. */
export function takeBack(record: FixRecord, progress: Progress = () => {}): TakenBack {
  const restored: string[] = [];
  const untouched: string[] = [];
  for (const operation of record.operations.toReversed()) {
    removeStaged(operation.path);
    const standing = standingOf(operation);
    if (standing === 'before') continue;
    if (standing === 'changed') {
      untouched.push(operation.path);
      continue;
    }
    progress(operation.path);
    putState(operation.path, operation.before);
    restored.push(operation.path);
  }
  for (const folder of record.folders) removeIfEmpty(folder);
  return { restored, untouched };
}

function removeIfEmpty(folder: string): void {
  try {
    fs.rmdirSync(folder);
  } catch {
    // Somebody else keeps something in it, or it is gone already: both are theirs.
  }
}

/** The folders above the operations' paths that are not there yet, the innermost first. */
export function missingFolders(operations: readonly FileOperation[]): readonly string[] {
  const missing = new Set<string>();
  for (const { path: file, after } of operations) {
    if (after.kind === 'absent') continue;
    for (let folder = path.dirname(file); !fs.existsSync(folder); folder = path.dirname(folder)) {
      missing.add(folder);
    }
  }
  return [...missing].sort((a, b) => b.length - a.length);
}
