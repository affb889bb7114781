/**
 * Circles of proxies: when the upstreams fail, requests come back to a proxy that they have already passed, again and
 * again.
 *
 * LiteLLM asks a deployment with the requested name (any of them, when there are several). When that fails, it asks the
 * models that its fallbacks name (`services/litellm-attempts.ts`). It never learns that a request came from another LiteLLM.
 */
import { isFront } from '../services/front.ts';
import type { LitellmFallback } from '../services/litellm-config.ts';
import { type Attempt, attemptsOf, type FailureKind } from '../services/litellm-attempts.ts';
import { type LitellmRouter, litellmRouter, type Route } from '../services/litellm-router.ts';
import type { MetLimit } from '../systemd/host/limit.ts';
import type { SourceLine } from '../systemd/service-settings.ts';
import { entranceFor } from './destination.ts';
import { isDestination, isMachine } from './machine.ts';
import type { Node } from './node.ts';
import type { Destination, Picture, Proxy } from './picture.ts';

/** One hop from a model of a proxy to the next one. */
export interface Hop {
  readonly machine: string;
  /** The proxy's name. */
  readonly proxy: string;
  /** The service that runs the proxy; see {@link Proxy.unit}. */
  readonly unit: string | null;
  /** The model that is asked for there. */
  readonly model: string;
  /** What causes the hop: an entry of `model_list`, a server of a front, another name for a model, or a kind of fallback. */
  readonly by: 'deployment' | 'server' | 'alias' | LitellmFallback['kind'];
  /** The line that defines it. */
  readonly source: SourceLine;
}

/** The hops of a circle; the last one leads back to the first. */
export interface Circle {
  readonly steps: readonly [Hop, ...(readonly Hop[])];
  /** False for a circle within one proxy, which newer versions of LiteLLM break. */
  readonly leavesProxy: boolean;
}

/**
 * Finds the circles through the proxies of a machine, each once, starting at that machine. The search ends at the first
 * model for which it exceeds its limit; later models are not searched.
 *
 * @param others machines whose files are available
 * @param tell is called with the limit when it is exceeded
 */
export function circlesOf(
  picture: Picture,
  others: readonly Picture[],
  tell: (met: MetLimit) => void,
): readonly Circle[] {
  const network = new Network([picture, ...others]);
  const found = new Map<string, Circle>();
  for (const start of network.placesOf(picture)) {
    const circle = network.circleAt(start);
    if (circle === beyond) {
      const source = { file: start.proxy.file ?? start.proxy.name, line: null };
      tell({ source, limit: { of: 'steps', most: mostSteps } });
      break;
    }
    if (circle === undefined) continue;
    const places = circle.steps.map(({ machine, proxy, model }) => [machine, proxy, model].join(' '));
    const key = places.toSorted().join('\n');
    if (!found.has(key)) found.set(key, circle);
  }
  return [...found.values()];
}

/**
 * Limit of steps in the search for all circles of a machine: thousands of models that all fall back to each other take
 * a second.
 */
const mostSteps = 1_000_000;

const beyond = Symbol('there is more than is looked at');

/** A deployment of a proxy that leads to the proxies of another machine. */
export interface WayOut {
  /** The proxy's name. */
  readonly proxy: string;
  readonly unit: string | null;
  readonly model: string;
  /** The name of the node, else the host of the address. */
  readonly machine: string;
  readonly source: SourceLine;
}

/**
 * Deployments that lead to another node whose files are not available, or are incomplete: it is not known whether their
 * requests come back.
 */
export function waysOut(picture: Picture, others: readonly Picture[]): readonly WayOut[] {
  const network = new Network([picture, ...others]);
  // A front is there to lead to other machines, and refuses what has been through a front.
  const asking = picture.proxies.filter(proxy => !isFront(proxy));
  return asking.flatMap(({ name: proxy, unit, deployments }) =>
    deployments.flatMap(({ leadsTo, name, source }) => {
      if (leadsTo.kind !== 'node' || leadsTo.node === picture.node?.name) return [];
      const targets = network.targetsOf(leadsTo, picture);
      // Where the files of the other machine show no proxy at that address, it is one that they do not show.
      const isKnown = targets?.length && targets.every(target => target.proxy.isComplete);
      return isKnown ? [] : [{ proxy, unit, model: name, machine: leadsTo.node, source }];
    }),
  );
}

