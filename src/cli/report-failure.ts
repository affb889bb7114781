/** Reports the failure of a command. It does not load the option parser. */
import type { Catalogue } from '../i18n/catalogue.ts';
import { errorCode } from '../kernel/errno.ts';
import { printable } from '../report/printable.ts';
import { Failure } from './failure.ts';
import type { Run } from './io.ts';
import { tell, write } from './output.ts';
import { version } from './version.ts';

/**
 * Shows a failure as one line, or as a document for programs.
 *
 * @returns the exit code
 */
export async function reportFailure(
  error: unknown,
  args: readonly string[],
  { io, catalogue }: Run,
): Promise<number> {
  const { alike, punctuation } = catalogue;
  const failure = toFailure(error, catalogue);
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

function toFailure(error: unknown, catalogue: Catalogue): Failure {
  if (error instanceof Failure) return error;
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

/** System calls that change something, as Node names them in an error. */
const writingCalls: ReadonlySet<unknown> = new Set(
  'mkdir mkdtemp rmdir rename unlink link symlink chmod fchmod chown fchown lchown write ftruncate fsync copyfile utime'.split(
    ' ',
  ),
);

/** Whether an error is about a file or folder that could not be read or written. */
function isSystemError(
  error: unknown,
): error is Error & { readonly path: string; readonly code: string; readonly syscall: unknown } {
  return error instanceof Error && 'path' in error && 'syscall' in error && errorCode(error) !== undefined;
}

function wantsJson(args: readonly string[]): boolean {
  return args.includes('--json') || optionValue(args, '--format') === 'json';
}

/** Reads an option before parsing, since it also determines the language or format of parsing errors. */
export function optionValue(args: readonly string[], name: string): string | undefined {
  const at = args.lastIndexOf(name);
  if (at !== -1) return args[at + 1];
  return args.findLast(argument => argument.startsWith(`${name}=`))?.slice(name.length + 1);
}
