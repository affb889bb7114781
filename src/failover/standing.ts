/**
 * Finds out who is alive along each chain of models, by quick requests that cost nothing. A provider is asked for its models as OpenClaw
 * would ask it: at its own address, with its own key. Whether a model answers is not asked: that costs, and `daruma failover test` does.
 */
import { sendRequest } from '../http/request.ts';
import { type Content, contentOf, isPage } from '../http/content.ts';
import { type ConnectionFault, connectionFault, type ProxyOnTheWay } from '../http/connection-fault.ts';
import type { Inventory, ServiceEntry } from '../inventory/inventory.ts';
import { placeOf } from '../routes/asked-place.ts';
import type { Node } from '../routes/node.ts';
import type { Destination, Gateway, Picture, Proxy } from '../routes/picture.ts';
import { type ModelChain, modelsInOrder } from '../services/openclaw-models.ts';
import { isFront } from '../services/front.ts';
import { knownServices } from '../services/index.ts';
import { litellmLiveliness } from '../services/litellm.ts';
import type { HttpProbe } from '../services/known-service.ts';
import { portOfAnother } from './front/place.ts';
import type { FrontObstacle } from './front/obstacle.ts';
import { askFront, type FrontNow } from './front/statistics.ts';
import { askLink, certificateFault, type LinkReport } from './live/ask-link.ts';
import type { Link } from './live/link.ts';
import type { LinkFault, LinkFaultCode } from './live/link-fault.ts';

/** What those behind it said, where they may refuse its credentials; `status` is null without an answer. */
interface Refused {
  readonly path: string;
  readonly status: number | null;
}

export type Answering =
  /** A proxy or a machine: its probe. */
  | { readonly kind: 'answers'; readonly afterSeconds: number; readonly refused?: Refused }
  /** A provider: it took the request for its models, and lists the one that is wanted. */
  | { readonly kind: 'lists'; readonly afterSeconds: number }
  /** `unwell`: it answers, but with the wrong status or content. */
  | {
      readonly kind: 'silent';
      readonly code: ConnectionFault['code'] | 'unwell';
      readonly status: number | null;
      /** Present when the status is right but the content is not; `expected` is empty where any but a web page would do. */
      readonly mismatch?: { readonly expected: string; readonly came: Content };
      /** The proxy that was used; left out when there is none. */
      readonly proxy?: ProxyOnTheWay;
    }
  /** A provider that does not answer OpenClaw, and why. */
  | { readonly kind: 'faulty'; readonly fault: LinkFault }
  /** A provider of which it is not known whether it answers OpenClaw, and why. */
  | { readonly kind: 'unclear'; readonly fault: LinkFault }
  /** The unit of a proxy does not run; `isTaken`: somebody answers on its port all the same. */
  | { readonly kind: 'not-running'; readonly isTaken: boolean }
  /** Its unit runs, and does not listen on its port; `isTaken`: another program does. */
  | { readonly kind: 'other-port'; readonly listensOn: readonly number[]; readonly isTaken: boolean }
  /** Not asked: the host is not live, the answer would cost money, or the service belongs to somebody else. */
  | { readonly kind: 'not-asked' };

export const notAsked: Answering = { kind: 'not-asked' };

/** Results for everything that was asked. */
export interface Answers {
  /** Results by name of the proxy. */
  readonly proxies: ReadonlyMap<string, Answering>;
  /** Results by name of the node. */
  readonly nodes: ReadonlyMap<string, Answering>;
  /** What the providers said. */
  readonly providers: readonly LinkReport[];
  /** The units of gateways that are down: nobody asks for their agents. */
  readonly downGateways: ReadonlySet<string>;
  /** What the front of this machine says of the places that it passes requests on to; undefined without one that says so. */
  readonly front?: FrontNow | undefined;
  /** What HAProxy has against that front. */
  readonly frontObstacle?: FrontObstacle | undefined;
  /** The files of that front that are not as they would be written now. */
  readonly frontOutdated?: readonly string[];
}