/**
 * The proxies that an address leads to; undefined when the machine there is not known.
 *
 * @param from the machine that sends the request
 */
export function proxiesAt(
  destination: Destination,
  from: Picture,
  others: readonly Picture[],
): readonly Proxy[] | undefined {
  return new Network([from, ...others]).targetsOf(destination, from)?.map(({ proxy }) => proxy);
}

/** Whether a proxy serves a model name; undefined when not all of its models are known. */
export function serves(proxy: Proxy, model: string): boolean | undefined {
  const isKnown = routerOf(proxy).knows(model);
  return isKnown === false && !proxy.isComplete ? undefined : isKnown;
}

/** A model of a proxy. There is one object for each. */
interface Place {
  readonly picture: Picture;
  readonly proxy: Proxy;
  readonly model: string;
}

/** From a request that comes to a proxy to one that goes out from it. */
interface Edge {
  /** By fallbacks, another name in place of the one that is asked for, and a deployment at the end. */
  readonly hops: readonly [Hop, ...(readonly Hop[])];
  readonly to: Place;
}

/** A fallback within a proxy. */
interface Step {
  readonly hop: Hop;
  readonly to: Place;
  /** As how many fallbacks it counts: each entry of a list one more than the one before it. */
  readonly count: number;
}

class Network {
  readonly #pictures: readonly Picture[];
  readonly #places = new Map<string, Place>();
  readonly #edges = new Map<Place, readonly Edge[] | typeof beyond>();
  readonly #steps = new Map<Place, readonly Step[]>();
  #stepsLeft = mostSteps;

  constructor(pictures: readonly Picture[]) {
    this.#pictures = pictures;
  }

