/** The one place where other programs are run: never through a shell, never without a limit. */
import { type ChildProcess, spawn } from 'node:child_process';
import { argumentsOf, type Command } from './command.ts';
import { type ProgramFailure, startFailure } from './failure.ts';

export interface RunOptions {
  /** All that it is told by its environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  /** Of what it writes to stdout, and as much to stderr. */
  readonly outputBytes: number;
  /**
   * Of what is more than that the end is kept (as many characters), and it is no failure.
   *
   * @default false
   */
  readonly keepsEnd?: boolean;
  /** What it finds on its standard input; nothing by default. It need not read it. */
  readonly input?: string;
  /** Ends it before its time. */
  readonly signal?: AbortSignal;
  /**
   * Ends it with all that it has started, and asks first (SIGTERM): for programs with children of their own. It is not
   * reached by what a terminal sends.
   *
   * @default false: it alone is killed
   */
  readonly endsGroup?: boolean;
  /**
   * Hears all that it has written to stdout so far, each time that there is more.
   *
   * @param end ends it
   */
  readonly onOutput?: (stdout: string, end: () => void) => void;
}

export interface ProgramResult {
  readonly stdout: string;
  readonly stderr: string;
  /** Undefined where it has ended with 0. */
  readonly failure: ProgramFailure | undefined;
}

/**
 * Runs a program to its end. Never throws.
 *
 * @example await runProgram({ program: 'systemctl', options: ['show'], operands: ['-H.service'] }, limits)
 */
export function runProgram(command: Command, options: RunOptions): Promise<ProgramResult> {
  return new Promise(resolve => {
    if (options.signal?.aborted === true) {
      resolve({ stdout: '', stderr: '', failure: { code: 'interrupted' } });
      return;
    }
    try {
      watch(start(command, options), options, resolve);
    } catch (error) {
      const failure = startFailure(error);
      if (failure === undefined) throw error;
      resolve({ stdout: '', stderr: '', failure });
    }
  });
}

function start(command: Command, { environment, input, endsGroup = false }: RunOptions): ChildProcess {
  return spawn(command.program, [...argumentsOf(command)], {
    env: environment,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    detached: endsGroup,
  });
}

function watch(child: ChildProcess, options: RunOptions, resolve: (run: ProgramResult) => void): void {
  const { timeoutMs, outputBytes, input, signal, endsGroup = false, keepsEnd = false, onOutput } = options;
  let failure: ProgramFailure | undefined;
  let isOver = false;
  let forcing: NodeJS.Timeout | undefined;
  let leaving: NodeJS.Timeout | undefined;

  const finish = (ended?: ProgramFailure) => {
    if (isOver) return;
    isOver = true;
    for (const timer of [limit, forcing, leaving]) clearTimeout(timer);
    signal?.removeEventListener('abort', interrupt);
    failure ??= ended;
    resolve({ stdout: stdout.text, stderr: stderr.text, failure });
  };
  const force = () => {
    killWith('SIGKILL');
    // A process that it has left behind may hold the other ends; and in the kernel's deepest sleep even this has to wait.
    child.stdout?.destroy();
    child.stderr?.destroy();
    leaving = setTimeout(finish, leaveMs);
  };
  const killWith = (kind: NodeJS.Signals) => {
    if (!endsGroup || child.pid === undefined) child.kill(kind);
    else signalGroup(child.pid, kind);
  };
  const end = () => {
    if (isOver || forcing !== undefined || leaving !== undefined) return;
    if (!endsGroup) {
      force();
      return;
    }
    killWith('SIGTERM');
    forcing = setTimeout(force, politeMs);
  };
  const stop = (why: ProgramFailure) => {
    failure ??= why;
    end();
  };
  const interrupt = () => stop({ code: 'interrupted' });
  const limit = setTimeout(() => stop({ code: 'timed-out', limitMs: timeoutMs }), timeoutMs);
  signal?.addEventListener('abort', interrupt);

  const tooMuch = keepsEnd ? undefined : () => stop({ code: 'too-much-output', limitBytes: outputBytes });
  const stdout = collect(child.stdout, outputBytes, tooMuch);
  const stderr = collect(child.stderr, outputBytes, tooMuch);
  if (onOutput !== undefined) child.stdout?.on('data', () => onOutput(stdout.text, end));
  // One that does not read to the end is not in the wrong: its status says whether it was content.
  child.stdin?.on('error', () => {}).end(input);
  child.once('error', error => finish(startFailure(error) ?? { code: 'not-started', errno: error.message }));
  child.once('close', (status, killedBy) => {
    if (killedBy !== null) finish({ code: 'killed', signal: killedBy });
    else if (status === 0) finish();
    else finish({ code: 'exited', status: status ?? 0, said: lastLine(stderr.text) });
  });
}

/** Time for a program to end as it wants to. */
const politeMs = 3_000;
const leaveMs = 1_000;

function signalGroup(pid: number, kind: NodeJS.Signals): void {
  try {
    process.kill(-pid, kind);
  } catch {
    // All of it is gone.
  }
}

function collect(
  stream: NodeJS.ReadableStream | null,
  mostBytes: number,
  tooMuch: (() => void) | undefined,
): { readonly text: string } {
  const collected = { text: '' };
  let bytes = 0;
  stream?.setEncoding('utf8');
  stream?.on('data', (text: string) => {
    bytes += Buffer.byteLength(text);
    if (bytes <= mostBytes) collected.text += text;
    else if (tooMuch === undefined) collected.text = (collected.text + text).slice(-mostBytes);
    else tooMuch();
  });
  return collected;
}

function lastLine(stderr: string): string {
  const text = stderr.trimEnd();
  return text.slice(text.lastIndexOf('\n') + 1).trim();
}
