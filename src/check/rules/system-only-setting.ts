import { privilegedAssignments } from '../../services/privileged-settings.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface SystemOnlySetting {
  readonly directive: string;
  readonly value: string;
  /** The end of every start as `systemctl status` shows it: `216/GROUP`. */
  readonly status: string;
}

/** A setting in a user unit that needs privileges which a user manager does not have. */
export const systemOnlySetting: ServiceRule<'system-only-setting', SystemOnlySetting> = {
  id: 'system-only-setting',
  severity: 'critical',
  needs: 'units',
  judges: 'service',
  *check({ unit }, { inventory: { host } }): Iterable<Fault<SystemOnlySetting>> {
    for (const { source, directive, value, status } of privilegedAssignments(unit, host))
      yield { source, details: { directive, value, status }, changes: [] };
  },
};