  placesOf(picture: Picture): readonly Place[] {
    return picture.proxies.flatMap(proxy => {
      const names = [
        ...proxy.aliases.map(({ from }) => from),
        ...proxy.deployments.map(({ name }) => name),
        ...proxy.fallbacks.flatMap(({ to }) => to),
      ];
      return [...new Set(names)].map(model => this.#place(picture, proxy, model));
    });
  }

  /** The shortest circle through a place: of those that leave the proxy, or else within it. */
  circleAt(start: Place): Circle | typeof beyond | undefined {
    const around = this.#around(start);
    if (around === beyond) return beyond;
    if (around !== undefined) return { steps: around, leavesProxy: true };
    const within = this.#within(start);
    return within === undefined || within === beyond ? within : { steps: within, leavesProxy: false };
  }

  /** The places that an address leads to; undefined when the machine there is not known. */
  targetsOf(
    destination: Destination,
    from: Picture,
  ): readonly { readonly picture: Picture; readonly proxy: Proxy }[] | undefined {
    const among = (picture: Picture, isMeant: (proxy: Proxy) => boolean) =>
      picture.proxies.filter(isMeant).map(proxy => ({ picture, proxy }));
    switch (destination.kind) {
      case 'proxy':
        return among(from, ({ name }) => name === destination.name);
      case 'own-port': {
        // Another machine may have a tunnel to this one.
        for (const picture of this.#pictures) {
          const back = picture.remoteForwards.find(
            ({ host, port }) => port === destination.port && isMachine(from, host),
          );
          if (back !== undefined && picture !== from) return this.targetsOf(back.leadsTo, picture);
        }
        return [];
      }
      case 'node':
      case 'elsewhere': {
        const picture = this.#pictures.find(each => isDestination(each, destination));
        if (picture === undefined) return undefined;
        const entrance = entranceFor(picture.entrances, destination);
        if (entrance !== undefined) return this.targetsOf(entrance.leadsTo, picture) ?? [];
        const direct = among(picture, ({ port }) => port === destination.port);
        if (direct.length > 0) return direct;
        // What listens there is not known here, be it a reverse proxy or a tunnel: at the port of the node's URL, as at
        // the usual ones, it is assumed to lead to LiteLLM.
        return isUsual(destination.port) || isPortOf(picture.node, destination.port)
          ? among(picture, ({ service }) => service === 'litellm')
          : [];
      }
      case 'unknown':
        return undefined;
      default:
        return destination satisfies never;
    }
  }

  /** The requests by which one comes back to where it began. */
  #around(start: Place): Circle['steps'] | typeof beyond | undefined {
    // By the number of hops: those of one request may be several.
    const reached: { readonly place: Place; readonly way: Trail }[][] = [[{ place: start, way: undefined }]];
    const seen = new Set<Place>();
    for (let length = 0; length < reached.length; length += 1) {
      for (const { place, way } of reached[length] ?? []) {
        if (place === start && way !== undefined) return stepsOf(way);
        if (place !== start && seen.has(place)) continue;
        seen.add(place);
        const edges = this.#edgesOf(place);
        if (edges === beyond) return beyond;
        this.#stepsLeft -= 1 + edges.length;
        if (this.#stepsLeft < 0) return beyond;
        for (const { hops, to } of edges) {
          if (to !== start && seen.has(to)) continue;
          const at = length + hops.length;
          while (reached.length <= at) reached.push([]);
          reached[at]?.push({ place: to, way: { hops, before: way } });
        }
      }
    }
    return undefined;
  }

  /**
   * The fallbacks of a proxy by which one request comes back to a name. A newer LiteLLM tries each name once; an earlier one goes on until so
   * many were tried, so a name is looked at again where fewer lead to it.
   */
  #within(start: Place): Circle['steps'] | typeof beyond | undefined {
    const fewest = new Map<Place, number>();
    const reached: { readonly place: Place; readonly way: Trail; readonly count: number }[] = [];
    reached.push({ place: start, way: undefined, count: 0 });
    for (const { place, way, count } of reached) {
      if (place === start && way !== undefined) return stepsOf(way);
      if (count >= place.proxy.mostFallbacks) continue;
      const steps = this.#stepsFrom(place);
      this.#stepsLeft -= 1 + steps.length;
      if (this.#stepsLeft < 0) return beyond;
      for (const step of steps) {
        const after = count + step.count;
        if (after >= (fewest.get(step.to) ?? Infinity)) continue;
        fewest.set(step.to, after);
        reached.push({ place: step.to, way: { hops: [step.hop], before: way }, count: after });
      }
    }
    return undefined;
  }

  #edgesOf(place: Place): readonly Edge[] | typeof beyond {
    const known = this.#edges.get(place);
    if (known !== undefined) return known;
    const { proxy, model } = place;
    const router = routerOf(proxy);
    const { comparisons } = router;
    const route = router.route(model);
    const edges = route === undefined ? [] : this.#edgesBy(place, route);
    this.#stepsLeft -= router.comparisons - comparisons;
    this.#edges.set(place, edges);
    return edges;
  }

  #edgesBy({ picture, proxy, model }: Place, route: ProxyRoute): readonly Edge[] | typeof beyond {
    const edges = new Map<string, Edge>();
    for (const kinds of failuresOf(proxy)) {
      for (const attempt of attemptsOf(model, route, routerOf(proxy), proxy.mostFallbacks, kinds)) {
        const asked = attempt.route.levels.flat();
        this.#stepsLeft -= 1 + asked.length;
        if (this.#stepsLeft < 0) return beyond;
        for (const { deployment, model: sent } of asked) {
          for (const target of this.targetsOf(deployment.leadsTo, picture) ?? []) {
            const to = this.#place(target.picture, target.proxy, sent);
            const last = isFront(proxy) ? 'server' : 'deployment';
            const hops = hopsTo(attempt, last, deployment.source, (from, by, source) =>
              hopBy(picture, proxy, from, by, source),
            );
            const key = [deployment.entry, attempt.name, to.picture.hostName, to.proxy.name, sent].join('\n');
            const other = edges.get(key);
            if (other === undefined || other.hops.length > hops.length) edges.set(key, { hops, to });
          }
        }
      }
    }
    return [...edges.values()];
  }

