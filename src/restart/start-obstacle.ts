/** What keeps a service from starting, as data. Who builds the facts of a service finds it out: the model looks at no file. */
import type { Source } from '../systemd/service-settings.ts';

/** Why every start of a service fails, or is skipped, as things are now. */
export interface StartObstacle {
  readonly fault: StartFault | MissingRequirement;
  /**
   * Null where the next start fails for certain. `volatile`: what is wrong concerns a path that a mount, a boot or another program
   * may bring or take away; `made-before`: a command that systemd runs before may make the file; `unreadable`: the file may not
   * be looked up, so that nobody knows whether something is wrong.
   */
  readonly doubt: 'volatile' | 'made-before' | 'unreadable' | null;
  /** The directive that cannot be carried out, such as `ExecStart`. */
  readonly setting: string;
  /** Its value; null for a command line. */
  readonly value: string | null;
  readonly source: Source | null;
}

/** What is wrong. Paths are absolute, except for a program that systemd searches for. */
export type StartFault =
  /** A file of a command. `role` and `script` say what it is for: the program, or the interpreter that a `#!` line names ... */
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly role: 'program' | 'interpreter' | 'wrapped' | 'script';
      readonly problem: 'missing' | 'directory' | 'not-executable' | 'unreadable';
      readonly script: string | null;
    }
  | {
      readonly kind: 'working-directory';
      readonly path: string;
      readonly problem: 'missing' | 'no-directory' | 'unreadable';
    }
  | {
      readonly kind: 'environment-file';
      readonly path: string;
      readonly problem: 'missing' | 'unreadable';
    }
  /** A user manager may not do what the setting asks for; `status` is the end of every start: `216/GROUP`. */
  | { readonly kind: 'privileges'; readonly status: string }
  /** A condition of the unit is not met: systemd skips the start. */
  | { readonly kind: 'condition' }
  /** An assertion of the unit is not met: the start fails. */
  | { readonly kind: 'assertion' };

/** The service requires a unit that its manager does not have, or cannot start. */
interface MissingRequirement {
  readonly kind: 'requirement';
  readonly unit: string;
}
