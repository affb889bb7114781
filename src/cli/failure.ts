/** Failures of the command line. */
import type { Catalogue } from '../i18n/catalogue.ts';

/** A failure that the user can do something about: one line of text, a place, a hint and an exit code. */
export class Failure extends Error {
  /** 2: wrong usage or bad input; 3: the work could not be done. */
  readonly exitCode: 2 | 3;
  /** For programs: a stable name in kebab-case. */
  readonly code: string;
  /** The argument, file or unit concerned. */
  readonly where: string | undefined;
  /** What to do next. */
  readonly hint: string | undefined;
  /** All problems of a file, in the order of its lines. */
  readonly problems: readonly FailureProblem[];

  constructor(
    exitCode: 2 | 3,
    code: string,
    message: string,
    more: {
      readonly where?: string | undefined;
      readonly hint?: string | undefined;
      readonly problems?: readonly FailureProblem[];
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, more.cause === undefined ? {} : { cause: more.cause });
    this.name = 'Failure';
    this.exitCode = exitCode;
    this.code = code;
    this.where = more.where;
    this.hint = more.hint;
    this.problems = more.problems ?? [];
  }
}

/** One of several problems with its position; it is shown on its own line. */
export interface FailureProblem {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  /** Lines and columns count from 1. */
  readonly source: { readonly file: string; readonly line: number; readonly column: number };
  /** Number of further problems of this kind that are not shown. */
  readonly alike?: number;
}

/** The failure for two arguments, options or actions that exclude each other. */
export function exclusive(first: string, second: string, { errors }: Catalogue): Failure {
  return badInput('exclusive-options', errors.exclusive(first, second), second);
}

/** The failure for wrong usage or bad input. */
export function badInput(code: string, message: string, where?: string, hint?: string): Failure {
  return new Failure(2, code, message, { where, hint });
}
