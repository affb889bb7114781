#!/usr/bin/env node
import { version } from './version.ts';

const args = process.argv.slice(2);

// The one question that needs nothing of the rest: it is asked by scripts, and answered at once.
if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  process.stdout.write(`${version}\n`);
} else {
  const { run } = await import('./run.ts');
  process.exitCode = await run(args);
}
