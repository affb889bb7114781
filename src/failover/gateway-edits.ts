/**
 * What one OpenClaw configuration needs so that its agents go on through the other machines: a provider for each of them,
 * and fallbacks to it. Pure: the edits, the variables they speak of, and what stands in the way.
 *
 * Sources: docs.openclaw.ai/concepts/model-failover, docs.openclaw.ai/gateway/config-tools/custom-providers (a provider
 * that OpenClaw does not bring along has to declare its models); run: openclaw 2026.9.6.
 */
import { isList, isMapping } from '../json/value.ts';
import type { Agent, Gateway, Provider } from '../routes/picture.ts';
import type { Node } from '../routes/node.ts';
import type { Json5Path } from './json5-edit.ts';
import type { Json5Value } from '../services/json5.ts';
import type { ConfigEdit } from './openclaw-edit.ts';
import { freeId, variableFor } from './node-names.ts';

export interface GatewayNeeds {
  readonly edits: readonly ConfigEdit[];
  /** For the `.env`, by name. The values are secrets. */
  readonly variables: ReadonlyMap<string, string>;
  readonly notes: readonly GatewayNote[];
}

/** What is not done, and why. */
export type GatewayNote =
  /** No model of the defaults, or none that is asked for through this machine. */
  | { readonly code: 'no-local-primary'; readonly file: string }
  /** The list names no key for a node, or there is nothing where it says. */
  | {
      readonly code: 'no-key';
      readonly file: string;
      readonly node: string;
      readonly reference: string | null;
      /** Whose value is then missing. */
      readonly variable: string;
    };

export interface GatewayState {
  readonly gateway: Gateway;
  /** All that it says, as it is written: with its variables, and what it takes in. */
  readonly root: Json5Value | undefined;
  /** What a variable stands for in it. */
  readonly variable: (name: string) => string | undefined;
}

/** Another machine, with the key that its proxy asks for as far as that is known. */
export interface OtherNode extends Node {
  readonly keyValue: string | undefined;
}

/**
 * How long a proxy may be silent. Each piece of an answer begins it anew (read: openclaw 2026.9.6, `buildManagedResponse()`
 * in `provider-transport-fetch`), so that it cuts no long answer off; OpenClaw alone waits two minutes and tries again.
 */
export const timeoutSeconds = 60;

export function gatewayNeeds(state: GatewayState, others: readonly OtherNode[]): GatewayNeeds {
  const { gateway } = state;
  const local = localProvider(gateway);
  if (local === undefined) {
    return { edits: [], variables: new Map(), notes: [{ code: 'no-local-primary', file: gateway.file }] };
  }
  const agents = gateway.agents.filter(
    ({ primary }) => primary !== undefined && leadsAlike(providerOf(gateway, primary.provider), local),
  );
  const variables = new Map<string, string>();
  const notes: GatewayNote[] = [];
  const routes = routesTo(others, gateway);
  const edits = [
    ...(local.timeoutSeconds === undefined
      ? [{ path: pathOf(local.id, 'timeoutSeconds'), value: timeoutSeconds }]
      : []),
    ...routes.flatMap(route => providerEdits(route, local, agents, state, variables, notes)),
    ...agents.flatMap(agent => fallbackEdits(agent, local, routes, state)),
  ];
  return { edits, variables, notes };
}

interface Route {
  readonly node: OtherNode;
  /** Of the provider that leads there. */
  readonly id: string;
}

/** The provider of the agents' own models: the one that leads to a proxy of this machine. */
function localProvider(gateway: Gateway): Provider | undefined {
  for (const { primary } of gateway.agents) {
    const provider = primary && providerOf(gateway, primary.provider);
    if (provider?.leadsTo.kind === 'proxy' || provider?.leadsTo.kind === 'own-port') return provider;
  }
  return undefined;
}

function providerOf({ providers }: Gateway, id: string): Provider | undefined {
  return providers.find(provider => provider.id === id);
}

function leadsAlike(provider: Provider | undefined, { leadsTo }: Provider): boolean {
  return JSON.stringify(provider?.leadsTo) === JSON.stringify(leadsTo);
}

function routesTo(others: readonly OtherNode[], gateway: Gateway): readonly Route[] {
  const taken = new Set<string>();
  return others.map(node => {
    const id = providerIdFor(node, gateway, taken);
    taken.add(id);
    return { node, id };
  });
}