export const nobodyAsked: Answers = {
  proxies: new Map(),
  nodes: new Map(),
  providers: [],
  downGateways: new Set(),
};

/** One model of an agent's chain. */
export interface ChainLink {
  readonly provider: string;
  readonly model: string;
  readonly leadsTo: Destination;
  readonly answering: Answering;
  /** `now`: the first one that is alive; `next`: the second one. */
  readonly role: 'now' | 'next' | null;
}

/** Models in the order in which OpenClaw asks them. */
export function chainOf(
  { primary, fallbacks }: ModelChain,
  gateway: Gateway,
  { providers }: Answers,
): readonly ChainLink[] {
  let found = 0;
  return modelsInOrder({ primary, fallbacks }).map(reference => {
    const { provider, model } = reference;
    const { leadsTo } = placeOf(gateway, reference) ?? { leadsTo: { kind: 'unknown' } };
    const report = providers.find(({ link }) => isLinkOf(link, gateway, reference));
    const answering = report === undefined ? notAsked : answeringOf(report, model);
    const isUp = answering.kind === 'lists';
    if (isUp) found += 1;
    const role = isUp && found === 1 ? 'now' : isUp && found === 2 ? 'next' : null;
    return { provider, model, leadsTo, answering, role };
  });
}

function isLinkOf(
  { kind, name, unit, models }: Link,
  gateway: Pick<Gateway, 'unit'>,
  { provider, model }: Pick<ChainLink, 'provider' | 'model'>,
): boolean {
  return kind === 'provider' && name === provider && unit === gateway.unit && models.includes(model);
}

function answeringOf({ faults, latencySeconds }: LinkReport, model: string): Answering {
  for (const kind of ['faulty', 'unclear'] as const) {
    const fault = faults.find(each => meaningOf(each) === kind && isOfModel(each, model));
    if (fault !== undefined) return { kind, fault };
  }
  return latencySeconds === null ? notAsked : { kind: 'lists', afterSeconds: latencySeconds };
}

function isOfModel(fault: LinkFault, model: string): boolean {
  return fault.code !== 'model-missing' || fault.model === model;
}

function meaningOf(fault: LinkFault): (typeof meaning)[LinkFaultCode] {
  return fault.code === 'other-program' && fault.lists ? undefined : meaning[fault.code];
}

/** Whether a provider with such a fault gives no answers. */
export function keepsAway(fault: LinkFault): boolean {
  return meaningOf(fault) === 'faulty';
}

/** What a fault means for an answer; those that keep none away are undefined. */
const meaning = {
  'address-invalid': 'faulty',
  'plain-http': undefined,
  unreachable: 'faulty',
  hangs: 'faulty',
  'tls-failed': 'faulty',
  'certificate-refused': 'faulty',
  'certificate-expired': 'faulty',
  'certificate-not-yet-valid': 'faulty',
  'certificate-wrong-name': 'faulty',
  'certificate-expires-soon': undefined,
  redirected: 'faulty',
  'key-missing': 'faulty',
  'key-not-tried': 'unclear',
  'key-refused': 'faulty',
  'key-readable': undefined,
  'open-to-all': undefined,
  'server-failed': 'faulty',
  'request-refused': 'faulty',
  'rate-limited': 'unclear',
  'wrong-service': 'faulty',
  'other-program': 'faulty',
  'version-missing': 'faulty',
  'models-not-listed': 'unclear',
  'model-missing': 'faulty',
  'credentials-refused': undefined,
  slow: undefined,
  // Of a completion alone.
  'answer-cut': undefined,
  'answer-empty': undefined,
  'answer-stopped': undefined,
  'answer-may-be-cut': undefined,
  'events-not-passed': undefined,
  'proxy-crosses': undefined,
} as const satisfies Readonly<Record<LinkFaultCode, 'faulty' | 'unclear' | undefined>>;

export interface Asking {
  /** The links of the machine. */
  readonly links: readonly Link[];
  /** The certificate authorities that the gateways trust, in PEM. */
  readonly authorities: readonly string[];
  /** Those that the machine trusts. */
  readonly machineAuthorities: readonly string[];
}

