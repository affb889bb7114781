/**
 * What one OpenClaw configuration needs so that its agents can go on through the other machines: a provider for each machine,
 * and fallbacks to it. Pure functions: they return the edits, the keys that these refer to, and what cannot be done.
 *
 * Sources: docs.openclaw.ai/concepts/model-failover, docs.openclaw.ai/gateway/config-tools/custom-providers (a provider
 * that OpenClaw does not include must declare its models); run: openclaw 2026.9.6.
 */
import { withoutSlashes } from '../routes/destination.ts';
import { isDeepStrictEqual } from 'node:util';
import { isList, isMapping } from '../json/value.ts';
import { placeOf, providerOf } from '../routes/asked-place.ts';
import type { Gateway, Place, Provider } from '../routes/picture.ts';
import type { Node } from '../routes/node.ts';
import type { Json5Path } from '../services/json5-edit.ts';
import type { Json5Value } from '../services/json5.ts';
import {
  type AgentModels,
  type ModelChain,
  type ModelReference,
  type UnclearReference,
  modelsInOrder,
} from '../services/openclaw-models.ts';
import { defaultApi } from '../services/openclaw-rows.ts';
import { isBundledProvider } from '../services/openclaw-schema.ts';
import { firstWith, takes } from '../services/openclaw-version.ts';
import type { ConfigEdit } from './openclaw-edit.ts';
import { keyFileProvider, keyFileReference } from './key-file.ts';
import { freeId, freeVariable, keyAlias } from './node-names.ts';

/** What is to be changed for one gateway. */
export interface GatewayNeeds {
  readonly edits: readonly ConfigEdit[];
  /** Variables to be written into the `.env`: their values, which are secrets, by name. */
  readonly variables: ReadonlyMap<string, string>;
  /** Files to be written, new ones and those with an older key: the key in each, a secret, by path. */
  readonly keyFiles: ReadonlyMap<string, string>;
  readonly notes: readonly GatewayNote[];
  /** Ids of the providers that lead to the other machines. */
  readonly providers: readonly string[];
}

/** Something that is not done, and why. */
export type GatewayNote =
  /** The configuration has no primary model, or none whose provider leads to a proxy of this machine. */
  | { readonly code: 'no-local-primary'; readonly file: string }
  /** A list of fallbacks is empty, which means that there are to be none: it stays so. */
  | { readonly code: 'no-fallbacks-wanted'; readonly file: string; readonly setting: string }
  /** It is not known which model a reference means. */
  | {
      readonly code: 'unclear-reference';
      readonly file: string;
      readonly reference: string;
      readonly reason: UnclearReference['reason'];
    }
  /** The list of nodes names no key for a node, or the place that it names contains none. */
  | ({
      readonly code: 'no-key';
      readonly file: string;
      readonly node: string;
      readonly reference: string | null;
    } & (
      | { /** The variable that has no value. */ readonly variable: string }
      | { /** The file that would contain the key. */ readonly keyFile: string }
    ))
  /** The key is in OpenClaw's own store, in an auth profile, and is left there. */
  | {
      readonly code: 'key-in-store';
      readonly file: string;
      readonly provider: string;
      readonly profile: string;
    }
  /** A setting that this version of OpenClaw refuses is left out, and its key goes into its `.env`. */
  | {
      readonly code: 'older-version';
      readonly file: string;
      readonly version: string;
      readonly setting: keyof typeof firstWith;
      /** The first version that takes it. */
      readonly since: string;
    }
  /** What is added needs this version of OpenClaw or a later one, and which one reads the file is not known. */
  | { readonly code: 'unknown-version'; readonly file: string; readonly since: string }
  /** The file of a key has another one than the list of nodes names for the node, and is left as it is. */
  | { readonly code: 'other-key'; readonly file: string; readonly node: string; readonly keyFile: string }
  /** The address of a provider is set to the one of its node, which it lacks only `/v1` of. */
  | {
      readonly code: 'version-missing';
      readonly file: string;
      readonly provider: string;
      /** The address with it, which is that of the list of nodes. */
      readonly better: string;
    }
  /** What is written as if it were a variable OpenClaw takes for the key itself; daruma knows none to put in its place. */
  | { readonly code: 'no-variable'; readonly file: string; readonly provider: string };

