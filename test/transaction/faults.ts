/** Changes to the file system that go wrong: the one that is asked for, and with some faults all that follow. */
import fs from 'node:fs';

/**
 * - `kill`: SIGKILL in place of the change
 * - `fail`: this change alone fails
 * - `full`: from this change on nothing new can be written
 * - `denied`: from this change on nothing can be changed
 */
export type Fault = 'kill' | 'fail' | 'full' | 'denied';

/** What changes something on disk, or makes it last; true where it takes room. */
const changing = {
  mkdirSync: true,
  openSync: true,
  writeFileSync: true,
  symlinkSync: true,
  fsyncSync: false,
  fchmodSync: false,
  chmodSync: false,
  renameSync: false,
  unlinkSync: false,
  rmdirSync: false,
  chownSync: false,
  fchownSync: false,
  lchownSync: false,
} as const;

/** Flags with which nothing is made or written. */
function isForReading(flags: unknown): boolean {
  const { O_WRONLY, O_RDWR, O_CREAT } = fs.constants;
  return flags === 'r' || (typeof flags === 'number' && (flags & (O_WRONLY | O_RDWR | O_CREAT)) === 0);
}

/** Whether there is nothing to remove. */
function isMissing(file: unknown): boolean {
  return fs.lstatSync(String(file), { throwIfNoEntry: false }) === undefined;
}

/** A change of another kind that may be killed or fail: a command that is run. */
export type Checkpoint = (name: string) => void;

/**
 * Runs a task in which change number `at` goes wrong.
 *
 * @returns how many changes there were, and what the task threw
 */
export async function underFault(
  at: number,
  fault: Fault,
  task: (checkpoint: Checkpoint) => Promise<unknown>,
): Promise<{ readonly changes: number; readonly thrown: unknown }> {
  let changes = 0;
  const isHit = (isWriting: boolean) => {
    changes += 1;
    if (changes < at) return false;
    if (changes === at) return true;
    return fault === 'denied' || (fault === 'full' && isWriting);
  };
  const goWrong = (name: string) => {
    if (fault === 'kill') process.kill(process.pid, 'SIGKILL');
    const code = fault === 'denied' ? 'EACCES' : 'ENOSPC';
    throw Object.assign(new Error(`${code}: it went wrong, ${name}`), { code, syscall: name });
  };
  const originals = Object.keys(changing).map(name => [name, Reflect.get(fs, name)] as const);
  for (const [name, original] of originals) {
    if (typeof original !== 'function') throw new TypeError(name);
    Reflect.set(fs, name, (...args: unknown[]) => {
      const isHarmless =
        name === 'openSync' ? isForReading(args[1]) : name === 'unlinkSync' && isMissing(args[0]);
      if (!isHarmless && isHit(Reflect.get(changing, name) === true)) goWrong(name);
      return Reflect.apply(original, fs, args) as unknown;
    });
  }
  let thrown: unknown;
  try {
    await task(name => {
      if (isHit(false)) goWrong(name);
    });
  } catch (error) {
    thrown = error;
  } finally {
    for (const [name, original] of originals) Reflect.set(fs, name, original);
  }
  return { changes, thrown };
}
