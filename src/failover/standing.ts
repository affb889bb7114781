/** Finds out who answers now along each chain of models, with one quick request each that costs nothing. */
import { sendRequest } from '../http/request.ts';
import { type Content, contentOf } from '../http/content.ts';
import { type ConnectionFault, connectionFault, type ProxyOnTheWay } from '../http/connection-fault.ts';
import { placeOf } from '../routes/asked-place.ts';
import type { Destination, Gateway, Picture, Proxy } from '../routes/picture.ts';
import { type ModelChain, modelsInOrder } from '../services/openclaw-models.ts';
import { knownServices } from '../services/index.ts';
import type { HttpProbe } from '../services/known-service.ts';

export type Answering =
  | {
      readonly kind: 'answers';
      readonly afterSeconds: number;
      /** What those behind it said, where they may refuse its credentials; `status` is null without an answer. */
      readonly refused?: { readonly path: string; readonly status: number | null };
    }
  /** `unwell`: it answers, but with the wrong status or content. */
  | {
      readonly kind: 'silent';
      readonly code: ConnectionFault['code'] | 'unwell';
      readonly status: number | null;
      /** Present when the status is right but the content is not. */
      readonly mismatch?: { readonly expected: string; readonly came: Content };
      /** The proxy that was used; left out when there is none. */
      readonly proxy?: ProxyOnTheWay;
    }
  /** Not asked: the host is not live, the answer would cost money, or the service belongs to somebody else. */
  | { readonly kind: 'not-asked' };

export const notAsked: Answering = { kind: 'not-asked' };

/** Results for everything that a chain can lead to. */
export interface Answers {
  /** Results by name of the proxy. */
  readonly proxies: ReadonlyMap<string, Answering>;
  /** Results by name of the node. */
  readonly nodes: ReadonlyMap<string, Answering>;
  /** Results for ports of this machine on which no known service listens. */
  readonly ports: ReadonlyMap<number, Answering>;
}

export const nobodyAsked: Answers = { proxies: new Map(), nodes: new Map(), ports: new Map() };

/** One model of an agent's chain. */
export interface ChainLink {
  readonly provider: string;
  readonly model: string;
  readonly leadsTo: Destination;
  readonly answering: Answering;
  /** `now`: the first one that answers; `next`: the second one that answers. */
  readonly role: 'now' | 'next' | null;
}

/** Models in the order in which OpenClaw asks them. */
export function chainOf(
  { primary, fallbacks }: ModelChain,
  gateway: Gateway,
  answers: Answers,
): readonly ChainLink[] {
  let found = 0;
  return modelsInOrder({ primary, fallbacks }).map(reference => {
    const { provider, model } = reference;
    const { leadsTo } = placeOf(gateway, reference) ?? { leadsTo: { kind: 'unknown' } };
    const answering = answeringOf(leadsTo, answers);
    const isUp = answering.kind === 'answers';
    if (isUp) found += 1;
    const role = isUp && found === 1 ? 'now' : isUp && found === 2 ? 'next' : null;
    return { provider, model, leadsTo, answering, role };
  });
}

function answeringOf(leadsTo: Destination, { proxies, nodes, ports }: Answers): Answering {
  switch (leadsTo.kind) {
    case 'proxy':
      return proxies.get(leadsTo.name) ?? notAsked;
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
 * Asks all of them at the same time.
 *
 * @param authorities the certificate authorities that the gateways trust, in PEM
 */
export async function askAll(
  { nodes, proxies, gateways }: Picture,
  authorities: readonly string[],
): Promise<Answers> {
  const ports = new Set(
    gateways
      .flatMap(({ providers }) => providers)
      .flatMap(provider => [provider, ...provider.apart.values()])
      .flatMap(({ leadsTo }) => (leadsTo.kind === 'own-port' ? [leadsTo.port] : [])),
  );
  const [ofProxies, ofNodes, ofPorts] = await Promise.all([
    Promise.all(proxies.map(async proxy => [proxy.name, await askProxy(proxy)] as const)),
    Promise.all(nodes.map(async ({ name, url }) => [name, await askNode(url, authorities)] as const)),
    Promise.all([...ports].map(async port => [port, await askPort(port)] as const)),
  ]);
  return { proxies: new Map(ofProxies), nodes: new Map(ofNodes), ports: new Map(ofPorts) };
}

/** Asks a proxy by the probe that daruma knows for its service. */
async function askProxy({ service, address, port }: Proxy): Promise<Answering> {
  const probes = knownServices.find(({ id }) => id === service)?.probes;
  if (port === undefined) return notAsked;
  if (probes?.liveness === undefined) return askPort(port, address);
  const ask = ({ path, statuses, bodyIncludes = '' }: HttpProbe) =>
    answeringAt(`http://${address}:${port}${path}`, { statuses, text: bodyIncludes }, ownMs);
  const answering = await ask(probes.liveness);
  const { credentials } = probes;
  if (answering.kind !== 'answers' || credentials === undefined) return answering;
  const accepted = await ask(credentials);
  if (accepted.kind !== 'silent') return answering;
  return { ...answering, refused: { path: credentials.path, status: accepted.status } };
}

/** Asks a node by LiteLLM's probe. If the web server does not pass that on, a refusal of `/v1` without a key also shows that it is up. */
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

function askPort(port: number, address = '127.0.0.1'): Promise<Answering> {
  return answeringAt(`http://${address}:${port}/v1/models`, knowsModels, ownMs);
}

interface Expected {
  readonly statuses: readonly number[];
  /** A text that the answer has to contain. */
  readonly text: string;
}

const knowsModels: Expected = { statuses: [200, 401, 403], text: '' };

/** Short limits, because the user waits for the result; long enough for a busy machine. */
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
    const answer = await sendRequest(request, AbortSignal.timeout(limitMs));
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
