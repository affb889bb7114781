import type { SourceLine } from '../systemd/service-settings.ts';

/**
 * Where a program has a setting from. A source is always a line of the unit: what a report shows of a file is the
 * surroundings of a line, and those of an environment file or a configuration are full of secrets.
 */
export type Origin =
  /** The program's own default, or what systemd gives every service. */
  | { readonly kind: 'default'; readonly source: null }
  /** An option, or a variable set on the way to the program. */
  | { readonly kind: 'command'; readonly source: SourceLine }
  /** A variable of `Environment=`. */
  | { readonly kind: 'unit'; readonly source: SourceLine }
  /** A file that `EnvironmentFile=` names, or a configuration that the program finds by itself. */
  | { readonly kind: 'file'; readonly file: string; readonly source: SourceLine | null };

export const byDefault: Origin = { kind: 'default', source: null };
