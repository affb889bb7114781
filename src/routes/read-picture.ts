/** Reads the picture of one machine from its examined services and the files that they read. */
import type { Inventory } from '../inventory/inventory.ts';
import { entriesOf, nodeAt, scalarOf, textOf, type ConfigNode } from '../services/config-node.ts';
import type { RecognisedService } from '../services/index.ts';
import { type ContainedLitellm, litellmIn } from '../services/containers/container.ts';
import { containersOf, type StartedContainers } from '../services/containers/of-program.ts';
import { containersAround } from '../services/containers/usual-places.ts';
import { frontConfigOf, haproxyFront } from '../services/front.ts';
import { hostToAsk } from '../services/listening.ts';
import { asksForKey, litellmConfigOf } from '../services/litellm.ts';
import type { LitellmConfig } from '../services/litellm-config.ts';
import type { ConfigProblem } from '../services/config-problem.ts';
import { type OpenclawConfig, openclawPlaces, readOpenclawConfig } from '../services/openclaw-config.ts';
import { configurationOf, startsUnconfigured } from '../services/openclaw-gateway.ts';
import { keyNames, openclawKey, type ProviderNames } from '../services/openclaw-key.ts';
import { agentModels, settingModels } from '../services/openclaw-models.ts';
import { addressOf, modelRows } from '../services/openclaw-rows.ts';
import { openclawVersion } from '../services/openclaw-version.ts';
import { type OwnFiles, ownFilesOf } from '../services/own-files.ts';
import type { Program } from '../services/program.ts';
import type { Host } from '../systemd/host/host.ts';
import { noteLimit } from '../systemd/host/limit.ts';
import {
  destinationInside,
  destinationOf,
  entrancesOf,
  type ListeningProxy,
  readHostsFile,
  remoteForwardsOf,
  type Vantage,
} from './destination.ts';
import { type Node, ownNode } from './node.ts';
import type { Destination, Gateway, Picture, Provider, Proxy } from './picture.ts';
import { passagesOf } from './reverse-proxy.ts';
import { type Forward, forwardsOf } from './ssh.ts';

/** Collects services one by one, and then makes the picture. */
export interface PictureReader {
  /** @param id id of the unit; its aliases have the same id */
  see(id: string, program: Program, known: RecognisedService | undefined): void;
  /**
   * @param isWhole whether all services of the user were seen: OpenClaw's default configuration then belongs to the
   * picture although no service reads it
   */
  picture(isWhole: boolean): Picture;
}

/** Reads the picture of a host with all its own services. */
export async function readPicture(inventory: Inventory, nodes: readonly Node[]): Promise<Picture> {
  const reader = beginPicture(inventory.host, nodes);
  for await (const { service, program, known } of inventory.services(inventory.ownServices())) {
    if (program !== undefined) reader.see(service.unit.id, program, known);
  }
  return reader.picture(true);
}

/**
 * Draws the pictures of machines that are looked at together: a chain of requests over several of them shows in no picture
 * alone. For a single machine nothing is drawn.
 */
export async function readPicturesOfSeveral(
  looked: readonly { readonly inventory: Inventory; readonly nodes: readonly Node[] }[],
): Promise<readonly Picture[]> {
  const machines = looked.filter(({ inventory }) => inventory.host.reach !== 'units');
  if (machines.length < 2) return [];
  const pictures: Picture[] = [];
  for (const { inventory, nodes } of machines) pictures.push(await readPicture(inventory, nodes));
  return pictures;
}

