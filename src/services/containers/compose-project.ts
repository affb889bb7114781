/**
 * The containers of a compose project, as its files define them.
 *
 * Sources: docs.docker.com/reference/compose-file (services, interpolation, merge); compose-go (`loader`, `cli/options.go`).
 */
import path from 'node:path';
import { parseEnv } from 'node:util';
import type { MetLimit } from '../../systemd/host/limit.ts';
import { extractWords } from '../../systemd/values/words.ts';
import { type ConfigNode, entriesOf, itemsOf, nodeAt, scalarOf } from '../config-node.ts';
import type { ConfigProblem } from '../config-problem.ts';
import type { OwnFiles } from '../own-files.ts';
import { yamlMapping } from '../yaml-config.ts';
import { interpolated } from './compose-variables.ts';
import type { Container, ContainerVariable, Mount, PublishedPort } from './container.ts';
import { machineNamesIn, machinePath, mountsIn, publishedPorts } from './container-settings.ts';

/** Where a project is, and what is known of the environment of whoever starts it. */
export interface ComposePlace {
  readonly directory: string;
  /** The files that are named; of none, those that compose takes by itself. */
  readonly files: readonly string[];
  /** The files of `--env-file`; of none, the `.env` of the folder. */
  readonly environmentFiles: readonly string[];
  /** The value of `--project-name`. */
  readonly project: string | undefined;
  readonly home: string | undefined;
  /** A variable of the environment in which compose runs, as far as that is known. */
  variable(name: string): string | undefined;
}

export interface ComposeProject {
  readonly containers: readonly Container[];
  /** What is wrong with the files. */
  readonly problems: readonly ConfigProblem[];
}

/** @returns undefined when there is no such project */
export function readComposeProject(place: ComposePlace, files: OwnFiles): ComposeProject | undefined {
  const named = place.files.length > 0 ? place.files : usualFilesIn(place.directory, files);
  const problems: ConfigProblem[] = [];
  const roots = named.slice(0, mostFiles).flatMap(file => {
    const content = files.read(file);
    if (content.state !== 'read') return [];
    return yamlMapping(content.text, { file, version: '1.2', problems }) ?? [];
  });
  if (roots.length === 0 && problems.length === 0) return undefined;
  problems.push(...roots.flatMap(root => [...misshapen(root)]));
  return { containers: new Project(place, roots, files).containers(), problems };
}

/** What is no service: `services` in another form than a mapping, and a service that is none. Compose refuses both. */
function* misshapen(root: ConfigNode): Iterable<ConfigProblem> {
  const services = nodeAt(root, 'services');
  if (services === undefined || scalarOf(services) === null) return;
  if (services.kind !== 'object') {
    yield { code: 'bad-value', source: services.source, key: 'services' };
  }
  for (const [name, node] of entriesOf(services).slice(0, mostServices)) {
    if (node.kind !== 'object' && scalarOf(node) !== null) {
      yield { code: 'bad-value', source: node.source, key: `services.${name}` };
    }
  }
}

/** Nobody puts a project together from more files. */
const mostFiles = 20;
/** Nobody has more containers in a project. */
const mostServices = 100;

function usualFilesIn(directory: string, files: OwnFiles): readonly string[] {
  const places = (names: readonly string[]) => names.map(name => path.posix.join(directory, name));
  const isThere = (file: string) => files.resolve(file) !== undefined;
  const file = places(usualFiles).find(isThere);
  return file === undefined
    ? []
    : [file, places(usualOverrides).find(isThere)].filter(each => each !== undefined);
}

/** The files that compose takes by itself: the first that is there, and the first of those that it merges into it. */
const usualFiles = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];
const usualOverrides = [
  'compose.override.yml',
  'compose.override.yaml',
  'docker-compose.override.yml',
  'docker-compose.override.yaml',
];

class Project {
  readonly #place: ComposePlace;
  readonly #roots: readonly ConfigNode[];
  readonly #files: OwnFiles;
  readonly #dotenv: ReadonlyMap<string, string | undefined>;
  readonly #name: string;

  constructor(place: ComposePlace, roots: readonly ConfigNode[], files: OwnFiles) {
    this.#place = place;
    this.#roots = roots;
    this.#files = files;
    const { environmentFiles, directory } = place;
    const named = environmentFiles.length > 0 ? environmentFiles : [path.posix.join(directory, '.env')];
    this.#dotenv = new Map(named.slice(0, mostFiles).flatMap(file => this.variablesIn(file) ?? []));
    const written = roots.flatMap(root => this.text(nodeAt(root, 'name')) ?? []).at(-1);
    this.#name =
      place.project ?? written ?? this.variable('COMPOSE_PROJECT_NAME') ?? path.posix.basename(directory);
  }

