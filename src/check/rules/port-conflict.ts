import { collide } from '../../services/sharing.ts';
import { Contenders, oneDodges } from '../contenders.ts';
import { type HostRule, mostNamed } from '../rule.ts';

export interface PortConflict {
  readonly port: number;
  /** The file, beside the unit, that says so. */
  readonly file: string | null;
  /** The services before it by name that want the same. */
  readonly others: readonly string[];
  /** How many there are besides; left out where there are none. */
  readonly moreOthers?: number;
  /** Those of them all that systemd gives up at last when they cannot start. */
  readonly givenUp: readonly string[];
  readonly moreGivenUp?: number;
}

/** Two services that run at the same time want one port of one address. */
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
        // Where one of them goes elsewhere, `port-silently-random` has more to say.
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
