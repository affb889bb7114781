#!/usr/bin/env node
import { keepCompiledCode } from './compiled-code.ts';
import type { Io } from './io.ts';
import { carriesOnWithout, loseOutput } from './lost-output.ts';
import { oldestNode, version } from './version.ts';

const args = process.argv.slice(2);

/** An error of it cannot be reported anywhere. */
let stderr: NodeJS.WriteStream | undefined;

/** Each stream is opened when it is first used. */
const io: Io = {
  get stdin() {
    return process.stdin;
  },
  get stdout() {
    return process.stdout;
  },
  get stderr() {
    stderr ??= process.stderr.on('error', () => {});
    return stderr;
  },
  get workingDirectory() {
    try {
      return process.cwd();
    } catch {
      // The working directory was deleted and has no path. No file can be found through this path either.
      return '/proc/self/cwd';
    }
  },
  script: process.argv[1] ?? '',
  signals: process,
};

if (Number.parseInt(process.versions.node, 10) < oldestNode) {
  // The launcher was gone around. It is what an old Node can read, and says so in one line.
  void import(new URL('../../bin/daruma.cjs', import.meta.url).href);
} else if (args.length === 1 && ['--version', '-V', '-v', 'version'].includes(args[0] ?? '')) {
  // The one question that needs nothing of the rest: it is asked by scripts, and answered at once.
  endWithOutput();
  io.stdout.write(`${version}\n`);
} else {
  // Where this ends before the command does, nothing more will be done.
  process.exitCode = 3;
  void main();
}

async function main(): Promise<void> {
  // A checkout is run from its sources, while they are changed.
  if (!import.meta.filename.endsWith('.ts'))
    process.once('exit', keepCompiledCode(frequentCommand() ?? 'other', process.env));
  const status = await runForManager();
  if (status === undefined) await runAny();
  else process.exitCode = status;
}

/** One of the commands that are started most often; undefined for all others. */
function frequentCommand(): string | undefined {
  const [command = 'status', action] = args;
  if (command === 'notify' && action === 'await') return 'attend';
  return ['status', 'check'].find(frequent => frequent === command);
}

/** Runs what a manager runs, and loads only what it needs. Undefined for all other commands. */
async function runForManager(): Promise<number | undefined> {
  if (args[0] !== 'notify') return undefined;
  if (args[1] === 'await') {
    const { attendCall } = await import('./attend-call.ts');
    return attendCall(args, io, process.env);
  }
  if (args[1] !== 'hook') return undefined;
  const { hookArguments } = await import('./hook-call.ts');
  const call = hookArguments(args);
  if (call === undefined) return undefined;
  const { hook } = await import('./commands/notify/hook.ts');
  return hook(call, io, process.env);
}

async function runAny(): Promise<void> {
  const ended = Promise.withResolvers<void>();
  endWithOutput(ended.promise);
  const { run } = await import('./run.ts');
  process.exitCode = await run(args, io, process.env);
  ended.resolve();
}

/**
 * Ends the process at once when stdout cannot be written, except where a command changes something or its exit code is a
 * verdict: it first comes to its end. A hook writes nothing to stdout.
 */
function endWithOutput(ended = Promise.resolve()): void {
  const { stdout } = process;
  stdout.once('error', (error: NodeJS.ErrnoException) => {
    stdout.on('error', () => {});
    loseOutput(stdout);
    void (carriesOnWithout(stdout, isUnread(error)) ? endAfter(error, ended) : end(error));
  });
}

async function end(error: NodeJS.ErrnoException): Promise<never> {
  if (isUnread(error)) process.exit(0);
  const { unwrittenText } = await import('./run.ts');
  io.stderr.write(await unwrittenText(error, args, process.env));
  process.exit(3);
}

/** The exit code remains that of the command when nobody reads on, so that it says what became of the changes. */
async function endAfter(error: NodeJS.ErrnoException, ended: Promise<void>): Promise<void> {
  await ended;
  if (isUnread(error)) return;
  const isDone = process.exitCode === 0;
  process.exitCode = 3;
  const { unwrittenText } = await import('./run.ts');
  io.stderr.write(await unwrittenText(error, args, process.env, isDone));
}

/** Whether the reader has closed the pipe (`daruma ... | head`). */
function isUnread({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EPIPE';
}
