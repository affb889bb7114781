/** What the rules about failover have in common: how they read the picture of a machine. */
import type { Inventory } from '../inventory/inventory.ts';
import { placeOf } from '../routes/asked-place.ts';
import type { Gateway, Picture, Place } from '../routes/picture.ts';
import {
  type AgentModels,
  type ModelChain,
  type ModelReference,
  modelsInOrder,
} from '../services/openclaw-models.ts';
import type { Host } from '../systemd/host/host.ts';
import type { Fault, HostRule, Routes } from './rule.ts';

/** A rule about who asks whom. */
export function routeRule<Id extends string, D extends object>(
  kind: Pick<HostRule<Id, D>, 'id' | 'severity' | 'worst'>,
  judge: (
    routes: Routes,
    host: Host,
    inventory: Inventory,
  ) => Iterable<Fault<D> & { readonly unit: string | null }>,
): HostRule<Id, D> {
  return {
    ...kind,
    needs: 'home',
    judges: 'host',
    begin: context => ({
      see() {},
      *faults() {
        const { inventory } = context;
        yield* judge(context.routes(), inventory.host, inventory);
      },
    }),
  };
}

/** The settings of agents that have no model of their own. */
export function defaultsOf({ agents }: Gateway): AgentModels | undefined {
  return agents.find(({ id }) => id === null);
}

/** The nodes other than the machine itself. */
export function otherNodes({ nodes, node }: Picture): Picture['nodes'] {
  return nodes.filter(each => each !== node);
}

/** The machine that answers at a place: the empty string is this machine; undefined means that it is not known. */
export function machineOf(place: Place | undefined, picture: Picture): string | undefined {
  const to = place?.leadsTo ?? { kind: 'unknown' };
  switch (to.kind) {
    case 'proxy':
    case 'own-port':
      return '';
    case 'node':
      return to.node === picture.node?.name ? '' : to.node;
    case 'elsewhere':
      return to.host;
    case 'unknown':
      return undefined;
    default:
      return to satisfies never;
  }
}

/** Whether an agent falls back to a machine that is certainly another one. */
export function leavesMachine(agent: AgentModels, gateway: Gateway, picture: Picture): boolean {
  return agent.fallbacks.some(reference => Boolean(machineOf(placeOf(gateway, reference), picture)));
}

/** Whether the models of a chain are on more than one machine. */
export function reachesTwo(chain: ModelChain, gateway: Gateway, picture: Picture): boolean {
  const machines = modelsInOrder(chain).map(reference => machineOf(placeOf(gateway, reference), picture));
  return new Set(machines.filter(each => each !== undefined)).size > 1;
}

/** `PROVIDER/MODEL` */
export function writtenReference({ provider, model }: ModelReference): string {
  return `${provider}/${model}`;
}