  containers(): readonly Container[] {
    const names = new Set(
      this.#roots.flatMap(root => entriesOf(nodeAt(root, 'services')).map(([name]) => name)),
    );
    const services = [...names].slice(0, mostServices).map(name => {
      const layers = this.#roots.flatMap(root => nodeAt(root, 'services', name) ?? []);
      return new Service(name, layers, this);
    });
    const peers = new Map(
      services.flatMap(service => service.knownAs.map(name => [name.toLowerCase(), service.containerName])),
    );
    return services.map(service => service.container(peers));
  }

  /** As the engine has it: `PROJECT-SERVICE-1`. */
  nameOf(service: string): string {
    return `${this.#name.toLowerCase().replaceAll(/[^a-z0-9_-]/g, '')}-${service}-1`;
  }

  /** A scalar with its variables replaced; undefined for any other value, and when a variable is not known. */
  text(node: ConfigNode | undefined): string | undefined {
    const value = scalarOf(node);
    if (value === undefined || value === null) return undefined;
    return interpolated(`${value}`, name => this.variable(name));
  }

  /** The environment counts before the `.env`. */
  variable(name: string): string | undefined {
    return this.#place.variable(name) ?? this.#dotenv.get(name);
  }

  path(written: string): string | undefined {
    return machinePath(written, this.#place);
  }

  mounts(written: string): readonly Mount[] {
    return mountsIn(written, this.#place);
  }

  /** The file of an entry of `configs:` or `secrets:`; undefined when its content is not in a file. */
  file(kind: 'configs' | 'secrets', name: string): string | undefined {
    const written = this.#roots.map(root => this.text(nodeAt(root, kind, name, 'file'))).findLast(Boolean);
    return written === undefined ? undefined : this.path(written);
  }

  /** The variables of a `.env` or an `env_file`, each undefined when a variable in its value is not known. */
  variablesIn(file: string): readonly (readonly [string, string | undefined])[] | undefined {
    const content = this.#files.read(file);
    if (content.state !== 'read') return undefined;
    return Object.entries(parseEnv(content.text)).map(
      ([name, value]) => [name, interpolated(value ?? '', each => this.#place.variable(each))] as const,
    );
  }
}

/** A service of a project: of several files each adds to the earlier ones, or replaces what they say. */
class Service {
  readonly #name: string;
  readonly #layers: readonly ConfigNode[];
  readonly #project: Project;
  readonly #unclear: MetLimit[] = [];

  constructor(name: string, layers: readonly ConfigNode[], project: Project) {
    this.#name = name;
    this.#layers = layers;
    this.#project = project;
  }

  get containerName(): string {
    return this.#project.text(this.#last('container_name')) ?? this.#project.nameOf(this.#name);
  }

  /** The names by which its neighbours reach it. */
  get knownAs(): readonly string[] {
    const hostname = this.#project.text(this.#last('hostname'));
    return [this.#name, this.containerName, ...(hostname === undefined ? [] : [hostname])];
  }

  container(peers: Container['peers']): Container {
    const image = this.#last('image');
    const [first] = this.#layers;
    const source = (image ?? first)?.source ?? { file: '', line: 1 };
    for (const key of ['extends', 'network_mode']) {
      const node = this.#last(key);
      const isKnown = key === 'network_mode' && ['host', 'bridge'].includes(this.#project.text(node) ?? '');
      if (node !== undefined && !isKnown) this.#note(node, key);
    }
    return {
      name: this.containerName,
      source,
      image: image === undefined ? '' : this.#text(image, 'image'),
      entrypoint: this.#words('entrypoint'),
      command: this.#words('command'),
      environment: this.#environment(),
      ports: this.#all('ports').flatMap(item => this.#ports(item)),
      mounts: [
        ...this.#all('volumes').flatMap(item => this.#mounts(item)),
        ...this.#all('configs').flatMap(item => this.#fileMount('configs', item)),
        ...this.#all('secrets').flatMap(item => this.#fileMount('secrets', item)),
      ],
      usesHostNetwork: this.#project.text(this.#last('network_mode')) === 'host',
      machineNames: this.#pairs('extra_hosts', /[=:]/).flatMap(({ name, node }) =>
        machineNamesIn(`${name}:${node === undefined ? '' : this.#text(node, 'extra_hosts')}`),
      ),
      peers,
      unclear: this.#unclear,
      isComplete: this.#unclear.length === 0,
    };
  }

  #last(key: string): ConfigNode | undefined {
    return this.#layers.flatMap(layer => nodeAt(layer, key) ?? []).at(-1);
  }

  #all(key: string): readonly ConfigNode[] {
    return this.#layers.flatMap(layer => itemsOf(nodeAt(layer, key)));
  }

  #note({ source }: ConfigNode, key: string): void {
    this.#unclear.push({ source, limit: { of: 'setting', key: `services.${this.#name}.${key}` } });
  }

  /** The text; empty when it is not known, which is noted. */
  #text(node: ConfigNode, key: string): string {
    const text = this.#project.text(node);
    if (text === undefined) this.#note(node, key);
    return text ?? '';
  }

  /** Words as a list, or as a text that compose cuts like a shell. */
  #words(key: string): readonly string[] | undefined {
    const node = this.#last(key);
    if (node === undefined || scalarOf(node) === null) return undefined;
    if (node.kind === 'list') return node.items.map(item => this.#text(item, key));
    return extractWords(this.#text(node, key), { unquote: true, relax: true }).words;
  }

  /** A mapping, or a list of texts such as `NAME=value`; a name alone has no node. */
  #pairs(
    key: string,
    separator: RegExp,
  ): readonly { readonly name: string; readonly node: ConfigNode | undefined }[] {
    return this.#layers.flatMap(layer => {
      const node = nodeAt(layer, key);
      if (node?.kind === 'object') {
        return entriesOf(node).map(([name, value]) => ({
          name,
          node: scalarOf(value) === null ? undefined : value,
        }));
      }
      return itemsOf(node).map(item => {
        const text = String(scalarOf(item) ?? '');
        const at = text.search(separator);
        if (at === -1) return { name: text, node: undefined };
        const { source } = item;
        return {
          name: text.slice(0, at),
          node: { kind: 'value', source, value: text.slice(at + 1) } as const,
        };
      });
    });
  }

  /** `environment` counts before `env_file`; a name without a value takes that of compose's environment. */
  #environment(): Container['environment'] {
    const variables = new Map<string, ContainerVariable>();
    const ofFiles = this.#layers.flatMap(layer => {
      const node = nodeAt(layer, 'env_file');
      return node?.kind === 'list' ? node.items : (node ?? []);
    });
    for (const node of ofFiles) {
      const written = this.#text(nodeAt(node, 'path') ?? node, 'env_file');
      const file = written === '' ? undefined : this.#project.path(written);
      const found = file === undefined ? undefined : this.#project.variablesIn(file);
      if (found === undefined) this.#note(node, 'env_file');
      for (const [name, value] of found ?? []) {
        variables.set(name, { value, origin: { kind: 'file', file: file ?? '', source: node.source } });
      }
    }
    for (const { name, node } of this.#pairs('environment', /=/)) {
      const value = node === undefined ? this.#project.variable(name) : this.#project.text(node);
      const source = node?.source ?? this.#last('environment')?.source ?? null;
      if (node !== undefined || value !== undefined)
        variables.set(name, { value, origin: { kind: 'file', file: source?.file ?? '', source } });
    }
    return variables;
  }

  #ports(item: ConfigNode): readonly PublishedPort[] {
    if (item.kind !== 'object') return publishedPorts(this.#text(item, 'ports'));
    const [target, published] = ['target', 'published'].map(key => nodeAt(item, key));
    const protocol = this.#project.text(nodeAt(item, 'protocol')) ?? 'tcp';
    if (target === undefined) return [];
    const host = published === undefined ? '' : `${this.#text(published, 'ports')}:`;
    return publishedPorts(`${host}${this.#text(target, 'ports')}/${protocol}`);
  }

  #mounts(item: ConfigNode): readonly Mount[] {
    if (item.kind !== 'object') return this.#project.mounts(this.#text(item, 'volumes'));
    const [source, target] = ['source', 'target'].map(key => nodeAt(item, key));
    if (target === undefined) return [];
    const isBind = this.#project.text(nodeAt(item, 'type')) === 'bind';
    const written = source === undefined ? '' : this.#text(source, 'volumes');
    const from = isBind && written !== '' ? this.#project.path(written) : undefined;
    return [{ from, to: path.posix.normalize(this.#text(target, 'volumes')) }];
  }

  /** An entry of `configs` or `secrets`: the name of one of the project's, or a mapping with `source` and `target`. */
  #fileMount(kind: 'configs' | 'secrets', item: ConfigNode): readonly Mount[] {
    const name = this.#project.text(nodeAt(item, 'source') ?? item) ?? '';
    const folder = kind === 'configs' ? '/' : '/run/secrets';
    const target = this.#project.text(nodeAt(item, 'target')) ?? name;
    return [{ from: this.#project.file(kind, name), to: path.posix.resolve(folder, target) }];
  }
}