/** The one that leads there already, else a name that is free. */
function providerIdFor(node: Node, gateway: Gateway, taken: ReadonlySet<string>): string {
  const leading = gateway.providers.filter(
    ({ leadsTo }) => leadsTo.kind === 'node' && leadsTo.node === node.name,
  );
  const [own] = leading.toSorted((a, b) => Number(isByAddress(b)) - Number(isByAddress(a)));
  if (own !== undefined) return own.id;
  return freeId(node, id => taken.has(id) || providerOf(gateway, id) !== undefined);
}

function isByAddress({ leadsTo }: Provider): boolean {
  return leadsTo.kind === 'node' && leadsTo.by === 'address';
}

function providerEdits(
  { node, id }: Route,
  local: Provider,
  agents: readonly Agent[],
  state: GatewayState,
  variables: Map<string, string>,
  notes: GatewayNote[],
): readonly ConfigEdit[] {
  const { gateway, root } = state;
  const own = providerOf(gateway, id);
  const set = (key: string, value: Json5Value): ConfigEdit => ({ path: pathOf(id, key), value });
  const baseUrl = `${node.url}/v1`;
  const apiKey = keyFor({ node, id }, state, variables, notes);
  const referred = referredModels(id, local, agents, gateway);
  if (own === undefined) {
    const declared = modelsOf(local.id, root);
    const models = [...declared, ...referred.filter(model => !hasModel(declared, model)).map(entryFor)];
    const provider = {
      baseUrl,
      ...(apiKey === undefined ? {} : { apiKey }),
      api: local.api ?? defaultApi,
      timeoutSeconds,
      models,
    };
    return [{ path: pathOf(id), value: provider }];
  }
  return [
    ...(isByAddress(own) && own.baseUrl?.replace(/\/$/, '') !== baseUrl ? [set('baseUrl', baseUrl)] : []),
    ...(apiKey === undefined ? [] : [set('apiKey', apiKey)]),
    ...(own.api === undefined ? [set('api', local.api ?? defaultApi)] : []),
    ...(own.timeoutSeconds === undefined ? [set('timeoutSeconds', timeoutSeconds)] : []),
    ...modelEdits(id, own, local, referred, root),
  ];
}

/** What OpenClaw takes for a provider with an address where nothing is said; LiteLLM answers to it. */
const defaultApi = 'openai-completions';

/** Those that nobody has declared yet: all that the local provider has where there is no list. */
function modelEdits(
  id: string,
  own: Provider,
  local: Provider,
  referred: readonly string[],
  root: Json5Value | undefined,
): readonly ConfigEdit[] {
  const localModels = modelsOf(local.id, root);
  const entryOf = (model: string) => localModels.find(entry => idOf(entry) === model) ?? entryFor(model);
  if (own.models === undefined) {
    const extra = referred.filter(model => !hasModel(localModels, model));
    return [{ path: pathOf(id, 'models'), value: [...localModels, ...extra.map(entryFor)] }];
  }
  const count = own.models.length;
  return referred
    .filter(model => own.models?.includes(model) !== true)
    .map((model, index) => ({ path: [...pathOf(id, 'models'), count + index], value: entryOf(model) }));
}

/** Models that agents ask that provider for, and those that they are to ask it for. */
function referredModels(
  id: string,
  local: Provider,
  agents: readonly Agent[],
  gateway: Gateway,
): readonly string[] {
  const asked = gateway.agents
    .flatMap(({ primary, fallbacks }) => [...(primary === undefined ? [] : [primary]), ...fallbacks])
    .filter(({ provider }) => provider === id)
    .map(({ model }) => model);
  const wanted = agents
    .filter(({ fallbacks }) => !fallbacks.some(({ provider }) => provider === id))
    .flatMap(agent => counterparts(agent, local));
  return [...new Set([...wanted, ...asked])];
}

/**
 * Models of another machine for an agent: that of its own, then those it falls back to here; where there are none of those,
 * one more that the provider declares. No more: where the other machine is gone as well, each of them takes OpenClaw a
 * minute and a half of trying.
 */
function counterparts({ primary, fallbacks }: Agent, local: Provider): readonly string[] {
  if (primary === undefined) return [];
  const own = fallbacks.filter(({ provider }) => provider === primary.provider).map(({ model }) => model);
  const next =
    own.length > 0 ? own : (local.models ?? []).filter(model => model !== primary.model).slice(0, 1);
  return [...new Set([primary.model, ...next])];
}