/** A gateway and its configuration as they are now. */
export interface GatewayState {
  readonly gateway: Gateway;
  /** The configuration as it is written: references to variables stay, and included files are part of it. */
  readonly root: Json5Value | undefined;
  /** The value that a variable has in the configuration. */
  readonly variable: (name: string) => string | undefined;
  /** The folder for files with keys. */
  readonly keyFolder: string;
  /** The text of a file of that folder; undefined when it does not exist. */
  readonly keyIn: (file: string) => string | undefined;
  /** Whether what is in such a file is the key that daruma has put there from the list of nodes. */
  readonly isOwnKeyFile: (file: string, text: string) => boolean;
  /** The front that is to be asked in place of a proxy of this machine; undefined when there is to be none. */
  readonly front?: FrontAddress | undefined;
}

/** A front, as the configuration of a gateway needs it. */
interface FrontAddress {
  /** Its address, without `/v1`. */
  readonly url: string;
  /** The name of the proxy before which it stands. */
  readonly local: string;
}

/** Another machine. */
export interface OtherNode extends Node {
  /** The key that its proxy asks for, a secret; undefined when it is not known. */
  readonly keyValue: string | undefined;
}

/**
 * How long a proxy may be silent, in seconds. The time starts again with each piece of an answer (read: openclaw 2026.9.6,
 * `buildManagedResponse()` in `provider-transport-fetch`), so that no long answer is cut off. By default OpenClaw waits two
 * minutes and tries again.
 */
export const timeoutSeconds = 60;

/** Works out what a gateway needs so that its agents can go on through the other machines. */
export function gatewayNeeds(state: GatewayState, others: readonly OtherNode[]): GatewayNeeds {
  const { gateway } = state;
  const local = localProvider(gateway);
  if (local === undefined) {
    return {
      edits: [],
      variables: new Map(),
      keyFiles: new Map(),
      notes: [{ code: 'no-local-primary', file: gateway.file }, ...unclearNotes(gateway)],
      providers: [],
    };
  }
  const asking = chainsOf(state).filter(
    ({ primary }) => primary !== undefined && leadsAlike(placeOf(gateway, primary), local),
  );
  const chains = asking.filter(({ declinesFallbacks }) => !declinesFallbacks);
  const routes = routesTo(others, state).filter(({ id }) => chains.length > 0 || isAsked(id, gateway));
  const edits: ConfigEdit[] = [];
  const found: FoundKeys = { variables: new Map(), keyFiles: new Map(), notes: [], edits };
  const takesTimeout = takes('timeoutSeconds', gateway.version) !== false;
  // Without fallbacks, to give up sooner would lead to nobody.
  if (chains.length > 0 && takesTimeout && local.timeoutSeconds === undefined) {
    edits.push({ path: pathOf(local.id, 'timeoutSeconds'), value: timeoutSeconds });
  }
  for (const route of routes) {
    const apiKey = keyFor(route, state, found);
    const referred = referredModels(route.id, local, chains, gateway);
    edits.push(...providerEdits(route, apiKey, referred, local, state));
  }
  edits.push(...frontEdits(state));
  edits.push(...nameEdits(state, edits));
  for (const chain of chains) edits.push(...fallbackEdits(chain, local, routes, state));
  const { variables, keyFiles, notes } = found;
  return {
    edits,
    variables,
    keyFiles,
    notes: [
      ...notes,
      ...asking
        .filter(({ declinesFallbacks }) => declinesFallbacks)
        .map(
          ({ path }) =>
            ({ code: 'no-fallbacks-wanted', file: gateway.file, setting: path.join('.') }) as const,
        ),
      ...routes.flatMap(route => addressNotes(route, gateway)),
      ...unclearNotes(gateway),
      ...versionNotes(gateway, found),
    ],
    providers: routes.map(({ id }) => id),
  };
}

/** Whoever asks the proxy asks the front in its place. */
function frontEdits({ gateway, front }: GatewayState): readonly ConfigEdit[] {
  if (front === undefined) return [];
  const isBehind = ({ leadsTo }: Place) => leadsTo.kind === 'proxy' && leadsTo.name === front.local;
  return gateway.providers.filter(isBehind).map(({ id, baseUrl }) => {
    const { pathname } = new URL(baseUrl ?? '/v1', front.url);
    return { path: pathOf(id, 'baseUrl'), value: front.url + withoutSlashes(pathname) };
  });
}

