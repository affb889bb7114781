/**
 * Runs `daruma notify await`, which systemd does for each fall and while something waits, without loading the option parser and the
 * other commands.
 */
import { parseArgs } from 'node:util';
import { loadCatalogue } from '../i18n/index.ts';
import { awaitUnits } from './commands/notify/attend.ts';
import { readContext } from './context.ts';
import type { Environment, Io } from './io.ts';
import type { CommonOptions } from './options.ts';
import { reportFailure } from './report-failure.ts';
import { chooseLanguage } from './settings.ts';

/** @returns the exit code; undefined for options that only the option parser knows */
export async function attendCall(
  args: readonly string[],
  io: Io,
  environment: Environment,
): Promise<number | undefined> {
  const isSystem = readScope(args);
  if (isSystem === undefined) return undefined;
  const catalogue = await loadCatalogue(chooseLanguage(undefined, environment));
  const options: CommonOptions = isSystem ? { color: true, system: true } : { color: true };
  const run = { catalogue, io, environment };
  try {
    return await awaitUnits(options, readContext(options, run));
  } catch (error) {
    return await reportFailure(error, args, run);
  }
}

/** Whether the system manager is meant; undefined for anything but a plain call. */
function readScope(args: readonly string[]): boolean | undefined {
  try {
    const { values } = parseArgs({
      args: args.slice(2),
      options: { user: { type: 'boolean', default: false }, system: { type: 'boolean', default: false } },
    });
    return values.user && values.system ? undefined : values.system;
  } catch {
    return undefined;
  }
}