/** Asks all of them at the same time. Services of others are not asked. */
export async function askAll(picture: Picture, inventory: Inventory, asking: Asking): Promise<Answers> {
  const { nodes, proxies, gateways } = picture;
  const { links, machineAuthorities } = asking;
  const own = links.filter(link => isOurs(link, picture));
  const units = gateways.flatMap(({ unit }) => unit ?? []);
  const hasFront = proxies.some(isFront);
  const [ofProxies, ofNodes, providers, downGateways, front] = await Promise.all([
    proxiesNow(picture, inventory),
    Promise.all(nodes.map(async node => [node.name, await askNode(node, asking)] as const)),
    Promise.all(own.map(link => askLink(link, machineAuthorities, providerLimits, 'use'))),
    downAmong(units, inventory),
    hasFront ? askFront(inventory.host) : undefined,
  ]);
  return {
    proxies: ofProxies,
    nodes: new Map(ofNodes),
    providers: heldAgainst(providers, ofProxies),
    downGateways,
    front,
  };
}

async function downAmong(units: readonly string[], inventory: Inventory): Promise<ReadonlySet<string>> {
  const down = new Set<string>();
  if (units.length === 0) return down;
  for await (const { service, live } of inventory.services(units)) {
    if (live?.activeState === 'inactive' || live?.activeState === 'failed') down.add(service.unit.name);
  }
  return down;
}

/** How the proxies of this machine are now, by name. */
export async function proxiesNow(picture: Picture, inventory: Inventory): Promise<Answers['proxies']> {
  const standings = picture.proxies.map(
    async proxy => [proxy.name, await standingOf(proxy, picture, inventory)] as const,
  );
  return new Map(await Promise.all(standings));
}

/** Names the service whose address somebody else answers at. What has no list of models there is then no mere lack of knowledge. */
export function heldAgainst(
  reports: readonly LinkReport[],
  proxies: Answers['proxies'],
): readonly LinkReport[] {
  return reports.map(report => {
    const { link, faults, asked, latencySeconds, modelCount } = report;
    const standing = link.proxy === undefined ? undefined : proxies.get(link.proxy);
    const isOther = standing?.kind === 'not-running' || standing?.kind === 'other-port';
    const hasAnswered = asked === 'models' && latencySeconds !== null;
    if (link.proxy === undefined || !isOther || !standing.isTaken || !hasAnswered) return report;
    const fault: LinkFault = {
      code: 'other-program',
      service: link.proxy,
      host: URL.parse(link.baseUrl)?.host ?? '',
      state: standing.kind,
      lists: modelCount !== null,
    };
    const others = faults.filter(({ code }) => code !== 'models-not-listed');
    return { ...report, faults: [fault, ...others] };
  });
}

/** Whether a link leads to this machine, or to another one of the list. */
function isOurs(link: Link, { gateways }: Picture): boolean {
  return gateways.some(gateway =>
    [...gateway.agents, ...gateway.settings]
      .flatMap(modelsInOrder)
      .filter(reference => isLinkOf(link, gateway, reference))
      .some(reference => {
        const kind = placeOf(gateway, reference)?.leadsTo.kind;
        return kind === 'proxy' || kind === 'own-port' || kind === 'node';
      }),
  );
}

/** Whoever answers on the port of a unit that does not run is another program. */
async function standingOf(proxy: Proxy, picture: Picture, inventory: Inventory): Promise<Answering> {
  if (isFront(proxy) && (await portOfAnother(picture, inventory.host)) !== undefined)
    return { kind: 'not-running', isTaken: true };
  const entry = await entryOf(proxy, inventory);
  const down = entry?.downfallNow;
  if (down?.how === 'not-listening' && down.port === proxy.port)
    return { kind: 'other-port', listensOn: down.listensOn, isTaken: down.isPortTaken };
  const answering = await askProxy(proxy);
  const live = entry?.live;
  const runs = live === undefined || live.mainPid !== 0 || live.activeState === 'active';
  // A container may go on without the unit that started it, and the question itself starts a front, by its socket.
  const isStarted = isFront(proxy) && isSomebody(answering);
  if (runs || isStarted || proxy.container !== undefined) return answering;
  return { kind: 'not-running', isTaken: isSomebody(answering) };
}