/** Whether anything asks a provider already. One that nobody asks, and nobody is to ask, is not written. */
function isAsked(id: string, { agents, settings }: Gateway): boolean {
  return [...agents, ...settings].flatMap(modelsInOrder).some(({ provider }) => provider === id);
}

/** A chain of models, and the setting that it is written in. */
type OwnChain = ModelChain & Pick<AgentModels, 'path' | 'declinesFallbacks'>;

/** The chains that can be made longer: those of agents, and of subagents with a model of their own. */
function chainsOf({ gateway, root }: GatewayState): readonly OwnChain[] {
  // What an agent inherits is made longer where it is written.
  const agents = gateway.agents.filter(
    ({ id, inheritsPrimary, path }) =>
      id === null || !inheritsPrimary || isList(at(root, [...path, 'fallbacks'])),
  );
  return [
    ...agents,
    ...gateway.settings.filter(({ use, isInherited }) => use === 'subagents' && !isInherited),
  ];
}

function unclearNotes({ file, agents, settings }: Gateway): readonly GatewayNote[] {
  const unclear = [...agents, ...settings].flatMap(each => each.unclear);
  const texts = new Map(unclear.map(each => [each.written, each]));
  return [...texts.values()].map(({ written, reason }) => ({
    code: 'unclear-reference',
    file,
    reference: written,
    reason,
  }));
}

/** What the version of OpenClaw means for the changes. */
function versionNotes({ file, version }: Gateway, { edits, variables }: FoundKeys): readonly GatewayNote[] {
  if (version === undefined) {
    const setsTimeout = edits.some(
      ({ path, value }) =>
        path.at(-1) === 'timeoutSeconds' || (isMapping(value) && 'timeoutSeconds' in value),
    );
    const namesKeyFile = edits.some(({ path }) => path[0] === 'secrets');
    const needed = setsTimeout ? 'timeoutSeconds' : namesKeyFile ? 'keyFiles' : undefined;
    return needed === undefined ? [] : [{ code: 'unknown-version', file, since: firstWith[needed] }];
  }
  const lacking = [
    ...(variables.size > 0 ? (['keyFiles'] as const) : []),
    ...(edits.length > 0 ? (['timeoutSeconds'] as const) : []),
  ].filter(setting => takes(setting, version) === false);
  return lacking.map(setting => ({
    code: 'older-version',
    file,
    version,
    setting,
    since: firstWith[setting],
  }));
}

/** What the keys of all providers need. */
interface FoundKeys {
  readonly variables: Map<string, string>;
  readonly keyFiles: Map<string, string>;
  readonly notes: GatewayNote[];
  readonly edits: ConfigEdit[];
}

/** Another machine and the provider that leads there. */
interface Route {
  readonly node: OtherNode;
  /** The id of the provider. */
  readonly id: string;
}

/** The provider of the agents' own models, as it is asked for them: the first that leads to a proxy of this machine. */
function localProvider(gateway: Gateway): Provider | undefined {
  for (const { primary } of gateway.agents) {
    const provider = primary && providerOf(gateway, primary);
    const { leadsTo } = (primary && placeOf(gateway, primary)) ?? {};
    const isLocal = leadsTo?.kind === 'proxy' || leadsTo?.kind === 'own-port';
    if (provider !== undefined && isLocal) return { ...provider, leadsTo };
  }
  return undefined;
}

function leadsAlike(place: Place | undefined, { leadsTo }: Provider): boolean {
  return JSON.stringify(place?.leadsTo) === JSON.stringify(leadsTo);
}

