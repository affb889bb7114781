/** The only place where other programs are run: never through a shell, and never without limits. */
import childProcess, { type ChildProcess } from 'node:child_process';
import { argumentsOf, type Command } from './command.ts';
import { type ProgramFailure, startFailure } from './failure.ts';

export interface RunOptions {
  /** The complete environment of the program. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  /** Limit for stdout, and the same for stderr, in bytes. */
  readonly outputBytes: number;
  /**
   * With more output than the limit, keep its end (as many characters) instead of failing.
   *
   * @default false
   */
  readonly keepsEnd?: boolean;
  /** What the program reads on its standard input; nothing by default. It need not read it. */
  readonly input?: string;
  /** Ends the program early. */
  readonly signal?: AbortSignal;
  /**
   * Ends the program together with all processes that it has started, first with SIGTERM: for programs with children of
   * their own. Signals from a terminal do not reach it.
   *
   * @default false: only the program itself is killed
   */
  readonly endsGroup?: boolean;
  /**
   * Is called with everything that the program has written to stdout so far, each time it has written more.
   *
   * @param end ends the program
   */
  readonly onOutput?: (stdout: string, end: () => void) => void;
}

export interface ProgramResult {
  readonly stdout: string;
  readonly stderr: string;
  /** Undefined when the program exited with 0. */
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
  return childProcess.spawn(command.program, [...argumentsOf(command)], {
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
    // A process that the program has left behind may keep the pipes open, and a process in uninterruptible sleep cannot
    // be killed: the wait for either is limited.
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
  // A program that does not read all of its input has not failed: its exit status decides.
  child.stdin?.on('error', () => {}).end(input);
  child.once('error', error => finish(startFailure(error) ?? { code: 'not-started', errno: error.message }));
  child.once('close', (status, killedBy) => {
    if (killedBy !== null) finish({ code: 'killed', signal: killedBy });
    else if (status === 0) finish();
    else finish({ code: 'exited', status: status ?? 0, said: lastLine(stderr.text) });
  });
}

/** How long a program may take to end after SIGTERM, in milliseconds. */
const politeMs = 3_000;
const leaveMs = 1_000;

function signalGroup(pid: number, kind: NodeJS.Signals): void {
  try {
    process.kill(-pid, kind);
  } catch {
    // No process of the group is left.
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
