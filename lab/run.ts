import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** What a finished command left: its output and its exit code (128 + N when signal N ended it, as shells say it). */
export interface RunResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

export interface RunOptions {
  /** Text for standard input; without it the command reads /dev/null. */
  readonly input?: string;
  /** After so many milliseconds the command and its process group are killed and the promise rejects. Default 60 s. */
  readonly timeoutMs?: number;
}

/** A command that had to succeed did not, or had to end and did not. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}

/**
 * Runs a command without a shell and waits for its end; a code other than 0 is an answer, not an error.
 *
 * @throws CommandFailed when it cannot be started or outlasts `timeoutMs`.
 * @example const { stdout } = await run(['ip', 'netns', 'list']);
 */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { input, timeoutMs = 60_000 } = options;
  const [command = '', ...args] = argv;
  return new Promise((resolve, reject) => {
    // A process group of its own: what the command has forked (nsenter forks to enter a pid namespace) is killed with it.
    const child = spawn(command, args, {
      detached: true,
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
    // The command may end without having read its input; that shows in its code, not as EPIPE here.
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
 * @throws CommandFailed with what it wrote to standard error when its code is not 0.
 */
export async function runOrThrow(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const { stdout, stderr, code } = await run(argv, options);
  if (code !== 0) throw new CommandFailed(`${argv.join(' ')} ended with ${code}: ${stderr.trim()}`);
  return stdout;
}

/** The one number a shell would give for how a child process ended. */
export function exitCode(code: number | null, signal: NodeJS.Signals | null): number {
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}