/** A node without a provider gets the one that an earlier plan has left, where there is one of each: the node has another name now. */
function routesTo(others: readonly OtherNode[], state: GatewayState): readonly Route[] {
  const { gateway } = state;
  const there = others.map(node => ({ node, id: leadingTo(node, gateway) }));
  const [left, ...furtherLeft] = leftOver(state);
  const [lacking, ...furtherLacking] = there.filter(({ id }) => id === undefined);
  // Without its own key it would be sent that of the other one.
  const isRenamed = furtherLeft.length + furtherLacking.length === 0 && lacking?.node.keyValue !== undefined;
  const taken = new Set(gateway.providers.map(nameOf));
  return there.map(({ node, id: present }) => {
    const id = present ?? (isRenamed ? left : undefined) ?? freeId(node, each => taken.has(each));
    taken.add(id);
    return { node, id };
  });
}

/** The ids of the providers that daruma has made for a machine which is no node any more: their keys are in files of its own. */
function leftOver(state: GatewayState): readonly string[] {
  const { gateway, root } = state;
  return gateway.providers
    .filter(({ id, leadsTo, apart }) => {
      const alias = keyAliasOf(id, root);
      return (
        leadsTo.kind === 'elsewhere' &&
        apart.size === 0 &&
        gateway.providers.filter(other => nameOf(other) === nameOf({ id })).length === 1 &&
        alias !== undefined &&
        isOwnKey(alias, state)
      );
    })
    .map(({ id }) => id);
}

/** OpenClaw compares ids without case. */
function nameOf({ id }: Pick<Provider, 'id'>): string {
  return id.trim().toLowerCase();
}

/** The id of a provider that leads to the node already. */
function leadingTo(node: Node, gateway: Gateway): string | undefined {
  const leadsThere = ({ leadsTo }: Place) => leadsTo.kind === 'node' && leadsTo.node === node.name;
  const named = Map.groupBy(gateway.providers, nameOf);
  // One whose models are partly elsewhere is no provider of that machine; of several alike it is not known which one is asked.
  const leading = gateway.providers.filter(
    provider =>
      leadsThere(provider) &&
      [...provider.apart.values()].every(leadsThere) &&
      named.get(nameOf(provider))?.length === 1,
  );
  const [own] = leading.toSorted((a, b) => Number(isByAddress(b)) - Number(isByAddress(a)));
  return own?.id;
}

function isByAddress({ leadsTo }: Provider): boolean {
  return leadsTo.kind === 'node' && leadsTo.by === 'address';
}

/**
 * @param apiKey what `apiKey` is to be; undefined where it stays as it is
 * @param referred the models that the provider has to declare
 */
function providerEdits(
  route: Route,
  apiKey: Json5Value | undefined,
  referred: readonly string[],
  local: Provider,
  { gateway, root }: GatewayState,
): readonly ConfigEdit[] {
  const { node, id } = route;
  const baseUrl = `${node.url}/v1`;
  const api = local.api ?? defaultApi;
  const key = apiKey === undefined ? {} : { apiKey };
  const limit = takes('timeoutSeconds', gateway.version) === false ? {} : { timeoutSeconds };
  const own = providerOf(gateway, { provider: id });
  if (own === undefined) {
    const models = withModels(modelsElsewhere(local.id, root), referred);
    return [{ path: pathOf(id), value: { baseUrl, ...key, api, ...limit, models } }];
  }
  const leadsElsewhere = (isByAddress(own) || own.leadsTo.kind === 'elsewhere') && addressOf(own) !== baseUrl;
  const values = {
    ...(leadsElsewhere ? { baseUrl } : {}),
    ...key,
    // The one by which it is asked already: those that OpenClaw brings have others.
    ...(own.api === undefined && !isBundledProvider(id) ? { api: defaultApi } : {}),
    ...(own.timeoutSeconds === undefined ? limit : {}),
  };
  return [
    ...Object.entries(values).map(([name, value]) => ({ path: pathOf(id, name), value })),
    ...modelEdits(id, own, local, referred, root),
  ];
}

function addressOf({ baseUrl }: Provider): string | undefined {
  return baseUrl === undefined ? undefined : withoutSlashes(baseUrl);
}

function addressNotes({ node, id }: Route, gateway: Gateway): readonly GatewayNote[] {
  const own = providerOf(gateway, { provider: id });
  if (own === undefined || !isByAddress(own) || addressOf(own) !== node.url) return [];
  return [{ code: 'version-missing', file: gateway.file, provider: id, better: `${node.url}/v1` }];
}

