/** Whether the manager of a user's services runs: without it none of them does. */
import type { Host, LiveUnit } from '../systemd/host/host.ts';

/** The user's own manager does not run, or is on its way up or down, and so are its services; `silent`: it runs, and does not answer. */
export interface DownManager {
  readonly phase: 'down' | 'starting' | 'stopping' | 'silent';
  readonly live: LiveUnit;
  /** Of whom. */
  readonly user: string;
}

/** The manager of the host's user, when it is known to be down or to hang. */
export function downManager({
  userManager: live,
  manager,
  managerProblem,
  user,
}: Host): DownManager | undefined {
  if (live === undefined) return undefined;
  const known = { live, user: user?.name ?? '' };
  // `systemctl --user exit` has it shut down while its unit is active.
  if (manager?.isStopping === true || live.activeState === 'deactivating')
    return { phase: 'stopping', ...known };
  if (live.activeState === 'activating') return { phase: 'starting', ...known };
  if (live.activeState !== 'active') return { phase: 'down', ...known };
  return managerProblem?.code === 'timeout' ? { phase: 'silent', ...known } : undefined;
}
