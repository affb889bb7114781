/** The facts around a service that decide whether it comes back where `Restart=` does not restart it. */
import type { Pull } from '../systemd/boot.ts';
import type { Source } from '../systemd/service-settings.ts';

/** What lies around a service: its user's linger, the boot, and the other units that start or stop it. */
export interface Surroundings {
  /** The manager that the service belongs to: a user's, or the system's. */
  readonly scope: 'user' | 'system';
  /** Whether the user manager stays after logout; null for the system manager, and where nobody knows. */
  readonly linger: { readonly user: string; readonly enabled: boolean; readonly source: Source } | null;
  readonly boot: BootStart;
  /** Whether `user@.service`, the user manager's own unit, is restarted after a kill. Null for the system manager. */
  readonly userManager: { readonly restarts: boolean; readonly source: Source | null } | null;
  /** Active units that name this one in `Upholds=`, and start it whenever it is down (systemd 249 and newer). */
  readonly upheldBy: readonly Tie[];
  /**
   * What starts the service when somebody needs it: `.socket`, `.path` and `.timer` units, bus names, and units that pull it
   * in and are started on demand themselves.
   */
  readonly triggers: readonly Trigger[];
  /** Units that this one is tied to: when they fall or are stopped, systemd may stop or restart this one, too. */
  readonly bonds: readonly Bond[];
}

/** Whether the manager starts the unit when the manager itself starts. */
export type BootStart =
  /** `by` names the unit that pulls it in by Wants=, Requires= or a link in its folder. */
  | { readonly started: true; readonly by: string; readonly source: Source | null }
  | {
      readonly started: false;
      /**
       * `not-enabled`: no unit pulls it in; `missing-target`: it is enabled for a unit that this manager does not have;
       * `idle-target`: it is enabled for a unit that nothing starts; `missing-requirement`: it requires a unit that this manager
       * does not have, or cannot start; `conflict`: a unit that is started at the same time names it in `Conflicts=`, and
       * systemd gives up the start of this one; `conflict-undecided`: systemd gives up the start of one of the two, and it is not
       * known of which.
       */
      readonly why:
        | 'not-enabled'
        | 'missing-target'
        | 'idle-target'
        | 'missing-requirement'
        | 'conflict'
        | 'conflict-undecided';
      /** For `not-enabled`: whether [Install] names units for which it can be enabled. */
      readonly isInstallable?: boolean;
      /** The unit that it is enabled for, that it requires, or that it conflicts with. */
      readonly target: string | null;
      readonly source: Source | null;
    };

/** Another unit and the line that ties the service to it. */
export interface Tie {
  readonly unit: string;
  readonly source: Source | null;
}

/** What starts a service on demand. */
export interface Trigger {
  /** `unit`: another unit starts it by `Wants=`, `Requires=`, `OnFailure=` and the like, and is itself started on demand or up. */
  readonly kind: 'socket' | 'path' | 'timer' | 'dbus' | 'unit';
  /** Name of the unit, or the bus name. */
  readonly name: string;
  readonly source: Source | null;
  /** Whether the trigger itself is active: now on a live machine, after boot on an unpacked root. */
  readonly active: boolean;
  /** Whether the trigger is active again after the manager has started anew. */
  readonly atBoot: boolean;
  /** It has failed: nothing starts the service any more. */
  readonly hasFailed?: true;
}

/** A dependency by which the fall or the stop of another unit reaches this one. */
export interface Bond {
  readonly kind: 'BindsTo' | 'StopPropagatedFrom' | 'Requires' | 'Requisite' | 'PartOf';
  /** Name of the other unit. */
  readonly other: string;
  /**
   * What systemd does when the other unit falls by itself. With `restarts-directly` (RestartMode=direct) it leaves this one
   * alone; `never-falls` means that the other unit is active without a process.
   */
  readonly afterItsFall: 'restarts' | 'restarts-directly' | 'stays-down' | 'never-falls';
  /** Whether the other unit becomes inactive or deactivating during its fall: systemd then stops what is bound to it. */
  readonly goesDown: boolean;
  /** The dependency by which each start of the other unit starts this one, too; null when there is none. */
  readonly pull: Pick<Pull, 'kind' | 'source'> | null;
  readonly source: Source | null;
}

/**
 * The surroundings of a system service that no other unit starts, stops or needs: only its own settings decide.
 *
 * @example
 * import { alone } from 'daruma/restart';
 *
 * alone.scope; // 'system'
 * alone.boot.started; // false
 */
export const alone: Surroundings = {
  scope: 'system',
  linger: null,
  boot: { started: false, why: 'not-enabled', target: null, source: null },
  userManager: null,
  upheldBy: [],
  triggers: [],
  bonds: [],
};