/** Declares the models that the provider does not declare yet. Where it has no list, it gets that of the local provider, too. */
function modelEdits(
  id: string,
  own: Provider,
  local: Provider,
  referred: readonly string[],
  root: Json5Value | undefined,
): readonly ConfigEdit[] {
  const localModels = modelsElsewhere(local.id, root);
  const declared = own.models;
  if (declared === undefined) {
    return [{ path: pathOf(id, 'models'), value: withModels(localModels, referred) }];
  }
  const entryOf = (model: string) => localModels.find(entry => idOf(entry) === model) ?? entryFor(model);
  return referred
    .filter(model => !declared.includes(model))
    .map((model, index) => ({
      path: [...pathOf(id, 'models'), declared.length + index],
      value: entryOf(model),
    }));
}

/** A list of models, with an entry for each model that is not in it yet. */
function withModels(entries: readonly Json5Value[], models: readonly string[]): readonly Json5Value[] {
  return [...entries, ...models.filter(model => !hasModel(entries, model)).map(entryFor)];
}

/** The models that agents ask a provider for, and those that they are to ask it for. */
function referredModels(
  id: string,
  local: Provider,
  chains: readonly OwnChain[],
  gateway: Gateway,
): readonly string[] {
  const asked = [...gateway.agents, ...gateway.settings]
    .flatMap(modelsInOrder)
    .filter(({ provider }) => provider === id)
    .map(({ model }) => model);
  const wanted = chains
    .filter(({ fallbacks }) => !fallbacks.some(({ provider }) => provider === id))
    .flatMap(chain => counterparts(chain, local));
  return [...new Set([...wanted, ...asked])];
}

/**
 * The models that an agent is to ask another machine for: its primary model, then its fallbacks at the same provider. Where it
 * has no such fallback, one more model that the provider declares. No more than that: if the other machine is down as well,
 * OpenClaw tries each model for a minute and a half.
 */
function counterparts({ primary, fallbacks }: ModelChain, local: Provider): readonly string[] {
  if (primary === undefined) return [];
  const own = fallbacks.filter(({ provider }) => provider === primary.provider).map(({ model }) => model);
  const next =
    own.length > 0 ? own : (local.models ?? []).filter(model => model !== primary.model).slice(0, 1);
  return [...new Set([primary.model, ...next])];
}

/** Adds fallbacks to a chain for each machine that it does not fall back to yet. */
function fallbackEdits(
  chain: OwnChain,
  local: Provider,
  routes: readonly Route[],
  { gateway, root }: GatewayState,
): readonly ConfigEdit[] {
  const { primary, path } = chain;
  const missing = routes.filter(route => !fallsBackTo(chain, route, gateway));
  // First the agent's own model, wherever there is one; then the others.
  const added = counterparts(chain, local).flatMap(model => missing.map(({ id }) => `${id}/${model}`));
  if (primary === undefined || added.length === 0) return [];
  const written = at(root, path);
  // An alias stays one.
  const own =
    typeof written !== 'string'
      ? `${primary.provider}/${primary.model}`
      : primary.isBare
        ? inFull(primary)
        : written;
  if (!isMapping(written)) return [{ path, value: { primary: own, fallbacks: added } }];
  const list = written['fallbacks'];
  if (!isList(list)) return [{ path: [...path, 'fallbacks'], value: added }];
  return added.map((reference, index) => ({
    path: [...path, 'fallbacks', list.length + index],
    value: reference,
  }));
}

/**
 * A bare name means the model of the only provider that declares one. Where the edits so far let another provider declare it, too,
 * it gets its provider.
 */
