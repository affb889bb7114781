import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Waits until this process alone holds the lock on a file (made when missing), and holds it while `action` runs.
 * However this process ends, the lock is free again: flock(1) holds it for a cat(1) that lives as long as its standard input.
 *
 * @throws Error where it cannot be locked
 */
export async function withLock<T>(path: string, action: () => Promise<T>): Promise<T> {
  const [command, ...args] = ['flock', path, 'cat'] as const;
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  // Where the file cannot be locked there is no cat to read it, which shows in flock's end, not as EPIPE here.
  child.stdin.on('error', () => {});
  // What cat repeats shows that it runs, which it does once the lock is its own.
  child.stdin.write('held\n');
  const refused = ended.then(() => Promise.reject(new Error(`cannot lock ${path}`)));
  await Promise.race([once(child.stdout, 'data'), refused]);
  try {
    return await action();
  } finally {
    child.stdin.end();
    await ended;
  }
}
