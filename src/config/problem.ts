/** Problems of a configuration file, as data. They never contain a value of the file, which may be a secret. */

/** The kind of value that is expected. */
export type Expectation =
  | 'mapping'
  | 'list'
  | 'text'
  | 'boolean'
  | 'reason'
  | 'service-name'
  | 'probe'
  | 'http-url'
  | 'server-url'
  | 'http-status'
  | 'host-and-port'
  | 'absolute-path'
  | 'command'
  | 'count'
  | 'time-span'
  | 'time-span-or-zero'
  | 'secret'
  | 'chat'
  | 'priority-to-5'
  | 'priority-to-10'
  | 'mail-address'
  | 'mail-server'
  | 'clock-time'
  | 'line-count';

/** Faults of the YAML syntax. */
export type SyntaxFault =
  | 'not-utf8'
  | 'tab'
  | 'indentation'
  | 'not-closed'
  | 'nested-key'
  | 'duplicate-key'
  | 'several-documents'
  | 'alias'
  | 'tag'
  | 'escape'
  | 'too-deep'
  | 'too-large'
  | 'other';

export type ConfigurationFault =
  | { readonly code: 'syntax'; readonly fault: SyntaxFault }
  | {
      readonly code: 'unknown-key';
      readonly key: string;
      readonly known: readonly string[];
      readonly suggestion?: string;
    }
  | { readonly code: 'unknown-rule'; readonly rule: string; readonly suggestion?: string }
  | { readonly code: 'needs-one-of'; readonly keys: readonly string[] }
  | { readonly code: 'only-one-of'; readonly keys: readonly string[] }
  | { readonly code: 'repeated-unit'; readonly unit: string; readonly line: number }
  | { readonly code: 'repeated-channel'; readonly name: string; readonly line: number }
  | { readonly code: 'repeated-node'; readonly name: string; readonly line: number }
  | { readonly code: 'not-one-of'; readonly choices: readonly string[]; readonly suggestion?: string }
  | { readonly code: 'unexpected'; readonly expected: Expectation };

/** A position in the file; lines and columns count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface ConfigurationProblem extends Position {
  readonly fault: ConfigurationFault;
  /** Number of further problems of this kind that are not shown. */
  readonly alike?: number;
}
