/** The links of a machine: the providers that its agents may ask, and the public address of each node. */
import { proxiesAt } from '../../routes/circles.ts';
import { addressIn, withoutSlashes } from '../../routes/destination.ts';
import path from 'node:path';
import { isOpenToOthers } from '../../check/permissions.ts';
import { isLoopback } from '../../http/loopback.ts';
import type { NotAskedReason } from './link-fault.ts';
import type { Node } from '../../routes/node.ts';
import type { Destination, Gateway, Picture, Provider, Proxy } from '../../routes/picture.ts';
import { isFront } from '../../services/front.ts';
import { knownServices } from '../../services/index.ts';
import { isTurn, type ModelReference, modelsInOrder } from '../../services/openclaw-models.ts';
import { usualApi } from '../../services/openclaw-rows.ts';
import { referredFile, secretText } from '../../secrets/openclaw-secret.ts';
import { readSecret } from '../../secrets/secret.ts';
import { type ConfigNode, nodeAt, scalarOf, textOf } from '../../services/config-node.ts';
import type { Host } from '../../systemd/host/host.ts';
import type { GatewayEnvironment } from './gateway-environment.ts';
import { withoutVersion } from './api.ts';
import { placeOf } from '../../routes/asked-place.ts';
import { providerRequest } from './provider-request.ts';
import type { ApiName, BehindLink, KeyFile, KeyHolder, KeyHome, Link, LinkKey } from './link.ts';

export interface LinksOptions {
  readonly host: Host;
  /** The environment of the gateway that a unit runs; undefined when it is not known. */
  readonly environmentOf: (unit: string) => GatewayEnvironment | undefined;
  /** The certificate authorities that a gateway trusts; without a gateway, those that any gateway of this machine trusts. */
  readonly authoritiesOf: (environment: GatewayEnvironment | undefined) => readonly string[];
  /** The command with which OpenClaw itself asks the providers of a gateway, for a person. */
  readonly probeOf: (unit: string | null) => string;
  /** The environment of daruma, for the keys of nodes. */
  readonly environment: NodeJS.ProcessEnv;
}

export interface Links {
  readonly links: readonly Link[];
  readonly notAsked: readonly { readonly provider: string; readonly reason: NotAskedReason }[];
}

export function linksOf(picture: Picture, options: LinksOptions): Links {
  const ofGateways = picture.gateways.flatMap(gateway => {
    const byProvider = Map.groupBy(referencesIn(gateway), ({ provider }) => provider);
    return [...byProvider].map(([id, references]) =>
      linksOfProvider(id, references, gateway, picture, options),
    );
  });
  const links = ofGateways.flatMap(each => each.links);
  const nodes = picture.nodes
    .map(node => linkOfNode(node, picture, options))
    // Nodes that a gateway already has as a provider are not asked twice.
    .filter(node => !links.some(link => isSame(link, node)));
  return { links: [...links, ...nodes], notAsked: ofGateways.flatMap(({ notAsked }) => notAsked) };
}

/**
 * The links to the machines that stand in through a front, with the models that agents ask the front for: it passes them on under the
 * same names.
 *
 * @param local the proxy before which a front is to stand; undefined for what asks a front already
 */
export function linksBehindFront(
  links: readonly Link[],
  { proxies, nodes, node: own }: Picture,
  local?: string,
): readonly Link[] {
  const names = new Set([local, ...proxies.filter(isFront).map(({ name }) => name)]);
  const asked = links.filter(({ proxy }) => proxy !== undefined && names.has(proxy));
  const models = [...new Set(asked.flatMap(link => link.models))];
  if (models.length === 0) return [];
  return nodes.flatMap(node => {
    if (node === own) return [];
    const isItsAddress = ({ baseUrl }: Link) => withoutVersion(baseUrl) === withoutSlashes(node.url);
    const link =
      links.find(({ kind, name }) => kind === 'node' && name === node.name) ?? links.find(isItsAddress);
    return link === undefined ? [] : [{ ...link, kind: 'node', name: node.name, models }];
  });
}

/** All models that turns of agents may ask. */
function referencesIn({ agents, settings }: Gateway): readonly ModelReference[] {
  return [...agents, ...settings.filter(isTurn)].flatMap(modelsInOrder);
}

