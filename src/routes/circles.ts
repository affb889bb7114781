/**
 * Circles among proxies: requests that come back to where they were, again and again, once the upstreams fail.
 *
 * LiteLLM asks a deployment of the name that was asked for (any of them, where there are several), and when that fails the
 * models that its fallbacks name; it never learns that a request came from another LiteLLM.
 *
 * Source: docs.litellm.ai/docs/proxy/reliability; read: litellm 1.110.2 (`router_utils/fallback_event_handlers.py`).
 */
import type { LitellmFallback } from '../services/litellm-config.ts';
import type { SourceLine } from '../systemd/service-settings.ts';
import { entranceFor } from './destination.ts';
import { isDestination, isMachine } from './machine.ts';
import type { Destination, Picture, Proxy } from './picture.ts';

/** One way from a model of a proxy to the next. */
export interface Step {
  readonly machine: string;
  readonly unit: string;
  /** What is asked for there. */
  readonly model: string;
  /** Why it goes on: an entry of `model_list`, another name for a model, a kind of fallback. */
  readonly by: 'deployment' | 'alias' | LitellmFallback['kind'];
  /** The line that says so. */
  readonly source: SourceLine;
}

/** The steps of a circle; the last one leads back to the first. */
export interface Circle {
  readonly steps: readonly [Step, ...(readonly Step[])];
  /** False where it stays within one proxy, which newer versions of LiteLLM break off. */
  readonly leavesProxy: boolean;
}

/**
 * Finds the circles that go through the proxies of a machine, each once, beginning there.
 *
 * @param others machines whose files are at hand
 */
export function circlesOf(picture: Picture, others: readonly Picture[]): readonly Circle[] {
  const network = new Network([picture, ...others]);
  const found = new Map<string, Circle>();
  for (const start of network.placesOf(picture)) {
    const circle = network.circleAt(start);
    if (circle === undefined) continue;
    const places = circle.steps.map(({ machine, unit, model }) => [machine, unit, model].join(' '));
    const key = places.toSorted().join('\n');
    if (!found.has(key)) found.set(key, circle);
  }
  return [...found.values()];
}

/** A deployment of a proxy that leads to the proxies of another machine. */
export interface WayOut {
  readonly unit: string;
  readonly model: string;
  /** The node, else the host of the address. */
  readonly machine: string;
  readonly source: SourceLine;
}

/**
 * Deployments that lead to another node whose files are not at hand, or do not say all: whether they come back from there
 * cannot be seen from here.
 */
export function waysOut(picture: Picture, others: readonly Picture[]): readonly WayOut[] {
  const network = new Network([picture, ...others]);
  return picture.proxies.flatMap(({ unit, deployments }) =>
    deployments.flatMap(({ leadsTo, name, source }) => {
      if (leadsTo.kind !== 'node' || leadsTo.node === picture.node?.name) return [];
      const targets = network.targetsOf(leadsTo, picture);
      const isKnown = targets !== undefined && targets.every(({ proxy }) => proxy.isComplete);
      return isKnown ? [] : [{ unit, model: name, machine: leadsTo.node, source }];
    }),
  );
}

/**
 * The proxies that an address leads to; undefined where nothing is known of the machine.
 *
 * @param from the machine that asks
 */
export function proxiesAt(
  destination: Destination,
  from: Picture,
  others: readonly Picture[],
): readonly Proxy[] | undefined {
  return new Network([from, ...others]).targetsOf(destination, from)?.map(({ proxy }) => proxy);
}

/** Whether a proxy has an answer for a name; undefined where not all is known that it has. */
export function serves(proxy: Proxy, model: string): boolean | undefined {
  const isKnown = namesOf(proxy).aliases.has(model) || deploymentsFor(model, proxy).length > 0;
  return isKnown || (proxy.isComplete ? false : undefined);
}

/** A model of a proxy. */
interface Place {
  readonly picture: Picture;
  readonly proxy: Proxy;
  readonly model: string;
}

interface Edge {
  readonly step: Step;
  readonly to: Place;
}

