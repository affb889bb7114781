import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** The output and exit code of a finished command (128 + N when signal N ended it, as in shells). */
export interface RunResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

export interface RunOptions {
  /** Text for standard input; without it the command reads /dev/null. */
  readonly input?: string;
  /** After this time the command and its process group are killed and the promise rejects. Default 60 s. */
  readonly timeoutMs?: number;
}

/** A command failed that had to succeed, or did not end in time. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}

/**
 * Runs a command without a shell and waits for its end; an exit code other than 0 is a result and not an error.
 *
 * @throws CommandFailed when it cannot be started or takes longer than `timeoutMs`.
 * @example const { stdout } = await run(['ip', 'netns', 'list']);
 */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { input, timeoutMs = 60_000 } = options;
  const [command = '', ...args] = argv;
  return new Promise((resolve, reject) => {
    // Its own process group, so that its children are killed with it (nsenter forks to enter a pid namespace).
    const child = spawn(command, args, {
      detached: true,
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
    // The command may end before it has read its input. Its exit code reports that, so EPIPE is ignored here.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
    const timer = setTimeout(() => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      reject(new CommandFailed(`not done after ${timeoutMs} ms: ${argv.join(' ')}`));
    }, timeoutMs);
    child.on('error', cause => {
      clearTimeout(timer);
      reject(new CommandFailed(`cannot run ${command}: ${cause.message}`, { cause }));
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
        code: exitCode(code, signal),
      });
    });
  });
}

/**
 * Runs a command that must succeed and returns its standard output.
 *
 * @throws CommandFailed with its standard error when its exit code is not 0.
 */
export async function runOrThrow(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const { stdout, stderr, code } = await run(argv, options);
  if (code !== 0) throw new CommandFailed(`${argv.join(' ')} ended with ${code}: ${stderr.trim()}`);
  return stdout;
}

/** The exit code that a shell would report for the end of a child process. */
export function exitCode(code: number | null, signal: NodeJS.Signals | null): number {
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}