function nameEdits({ gateway, root }: GatewayState, edits: readonly ConfigEdit[]): readonly ConfigEdit[] {
  const added = new Set(
    edits
      .flatMap(({ value }) => [
        value,
        ...(isMapping(value) && isList(value['models']) ? value['models'] : []),
      ])
      .flatMap(each => [each, ...(isList(each) ? each : [])])
      .map(each => idOf(each))
      .flatMap(id => (typeof id === 'string' ? id.trim().toLowerCase() : [])),
  );
  const isTouched = ({ primary, inheritsPrimary }: AgentModels) =>
    primary?.isBare === true &&
    !inheritsPrimary &&
    [primary.model, primary.written].some(name => added.has(name.toLowerCase()));
  const named = gateway.agents.filter(isTouched);
  const own = named.flatMap(({ primary, path }) => {
    if (primary === undefined) return [];
    const isText = typeof at(root, path) === 'string';
    return [{ path: isText ? path : [...path, 'primary'], value: inFull(primary) }];
  });
  if (!named.some(({ id }) => id === null)) return own;
  // For an agent with an alias of that name it means something else, which gets its place in the agent.
  const inheriting = gateway.agents.filter(
    ({ primary, inheritsPrimary, id }) => id !== null && inheritsPrimary && primary?.isBare === false,
  );
  return [
    ...own,
    ...inheriting.flatMap(({ primary, path }) => {
      if (primary === undefined) return [];
      const written = at(root, path);
      const of = isMapping(written) ? written : {};
      const fallbacks = of['fallbacks'] ?? at(root, ['agents', 'defaults', 'model', 'fallbacks']) ?? [];
      return [{ path, value: { ...of, primary: `${primary.provider}/${primary.model}`, fallbacks } }];
    }),
  ];
}

/** A bare name with its provider; an auth profile at its end stays. */
function inFull({ provider, written }: ModelReference): string {
  return `${provider}/${written}`;
}

function fallsBackTo({ fallbacks }: ModelChain, { node, id }: Route, gateway: Gateway): boolean {
  return fallbacks.some(reference => {
    const leadsTo = placeOf(gateway, reference)?.leadsTo;
    return reference.provider === id || (leadsTo?.kind === 'node' && leadsTo.node === node.name);
  });
}

/**
 * What `apiKey` is to be; undefined where it stays as it is. A new key, and one that is written there in clear, gets a file of
 * its own, and a reference to that takes its place: a running gateway reads such a file when its configuration changes, and
 * its `.env` only when it starts (run: openclaw 2026.9.6).
 *
 * @param found takes the keys that are to be written, and a note when the key is not known
 */
function keyFor(route: Route, state: GatewayState, found: FoundKeys): Json5Value | undefined {
  const { gateway, root, variable } = state;
  const { node, id } = route;
  const key = providerOf(gateway, { provider: id })?.key ?? { kind: 'none' };
  switch (key.kind) {
    // The user chose where the key stands.
    case 'reference':
      renewKeyFile(route, state, found);
      return undefined;
    case 'composed':
    case 'marker':
      return undefined;
    case 'profile':
      found.notes.push({ code: 'key-in-store', file: gateway.file, provider: id, profile: key.id });
      return undefined;
    case 'variable':
      if (variable(key.name) !== undefined) return undefined;
      if (node.keyValue === undefined) found.notes.push({ ...noKey(gateway, node), variable: key.name });
      else found.variables.set(key.name, node.keyValue);
      return undefined;
    case 'literal':
      if (key.seemsVariable && node.keyValue === undefined) {
        found.notes.push({ code: 'no-variable', file: gateway.file, provider: id });
        return undefined;
      }
      // Until it is restarted an older OpenClaw would be without a key that it has.
      if (!key.seemsVariable && takes('keyFiles', gateway.version) === false) return undefined;
      return placed(route, key.seemsVariable ? node.keyValue : literalKey(id, root), state, found);
    case 'none':
      return node.key === undefined ? undefined : placed(route, node.keyValue, state, found);
    default:
      return key satisfies never;
  }
}

/**
 * A file as daruma writes them may have another key than the node. One that daruma took from the list of nodes is replaced by the key
 * that this has now; one that somebody else put there, or that stood in the configuration, stays.
 */
function renewKeyFile({ node, id }: Route, state: GatewayState, found: FoundKeys): void {
  const { gateway, root, isOwnKeyFile } = state;
  const alias = keyAliasOf(id, root);
  if (alias === undefined || node.keyValue === undefined) return;
  const { file, text } = keyOfAlias(alias, state);
  if (text === undefined || text.trim() === node.keyValue) return;
  const isShared = gateway.providers.some(other => other.id !== id && keyAliasOf(other.id, root) === alias);
  if (!isShared && isOwnKeyFile(file, text)) found.keyFiles.set(file, node.keyValue);
  else found.notes.push({ code: 'other-key', file: gateway.file, node: node.name, keyFile: file });
}

