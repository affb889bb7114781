/** The facts around a service that decide whether it comes back although systemd's Restart= would not bring it. */
import type { Pull } from '../systemd/boot.ts';
import type { Source } from '../systemd/service-settings.ts';

export interface Surroundings {
  readonly scope: 'user' | 'system';
  /** Null for the system manager, and where it is not known. */
  readonly linger: { readonly user: string; readonly enabled: boolean; readonly source: Source } | null;
  readonly boot: BootStart;
  /** Whether `user@.service`, the user manager's own unit, is restarted after a kill. Null for the system manager. */
  readonly userManager: { readonly restarts: boolean; readonly source: Source | null } | null;
  /** Active units with `Upholds=` this one (249 and newer). */
  readonly upheldBy: readonly Tie[];
  /** Units that start it when needed: `.socket`, `.path`, `.timer`, or a bus name. */
  readonly triggers: readonly Trigger[];
  /** Units that this one is tied to, so that their fall or stop is its own. */
  readonly bonds: readonly Bond[];
}

/** Whether the manager starts the unit when it starts itself. */
export type BootStart =
  /** `by` is the unit whose Wants=, Requires= or folder pulls it in. */
  | { readonly started: true; readonly by: string; readonly source: Source | null }
  | {
      readonly started: false;
      /**
       * `missing-target`: enabled, but for a unit that this manager does not have; `idle-target`: one it never starts;
       * `missing-requirement`: it requires a unit that this manager does not have, or cannot start.
       */
      readonly why: 'not-enabled' | 'missing-target' | 'idle-target' | 'missing-requirement';
      readonly target: string | null;
      readonly source: Source | null;
    };

export interface Tie {
  readonly unit: string;
  readonly source: Source | null;
}

export interface Trigger {
  readonly kind: 'socket' | 'path' | 'timer' | 'dbus';
  /** The unit, or the bus name. */
  readonly name: string;
  readonly source: Source | null;
  /** Whether the trigger is itself active: now, or offline from boot on. */
  readonly active: boolean;
  /** Whether it is active again after the manager has started anew. */
  readonly atBoot: boolean;
}

export interface Bond {
  readonly kind: 'BindsTo' | 'StopPropagatedFrom' | 'Requires' | 'Requisite' | 'PartOf';
  readonly other: string;
  /**
   * What systemd does when the other falls by itself; `restarts-directly` is RestartMode=direct, which spares this one;
   * `never-falls`: it is active without a process.
   */
  readonly afterItsFall: 'restarts' | 'restarts-directly' | 'stays-down' | 'never-falls';
  /** Whether it is ever inactive or deactivating on its way: what is bound to it is then stopped. */
  readonly goesDown: boolean;
  /** How the other one has this one started with it, at each of its own starts. */
  readonly pull: Pick<Pull, 'kind' | 'source'> | null;
  readonly source: Source | null;
}

/** A system service with nothing around it: what its own settings do is all that happens. */
export const alone: Surroundings = {
  scope: 'system',
  linger: null,
  boot: { started: false, why: 'not-enabled', target: null, source: null },
  userManager: null,
  upheldBy: [],
  triggers: [],
  bonds: [],
};
