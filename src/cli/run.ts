/** Runs a command line: chooses the language, runs the command, and reports a failure. */
import { CommanderError } from 'commander';
import type { Catalogue } from '../i18n/catalogue.ts';
import { loadCatalogue } from '../i18n/index.ts';
import type { Environment, Io, Run } from './io.ts';
import { buildProgram } from './program.ts';
import { optionValue, reportFailure } from './report-failure.ts';
import { chooseLanguage } from './settings.ts';
import { fromCommander } from './usage-failure.ts';

/**
 * Runs one command line.
 *
 * @returns the exit code, as README.md lists them: 0, 1 from a command that found something, or 2 or 3 from a {@link Failure}
 */
export async function run(args: readonly string[], io: Io, environment: Environment): Promise<number> {
  const catalogue = await catalogueFor(args, environment);
  const state = { exitCode: 0 };
  const current: Run = { catalogue, io, environment };
  const program = buildProgram(current, state);
  try {
    await program.parseAsync(args, { from: 'user' });
    return state.exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const known = error instanceof CommanderError ? fromCommander(error, program, catalogue) : error;
    return await reportFailure(known, args, current);
  }
}

/**
 * The message when standard output cannot be written.
 *
 * @param isDoneAllTheSame whether the command came to its end and failed in nothing
 */
export async function unwrittenText(
  { code, message }: NodeJS.ErrnoException,
  args: readonly string[],
  environment: Environment,
  isDoneAllTheSame = false,
): Promise<string> {
  const { errors, punctuation } = await catalogueFor(args, environment);
  const rest = isDoneAllTheSame ? punctuation.aside(errors.doneAllTheSame) : '';
  return `daruma: ${errors.cannotWrite(code ?? message)}${rest}\n`;
}

function catalogueFor(args: readonly string[], environment: Environment): Promise<Catalogue> {
  return loadCatalogue(chooseLanguage(optionValue(args, '--lang'), environment));
}
