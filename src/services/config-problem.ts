/** Why the configuration of a program does not say all, or is refused. No value is part of it: it may be a secret. */
import type { Limit } from '../systemd/host/limit.ts';
import type { Source } from '../systemd/service-settings.ts';

/** What is wrong; `source` is the line that asks for it, null for a configuration that is not there at all. */
export type ConfigProblem =
  | { readonly code: 'missing-file'; readonly source: Source | null; readonly file: string }
  /** It may be there, and cannot be looked into: another user's, not at hand, no regular file, too large. */
  | { readonly code: 'unreadable-file'; readonly source: Source | null; readonly file: string }
  /** Lines and columns count from 1. */
  | { readonly code: 'bad-syntax'; readonly source: Source; readonly column: number }
  /** A value that is not of the kind it must be; `key` is its path. */
  | { readonly code: 'bad-value'; readonly source: Source; readonly key: string }
  /** More than is looked into; `source` is where that was met. Whether the program takes it is not known. */
  | { readonly code: 'beyond-limit'; readonly source: Source; readonly limit: Limit }
  /** `${NAME}` or `os.environ/NAME` that nothing sets. */
  | { readonly code: 'missing-variable'; readonly source: Source; readonly name: string }
  /** An `$include` that leads out of the folder of the configuration. */
  | { readonly code: 'include-outside'; readonly source: Source; readonly file: string }
  | { readonly code: 'include-circle'; readonly source: Source; readonly file: string }
  | { readonly code: 'include-too-deep'; readonly source: Source; readonly file: string };
