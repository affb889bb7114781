#!/usr/bin/env node
import type { Io } from './io.ts';
import { version } from './version.ts';

const args = process.argv.slice(2);

/** Each is opened when it is used: standard input least of all. */
const io: Io = {
  get stdin() {
    return process.stdin;
  },
  get stdout() {
    return process.stdout;
  },
  get stderr() {
    return process.stderr;
  },
  get workingDirectory() {
    try {
      return process.cwd();
    } catch {
      // A folder that is gone has no name; nothing is found by this one either.
      return '/proc/self/cwd';
    }
  },
  script: process.argv[1] ?? '',
  signals: process,
};

// There is nobody left to tell.
process.stderr.on('error', () => {});

// The one question that needs nothing of the rest: it is asked by scripts, and answered at once.
if (args.length === 1 && ['--version', '-V', '-v', 'version'].includes(args[0] ?? '')) {
  endWithOutput();
  io.stdout.write(`${version}\n`);
} else {
  process.exitCode = (await runHook()) ?? (await runAny());
}

/** A service waits for a hook: nothing is loaded that it does not need. Undefined for all other commands. */
async function runHook(): Promise<number | undefined> {
  if (args[0] !== 'notify' || args[1] !== 'hook') return undefined;
  const { hookArguments } = await import('./hook-call.ts');
  const call = hookArguments(args);
  if (call === undefined) return undefined;
  const { hook } = await import('./commands/notify/hook.ts');
  return hook(call, io, process.env);
}

async function runAny(): Promise<number> {
  endWithOutput();
  const { run } = await import('./run.ts');
  return run(args, io, process.env);
}

/** Ends at once, whatever is under way, when nothing more can be written. A hook writes nothing. */
function endWithOutput(): void {
  process.stdout.once('error', error => void end(error));
}

async function end(error: NodeJS.ErrnoException): Promise<never> {
  process.stdout.on('error', () => {});
  // Whoever read us has had enough (`daruma ... | head`).
  if (error.code === 'EPIPE') process.exit(0);
  const { unwrittenText } = await import('./run.ts');
  io.stderr.write(await unwrittenText(error, args, process.env));
  process.exit(3);
}