/** Begins a picture. Of the services it keeps only those that ask or answer. */
export function beginPicture(host: Host, nodes: readonly Node[]): PictureReader {
  const gateways = new Map<string, RecognisedService>();
  const proxies = new Map<string, RecognisedService>();
  const started = new Map<string, StartedContainers>();
  const forwards: Forward[] = [];
  const seen = new Set<string>();
  return {
    see(id, program, known) {
      if (seen.has(id)) return;
      seen.add(id);
      if (known?.service.id === 'openclaw-gateway') gateways.set(program.unit, known);
      else if (known !== undefined && passingOn.has(known.service.id)) proxies.set(program.unit, known);
      else {
        const ofUnit = containersOf(program);
        if (ofUnit.containers.length + ofUnit.problems.length > 0) started.set(program.unit, ofUnit);
        else forwards.push(...forwardsOf(program));
      }
    },
    picture(isWhole) {
      const files = ownFilesOf(host);
      const listeners = [...proxies.values()].flatMap(({ service, program }) =>
        service.listens(program).map((each): ListeningProxy => ({ ...each, name: program.unit })),
      );
      const around = isWhole ? containersAroundHome(host, files) : undefined;
      const contained = containedIn(started, around, new Set(listeners.map(({ port }) => port)), files);
      const ofContainers = contained.flatMap(({ name, port, address }): readonly ListeningProxy[] =>
        port === undefined ? [] : [{ name, port, address, ipv6Only: false }],
      );
      const vantage: Vantage = {
        hostName: host.hostName,
        node: ownNode(nodes, host.hostName),
        nodes,
        hosts: readHostsFile(files),
        // A port of a service is not that of a container.
        listening: [...ofContainers, ...listeners],
        forwards,
        passages: passagesOf(files, host.environment['HOME'], met => noteLimit(host, met)),
      };
      const configs = [...gateways.values()].flatMap(({ program }) => {
        const config = configurationOf(program);
        if (config === undefined) return [];
        const known = { version: openclawVersion(program), allowsUnconfigured: startsUnconfigured(program) };
        return [{ unit: program.unit, ...known, config }];
      });
      const noteLimits = (problems: readonly ConfigProblem[]) => {
        for (const problem of problems) if (problem.code === 'beyond-limit') noteLimit(host, problem);
      };
      // A rule reports those of OpenClaw. Of those of LiteLLM that a rule reports `check` makes no note.
      const noteFaults = (problems: readonly ConfigProblem[]) => {
        for (const problem of problems) {
          const { code } = problem;
          if (code === 'bad-syntax')
            noteLimit(host, {
              source: problem.source,
              limit: { of: 'syntax', column: problem.column, isAtEnd: problem.isAtEnd },
            });
          else if (code === 'bad-value')
            noteLimit(host, { source: problem.source, limit: { of: 'value', key: problem.key } });
        }
      };
      const usual = isWhole && gateways.size === 0 ? usualConfig(host) : undefined;
      const asking = [
        ...configs,
        ...(usual === undefined
          ? []
          : [{ unit: null, version: undefined, allowsUnconfigured: true, config: usual }]),
      ];
      const answering = [
        ...[...proxies.values()].map(known => proxyOf(known, vantage)),
        ...contained.map(each => proxyInContainer(each, vantage, contained)),
      ];
      for (const { container } of contained) {
        for (const met of container.unclear) noteLimit(host, met);
      }
      for (const { problems } of [...started.values(), ...(around === undefined ? [] : [around])]) {
        noteLimits(problems);
        noteFaults(problems);
      }
      for (const { config } of asking) noteLimits(config.problems);
      for (const { problems } of answering) {
        noteLimits(problems);
        noteFaults(problems);
      }
      return {
        hostName: host.hostName,
        node: vantage.node,
        nodes,
        gateways: asking.map(each => gatewayOf(each, vantage)),
        proxies: answering,
        entrances: entrancesOf(vantage),
        remoteForwards: remoteForwardsOf(vantage),
      };
    },
  };
}

/** Ids of the known services with the API of OpenAI. */
const passingOn: ReadonlySet<string> = new Set([
  'litellm',
  'copilot-api',
  'ollama',
  'vllm',
  'llama-server',
  haproxyFront.id,
]);

/** The configuration that OpenClaw reads when somebody starts it by hand; undefined when there is none. */
function usualConfig(host: Host): OpenclawConfig | undefined {
  if (host.reach === 'units' || host.scope === 'system') return undefined;
  const { environment } = host;
  const variable = (name: string) => environment[name];
  const places = openclawPlaces(variable, undefined);
  // The environment of the person who starts OpenClaw is not known.
  const config =
    places && readOpenclawConfig(places, { files: ownFilesOf(host), variable, isComplete: false });
  return config?.state === 'missing' ? undefined : config;
}

function gatewayOf(
  {
    unit,
    version,
    allowsUnconfigured,
    config,
  }: Pick<Gateway, 'unit' | 'version' | 'allowsUnconfigured' | 'config'>,
  vantage: Vantage,
): Gateway {
  const names = keyNames(config);
  return {
    unit,
    version,
    allowsUnconfigured,
    file: config.file,
    state: config.state,
    problems: config.problems,
    config,
    providers: entriesOf(nodeAt(config.root, 'models', 'providers')).map(([id, node]) =>
      readProvider(id, node, config, names, vantage),
    ),
    agents: agentModels(config),
    settings: settingModels(config),
  };
}

function readProvider(
  id: string,
  node: ConfigNode,
  config: OpenclawConfig,
  names: ProviderNames,
  vantage: Vantage,
): Provider {
  const placeAt = (baseUrl: string | undefined) => ({ baseUrl, leadsTo: destinationOf(baseUrl, vantage) });
  const timeoutSeconds = scalarOf(nodeAt(node, 'timeoutSeconds'));
  const rows = modelRows(id, node, config);
  return {
    id,
    source: node.source,
    ...placeAt(addressOf(node, config)),
    key: openclawKey(id, node, names),
    api: textOf(nodeAt(node, 'api')),
    timeoutSeconds: typeof timeoutSeconds === 'number' ? timeoutSeconds : undefined,
    models:
      nodeAt(node, 'models') === undefined
        ? undefined
        : rows.filter(({ isNamed }) => isNamed).map(each => each.id),
    apart: new Map(
      rows.flatMap(({ id: model, node: entry }) => {
        const written = nodeAt(entry, 'baseUrl');
        if (written === undefined) return [];
        return [[entry, { ...placeAt(addressOf(entry, config)), source: written.source, model }] as const];
      }),
    ),
  };
}

