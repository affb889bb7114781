/** Failures of the command line. */
import type { Catalogue } from '../i18n/catalogue.ts';

/** A failure that a person can do something about: one line, where, what next, and an exit code. */
export class Failure extends Error {
  /** 2: usage or bad input; 3: it could not be done. */
  readonly exitCode: 2 | 3;
  /** For machines: stable, in kebab-case. */
  readonly code: string;
  /** The argument, file or unit it is about. */
  readonly where: string | undefined;
  /** What to do next. */
  readonly hint: string | undefined;
  /** Everything that is wrong with a file, in the order of its lines. */
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

/** One of several things that are wrong, where it is wrong; a line of its own. */
export interface FailureProblem {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  /** Lines and columns count from 1. */
  readonly source: { readonly file: string; readonly line: number; readonly column: number };
  /** How many more of the kind there are, which are not told. */
  readonly alike?: number;
}

/** Two arguments, options or actions that do not go together. */
export function exclusive(first: string, second: string, { errors }: Catalogue): Failure {
  return badInput('exclusive-options', errors.exclusive(first, second), second);
}

/** Bad usage or bad input. */
export function badInput(code: string, message: string, where?: string, hint?: string): Failure {
  return new Failure(2, code, message, { where, hint });
}
