/** Runs a command line: chooses the language, runs the command, and reports a failure. */
import { type Command, CommanderError } from 'commander';
import type { Catalogue } from '../i18n/catalogue.ts';
import { loadCatalogue } from '../i18n/index.ts';
import { errorCode } from '../kernel/errno.ts';
import { printable } from '../report/printable.ts';
import { Failure } from './failure.ts';
import type { Environment, Io, Run } from './io.ts';
import { tell, write } from './output.ts';
import { buildProgram } from './program.ts';
import { chooseLanguage } from './settings.ts';
import { fromCommander } from './usage-failure.ts';
import { version } from './version.ts';

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
    return await report(toFailure(error, program, catalogue), error, args, current);
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

/** Shows a failure as one line, or as a document for programs. */
async function report(
  failure: Failure,
  error: unknown,
  args: readonly string[],
  { io, catalogue: { alike, punctuation } }: Run,
): Promise<number> {
  const withHint = (text: string, hint: string | null = null) =>
    hint === null ? text : text + punctuation.aside(hint);
  if (args.includes('--verbose') && error instanceof Error) tell(io, stackOf(error));
  if (wantsJson(args)) {
    const { code, message, where = null, hint = null, problems } = failure;
    const all = problems.length === 0 ? {} : { problems };
    await write(
      io,
      `${JSON.stringify({ schemaVersion: 1, daruma: version, error: { code, message, where, hint, ...all } })}\n`,
    );
  } else {
    const lines = failure.problems.map(
      ({ source: { file, line, column }, message, hint, alike: more = 0 }) =>
        withHint(`${file}:${line}:${column}: ${message}`, hint) + alike(more),
    );
    const text = [`daruma: ${withHint(failure.message, failure.hint)}`, ...lines];
    tell(io, text.map(printable).join('\n'));
  }
  return failure.exitCode;
}

function toFailure(error: unknown, program: Command, catalogue: Catalogue): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof CommanderError) return fromCommander(error, program, catalogue);
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && error.name === 'ManagerError') {
    return new Failure(3, 'manager-failed', catalogue.errors.managerFailed(message), { cause: error });
  }
  if (isSystemError(error)) {
    const { path: where, code } = error;
    if (writingCalls.has(error.syscall)) {
      return new Failure(3, 'unwritable', catalogue.errors.unwritable(where, code), { where, cause: error });
    }
    return new Failure(3, 'unreadable', catalogue.errors.unreadable(where, code), { where, cause: error });
  }
  const hint = catalogue.errors.verboseForStack;
  return new Failure(3, 'internal', catalogue.errors.internal(message), { hint, cause: error });
}

/** The stack of an error, with its message made printable and one line. */
function stackOf({ stack = '', message }: Error): string {
  return stack.replace(message, () => printable(message));
}

/** Whether an error is about a file or folder that could not be read. */
/** System calls that change something, as Node names them in an error. */
const writingCalls: ReadonlySet<unknown> = new Set(
  'mkdir mkdtemp rmdir rename unlink link symlink chmod fchmod chown fchown lchown write ftruncate fsync copyfile utime'.split(
    ' ',
  ),
);

function isSystemError(
  error: unknown,
): error is Error & { readonly path: string; readonly code: string; readonly syscall: unknown } {
  return error instanceof Error && 'path' in error && 'syscall' in error && errorCode(error) !== undefined;
}

function wantsJson(args: readonly string[]): boolean {
  return args.includes('--json') || optionValue(args, '--format') === 'json';
}

/** Reads an option before parsing, since it also determines the language or format of parsing errors. */
function optionValue(args: readonly string[], name: string): string | undefined {
  const at = args.lastIndexOf(name);
  if (at !== -1) return args[at + 1];
  return args.findLast(argument => argument.startsWith(`${name}=`))?.slice(name.length + 1);
}