function proxyOf({ service, program }: RecognisedService, vantage: Vantage): Proxy {
  const [listener] = service.listens(program);
  const config = service.id === 'litellm' ? litellmConfigOf(program) : undefined;
  const destination = (url: string | undefined) => destinationOf(url, vantage);
  return {
    name: program.unit,
    unit: program.unit,
    service: service.id,
    port: listener?.port,
    address: hostToAsk(listener?.address),
    ...modelsOf(config, destination),
    ...(service.id === haproxyFront.id ? passedOn(program, destination) : {}),
    isComplete: service.id !== 'litellm' || config?.isComplete === true,
    ...(service.id === 'litellm' ? keyAskedFor(program) : {}),
  };
}

function keyAskedFor(program: Program): Pick<Proxy, 'asksForKey'> {
  return asksForKey(program) === true ? { asksForKey: true } : {};
}

/** A front passes every model on under its own name, as an entry of LiteLLM with the name `*` does. */
function passedOn(
  program: Program,
  destination: (url: string | undefined) => Destination,
): Pick<Proxy, 'file' | 'deployments'> {
  const config = frontConfigOf(program);
  return {
    file: config?.file,
    deployments: (config?.places ?? []).map(({ baseUrl, line }, index) => ({
      entry: index + 1,
      isOwnFallback: false,
      name: '*',
      model: 'openai/*',
      provider: undefined,
      apiBase: baseUrl,
      key: 'none',
      order: undefined,
      id: undefined,
      isBlocked: false,
      isLoaded: true,
      team: undefined,
      source: { file: config?.file ?? program.unit, line },
      leadsTo: destination(baseUrl),
    })),
  };
}

function modelsOf(
  config: LitellmConfig | undefined,
  destination: (url: string | undefined) => Destination,
): Pick<
  Proxy,
  'file' | 'problems' | 'deployments' | 'fallbacks' | 'aliases' | 'mostFallbacks' | 'isWithoutRetries'
> {
  return {
    file: config?.file,
    problems: config?.problems ?? [],
    deployments: (config?.deployments ?? []).map(deployment => ({
      ...deployment,
      leadsTo: destination(deployment.apiBase),
    })),
    fallbacks: config?.fallbacks ?? [],
    aliases: config?.aliases ?? [],
    mostFallbacks: config?.mostFallbacks ?? 0,
    ...(config?.isWithoutRetries && { isWithoutRetries: true }),
  };
}

/** A LiteLLM in a container, with the service that starts it. */
interface Contained extends ContainedLitellm {
  readonly name: string;
  readonly unit: string | null;
}

function containersAroundHome(host: Host, files: OwnFiles): StartedContainers | undefined {
  const home = host.environment['HOME'];
  if (host.reach === 'units' || host.scope === 'system' || home === undefined) return undefined;
  return containersAround(home, files);
}

/**
 * The LiteLLMs among the containers, each once: those of services first. A project whose port belongs to a service is not in
 * use beside it.
 */
function containedIn(
  started: ReadonlyMap<string, StartedContainers>,
  around: StartedContainers | undefined,
  taken: ReadonlySet<number>,
  files: OwnFiles,
): readonly Contained[] {
  const found: Contained[] = [];
  const names = new Set<string>();
  const sources = new Set<string>();
  const add = (unit: string | null, { containers }: StartedContainers) => {
    const litellms = containers.flatMap(container => litellmIn(container, files) ?? []);
    for (const each of litellms) {
      const { container, port } = each;
      const source = `${container.source.file}:${container.source.line}`;
      // The service of a quadlet is called after it.
      const isOfService = sources.has(source) || started.has(container.name);
      const isReplaced = port !== undefined && taken.has(port);
      if (unit === null && (isOfService || isReplaced)) continue;
      const own = unit !== null && litellms.length === 1 ? unit : container.name;
      const name = names.has(own) ? `${own} (${container.source.file})` : own;
      names.add(name);
      sources.add(source);
      found.push({ ...each, name, unit });
    }
  };
  for (const [unit, ofUnit] of started) add(unit, ofUnit);
  if (around !== undefined) add(null, around);
  return found;
}

function proxyInContainer(contained: Contained, vantage: Vantage, all: readonly Contained[]): Proxy {
  const { name, unit, program, port, address, container } = contained;
  const config = litellmConfigOf(program);
  const proxyOfContainer = (asked: string) =>
    all.find(each => each.container.peers === container.peers && each.container.name === asked)?.name;
  return {
    name,
    unit,
    container: { source: container.source, program },
    service: 'litellm',
    port,
    address: hostToAsk(address),
    ...modelsOf(config, url => destinationInside(url, contained, proxyOfContainer, vantage)),
    isComplete: container.isComplete && config?.isComplete === true,
    ...keyAskedFor(program),
  };
}
