/** Who answers at this moment, along each chain of models: asked once, with little patience, and never for what costs. */
import { ask } from '../http/ask.ts';
import { type Content, contentOf } from '../http/content.ts';
import { type ConnectionFault, connectionFault, type ProxyOnTheWay } from '../http/connection-fault.ts';
import type { Agent, Destination, Gateway, Picture, Proxy } from '../routes/picture.ts';
import { knownServices } from '../services/index.ts';

export type Answering =
  | { readonly kind: 'answers'; readonly afterSeconds: number }
  /** `unwell`: it answers, but not as it should; the status says how. */
  | {
      readonly kind: 'silent';
      readonly code: ConnectionFault['code'] | 'unwell';
      readonly status: number | null;
      /** Where the status is as it should be, and what came is not. */
      readonly mismatch?: { readonly expected: string; readonly came: Content };
      /** The one on the way; left out where there is none. */
      readonly proxy?: ProxyOnTheWay;
    }
  /** Nobody asked: on files alone, and where an answer would cost, or is somebody else's. */
  | { readonly kind: 'not-asked' };

export const notAsked: Answering = { kind: 'not-asked' };

/** What answers, by what a chain leads to. */
export interface Answers {
  /** By unit. */
  readonly proxies: ReadonlyMap<string, Answering>;
  /** By name. */
  readonly nodes: ReadonlyMap<string, Answering>;
  /** Of this machine, where no service that was looked at listens. */
  readonly ports: ReadonlyMap<number, Answering>;
}

export const nobodyAsked: Answers = { proxies: new Map(), nodes: new Map(), ports: new Map() };

/** One model of an agent's chain. */
export interface ChainLink {
  readonly provider: string;
  readonly model: string;
  readonly leadsTo: Destination;
  readonly answering: Answering;
  /** `now`: the first that answers; `next`: the one after it that does. */
  readonly role: 'now' | 'next' | null;
}

/** An agent's models in the order in which they are asked. */
export function chainOf(
  { primary, fallbacks }: Agent,
  gateway: Gateway,
  answers: Answers,
): readonly ChainLink[] {
  let found = 0;
  const places = placesOf(gateway);
  return [...(primary === undefined ? [] : [primary]), ...fallbacks].map(({ provider, model }) => {
    const leadsTo = places.get(provider) ?? { kind: 'unknown' };
    const answering = answeringOf(leadsTo, answers);
    const isUp = answering.kind === 'answers';
    if (isUp) found += 1;
    const role = isUp && found === 1 ? 'now' : isUp && found === 2 ? 'next' : null;
    return { provider, model, leadsTo, answering, role };
  });
}

/** Where each provider leads, kept for the chains of all agents. */
function placesOf({ providers }: Gateway): ReadonlyMap<string, Destination> {
  const known = placesByProvider.get(providers) ?? new Map(providers.map(({ id, leadsTo }) => [id, leadsTo]));
  placesByProvider.set(providers, known);
  return known;
}

const placesByProvider = new WeakMap<Gateway['providers'], ReadonlyMap<string, Destination>>();

function answeringOf(leadsTo: Destination, { proxies, nodes, ports }: Answers): Answering {
  switch (leadsTo.kind) {
    case 'proxy':
      return proxies.get(leadsTo.unit) ?? notAsked;
    case 'own-port':
      return ports.get(leadsTo.port) ?? notAsked;
    case 'node':
      return nodes.get(leadsTo.node) ?? notAsked;
    case 'elsewhere':
    case 'unknown':
      return notAsked;
    default:
      return leadsTo satisfies never;
  }
}

/**
 * Asks all at once.
 *
 * @param authorities whose certificates the gateways believe, in PEM
 */
export async function askAll(
  { nodes, proxies, gateways }: Picture,
  authorities: readonly string[],
): Promise<Answers> {
  const ports = new Set(
    gateways
      .flatMap(({ providers }) => providers)
      .flatMap(({ leadsTo }) => (leadsTo.kind === 'own-port' ? [leadsTo.port] : [])),
  );
  const [ofProxies, ofNodes, ofPorts] = await Promise.all([
    Promise.all(proxies.map(async proxy => [proxy.unit, await askProxy(proxy)] as const)),
    Promise.all(nodes.map(async ({ name, url }) => [name, await askNode(url, authorities)] as const)),
    Promise.all([...ports].map(async port => [port, await askPort(port)] as const)),
  ]);
  return { proxies: new Map(ofProxies), nodes: new Map(ofNodes), ports: new Map(ofPorts) };
}

/** By the probe that is known of it. */
async function askProxy({ service, port }: Proxy): Promise<Answering> {
  const probe = knownServices.find(({ id }) => id === service)?.probes.liveness;
  if (port === undefined) return notAsked;
  if (probe === undefined) return askPort(port);
  return answeringAt(
    `http://127.0.0.1:${port}${probe.path}`,
    { statuses: probe.statuses, text: probe.bodyIncludes ?? '' },
    ownMs,
  );
}

/** By LiteLLM's probe; where that is not let through, by whether it knows `/v1` at all: without a key it refuses. */
async function askNode(url: string, authorities: readonly string[]): Promise<Answering> {
  const alive = await answeringAt(
    `${url}/health/liveliness`,
    { statuses: [200], text: '' },
    otherMs,
    authorities,
  );
  if (alive.kind !== 'silent' || alive.code !== 'unwell' || (alive.status ?? 500) >= 500) return alive;
  return answeringAt(`${url}/v1/models`, knowsModels, otherMs, authorities);
}

function askPort(port: number): Promise<Answering> {
  return answeringAt(`http://127.0.0.1:${port}/v1/models`, knowsModels, ownMs);
}

interface Expected {
  readonly statuses: readonly number[];
  /** Part of the answer. */
  readonly text: string;
}

const knowsModels: Expected = { statuses: [200, 401, 403], text: '' };

/** A look that people wait for, also on a machine that has much to do. */
const ownMs = 5_000;
const otherMs = 8_000;

async function answeringAt(
  url: string,
  expected: Expected,
  limitMs: number,
  authorities: readonly string[] = [],
): Promise<Answering> {
  try {
    const request = { method: 'GET', url, json: undefined, secrets: [], authorities } as const;
    const answer = await ask(request, AbortSignal.timeout(limitMs));
    const { status, text } = answer;
    if (!expected.statuses.includes(status)) return { kind: 'silent', code: 'unwell', status };
    if (!text.includes(expected.text)) {
      const mismatch = { expected: expected.text, came: contentOf(answer) };
      return { kind: 'silent', code: 'unwell', status, mismatch };
    }
    return { kind: 'answers', afterSeconds: answer.seconds };
  } catch (error) {
    const { code, status, proxy } = connectionFault(error);
    return { kind: 'silent', code, status, ...(proxy !== undefined && { proxy }) };
  }
}
