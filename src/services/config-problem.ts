/** Why the configuration of a program does not say all, or is refused. No value is part of it: it may be a secret. */
import type { Limit } from '../systemd/host/limit.ts';
import type { Source, SourceLine } from '../systemd/service-settings.ts';

/** What is wrong; `source` is the line that asks for it, null for a configuration that is not there at all. */
export type ConfigProblem =
  | { readonly code: 'missing-file'; readonly source: SourceLine | null; readonly file: string }
  /** It may be there, and cannot be looked into: another user's, not at hand, no regular file, too large. */
  | { readonly code: 'unreadable-file'; readonly source: SourceLine | null; readonly file: string }
  /** Lines and columns count from 1. */
  | { readonly code: 'bad-syntax'; readonly source: SourceLine; readonly column: number }
  /** A value that is not of the kind it must be; `key` is its path. */
  | { readonly code: 'bad-value'; readonly source: SourceLine; readonly key: string }
  /** More than is looked into; `source` is where that was met. Whether the program takes it is not known. */
  | { readonly code: 'beyond-limit'; readonly source: Source; readonly limit: Limit }
  /** `${NAME}` or `os.environ/NAME` that nothing sets. */
  | { readonly code: 'missing-variable'; readonly source: SourceLine; readonly name: string }
  /** An `$include` that leads out of the folder of the configuration. */
  | { readonly code: 'include-outside'; readonly source: SourceLine; readonly file: string }
  | { readonly code: 'include-circle'; readonly source: SourceLine; readonly file: string }
  | { readonly code: 'include-too-deep'; readonly source: SourceLine; readonly file: string };
