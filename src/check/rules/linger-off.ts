import type { CheckedUnit } from '../checked-unit.ts';
import type { HostRule } from '../rule.ts';

export interface LingerOff {
  readonly user: string;
  /** The services that are meant to run all the time, and that end with the last session. */
  readonly units: readonly string[];
}

/** Without lingering, a user's services end with the last session, and none of them starts at boot. */
export const lingerOff: HostRule<'linger-off', LingerOff> = {
  id: 'linger-off',
  severity: 'critical',
  needs: 'home',
  judges: 'host',
  begin() {
    let user: string | undefined;
    const units: string[] = [];
    return {
      see({ service }: CheckedUnit) {
        const linger = service?.facts.surroundings.linger;
        if (!service?.isMeantToStay || linger?.enabled !== false) return;
        user = linger.user;
        units.push(service.name);
      },
      *faults() {
        if (user === undefined) return;
        const changes = [{ kind: 'enable-linger', user }] as const;
        yield { unit: null, source: null, details: { user, units }, changes };
      },
    };
  },
};
