/**
 * How LiteLLM routes a request: which deployments it asks for a name, under which names of theirs, and what it falls back to when
 * they fail.
 *
 * Held against the real router: `lab/litellm-models/`. The caller is assumed to have the master key.
 * Source: litellm 1.108.7 (`route_request()`, `Router._common_checks_available_deployment()`, `router_utils/pattern_match_deployments.py`,
 * `router_utils/fallback_event_handlers.py`).
 */
import type { SourceLine } from '../systemd/service-settings.ts';
import type { LitellmAlias, LitellmDeployment, LitellmFallback } from './litellm-config.ts';
import { litellmProviders, providerOf } from './litellm-providers.ts';

/** What a router is made of; its deployments may have more than the configuration says. */
export interface Routing<D extends LitellmDeployment> {
  readonly deployments: readonly D[];
  readonly fallbacks: readonly LitellmFallback[];
  readonly aliases: readonly LitellmAlias[];
  readonly mostFallbacks: number;
}

/** A deployment that is asked for a name. */
export interface Chosen<D> {
  readonly deployment: D;
  /** The model that the request names. */
  readonly model: string;
}

/** Another name that takes the place of the one that was asked for. */
interface Renaming {
  readonly by: 'alias' | 'default_fallbacks';
  readonly to: string;
  readonly source: SourceLine;
}

export interface Route<D> {
  /** In the order in which they take effect. */
  readonly renamed: readonly Renaming[];
  /** The deployments that are asked, in groups: one of the first, one of the next when that fails ... */
  readonly levels: readonly (readonly Chosen<D>[])[];
  /** What follows, one for each kind of failure for which there is something. */
  readonly fallbacks: readonly LitellmFallback[];
  /** Whether the name is that of a deployment's own model alone: then LiteLLM looks for all that follows among such models, too. */
  readonly isOfModel: boolean;
  /** False where LiteLLM may leave out a deployment: whether it knows the provider depends on its table of models. */
  readonly isCertain: boolean;
}

export interface LitellmRouter<D> {
  /** The route of a request that a caller makes; undefined when it is refused. */
  route(name: string): Route<D> | undefined;
  /**
   * The route of a name that the router falls back to: that is not refused, whatever it is.
   *
   * @param isOfModel whether the request began with the name of a model; see {@link Route.isOfModel}
   */
  continued(name: string, isOfModel?: boolean): Route<D>;
  /** Whether it knows a name, though all that is called so may be paused; undefined when that is not certain. */
  knows(name: string): boolean | undefined;
  /** How many patterns were compared with a name until now. */
  readonly comparisons: number;
}

export function litellmRouter<D extends LitellmDeployment>(routing: Routing<D>): LitellmRouter<D> {
  return new Router(routing);
}

/** An entry of `model_list` with the models that it falls back to by itself. */
type Entry<D> = readonly [D, ...(readonly D[])];

interface Match<D> {
  readonly entry: Entry<D>;
  /** `litellm_params.model` with its stars replaced. */
  readonly model: string;
}

class Router<D extends LitellmDeployment> implements LitellmRouter<D> {
  readonly #aliases: ReadonlyMap<string, LitellmAlias>;
  /** The names of all entries, those that are not loaded included. */
  readonly #names: ReadonlySet<string>;
  readonly #named: ReadonlyMap<string, readonly Entry<D>[]>;
  readonly #byModel: ReadonlyMap<string, readonly Entry<D>[]>;
  readonly #byId: ReadonlyMap<string, Entry<D>>;
  readonly #byTeamName: ReadonlyMap<string, readonly Entry<D>[]>;
  readonly #patterns: Patterns<Entry<D>>;
  readonly #hasCertainPattern: boolean;
  readonly #fallbacks: readonly Fallbacks[];
  readonly #fallsBack: boolean;