/** Whether somebody has answered, be it not as the service would. */
function isSomebody(answering: Answering): boolean {
  const { kind } = answering;
  return kind === 'answers' || (kind === 'silent' && /^(?:unwell|too-long)$/.test(answering.code));
}

async function entryOf({ unit }: Proxy, inventory: Inventory): Promise<ServiceEntry | undefined> {
  if (unit === null) return undefined;
  for await (const entry of inventory.services([unit])) return entry;
  return undefined;
}

/** Asks a proxy by the probe that daruma knows for its service. */
async function askProxy({ service, address, port }: Proxy): Promise<Answering> {
  const probes = knownServices.find(({ id }) => id === service)?.probes;
  if (port === undefined || probes?.liveness === undefined) return notAsked;
  const ask = ({ path, statuses, bodyIncludes = '' }: HttpProbe) =>
    answeringAt(`http://${address}:${port}${path}`, { statuses, text: bodyIncludes }, ownMs);
  const answering = await ask(probes.liveness);
  const { credentials } = probes;
  if (answering.kind !== 'answers' || credentials === undefined) return answering;
  const accepted = await ask(credentials);
  if (accepted.kind !== 'silent' || accepted.mismatch !== undefined) return answering;
  return { ...answering, refused: { path: credentials.path, status: accepted.status } };
}

/**
 * Asks a node by LiteLLM's probe. If the web server does not pass that on, it is asked for its models: with its key, or, where it needs
 * none, without: a refusal also shows that it is up.
 */
async function askNode(
  { name, url, key }: Node,
  { links, authorities, machineAuthorities }: Asking,
): Promise<Answering> {
  const alive = await askLiveliness(url, authorities);
  if (alive.kind !== 'silent') return alive;
  // Where a provider asks the same, there is no link of the node.
  const link =
    links.find(each => each.kind === 'node' && each.name === name) ??
    links.find(({ baseUrl }) => baseUrl === `${url}/v1`);
  if (alive.code === 'tls' && link !== undefined) {
    const fault = await certificateFault(new URL(url), link, machineAuthorities, providerLimits);
    return fault === undefined ? alive : { kind: 'faulty', fault };
  }
  if (alive.code !== 'unwell' || (alive.status ?? 500) >= 500) return alive;
  if (key === undefined) return answeringAt(`${url}/v1/models`, knowsModels, otherMs, authorities);
  if (link === undefined) return notAsked;
  const answering = answeringOf(await askLink(link, machineAuthorities, providerLimits, 'use'), '');
  return answering.kind === 'lists' ? { ...answering, kind: 'answers' } : answering;
}

/** Asks whether a LiteLLM is alive at an address without `/v1`: of another machine, or behind a front. */
export function askLiveliness(url: string, authorities: readonly string[] = []): Promise<Answering> {
  const { path, statuses, bodyIncludes } = litellmLiveliness;
  return answeringAt(url + path, { statuses, text: bodyIncludes }, otherMs, authorities);
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
const providerLimits = {
  connectMs: ownMs,
  headersMs: otherMs,
  bodyMs: otherMs,
  // Longer than the way to the first byte may take: what is silent is not one whose answer has no end.
  answerMs: ownMs + otherMs,
} as const;

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
    if (!text.includes(expected.text) || isPage(text)) {
      const mismatch = { expected: expected.text, came: contentOf(answer) };
      return { kind: 'silent', code: 'unwell', status, mismatch };
    }
    return { kind: 'answers', afterSeconds: answer.seconds };
  } catch (error) {
    const { code, status, proxy } = connectionFault(error);
    return { kind: 'silent', code, status, ...(proxy !== undefined && { proxy }) };
  }
}
