import { type DownManager, downManager } from '../../inventory/down-manager.ts';
import { type Downfall, endingOf } from '../../inventory/downfall.ts';
import type { HostRule } from '../rule.ts';
import { isoSecond } from './service-down.ts';

export interface UserManagerDown extends Pick<Downfall, 'result' | 'code' | 'status'> {
  readonly user: string;
  /** The unit of the manager, as `user@1000.service`. */
  readonly manager: string;
  readonly phase: DownManager['phase'];
  /** Since when, in UTC as in ISO 8601, to the second; null where it runs, is on its way up or down, or has never run. */
  readonly since: string | null;
  /** Whether it failed for good, so that its start needs a reset first. */
  readonly hasFailed: boolean;
}

/** None of a user's services runs, since their manager does not; or nothing looks after them, since it hangs. */
export const userManagerDown: HostRule<'user-manager-down', UserManagerDown> = {
  id: 'user-manager-down',
  severity: 'critical',
  needs: 'user-manager',
  judges: 'host',
  first: true,
  begin({ inventory: { host }, hasUnits }) {
    return {
      see() {},
      *faults() {
        const manager = downManager(host);
        if (manager === undefined || !hasUnits) return;
        // On its way up or down it is not known to stay down, and what does not answer may be busy.
        const severity = manager.phase === 'down' ? 'critical' : 'warning';
        yield { severity, unit: null, source: null, details: managerDetails(manager), changes: [] };
      },
    };
  },
};

/** What is said of a manager that is down. */
export function managerDetails({ phase, live, user }: DownManager): UserManagerDown {
  return {
    user,
    manager: live.id,
    phase,
    since: phase === 'down' ? isoSecond(live.enteredInactiveSeconds) : null,
    ...managerEnd({ phase, live }),
    hasFailed: live.activeState === 'failed',
  };
}

/** How it ended; of one that runs nothing of an end is known. */
export function managerEnd({
  phase,
  live,
}: Pick<DownManager, 'phase' | 'live'>): ReturnType<typeof endingOf> {
  return phase === 'silent' ? { result: live.result, code: null, status: null } : endingOf(live);
}
