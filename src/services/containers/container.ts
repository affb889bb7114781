/** A container as a file or a command defines it, and the LiteLLM that runs in it. */
import path from 'node:path';
import type { MetLimit } from '../../systemd/host/limit.ts';
import type { SourceLine } from '../../systemd/service-settings.ts';
import { scriptOf } from '../interpreters.ts';
import type { Listener } from '../known-service.ts';
import { litellm } from '../litellm.ts';
import type { Origin } from '../origin.ts';
import type { OwnFiles } from '../own-files.ts';
import type { Program } from '../program.ts';
import { unwrap } from '../wrappers.ts';

export interface Container {
  /** The name by which its engine knows it: `litellm-proxy-1`. */
  readonly name: string;
  /** The line that names the image. */
  readonly source: SourceLine;
  /** `ghcr.io/berriai/litellm:main-stable`; empty for one that is built on the spot. */
  readonly image: string;
  /** Undefined for that of the image. */
  readonly entrypoint: readonly string[] | undefined;
  /** Undefined for that of the image. */
  readonly command: readonly string[] | undefined;
  readonly environment: ReadonlyMap<string, ContainerVariable>;
  readonly ports: readonly PublishedPort[];
  readonly mounts: readonly Mount[];
  /** Whether it has the network of its machine, loopback included. */
  readonly usesHostNetwork: boolean;
  /** Names that mean its machine, besides those that engines give themselves. */
  readonly machineNames: readonly string[];
  /** The other containers of its network by the names that it knows them by, each with its `name`. */
  readonly peers: ReadonlyMap<string, string>;
  /** Settings that are not understood, or whose variables are not known. */
  readonly unclear: readonly MetLimit[];
  /** False when something that is set here is not understood or not known. */
  readonly isComplete: boolean;
}

export interface ContainerVariable {
  /** Undefined when it is set and its value is not known. */
  readonly value: string | undefined;
  readonly origin: Origin;
}

/** A range of ports of the machine that leads to one of the container. */
export interface PublishedPort {
  /** The address of the machine on which it is; empty for all of them. */
  readonly address: string;
  /** The first port of the machine; undefined when the engine chooses one, or when it is not known. */
  readonly host: number | undefined;
  readonly container: number;
  readonly count: number;
}

/** A file or folder of the machine in the container. */
export interface Mount {
  /** Its path on the machine; undefined for what is no path there, such as a named volume. */
  readonly from: string | undefined;
  readonly to: string;
}

/** The LiteLLM of a container. */
export interface ContainedLitellm {
  readonly container: Container;
  /** The paths of its arguments are those of the machine, as far as they are mounted. */
  readonly program: Program;
  /** The port of the machine on which it answers. */
  readonly port: number | undefined;
  /** The address of the machine on which it answers; undefined when it is not known. */
  readonly address: string | undefined;
}

/** @returns undefined for a container that runs something else, or of which that is not known */
export function litellmIn(container: Container, files: OwnFiles): ContainedLitellm | undefined {
  const program = programIn(container, files);
  if (program === undefined || !litellm.recognises(program)) return undefined;
  const [listener] = litellm.listens(program);
  return { container, program, ...(listener === undefined ? nowhere : placeOf(container, listener)) };
}

type Place = Pick<ContainedLitellm, 'port' | 'address'>;

const nowhere: Place = { port: undefined, address: undefined };

function placeOf({ ports, usesHostNetwork }: Container, { port, address }: Listener): Place {
  if (usesHostNetwork) return { port, address };
  const published = ports.find(each => port >= each.container && port < each.container + each.count);
  return published?.host === undefined
    ? nowhere
    : { port: published.host + port - published.container, address: published.address };
}

/**
 * The images of LiteLLM's proxy: their entrypoint runs `litellm` with the words of the command.
 *
 * Source: github.com/BerriAI/litellm (`Dockerfile`, `docker/Dockerfile.database`, `docker/prod_entrypoint.sh`).
 */
const litellmImage = /(?:^|\/)litellm(?:-database|-non_root|-ee)?(?:[:@]|$)/;
const litellmWords = ['--port', '4000'] as const;
const litellmFolder = '/app';

function programIn(container: Container, files: OwnFiles): Program | undefined {
  const { name: unit, image, entrypoint, command, environment, source } = container;
  const isLitellms = litellmImage.test(image);
  const given =
    entrypoint === undefined && isLitellms
      ? ['litellm', ...(command ?? litellmWords)]
      : [...(entrypoint ?? []), ...(command ?? [])];
  const variable = (name: string) => environment.get(name)?.value;
  const { argv, variables, directory = litellmFolder, isComplete } = unwrap(given, variable);
  const [first] = argv;
  if (first === undefined) return undefined;
  const script = scriptOf(argv) ?? { name: path.posix.basename(first), path: first, args: argv.slice(1) };
  const filesInside = insideOnly(container, files);
  return {
    unit,
    command: {
      path: first,
      argv,
      ignoreFailure: false,
      expandEnvironment: false,
      privileges: 'normal',
      viaShell: false,
      source,
    },
    argv,
    name: script.name,
    path: script.path,
    args: script.args,
    isComplete: container.isComplete && isComplete,
    variable: name => variables.get(name) ?? variable(name),
    variableOrigin: name =>
      variables.has(name) ? { kind: 'command', source } : environment.get(name)?.origin,
    resolve: file => onMachine(path.posix.resolve(directory, file), container),
    files: filesInside,
  };
}

/** The path on the machine of a path in the container: below the innermost mount that has it. */
function onMachine(inside: string, { mounts }: Container): string | undefined {
  const mount = mounts
    .filter(({ to }) => isWithin(inside, to))
    .toSorted((a, b) => b.to.length - a.to.length)[0];
  return mount?.from === undefined
    ? undefined
    : path.posix.join(mount.from, path.posix.relative(mount.to, inside));
}

function isWithin(file: string, folder: string): boolean {
  return file === folder || file.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

/** The files of the machine that the container has; of the others it is not known what stands in their place. */
function insideOnly({ mounts }: Container, files: OwnFiles): OwnFiles {
  const isInside = (file: string) =>
    mounts.some(({ from }) => from !== undefined && isWithin(path.posix.normalize(file), from));
  return {
    read: file => (isInside(file) ? files.read(file) : { state: 'unknown' }),
    readScript: file => (isInside(file) ? files.readScript(file) : { state: 'unknown' }),
    list: folder => (isInside(folder) ? files.list(folder) : undefined),
    resolve: file => (isInside(file) ? files.resolve(file) : undefined),
  };
}
