import type { SourceLine } from '../systemd/service-settings.ts';

/**
 * Where a program has a setting from. A source is always a line of the unit: reports show the lines around a source,
 * and those of an environment file or a configuration are full of secrets.
 */
export type Origin =
  /** The default of the program, or a value that systemd gives to every service. */
  | { readonly kind: 'default'; readonly source: null }
  /**
   * The environment that the manager passes on to all its services. Null for a file: no file of environment.d(5) has this value, so
   * that somebody has set it (`systemctl set-environment`, `import-environment`).
   */
  | { readonly kind: 'manager'; readonly file: string | null; readonly source: null }
  /** An option, or a variable that the command line sets for the program. */
  | { readonly kind: 'command'; readonly source: SourceLine }
  /** A variable of `Environment=`. */
  | { readonly kind: 'unit'; readonly source: SourceLine }
  /** A file that `EnvironmentFile=` names, or a configuration that the program finds itself. */
  | { readonly kind: 'file'; readonly file: string; readonly source: SourceLine | null };

export const byDefault: Origin = { kind: 'default', source: null };
