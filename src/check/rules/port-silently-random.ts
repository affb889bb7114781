import { collide } from '../../services/sharing.ts';
import type { CheckedUnit } from '../checked-unit.ts';
import { type Contender, Contenders, oneDodges } from '../contenders.ts';
import { listeningPorts } from '../../inventory/listening-ports.ts';
import { type Fault, type HostRule, mostNamed } from '../rule.ts';

export interface PortSilentlyRandom {
  /** The program's name as its makers write it. */
  readonly service: string;
  readonly port: number;
  /** `rivals`: other services use the port; `elsewhere`: the service runs, and listens on these other ports. */
  readonly now:
    | {
        readonly kind: 'rivals';
        readonly units: readonly string[];
        /** How many more units there are; left out when there are none. */
        readonly moreUnits?: number;
        readonly ifFirst: FateOfOthers;
      }
    | { readonly kind: 'elsewhere'; readonly ports: readonly number[] };
}

/**
 * What happens to the other services when this one starts first: they choose another port, fail to listen, or are not
 * affected.
 */
type FateOfOthers = 'dodge' | 'fail' | 'listen';

type PortFault = Fault<PortSilentlyRandom> & { readonly unit: string };

/** A service that finds its port in use and listens on a random port, while systemd calls it active. */
export const portSilentlyRandom: HostRule<'port-silently-random', PortSilentlyRandom> = {
  id: 'port-silently-random',
  severity: 'critical',
  needs: 'home',
  judges: 'host',
  begin({ inventory: { host } }) {
    const contenders = new Contenders();
    const elsewhere: PortFault[] = [];
    return {
      see(unit) {
        contenders.see(unit);
        if (host.kind === 'live')
          elsewhere.push(...listensElsewhere(unit, pid => listeningPorts(host.files, pid)));
      },
      *faults() {
        yield* elsewhere;
        for (const { contender, others } of contenders.rivals(oneDodges)) {
          yield* dodging(contender, others, new Set(elsewhere.map(({ unit }) => unit)));
        }
      },
    };
  },
};

/** The service runs and does not listen on its configured port. */
function* listensElsewhere(
  { service, entry, name }: CheckedUnit,
  portsOf: (pid: number) => ReadonlySet<number> | undefined,
): Iterable<PortFault> {
  const { known } = service ?? {};
  const port = known?.service.pitfalls.takesRandomPort;
  const pid = entry.live?.mainPid ?? 0;
  if (known === undefined || port === undefined || pid === 0) return;
  const listener = known.service.listens(known.program).find(one => one.port === port);
  // Right after its start, the service does not listen on any port yet.
  const ports = listener && portsOf(pid);
  if (listener === undefined || ports === undefined || ports.size === 0 || ports.has(port)) return;
  yield {
    unit: name,
    source: listener.portOrigin.source ?? known.program.command.source,
    details: {
      service: known.service.name,
      port,
      now: { kind: 'elsewhere', ports: [...ports].sort((a, b) => a - b) },
    },
    changes: [],
  };
}

/** Reports the service that chooses another port; of two that both do, only one. */
function* dodging(
  contender: Contender,
  others: readonly Contender[],
  known: ReadonlySet<string>,
): Iterable<PortFault> {
  const all = [...others, contender];
  const dodgers = contender.dodges ? [contender] : others.filter(other => other.dodges);
  for (const dodger of dodgers) {
    const { unit, listener, source, service } = dodger;
    if (known.has(unit)) continue;
    const rivals = all.filter(other => other !== dodger);
    const now = {
      kind: 'rivals',
      units: rivals.slice(0, mostNamed).map(rival => rival.unit),
      ...(rivals.length > mostNamed && { moreUnits: rivals.length - mostNamed }),
      ifFirst: fateOf(rivals, dodger),
    } as const;
    yield { unit, source, details: { service, port: listener.port, now }, changes: [] };
  }
}

function fateOf(rivals: readonly Contender[], { listener }: Contender): FateOfOthers {
  if (rivals.some(rival => !rival.dodges && collide(rival.listener, listener))) return 'fail';
  return rivals.every(rival => rival.dodges) ? 'dodge' : 'listen';
}
