import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Waits for the lock on a file (created when missing), and holds it while `action` runs. The lock is released however this
 * process ends: flock(1) holds it for a cat(1), which ends when its standard input is closed.
 *
 * @throws Error when the file cannot be locked
 */
export async function withLock<T>(path: string, action: () => Promise<T>): Promise<T> {
  const [command, ...args] = ['flock', path, 'cat'] as const;
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  // If the file cannot be locked, no cat reads the input. The exit of flock reports that, so EPIPE is ignored here.
  child.stdin.on('error', () => {});
  // cat runs as soon as the lock is held, and then repeats this line.
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
