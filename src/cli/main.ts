#!/usr/bin/env node
import { version } from './version.ts';

const args = process.argv.slice(2);

// The one question that needs nothing of the rest: it is asked by scripts, and answered at once.
if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  process.stdout.write(`${version}\n`);
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
  return hook(call, process.env);
}

async function runAny(): Promise<number> {
  const { run } = await import('./run.ts');
  return run(args);
}
