import type { Exposure, LoopbackSetting } from '../../services/known-service.ts';
import type { Origin } from '../../services/origin.ts';
import { isOnAllInterfaces } from '../../services/sharing.ts';
import { filtersAddresses, hasOwnNetwork } from '../network.ts';
import type { Change, Fault, ServiceRule } from '../rule.ts';

export interface ListensOnAllInterfaces {
  /** The program's name as its makers write it. */
  readonly service: string;
  readonly port: number;
  readonly exposure: Exposure;
  readonly loopback: LoopbackSetting | null;
  /** The kind of source that sets the address now. */
  readonly setBy: Origin['kind'];
  /** The file other than the unit file that sets the address. */
  readonly file: string | null;
  /** The variable that makes the service ask for a key. */
  readonly keyVariable: string | null;
  /** Whether newer versions of the service refuse to start without a key. */
  readonly newerRefuse: boolean;
}

/** Other machines can connect to the service, and it asks for no key. */
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
    const { addressOrigin: origin } = listener;
    const file = origin.kind === 'file' ? origin.file : null;
    const {
      bindLoopback: loopback = null,
      keyVariable = null,
      newerRefuseWithoutKey,
    } = known.service.pitfalls;
    yield {
      source: origin.source ?? known.program.command.source,
      severity: exposure === 'use' ? 'warning' : 'critical',
      details: {
        service: known.service.name,
        port: listener.port,
        exposure,
        loopback,
        setBy: origin.kind,
        file,
        keyVariable,
        newerRefuse: newerRefuseWithoutKey === true,
      },
      changes: exposure === 'token' ? changesFor(service.name, origin, loopback) : [],
    };
  },
};

/**
 * The changes to listen on this machine alone. A service that hands out a token is never meant to be open; for any
 * other service a person must decide. `Environment=` cannot override a value that a file or the command line sets.
 */
function changesFor(unit: string, origin: Origin, loopback: LoopbackSetting | null): readonly Change[] {
  if (loopback?.kind !== 'variable' || origin.kind === 'command' || origin.kind === 'file') return [];
  const values = [`${loopback.name}=${loopback.value}`];
  return [{ kind: 'set', unit, section: 'Service', key: 'Environment', values }];
}