function linksOfProvider(
  id: string,
  references: readonly ModelReference[],
  gateway: Gateway,
  picture: Picture,
  options: LinksOptions,
): Links {
  const provider = gateway.providers.find(each => each.id === id);
  const notAsked = (reason: NotAskedReason): Links => ({ links: [], notAsked: [{ provider: id, reason }] });
  if (provider === undefined) return notAsked({ code: 'not-declared' });
  const environment = gateway.unit === null ? undefined : options.environmentOf(gateway.unit);
  // One link for all models that are asked for in the same way.
  const requests = references.map(each => ({ model: each.model, how: requestOf(provider, each, gateway) }));
  const alike = Map.groupBy(requests, ({ how }) => JSON.stringify(how));
  const all = [...alike.values()].map((group): Links => {
    const [request] = group;
    if (request === undefined) return { links: [], notAsked: [] };
    const { baseUrl, leadsTo, name, headers, authorities, notFollowed } = request.how;
    if (baseUrl === undefined) return notAsked({ code: 'no-address' });
    const api = apiNames.find(known => known === name);
    if (api === undefined) return notAsked({ code: 'unknown-api', api: name });
    if (notFollowed.length > 0) return notAsked({ code: 'not-followed', settings: notFollowed });
    const key = keyOf(provider, baseUrl, gateway, environment, options.probeOf(gateway.unit), options.host);
    const link: Link = {
      kind: 'provider',
      name: id,
      unit: gateway.unit,
      source: provider.source,
      baseUrl: withoutSlashes(baseUrl),
      api,
      ...(provider.timeoutSeconds === undefined ? {} : { timeoutSeconds: provider.timeoutSeconds }),
      key,
      models: [...new Set(group.map(({ model }) => model))],
      leadsTo: whereTo(baseUrl, leadsTo, picture),
      ...(leadsTo.kind === 'proxy' ? { proxy: leadsTo.name } : {}),
      behind: behind(leadsTo, picture),
      authorities: authorities ?? options.authoritiesOf(environment),
      headers: headersWith(key, headers, provider, gateway),
    };
    return { links: [link], notAsked: [] };
  });
  return { links: all.flatMap(({ links }) => links), notAsked: all.flatMap(each => each.notAsked) };
}

/** How a model is asked for: where, with which API, and with which headers. */
function requestOf(provider: Provider, reference: ModelReference, gateway: Gateway) {
  const { config } = gateway;
  const { model, entry } = reference;
  const { baseUrl, leadsTo } = placeOf(gateway, reference) ?? provider;
  const name = textOf(nodeAt(entry, 'api')) ?? provider.api ?? usualApi(provider.id, model);
  const node = nodeAt(config.root, 'models', 'providers', provider.id);
  return { baseUrl, leadsTo, name, ...providerRequest(node, entry, config) };
}

/** With `authHeader`, the key is sent as a token whatever the API wants (read: openclaw 2026.9.6, `applyAuthHeaderOverride()`). */
function headersWith(
  key: LinkKey,
  headers: Link['headers'],
  { id }: Provider,
  { config }: Gateway,
): Link['headers'] {
  const isAdded = scalarOf(nodeAt(config.root, 'models', 'providers', id, 'authHeader')) === true;
  return key.kind === 'known' && isAdded ? { ...headers, authorization: `Bearer ${key.value}` } : headers;
}

const apiNames = [
  'openai-completions',
  'openai-responses',
  'anthropic-messages',
] as const satisfies readonly ApiName[];

function whereTo(baseUrl: string, leadsTo: Destination, { node }: Picture): Link['leadsTo'] {
  if (isLoopback(URL.parse(baseUrl)?.hostname ?? '')) return 'loopback';
  return leadsTo.kind === 'node' && leadsTo.node === node?.name ? 'own-machine' : 'elsewhere';
}

/** The services with such an address that requests to a destination come to, through other proxies of this machine as well. */
function behind(destination: Destination, { proxies }: Picture): readonly BehindLink[] {
  const reached = new Set<Proxy>();
  const reach = (to: Destination) => {
    const proxy = to.kind === 'proxy' ? proxies.find(({ name }) => name === to.name) : undefined;
    if (proxy !== undefined) reached.add(proxy);
  };
  reach(destination);
  for (const { deployments } of reached) for (const { leadsTo } of deployments) reach(leadsTo);
  return [...reached].flatMap(({ name, service, address, port }) => {
    const probe = knownServices.find(({ id }) => id === service)?.probes.credentials;
    if (probe === undefined || port === undefined) return [];
    return [{ name, url: `http://${address}:${port}${probe.path}`, statuses: probe.statuses }];
  });
}

function keyOf(
  { id, key, source }: Provider,
  baseUrl: string,
  { config }: Gateway,
  environment: GatewayEnvironment | undefined,
  probe: string,
  host: Host,
): LinkKey {
  const place = `models.providers.${id}.apiKey (${source.file}:${source.line})`;
  const written = nodeAt(config.root, 'models', 'providers', id, 'apiKey');
  const holder = holderOf(key, written, baseUrl);
  if (holder !== undefined) return { kind: 'withheld', place, holder, command: probe };
  const own = () => (key.kind === 'variable' ? config.variable(key.name) : secretText(written, config));
  const value = key.kind === 'marker' ? undefined : valueOf(own);
  if (value === undefined) {
    if (key.kind === 'marker') return { kind: 'none', place };
    if (key.kind === 'none') return { kind: 'none', place, home: { of: 'provider', in: 'nothing' } };
    const home = homeOf(key, written, config);
    return { kind: 'missing', place, ...(home === undefined ? {} : { home }) };
  }
  const candidates = [
    ...config.files,
    ...[referredFile(written, config)].filter(file => file !== undefined),
    path.posix.join(path.posix.dirname(config.file), '.env'),
    ...(environment?.files ?? []),
  ];
  return { kind: 'known', value, files: filesWith(value, candidates, host) };
}

