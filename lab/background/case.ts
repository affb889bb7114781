/** Commands whose programs are run on a real host, to see whether they go into the background. */

/** Processes by their names, sorted. */
type Processes = readonly string[];

/** What became of a command of `Type=exec`. */
export interface Observation {
  /** The words of the command. */
  readonly argv: readonly string[];
  readonly program: string;
  readonly manager: 'system' | 'user';
  /** The version of the package of the program. */
  readonly version: string;
  /** `ActiveState/SubState` of the unit and its `Result` when the command has ended, or has run for a while. */
  readonly state: string;
  readonly result: string;
  /** The exit status of the command; null as long as it runs. */
  readonly exitStatus: number | null;
  /** What runs in the control group of the unit then, with `KillMode=process`. */
  readonly inside: Processes;
  /** What runs elsewhere since then. */
  readonly outside: Processes;
  /** What remains with the default `KillMode=control-group`; null where the command did not end. */
  readonly leftByDefault: { readonly inside: Processes; readonly outside: Processes } | null;
  /** With `Restart=always`, for the first command of a program that ends: how it goes on. */
  readonly again: { readonly state: string; readonly result: string; readonly restarts: number } | null;
  /** The last line of a command that failed. */
  readonly said: string | null;
}