  #stepsFrom(place: Place): readonly Step[] {
    const known = this.#steps.get(place);
    if (known !== undefined) return known;
    const { picture, proxy, model } = place;
    const router = routerOf(proxy);
    const { comparisons } = router;
    const steps = router.continued(model).fallbacks.flatMap(({ kind, to, source }) =>
      to
        .filter(name => name !== model)
        .map(
          (name, index): Step => ({
            hop: hopBy(picture, proxy, model, kind, source),
            to: this.#place(picture, proxy, name),
            count: index + 1,
          }),
        ),
    );
    this.#stepsLeft -= steps.length + router.comparisons - comparisons;
    this.#steps.set(place, steps);
    return steps;
  }

  #place(picture: Picture, proxy: Proxy, model: string): Place {
    const key = [picture.hostName, proxy.name, model].join('\n');
    const known = this.#places.get(key) ?? { picture, proxy, model };
    this.#places.set(key, known);
    return known;
  }
}

type ProxyRoute = Route<Proxy['deployments'][number]>;

/** The hops to a place, from the last one backwards; undefined for the start. */
type Trail = { readonly hops: Edge['hops']; readonly before: Trail } | undefined;

function stepsOf(way: NonNullable<Trail>): Circle['steps'] {
  const edges: Edge['hops'][] = [];
  for (let at: Trail = way; at !== undefined; at = at.before) edges.push(at.hops);
  const [first, ...rest] = edges.toReversed().flat();
  return first === undefined ? way.hops : [first, ...rest];
}

type HopMaker = (from: string, by: Hop['by'], source: SourceLine) => Hop;

function hopBy(
  { hostName }: Picture,
  { name, unit }: Proxy,
  model: string,
  by: Hop['by'],
  source: SourceLine,
): Hop {
  return { machine: hostName, proxy: name, unit, model, by, source };
}

/** From the name that was asked for to a deployment of an attempt. */
function hopsTo(attempt: Attempt<unknown>, last: Hop['by'], source: SourceLine, hop: HopMaker): Edge['hops'] {
  const { renamed } = attempt.route;
  const names = [attempt.name, ...renamed.map(({ to }) => to)];
  const fallbacks: Hop[] = [];
  for (let at = attempt; at.before !== undefined && at.by !== undefined; at = at.before)
    fallbacks.push(hop(at.before.name, at.by.kind, at.by.source));
  const before = [
    ...fallbacks.toReversed(),
    ...renamed.map((each, index) => hop(names[index] ?? attempt.name, each.by, each.source)),
  ];
  return withLast(before, hop(names.at(-1) ?? attempt.name, last, source));
}

/** The ways in which the deployments of a request may fail, as far as they differ in what follows. */
function failuresOf({ fallbacks }: Proxy): readonly (readonly FailureKind[])[] {
  const isSpecial = fallbacks.some(({ kind }) => kind.endsWith('_fallbacks') && kind !== 'default_fallbacks');
  return isSpecial ? failures : failures.slice(0, 1);
}

const failures = [
  ['error', 'context', 'policy'],
  ['context', 'error', 'policy'],
  ['policy', 'error', 'context'],
] as const satisfies readonly (readonly FailureKind[])[];

function withLast(hops: readonly Hop[], last: Hop): Edge['hops'] {
  const [first, ...rest] = hops;
  return first === undefined ? [last] : [first, ...rest, last];
}

/** The router of a proxy is kept: thousands of names are looked up. */
function routerOf(proxy: Proxy): LitellmRouter<Proxy['deployments'][number]> {
  const known = routers.get(proxy) ?? litellmRouter(proxy);
  routers.set(proxy, known);
  return known;
}

const routers = new WeakMap<Proxy, LitellmRouter<Proxy['deployments'][number]>>();

function isPortOf(node: Node | undefined, port: number): boolean {
  return node !== undefined && new URL(node.url).port === `${port}`;
}

function isUsual(port: number): boolean {
  return port === 80 || port === 443;
}
