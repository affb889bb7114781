import type { Exposure, LoopbackSetting, Pitfalls } from '../../services/known-service.ts';
import { isOnAllInterfaces } from '../../services/sharing.ts';
import type { LoadedService } from '../checked-unit.ts';
import { filtersAddresses, hasOwnNetwork } from '../network.ts';
import type { Change, Fault, ServiceRule } from '../rule.ts';

export interface ListensOnAllInterfaces {
  /** As its makers write it. */
  readonly service: string;
  readonly port: number;
  readonly exposure: Exposure;
  readonly loopback: LoopbackSetting | null;
  /** The variable that makes it ask for a key. */
  readonly keyVariable: string | null;
}

/** Other machines can connect, and the service asks for no key. */
export const listensOnAllInterfaces: ServiceRule<'listens-on-all-interfaces', ListensOnAllInterfaces> = {
  id: 'listens-on-all-interfaces',
  severity: 'warning',
  worst: 'critical',
  needs: 'units',
  judges: 'service',
  *check(service): Iterable<Fault<ListensOnAllInterfaces>> {
    const { known } = service;
    const exposure = known?.service.pitfalls.openTo?.(known.program);
    if (known === undefined || exposure === undefined) return;
    const listener = known.service.listens(known.program).find(isOnAllInterfaces);
    if (listener === undefined || hasOwnNetwork(service) || filtersAddresses(service)) return;
    const { bindLoopback: loopback = null, keyVariable = null } = known.service.pitfalls;
    yield {
      source: listener.addressSource ?? known.program.command.source,
      severity: exposure === 'use' ? 'warning' : 'critical',
      details: { service: known.service.name, port: listener.port, exposure, loopback, keyVariable },
      changes: changesFor(service, exposure, known.service.pitfalls),
    };
  },
};

/**
 * A token that is handed to anyone is never meant to be. Whether others are to use a service is for a person to say.
 * What a file of `EnvironmentFile=` or the command line sets, `Environment=` cannot override.
 */
function changesFor(
  service: LoadedService,
  exposure: Exposure,
  { bindLoopback }: Pitfalls,
): readonly Change[] {
  if (exposure !== 'token' || bindLoopback?.kind !== 'variable') return [];
  const { name, value } = bindLoopback;
  const source = service.program?.variableSource(name) ?? null;
  const isOwn = service.unit.assignments
    .get('Service', 'Environment')
    .some(line => line.source.file === source?.file && line.source.line === source.line);
  if (service.program?.variable(name) !== undefined && !isOwn) return [];
  return [
    {
      kind: 'set',
      unit: service.name,
      section: 'Service',
      key: 'Environment',
      values: [`${name}=${value}`],
    },
  ];
}