class Network {
  readonly #pictures: readonly Picture[];

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
      return [...new Set(names)].map(model => ({ picture, proxy, model }));
    });
  }

  /** The shortest circle through a place; one that leaves the proxy rather than one that does not. */
  circleAt(start: Place): Circle | undefined {
    const circles = this.#edgesOf(start).flatMap(edge => {
      const rest = this.#path(edge.to, start);
      if (rest === undefined) return [];
      const steps = [edge.step, ...rest] as const;
      return [{ steps, leavesProxy: steps.some(({ by }) => by === 'deployment') }];
    });
    return circles.toSorted(
      (a, b) => Number(b.leavesProxy) - Number(a.leavesProxy) || a.steps.length - b.steps.length,
    )[0];
  }

  /** Undefined where nothing is known of the machine that an address leads to. */
  targetsOf(
    destination: Destination,
    from: Picture,
  ): readonly { readonly picture: Picture; readonly proxy: Proxy }[] | undefined {
    const among = (picture: Picture, isMeant: (proxy: Proxy) => boolean) =>
      picture.proxies.filter(isMeant).map(proxy => ({ picture, proxy }));
    switch (destination.kind) {
      case 'proxy':
        return among(from, ({ unit }) => unit === destination.unit);
      case 'own-port': {
        // Another machine may hold a tunnel to here.
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
        // What its reverse proxy does is not known here: its address is there for its proxy.
        return isUsual(destination.port) ? among(picture, ({ service }) => service === 'litellm') : [];
      }
      case 'unknown':
        return undefined;
      default:
        return destination satisfies never;
    }
  }

  /** The shortest way; none where it begins at its end. */
  #path(from: Place, to: Place): readonly Step[] | undefined {
    const ways = new Map<string, readonly Step[]>([[keyOf(from), []]]);
    const queue = [from];
    for (const place of queue) {
      const way = ways.get(keyOf(place)) ?? [];
      if (keyOf(place) === keyOf(to)) return way;
      for (const { step, to: next } of this.#edgesOf(place)) {
        if (ways.has(keyOf(next))) continue;
        ways.set(keyOf(next), [...way, step]);
        queue.push(next);
      }
    }
    return undefined;
  }

  #edgesOf({ picture, proxy, model }: Place): readonly Edge[] {
    const stepBy = (by: Step['by'], source: SourceLine): Step => ({
      machine: picture.hostName,
      unit: proxy.unit,
      model,
      by,
      source,
    });
    const within = (by: Step['by'], source: SourceLine, name: string): Edge => ({
      step: stepBy(by, source),
      to: { picture, proxy, model: name },
    });
    const aliases = namesOf(proxy).aliases.get(model);
    if (aliases !== undefined) return aliases.map(({ to, source }) => within('alias', source, to));
    const served = deploymentsFor(model, proxy);
    // A model that is not there is refused before anything falls back.
    if (served.length === 0) return [];
    return [
      ...served.flatMap(({ asked, leadsTo, source }) =>
        (this.targetsOf(leadsTo, picture) ?? []).map(target => ({
          step: stepBy('deployment', source),
          to: { ...target, model: asked },
        })),
      ),
      ...proxy.fallbacks
        .filter(({ from }) => from === null || from === model)
        .flatMap(({ kind, to, source }) =>
          to.filter(name => name !== model).map(name => within(kind, source, name)),
        ),
    ];
  }
}

function keyOf({ picture, proxy, model }: Place): string {
  return [picture.hostName, proxy.unit, model].join('\n');
}

/** The entries of a name, with what each asks for; exact names before patterns. */
function deploymentsFor(model: string, proxy: Proxy) {
  const { named, patterns } = namesOf(proxy);
  const chosen = named.get(model) ?? patterns.filter(({ name }) => matched(name, model) !== undefined);
  return chosen.map(deployment => {
    const rest = matched(deployment.name, model) ?? '';
    // The provider in front is LiteLLM's own: `openai/claude` asks for `claude`.
    const asked = deployment.model.replace(/^[^/]+\//, '').replace('*', () => rest);
    return { ...deployment, asked };
  });
}

interface Names {
  readonly aliases: ReadonlyMap<string, Proxy['aliases']>;
  readonly named: ReadonlyMap<string, Proxy['deployments']>;
  readonly patterns: Proxy['deployments'];
}

/** By name, since each name of thousands is looked up. */
function namesOf(proxy: Proxy): Names {
  const known = names.get(proxy);
  if (known !== undefined) return known;
  const { aliases, deployments } = proxy;
  const made: Names = {
    aliases: Map.groupBy(aliases, ({ from }) => from),
    named: Map.groupBy(deployments, ({ name }) => name),
    patterns: deployments.filter(({ name }) => name.includes('*')),
  };
  names.set(proxy, made);
  return made;
}

const names = new WeakMap<Proxy, Names>();

/** What `*` stands for in a pattern; undefined where it does not match, and where there is none. */
function matched(pattern: string, model: string): string | undefined {
  const at = pattern.indexOf('*');
  if (at === -1) return undefined;
  const [before, after] = [pattern.slice(0, at), pattern.slice(at + 1)];
  const isMatch =
    model.length >= before.length + after.length && model.startsWith(before) && model.endsWith(after);
  return isMatch ? model.slice(before.length, model.length - after.length) : undefined;
}

function isUsual(port: number): boolean {
  return port === 80 || port === 443;
}
