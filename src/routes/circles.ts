/**
 * Circles of proxies: when the upstreams fail, requests come back to a proxy that they have already passed, again and
 * again.
 *
 * LiteLLM asks a deployment with the requested name (any of them, when there are several). When that fails, it asks the
 * models that its fallbacks name (`services/litellm-router.ts`). It never learns that a request came from another LiteLLM.
 */
import type { LitellmFallback } from '../services/litellm-config.ts';
import { type LitellmRouter, litellmRouter } from '../services/litellm-router.ts';
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
  /** What causes the hop: an entry of `model_list`, another name for a model, or a kind of fallback. */
  readonly by: 'deployment' | 'alias' | LitellmFallback['kind'];
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
  return picture.proxies.flatMap(({ name: proxy, unit, deployments }) =>
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

interface Edge {
  /** Several where another name takes the place of the one that is asked for. */
  readonly hops: readonly [Hop, ...(readonly Hop[])];
  readonly to: Place;
  /** Whether a deployment is asked, which may be another LiteLLM; else the request is still the same one. */
  readonly isNewRequest: boolean;
}

class Network {
  readonly #pictures: readonly Picture[];
  readonly #places = new Map<string, Place>();
  readonly #edges = new Map<Place, readonly Edge[]>();
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

  /** The shortest circle through a place. A circle that leaves the proxy is preferred. */
  circleAt(start: Place): Circle | typeof beyond | undefined {
    const circles: Circle[] = [];
    for (const edge of this.#edgesOf(start)) {
      const rest = this.#path(edge, start);
      if (rest === beyond) return beyond;
      if (rest === undefined) continue;
      const [first, ...next] = edge.hops;
      const steps = [first, ...next, ...rest] as const;
      // The rest of a request that has begun before: its circle is found where the request comes in.
      if (!edge.isNewRequest && fallbacksAround(steps) > start.proxy.mostFallbacks) continue;
      circles.push({ steps, leavesProxy: steps.some(({ by }) => by === 'deployment') });
    }
    return circles.toSorted(
      (a, b) => Number(b.leavesProxy) - Number(a.leavesProxy) || a.steps.length - b.steps.length,
    )[0];
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

  /**
   * The shortest path to a place from the end of an edge; empty when that is the place. After so many fallbacks in one request LiteLLM
   * goes no further, so a place is looked at again where fewer lead to it.
   */
  #path(first: Edge, to: Place): readonly Hop[] | typeof beyond | undefined {
    const fewest = new Map<Place, number>();
    const reached: { readonly place: Place; readonly way: Trail; readonly fallbacks: number }[] = [];
    const reach = (edge: Edge, before: number, way: Trail) => {
      const fallbacks = edge.isNewRequest ? 0 : before + 1;
      const isFar = fallbacks > edge.to.proxy.mostFallbacks;
      if (isFar || fallbacks >= (fewest.get(edge.to) ?? Infinity)) return;
      fewest.set(edge.to, fallbacks);
      reached.push({ place: edge.to, way, fallbacks });
    };
    reach(first, 0, undefined);
    for (const { place, way, fallbacks } of reached) {
      if (place === to) return hopsOf(way);
      const edges = this.#edgesOf(place);
      this.#stepsLeft -= 1 + edges.length;
      if (this.#stepsLeft < 0) return beyond;
      for (const edge of edges) reach(edge, fallbacks, { hops: edge.hops, before: way });
    }
    return undefined;
  }

  #edgesOf(place: Place): readonly Edge[] {
    const known = this.#edges.get(place);
    if (known !== undefined) return known;
    const { comparisons } = routerOf(place.proxy);
    const edges = this.#edgesFrom(place);
    this.#stepsLeft -= edges.length + routerOf(place.proxy).comparisons - comparisons;
    this.#edges.set(place, edges);
    return edges;
  }

  #edgesFrom({ picture, proxy, model }: Place): readonly Edge[] {
    const hopBy = (from: string, by: Hop['by'], source: SourceLine): Hop => ({
      machine: picture.hostName,
      proxy: proxy.name,
      unit: proxy.unit,
      model: from,
      by,
      source,
    });
    const router = routerOf(proxy);
    const route = isFallback(proxy, model) ? router.continued(model) : router.route(model);
    if (route === undefined) return [];
    const { renamed, levels, fallbacks } = route;
    const asked = [model, ...renamed.map(({ to }) => to)];
    const renamings = renamed.map(({ by, source }, index) => hopBy(asked[index] ?? model, by, source));
    return [
      ...levels.flat().flatMap(({ deployment, model: sent }) =>
        (this.targetsOf(deployment.leadsTo, picture) ?? []).map((target): Edge => {
          const last = hopBy(asked.at(-1) ?? model, 'deployment', deployment.source);
          const to = this.#place(target.picture, target.proxy, sent);
          return { hops: withLast(renamings, last), to, isNewRequest: true };
        }),
      ),
      ...fallbacks.flatMap(({ kind, to, source }) =>
        to
          .filter(name => name !== model)
          .map(
            (name): Edge => ({
              hops: [hopBy(model, kind, source)],
              to: this.#place(picture, proxy, name),
              isNewRequest: false,
            }),
          ),
      ),
    ];
  }

  #place(picture: Picture, proxy: Proxy, model: string): Place {
    const key = [picture.hostName, proxy.name, model].join('\n');
    const known = this.#places.get(key) ?? { picture, proxy, model };
    this.#places.set(key, known);
    return known;
  }
}

/** The hops to a place, from the last one backwards; undefined for the start. */
type Trail = { readonly hops: readonly Hop[]; readonly before: Trail } | undefined;

function hopsOf(way: Trail): readonly Hop[] {
  const edges: (readonly Hop[])[] = [];
  for (let at = way; at !== undefined; at = at.before) edges.push(at.hops);
  return edges.toReversed().flat();
}

/** How many fallbacks there are in the request in which a circle begins and ends. */
function fallbacksAround(steps: readonly Hop[]): number {
  const isOfFallback = ({ by }: Hop) => by !== 'deployment' && by !== 'alias';
  const requests = steps.findIndex(({ by }) => by === 'deployment');
  if (requests === -1) return steps.filter(isOfFallback).length;
  const last = steps.findLastIndex(({ by }) => by === 'deployment');
  return [...steps.slice(0, requests), ...steps.slice(last + 1)].filter(isOfFallback).length;
}

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

/** Whether a proxy falls back to a name, which it then refuses to nobody. */
function isFallback(proxy: Proxy, name: string): boolean {
  const known = fallbackNames.get(proxy) ?? new Set(proxy.fallbacks.flatMap(({ to }) => to));
  fallbackNames.set(proxy, known);
  return known.has(name);
}

const fallbackNames = new WeakMap<Proxy, ReadonlySet<string>>();

function isPortOf(node: Node | undefined, port: number): boolean {
  return node !== undefined && new URL(node.url).port === `${port}`;
}

function isUsual(port: number): boolean {
  return port === 80 || port === 443;
}