/** The file of a name in `secrets.providers`, and what is in it; `text` is undefined where there is none as daruma writes them. */
function keyOfAlias(
  alias: string,
  { root, keyFolder, keyIn }: GatewayState,
): { readonly file: string; readonly text: string | undefined } {
  const file = keyFileOf(keyFolder, alias);
  const isLikeOurs = isDeepStrictEqual(at(root, ['secrets', 'providers', alias]), keyFileProvider(file));
  return { file, text: isLikeOurs ? keyIn(file) : undefined };
}

function isOwnKey(alias: string, state: GatewayState): boolean {
  const { file, text } = keyOfAlias(alias, state);
  return text !== undefined && state.isOwnKeyFile(file, text);
}

/** The name in `secrets.providers` that the key of a provider refers to. */
function keyAliasOf(id: string, root: Json5Value | undefined): string | undefined {
  const reference = at(root, pathOf(id, 'apiKey'));
  const alias = isMapping(reference) ? reference['provider'] : undefined;
  return typeof alias === 'string' ? alias : undefined;
}

function literalKey(id: string, root: Json5Value | undefined): string | undefined {
  const written = at(root, pathOf(id, 'apiKey'));
  return typeof written === 'string' ? written.trim() : undefined;
}

/**
 * An OpenClaw that does not know files of keys gets a variable in its `.env`.
 *
 * @param value the key; undefined when it is not known
 */
function placed(route: Route, value: string | undefined, state: GatewayState, found: FoundKeys): Json5Value {
  const { gateway, variable } = state;
  if (takes('keyFiles', gateway.version) !== false) return inKeyFile(route, value, state, found);
  const name = freeVariable(route.id, each => {
    const held = found.variables.get(each) ?? variable(each);
    return held !== undefined && held !== value;
  });
  if (value === undefined) found.notes.push({ ...noKey(gateway, route.node), variable: name });
  else if (variable(name) === undefined) found.variables.set(name, value);
  return `\${${name}}`;
}

function inKeyFile(
  { node, id }: Route,
  value: string | undefined,
  state: GatewayState,
  found: FoundKeys,
): Json5Value {
  const { alias, file } = freeKeyFile(id, value, state, found);
  found.edits.push({ path: ['secrets', 'providers', alias], value: keyFileProvider(file) });
  if (value === undefined) found.notes.push({ ...noKey(state.gateway, node), keyFile: file });
  else found.keyFiles.set(file, value);
  return keyFileReference(alias);
}

function noKey({ file }: Gateway, { name, key }: OtherNode) {
  return { code: 'no-key', file, node: name, reference: key ?? null } as const;
}

/** A file that does not exist yet or contains this very key, with a name under which the configuration has nothing else. */
function freeKeyFile(
  id: string,
  value: string | undefined,
  { root, keyFolder, keyIn }: GatewayState,
  { keyFiles }: FoundKeys,
): { readonly alias: string; readonly file: string } {
  const fileOf = (alias: string) => keyFileOf(keyFolder, alias);
  const alias = keyAlias(id, each => {
    const file = fileOf(each);
    const held = keyFiles.get(file) ?? keyIn(file);
    const entry = at(root, ['secrets', 'providers', each]);
    const isOurs = entry === undefined || isDeepStrictEqual(entry, keyFileProvider(file));
    return !isOurs || (held !== undefined && held.trim() !== value);
  });
  return { alias, file: fileOf(alias) };
}

function keyFileOf(folder: string, alias: string): string {
  return `${folder}/${alias}.key`;
}

function pathOf(provider: string, ...keys: readonly string[]): Json5Path {
  return ['models', 'providers', provider, ...keys];
}

/** The models of a provider as another machine has them: without what belongs to the requests to this one. */
function modelsElsewhere(provider: string, root: Json5Value | undefined): readonly Json5Value[] {
  const models = at(root, pathOf(provider, 'models'));
  return (isList(models) ? models : []).map(each =>
    isMapping(each)
      ? Object.fromEntries(Object.entries(each).filter(([key]) => key !== 'baseUrl' && key !== 'headers'))
      : each,
  );
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
