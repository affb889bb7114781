/** Why a program's configuration is incomplete or refused. A problem never contains a value, which may be a secret. */
import type { Limit } from '../systemd/host/limit.ts';
import type { Source, SourceLine } from '../systemd/service-settings.ts';

/** What is wrong; `source` is the line that refers to it, null for a configuration that does not exist. */
export type ConfigProblem =
  | { readonly code: 'missing-file'; readonly source: SourceLine | null; readonly file: string }
  /**
   * The file may exist but cannot be read: it belongs to another user, is not available, is no regular file, or is too
   * large.
   */
  | { readonly code: 'unreadable-file'; readonly source: SourceLine | null; readonly file: string }
  /**
   * Lines and columns count from 1. `isAtEnd`: the text ends before it is complete, and the place is that after its last
   * character that is no white space.
   */
  | {
      readonly code: 'bad-syntax';
      readonly source: SourceLine;
      readonly column: number;
      readonly isAtEnd: boolean;
    }
  /** A value of the wrong kind; `key` is its path. */
  | { readonly code: 'bad-value'; readonly source: SourceLine; readonly key: string }
  /** The configuration exceeds a limit of daruma; `source` is where. It is not known whether the program accepts it. */
  | { readonly code: 'beyond-limit'; readonly source: Source; readonly limit: Limit }
  /** A variable that nothing sets, written `${NAME}` or `os.environ/NAME`. */
  | { readonly code: 'missing-variable'; readonly source: SourceLine; readonly name: string }
  /** An `$include` of a file outside the folder of the configuration. */
  | { readonly code: 'include-outside'; readonly source: SourceLine; readonly file: string }
  | { readonly code: 'include-circle'; readonly source: SourceLine; readonly file: string }
  | { readonly code: 'include-too-deep'; readonly source: SourceLine; readonly file: string };

/** Whether nothing of a configuration is missing but the values of variables. */
export function isReadWhole(problems: readonly ConfigProblem[]): boolean {
  return problems.every(({ code }) => code === 'missing-variable');
}
