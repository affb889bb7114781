import { collide } from '../../services/sharing.ts';
import { Contenders, oneDodges } from '../contenders.ts';
import { type HostRule, mostNamed } from '../rule.ts';

export interface PortConflict {
  readonly port: number;
  /** The file other than the unit file that sets the port. */
  readonly file: string | null;
  /** The services before this one, by name, that use the same port. */
  readonly others: readonly string[];
  /** How many more services there are; left out when there are none. */
  readonly moreOthers?: number;
  /** Those of all these services that systemd stops restarting in the end when they cannot start. */
  readonly givenUp: readonly string[];
  readonly moreGivenUp?: number;
}

/** Two services that run at the same time and use the same port of the same address. */
export const portConflict: HostRule<'port-conflict', PortConflict> = {
  id: 'port-conflict',
  severity: 'warning',
  worst: 'critical',
  needs: 'home',
  judges: 'host',
  begin() {
    const contenders = new Contenders();
    return {
      see: unit => contenders.see(unit),
      *faults() {
        // When one of them chooses another port, `port-silently-random` reports it.
        const cannotShare = contenders.rivals((a, b) => collide(a.listener, b.listener) && !oneDodges(a, b));
        for (const { contender, others } of cannotShare) {
          const { unit, listener, source, file } = contender;
          const givenUp = [...others, contender].filter(one => one.givesUp).map(one => one.unit);
          yield {
            unit,
            source,
            severity: givenUp.length > 0 ? 'critical' : 'warning',
            details: {
              port: listener.port,
              file,
              others: others.slice(0, mostNamed).map(other => other.unit),
              ...(others.length > mostNamed && { moreOthers: others.length - mostNamed }),
              givenUp: givenUp.slice(0, mostNamed),
              ...(givenUp.length > mostNamed && { moreGivenUp: givenUp.length - mostNamed }),
            },
            changes: [],
          };
        }
      },
    };
  },
};