  constructor({ deployments, fallbacks, aliases, mostFallbacks }: Routing<D>) {
    const entries = [...Map.groupBy(deployments, ({ entry }) => entry).values()].flatMap(
      ([first, ...rest]): readonly Entry<D>[] => (first === undefined ? [] : [[first, ...rest]]),
    );
    const loaded = entries.filter(([{ isLoaded }]) => isLoaded);
    this.#aliases = new Map(aliases.map(alias => [alias.from, alias]));
    this.#names = new Set(entries.map(([{ name }]) => name));
    this.#named = Map.groupBy(loaded, ([{ name }]) => name);
    this.#byModel = Map.groupBy(loaded, ([{ model }]) => model);
    this.#byId = new Map(loaded.flatMap(entry => (entry[0].id === undefined ? [] : [[entry[0].id, entry]])));
    this.#byTeamName = Map.groupBy(
      loaded.filter(([{ team }]) => team?.publicName !== undefined),
      ([{ team }]) => team?.publicName ?? '',
    );
    this.#hasCertainPattern = loaded.some(entry => entry[0].name.includes('*') && isCertain(entry));
    this.#patterns = new Patterns(loaded.map(entry => [entry[0].name, entry] as const));
    this.#fallbacks = fallbackSettings.map(
      kinds => new Fallbacks(fallbacks.filter(({ kind }) => kinds.includes(kind))),
    );
    this.#fallsBack = mostFallbacks > 0;
  }

  get comparisons(): number {
    return this.#patterns.comparisons;
  }

  route(name: string): Route<D> | undefined {
    const isRouted = this.#isRouted(name, this.#patterns.size > 0);
    if (!isRouted || this.#isPaused(name)) return undefined;
    const route = this.continued(name, this.#isOfModel(name));
    return { ...route, isCertain: route.isCertain && this.#isRouted(name, this.#hasCertainPattern) };
  }

  knows(name: string): boolean | undefined {
    const route = this.route(name);
    if (route === undefined) return this.#isRouted(name, this.#patterns.size > 0);
    if (!route.isCertain) return undefined;
    return route.levels.length > 0 || route.fallbacks.length > 0;
  }

  continued(name: string, isOfModel = false): Route<D> {
    const { renamed, matches, isById } = isOfModel
      ? { renamed: [], matches: asTheyAre(this.#byModel.get(name) ?? []), isById: false }
      : this.#resolve(name);
    const levels = this.#levels(isById ? unpaused(matches) : this.#permitted(name, matches), name);
    const fallbacks = this.#fallsBack ? this.#fallbacks.flatMap(each => each.of(name) ?? []) : [];
    return {
      renamed,
      // The next level is a fallback for LiteLLM, too.
      levels: this.#fallsBack ? levels : levels.slice(0, 1),
      fallbacks: isOfModel
        ? fallbacks.map(each => ({ ...each, to: each.to.filter(to => this.#byModel.has(to)) }))
        : fallbacks,
      isOfModel,
      isCertain:
        [...matches.map(({ entry }) => entry), ...this.#listed(name)].every(isCertain) &&
        matches.every(({ entry: [each], model }) => providerFor(each, model) !== undefined),
    };
  }

  /**
   * Whether a name gets to the router (`route_request()`).
   *
   * @param hasPattern with a pattern in the list, every name does
   */
  #isRouted(name: string, hasPattern: boolean): boolean {
    return (
      hasPattern ||
      this.#names.has(name) ||
      this.#byId.has(name) ||
      this.#aliases.has(name) ||
      this.#byTeamName.has(name) ||
      this.#byModel.has(name)
    );
  }

  /** Whether a name gets to the router as that of a model (`specific_deployment` of `route_request()`). */
  #isOfModel(name: string): boolean {
    return (
      this.#patterns.size === 0 &&
      this.#byModel.has(name) &&
      !this.#names.has(name) &&
      !this.#byId.has(name) &&
      !this.#aliases.has(name) &&
      !this.#byTeamName.has(name)
    );
  }

  /** Whether all that has a name is paused (`get_model_list()`, `are_all_deployments_blocked()`). */
  #isPaused(name: string): boolean {
    const listed = this.#listed(name);
    return listed.length > 0 && listed.every(([{ isBlocked }]) => isBlocked);
  }

  /** What the router lists under a name, whichever of it is asked. */
  #listed(name: string): readonly Entry<D>[] {
    const target = this.#aliases.get(name)?.to;
    const listed = [
      ...(this.#named.get(name) ?? []),
      ...(target === undefined ? [] : (this.#named.get(target) ?? [])),
    ];
    return listed.length > 0 ? listed : this.#patterns.of(name).map(({ entry }) => entry);
  }

  #resolve(name: string): {
    readonly renamed: readonly Renaming[];
    readonly matches: readonly Match<D>[];
    /** Whether the one deployment is asked for by its id, whichever team it is of. */
    readonly isById: boolean;
  } {
    const byId = this.#names.has(name) ? undefined : this.#byId.get(name);
    if (byId !== undefined) return { renamed: [], matches: asTheyAre([byId]), isById: true };
    const alias = this.#aliases.get(name);
    const renamed = alias === undefined ? [] : [{ by: 'alias', to: alias.to, source: alias.source } as const];
    const matches = this.#matches(alias?.to ?? name);
    if (matches.length > 0) return { renamed, matches, isById: false };
    const instead = this.#fallbacks[0]?.first;
    const [to] = instead?.to ?? [];
    if (instead === undefined || to === undefined || instead.beginsWithMapping === true) {
      return { renamed, matches, isById: false };
    }
    return {
      renamed: [...renamed, { by: 'default_fallbacks', to, source: instead.source }],
      matches: asTheyAre(this.#named.get(to) ?? []),
      isById: false,
    };
  }

  #matches(name: string): readonly Match<D>[] {
    if (!this.#names.has(name)) {
      const ofTeam = this.#byTeamName.get(name);
      if (ofTeam !== undefined) return asTheyAre(ofTeam);
      const byPattern = this.#patterns.of(name);
      if (byPattern.length > 0) {
        return byPattern.map(({ entry, texts, asked }) => ({
          entry,
          model: withTexts(entry[0].model, texts, asked),
        }));
      }
    }
    return asTheyAre(this.#named.get(name) ?? this.#byModel.get(name) ?? []);
  }

  /** Without those of teams, unless nothing else has the name (`filter_team_based_models()`), and those that are paused. */
  #permitted(name: string, matches: readonly Match<D>[]): readonly Match<D>[] {
    const teams = new Set(matches.map(({ entry: [{ team }] }) => team?.id));
    const isOfTeam = matches.every(
      ({ entry: [each] }) => each.team !== undefined && (each.name === name || each.team.publicName === name),
    );
    // The router does not choose among several teams.
    if (isOfTeam && teams.size > 1) return [];
    const hidden = new Set(
      matches.flatMap(({ entry: [{ team, id }] }) => (team && id !== undefined ? [id] : [])),
    );
    return unpaused(
      isOfTeam
        ? matches
        : matches.filter(({ entry: [{ team, id }] }) => team === undefined && !hidden.has(id ?? '')),
    );
  }

  /** Those with the lowest `order`, and after them those with the higher orders that are listed under the name. */
  #levels(matches: readonly Match<D>[], name: string): readonly (readonly Chosen<D>[])[] {
    const orders = new Set(matches.flatMap(({ entry: [{ order }] }) => order ?? []));
    if (orders.size === 0) return matches.length === 0 ? [] : [matches.flatMap(chosen)];
    const lowest = Math.min(...orders);
    const listed = new Set(this.#listed(name).flatMap(([{ order }]) => order ?? []));
    const later = [...listed].filter(order => order > lowest && orders.has(order)).toSorted((a, b) => a - b);
    return [lowest, ...later].map(level =>
      matches.filter(({ entry: [{ order }] }) => order === level).flatMap(chosen),
    );
  }
}

/** The settings that follow a failure; `default_fallbacks` are part of `fallbacks`. */
const fallbackSettings: readonly (readonly LitellmFallback['kind'][])[] = [
  ['fallbacks', 'default_fallbacks'],
  ['context_window_fallbacks'],
  ['content_policy_fallbacks'],
];

function asTheyAre<D extends LitellmDeployment>(entries: readonly Entry<D>[]): readonly Match<D>[] {
  return entries.map(entry => ({ entry, model: entry[0].model }));
}

/** Without those that are paused. */
function unpaused<D extends LitellmDeployment>(matches: readonly Match<D>[]): readonly Match<D>[] {
  return matches.filter(({ entry: [{ isBlocked }] }) => !isBlocked);
}

function chosen<D extends LitellmDeployment>({ entry, model }: Match<D>): readonly Chosen<D>[] {
  return entry.map(deployment => {
    const named = deployment.isOwnFallback ? deployment.model : model;
    const provider = providerFor(deployment, named);
    const isFront = provider !== undefined && named.startsWith(`${provider}/`);
    return { deployment, model: isFront ? named.slice(provider.length + 1) : named };
  });
}

/** Whether it is certain that LiteLLM takes an entry, with all that it falls back to by itself. */
function isCertain<D extends LitellmDeployment>(entry: Entry<D>): boolean {
  return entry.every(deployment => providerFor(deployment, deployment.model) !== undefined);
}

function providerFor({ provider }: LitellmDeployment, model: string): string | undefined {
  return provider ?? providerOf(model);
}

/** A model with its stars replaced by the texts that those of its name stand for (`set_deployment_model_name()`). */
function withTexts(model: string, texts: readonly string[], asked: string): string {
  const parts = model.split('*');
  if (parts.length === 1) return model;
  if (texts.length > parts.length - 1) return asked;
  return parts.map((part, index) => (index === 0 ? part : (texts[index - 1] ?? '*') + part)).join('');
}

/** The fallbacks of one setting. */
class Fallbacks {
  /** The first one for every model: what the router asks in place of a name that it does not know. */
  readonly first: LitellmFallback | undefined;
  readonly #exact = new Map<string, LitellmFallback>();
  readonly #last = new Map<string, LitellmFallback>();
  readonly #forAll: LitellmFallback | undefined;
  readonly #bare: LitellmFallback | undefined;

  constructor(items: readonly LitellmFallback[]) {
    this.first = items.find(({ from, to }) => from === null && to.length > 0);
    this.#bare = items.findLast(({ isBare }) => isBare === true);
    this.#forAll = items.findLast(({ from }) => from === null);
    for (const item of items) {
      if (item.from === null) continue;
      if (!this.#exact.has(item.from)) this.#exact.set(item.from, item);
      this.#last.set(item.from, item);
    }
  }

  /** The first with just this name, else the last bare name, else the last with it without or with its provider, else the last one for every model. */
  of(name: string): LitellmFallback | undefined {
    const exact = this.#exact.get(name);
    if (exact !== undefined) return exact;
    if (this.#bare !== undefined) return this.#bare;
    const [provider = ''] = name.split('/', 1);
    const other = name.includes('/')
      ? litellmProviders.has(provider) && name.replaceAll(`${provider}/`, '')
      : `${providerOf(name) ?? ''}/${name}`;
    return (other === false ? undefined : this.#last.get(other)) ?? this.#forAll;
  }
}

interface Matched<T> {
  readonly entry: T;
  /** The texts that the stars stand for. */
  readonly texts: readonly string[];
  /** The name that fitted. */
  readonly asked: string;
}

interface Pattern<T> {
  readonly parts: readonly string[];
  /** The more specific comes first. */
  readonly rank: number;
  readonly entries: readonly T[];
}

/**
 * Finds the entries of the most specific pattern for a name. They are sorted by the text before the first star, and then by the longest
 * other text, so that a name is not compared with thousands of patterns.
 */
class Patterns<T> {
  readonly size: number;
  comparisons = 0;
  readonly #byStart: ReadonlyMap<string, Group<T>>;
  readonly #startLengths: readonly number[];

  constructor(named: readonly (readonly [string, T])[]) {
    const written = Map.groupBy(
      named.filter(([name]) => name.includes('*')),
      ([name]) => name,
    );
    const patterns = [...written]
      .map(([name, same]) => ({ name, weight: weightOf(name), entries: same.map(([, entry]) => entry) }))
      .toSorted((a, b) => b.weight[0] - a.weight[0] || b.weight[1] - a.weight[1])
      .map(({ name, entries }, rank): Pattern<T> => ({ parts: name.split('*'), rank, entries }));
    this.size = patterns.length;
    this.#byStart = new Map(
      [...Map.groupBy(patterns, ({ parts }) => parts[0] ?? '')].map(([start, alike]) => {
        const byText = Map.groupBy(alike, longestRest);
        return [start, { byText, lengths: lengthsOf(byText) }];
      }),
    );
    this.#startLengths = lengthsOf(this.#byStart);
  }

  /** Of a name that nothing is for, the same is looked for with its provider in front. */
  of(name: string): readonly Matched<T>[] {
    const found = this.#bestFor(name);
    return found.length > 0 ? found : this.#bestFor(`${providerOf(name) ?? 'None'}/${name}`);
  }

  #bestFor(asked: string): readonly Matched<T>[] {
    let best: { readonly pattern: Pattern<T>; readonly texts: readonly string[] } | undefined;
    for (const pattern of this.#candidates(asked)) {
      this.comparisons += 1;
      if (best !== undefined && best.pattern.rank < pattern.rank) continue;
      const texts = textsOf(pattern.parts, asked);
      if (texts !== undefined) best = { pattern, texts };
    }
    if (best === undefined) return [];
    const { pattern, texts } = best;
    return pattern.entries.map(entry => ({ entry, texts, asked }));
  }

  *#candidates(asked: string): Iterable<Pattern<T>> {
    for (const length of this.#startLengths) {
      const group = length > asked.length ? undefined : this.#byStart.get(asked.slice(0, length));
      if (group === undefined) continue;
      const seen = new Set<string>();
      for (const each of group.lengths) {
        for (let at = length; at + each <= asked.length; at += 1) {
          const text = asked.slice(at, at + each);
          if (seen.has(text)) continue;
          seen.add(text);
          yield* group.byText.get(text) ?? [];
          if (each === 0) break;
        }
      }
    }
  }
}

interface Group<T> {
  readonly byText: ReadonlyMap<string, readonly Pattern<T>[]>;
  readonly lengths: readonly number[];
}

function longestRest<T>({ parts: [, ...rest] }: Pattern<T>): string {
  return rest.reduce((longest, part) => (part.length > longest.length ? part : longest), '');
}

/** How specific a pattern is: its length as a regular expression, then how many signs of one it has (`calculate_pattern_specificity()`). */
function weightOf(name: string): readonly [number, number] {
  const stars = name.split('*').length - 1;
  const escaped = name.match(/[ \t\n\r\v\f#$&()+\-.?[\\\]^{|}~]/g)?.length ?? 0;
  const signs = name.match(/[+?\\^$|()]/g)?.length ?? 0;
  return [name.length + 3 * stars + escaped, 3 * stars + escaped + signs];
}

/**
 * The texts that the stars of a pattern stand for, each as long as can be; undefined when the pattern does not fit. The name may go on
 * behind the pattern (`re.match()`).
 */
function textsOf(parts: readonly string[], name: string): readonly string[] | undefined {
  const [start = '', ...rest] = parts;
  if (!name.startsWith(start)) return undefined;
  const places: number[] = [];
  let end = name.length;
  for (const part of rest.toReversed()) {
    const at = end < part.length ? -1 : name.lastIndexOf(part, end - part.length);
    if (at < start.length) return undefined;
    places.unshift(at);
    end = at;
  }
  let from = start.length;
  return rest.map((part, index) => {
    const at = places[index] ?? from;
    const text = name.slice(from, at);
    from = at + part.length;
    return text;
  });
}

function lengthsOf(byText: ReadonlyMap<string, unknown>): readonly number[] {
  return [...new Set([...byText.keys()].map(text => text.length))];
}
