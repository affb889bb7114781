/** Whether the manager of a user's services runs: without it none of them does. */
import type { Host, LiveUnit } from '../systemd/host/host.ts';

/** The user's own manager does not run, or is on its way up or down, and so are its services. */
export interface DownManager {
  readonly phase: 'down' | 'starting' | 'stopping';
  readonly live: LiveUnit;
  /** Of whom. */
  readonly user: string;
}

/** The manager of the host's user, when it is known to be down. */
export function downManager({ userManager: live, manager, user }: Host): DownManager | undefined {
  if (live === undefined) return undefined;
  const known = { live, user: user?.name ?? '' };
  // `systemctl --user exit` has it shut down while its unit is active.
  if (manager?.isStopping === true || live.activeState === 'deactivating')
    return { phase: 'stopping', ...known };
  if (live.activeState === 'activating') return { phase: 'starting', ...known };
  return live.activeState === 'active' ? undefined : { phase: 'down', ...known };
}