/** Where OpenClaw would find the key of a provider. */
function homeOf(
  key: Provider['key'],
  written: ConfigNode | undefined,
  config: Gateway['config'],
): KeyHome | undefined {
  if (key.kind === 'variable')
    return { of: 'provider', in: 'variable', name: key.name, file: config.environmentFile };
  const file = referredFile(written, config);
  return file === undefined ? undefined : { of: 'provider', in: 'file', file };
}

/** What has the key; undefined when it is where daruma reads it, or when none is sent. */
function holderOf(
  key: Provider['key'],
  written: ConfigNode | undefined,
  baseUrl: string,
): KeyHolder | undefined {
  if (key.kind === 'profile') return 'openclaw';
  // For a server of this machine such a word means that it asks for no key.
  if (key.kind === 'marker') return isLoopback(URL.parse(baseUrl)?.hostname ?? '') ? undefined : 'openclaw';
  const source = key.kind === 'reference' ? textOf(nodeAt(written, 'source')) : undefined;
  return source === 'store' ? 'openclaw' : source === 'exec' ? 'program' : undefined;
}

function valueOf(read: () => string | undefined): string | undefined {
  try {
    return read()?.trim() || undefined;
  } catch {
    return undefined;
  }
}

/** The candidate files that contain a key. */
function filesWith(key: string, candidates: readonly string[], host: Host): readonly KeyFile[] {
  return [...new Set(candidates)].flatMap(file => {
    const holds = valueOf(() => (host.files.read(file).toString('utf8').includes(key) ? file : undefined));
    const status = holds === undefined ? undefined : host.files.status(file);
    return status === undefined
      ? []
      : [{ file, mode: status.mode, isOpenToOthers: isOpenToOthers(host, file) }];
  });
}

function linkOfNode(node: Node, picture: Picture, options: LinksOptions): Link {
  const { name, url, key, source } = node;
  return {
    kind: 'node',
    name,
    unit: null,
    source,
    baseUrl: `${withoutSlashes(url)}/v1`,
    api: 'openai-completions',
    key: keyOfNode(key, options),
    models: [],
    leadsTo: node === picture.node ? 'own-machine' : 'elsewhere',
    ...(node === picture.node && isGuarded(node, picture) ? { isGuarded: true } : {}),
    behind: [],
    authorities: options.authoritiesOf(undefined),
    headers: {},
  };
}

/** Whether all that may answer at the public address of this machine are LiteLLMs which ask for a key, or a front before such. */
function isGuarded({ name, url }: Node, picture: Picture): boolean {
  const address = addressIn(url);
  if (address === undefined) return false;
  const answering = proxiesAt({ kind: 'node', node: name, by: 'address', ...address }, picture, []) ?? [];
  const before = answering.flatMap(proxy => (isFront(proxy) ? proxiesBehind(proxy, picture) : proxy));
  return before.length > 0 && before.every(({ asksForKey }) => asksForKey === true);
}

function proxiesBehind({ deployments }: Proxy, { proxies }: Picture): readonly Proxy[] {
  return proxies.filter(({ name }) =>
    deployments.some(({ leadsTo }) => leadsTo.kind === 'proxy' && leadsTo.name === name),
  );
}

function keyOfNode(reference: string | undefined, { environment, host }: LinksOptions): LinkKey {
  if (reference === undefined)
    return { kind: 'none', place: 'nodes[].key', home: { of: 'node', in: 'nothing' } };
  const [, file] = /^file:(.*)$/.exec(reference) ?? [];
  const value = readSecret(reference, environment, host.inherited);
  if (value === undefined) {
    const [, name] = /^env:(.*)$/.exec(reference) ?? [];
    if (file !== undefined)
      return { kind: 'missing', place: reference, home: { of: 'node', in: 'file', file } };
    if (name !== undefined)
      return { kind: 'missing', place: reference, home: { of: 'node', in: 'variable', name } };
    return { kind: 'missing', place: reference };
  }
  const home = environment['HOME'] ?? '';
  const candidates = file === undefined ? [] : [file.replace(/^~(?=\/)/, () => home)];
  return { kind: 'known', value, files: filesWith(value, candidates, host) };
}

/** Two keys that are not there are missing in two places. */
function isSame(a: Link, b: Link): boolean {
  const isSameKey =
    a.key.kind === 'known' && b.key.kind === 'known'
      ? a.key.value === b.key.value
      : a.key.kind === 'none' && b.key.kind === 'none';
  return isSameKey && withoutVersion(a.baseUrl) === withoutVersion(b.baseUrl);
}