function fallbackEdits(
  agent: Agent,
  local: Provider,
  routes: readonly Route[],
  { gateway, root }: GatewayState,
): readonly ConfigEdit[] {
  const { fallbacks, primary } = agent;
  const models = counterparts(agent, local);
  const missing = routes.filter(
    ({ node, id }) =>
      !fallbacks.some(({ provider }) => {
        const leadsTo = providerOf(gateway, provider)?.leadsTo;
        return provider === id || (leadsTo?.kind === 'node' && leadsTo.node === node.name);
      }),
  );
  // First the agent's own model, wherever there is one; then the others.
  const added = models.flatMap(model => missing.map(({ id }) => `${id}/${model}`));
  if (primary === undefined || added.length === 0) return [];
  const path = modelPathOf(agent, root);
  if (path === undefined) return [];
  const written = at(root, path);
  if (!isMapping(written)) {
    return [{ path, value: { primary: `${primary.provider}/${primary.model}`, fallbacks: added } }];
  }
  const list = written['fallbacks'];
  if (!isList(list)) return [{ path: [...path, 'fallbacks'], value: added }];
  return added.map((reference, index) => ({
    path: [...path, 'fallbacks', list.length + index],
    value: reference,
  }));
}

/** `agents.entries.ID.model`, or that of an entry of `agents.list`, as it was called. */
function modelPathOf({ id }: Agent, root: Json5Value | undefined): Json5Path | undefined {
  if (id === null) return ['agents', 'defaults', 'model'];
  if (isMapping(at(root, ['agents', 'entries', id]))) return ['agents', 'entries', id, 'model'];
  const list = at(root, ['agents', 'list']);
  const index = isList(list) ? list.findIndex(entry => isMapping(entry) && entry['id'] === id) : -1;
  return index === -1 ? undefined : ['agents', 'list', index, 'model'];
}

/**
 * What `apiKey` is to be; undefined where it stays as it is. A key that stands there in so many words goes to the `.env`
 * and leaves its name behind.
 */
function keyFor(
  { node, id }: Route,
  { gateway, root, variable }: GatewayState,
  variables: Map<string, string>,
  notes: GatewayNote[],
): string | undefined {
  const written = at(root, pathOf(id, 'apiKey'));
  const kind = providerOf(gateway, id)?.key ?? 'none';
  const text = typeof written === 'string' ? written : '';
  const [, braced, bare] = /^\$(?:\{([A-Z_][A-Z0-9_]*)\}|([A-Z][A-Z0-9_]*))$/.exec(text) ?? [];
  const named = braced ?? bare;
  // What is put together of several, or has a value of its own for want of one, is somebody's own choice.
  if (kind === 'reference' || (named === undefined && text.includes('${'))) return undefined;
  if (named !== undefined && variable(named) !== undefined) return undefined;
  const value = kind === 'literal' ? text : node.keyValue;
  if (value === undefined) {
    if (kind === 'none' && node.key === undefined) return undefined;
    const missing = named ?? freeVariable(id, undefined, variable);
    notes.push({
      code: 'no-key',
      file: gateway.file,
      node: node.name,
      reference: node.key ?? null,
      variable: missing,
    });
    return named === undefined ? `\${${missing}}` : undefined;
  }
  if (named !== undefined) {
    variables.set(named, value);
    return undefined;
  }
  const name = freeVariable(id, value, each => variables.get(each) ?? variable(each));
  if (variable(name) !== value) variables.set(name, value);
  return `\${${name}}`;
}

/** A name for a value that stands for nothing else. */
function freeVariable(
  id: string,
  value: string | undefined,
  known: (name: string) => string | undefined,
): string {
  const base = variableFor(id);
  let name = base;
  for (let number = 2; (known(name) ?? value) !== value; number += 1) name = `${base}_${number}`;
  return name;
}

function pathOf(provider: string, ...keys: readonly string[]): Json5Path {
  return ['models', 'providers', provider, ...keys];
}

function modelsOf(provider: string, root: Json5Value | undefined): readonly Json5Value[] {
  const models = at(root, pathOf(provider, 'models'));
  return isList(models) ? models : [];
}

function hasModel(entries: readonly Json5Value[], model: string): boolean {
  return entries.some(entry => idOf(entry) === model);
}

function idOf(entry: Json5Value): Json5Value | undefined {
  return isMapping(entry) ? entry['id'] : undefined;
}

function entryFor(model: string): Json5Value {
  return { id: model, name: model };
}

function at(value: Json5Value | undefined, path: Json5Path): Json5Value | undefined {
  return path.reduce<Json5Value | undefined>((each, step) => {
    if (typeof step === 'number') return isList(each) ? each[step] : undefined;
    return isMapping(each) && Object.hasOwn(each, step) ? each[step] : undefined;
  }, value);
}
