/** The containers that a command starts: `docker run`, `docker compose up`, and podman's and nerdctl's of the same kind. */
import type { OwnFiles } from '../own-files.ts';
import { optionOf, type Program } from '../program.ts';
import { readComposeProject } from './compose-project.ts';
import type { Container, ContainerVariable, Mount } from './container.ts';
import { machineNamesIn, machinePath, mountsIn, type Paths, publishedPorts } from './container-settings.ts';
import { engineWords, type RunOption, runWords } from './engine-words.ts';
import type { ConfigProblem } from '../config-problem.ts';
import type { SourceLine } from '../../systemd/service-settings.ts';

export interface StartedContainers {
  readonly containers: readonly Container[];
  /** What is wrong with the compose files. */
  readonly problems: readonly ConfigProblem[];
}

const none: StartedContainers = { containers: [], problems: [] };

export function containersOf(program: Program): StartedContainers {
  if (composers.has(program.name)) return ofCompose(program, program.args);
  if (!engines.has(program.name)) return none;
  const { subcommand, rest } = engineWords(program.args);
  if (subcommand === 'compose') return ofCompose(program, rest);
  if (subcommand !== 'run') return none;
  const { command, files, isComplete } = program;
  const run: Run = {
    words: rest,
    name: program.unit,
    source: command.source,
    paths: { directory: program.resolve('.'), home: program.variable('HOME') },
    variable: name => program.variable(name),
    isComplete,
  };
  return { containers: [containerOfRun(run, files)].filter(each => each !== undefined), problems: [] };
}

const engines: ReadonlySet<string> = new Set(['docker', 'podman', 'nerdctl']);
const composers: ReadonlySet<string> = new Set(['docker-compose', 'podman-compose']);

function ofCompose(program: Program, words: readonly string[]): StartedContainers {
  const at = words.findIndex(word => ['up', 'start', 'restart', 'run', 'create'].includes(word));
  if (at === -1) return none;
  // Behind the subcommand `-f` means something else.
  const args = words.slice(0, at);
  const files = valuesOf(args, '-f', '--file').flatMap(file => program.resolve(file) ?? []);
  const [first] = files;
  const folder = optionOf({ args }, '--project-directory');
  const directory = folder === undefined ? undefined : program.resolve(folder);
  const base =
    directory ?? (first === undefined ? program.resolve('.') : first.replace(/\/[^/]*$/, '') || '/');
  if (base === undefined) return none;
  const place = {
    directory: base,
    files,
    environmentFiles: valuesOf(args, '--env-file').flatMap(file => program.resolve(file) ?? []),
    project: optionOf({ args }, '-p', '--project-name'),
    home: program.variable('HOME'),
    variable: (name: string) => program.variable(name),
  };
  return readComposeProject(place, program.files) ?? none;
}

/** All values of an option that may be given several times. */
function valuesOf(args: readonly string[], ...names: readonly string[]): readonly string[] {
  return args.flatMap((word, index) => {
    if (names.includes(word)) return args[index + 1] ?? [];
    const name = names.find(each => each.startsWith('--') && word.startsWith(`${each}=`));
    return name === undefined ? [] : word.slice(name.length + 1);
  });
}

export interface Run {
  /** The words behind `run`. */
  readonly words: readonly string[];
  /** The name of a container that is given none. */
  readonly name: string;
  readonly source: SourceLine;
  readonly paths: Paths;
  variable(name: string): string | undefined;
  readonly isComplete: boolean;
}

/** @returns undefined without an image */
export function containerOfRun(run: Run, files: OwnFiles): Container | undefined {
  const { name, source, paths } = run;
  const { options, rest } = runWords(run.words);
  const [image, ...command] = rest;
  if (image === undefined) return undefined;
  const values = (...names: readonly string[]) =>
    options.flatMap(option => (names.includes(option.name) ? (option.value ?? []) : []));
  const { environment, isComplete } = environmentOf(options, run, files);
  const [entrypoint] = values('--entrypoint').slice(-1);
  const networks = values('--network', '--net');
  return {
    name: values('--name').at(-1) ?? name,
    source,
    image,
    entrypoint: entrypoint === undefined || entrypoint === '' ? undefined : [entrypoint],
    command: command.length === 0 ? undefined : command,
    environment,
    ports: values('-p', '--publish').flatMap(publishedPorts),
    mounts: [
      ...values('-v', '--volume').flatMap(each => mountsIn(each, paths)),
      ...values('--mount').flatMap(each => bindMounts(each, paths)),
    ],
    usesHostNetwork: networks.includes('host'),
    machineNames: values('--add-host').flatMap(machineNamesIn),
    peers: new Map(),
    unclear: [],
    isComplete: isComplete && run.isComplete,
  };
}

/** `type=bind,source=/PATH,target=/PATH` */
function bindMounts(written: string, paths: Paths): readonly Mount[] {
  const fields = new Map(
    written.split(',').map(field => {
      const [key = '', ...value] = field.split('=');
      return [key, value.join('=')] as const;
    }),
  );
  const from = fields.get('source') ?? fields.get('src');
  const to = fields.get('target') ?? fields.get('dst') ?? fields.get('destination');
  if (to === undefined) return [];
  const isBind = fields.get('type') === 'bind' && from !== undefined;
  return [{ from: isBind ? machinePath(from, paths) : undefined, to }];
}

/** `--env` counts before `--env-file`; a name without a value takes that of the command's own environment. */
function environmentOf(
  options: readonly RunOption[],
  run: Run,
  files: OwnFiles,
): Pick<Container, 'environment' | 'isComplete'> {
  const { source, paths } = run;
  const environment = new Map<string, ContainerVariable>();
  let isComplete = true;
  const set = (line: string, origin: ContainerVariable['origin']) => {
    const [, name, value] = /^([^=\s]+)(?:=(.*))?$/s.exec(line) ?? [];
    if (name === undefined) return;
    const known = value ?? run.variable(name);
    if (known !== undefined) environment.set(name, { value: known, origin });
  };
  for (const { name, value = '' } of options) {
    if (name !== '--env-file') continue;
    const file = machinePath(value, paths);
    const content = file === undefined ? undefined : files.read(file);
    if (file === undefined || content?.state !== 'read') isComplete = false;
    else {
      for (const line of content.text.split('\n')) {
        if (!/^\s*(?:#|$)/.test(line)) set(line.replace(/^\s+|\r$/g, ''), { kind: 'file', file, source });
      }
    }
  }
  for (const { name, value = '' } of options) {
    if (name === '-e' || name === '--env') set(value, { kind: 'command', source });
  }
  return { environment, isComplete };
}
