/** Plans the changes to OpenClaw's configurations that let the agents of this machine use the proxies of other machines. */
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { readState } from '../transaction/file-operation.ts';
import { type Plan, together } from '../fix/plan.ts';
import { takeInventory } from '../inventory/inventory.ts';
import type { Gateway, Picture } from '../routes/picture.ts';
import { readPicture } from '../routes/read-picture.ts';
import type { ConfigNode } from '../services/config-node.ts';
import type { ConfigProblem } from '../services/config-problem.ts';
import type { Host } from '../systemd/host/host.ts';
import { type FileState, overlayFiles } from '../systemd/host/overlay-files.ts';
import type { Journal } from '../transaction/journal.ts';
import { UnwritableValue, withVariables } from './dotenv.ts';
import type { FrontPlan } from './front/plan.ts';
import { type GatewayNote, gatewayNeeds, type OtherNode } from './gateway-edits.ts';
import { isOwnKeyFile } from './own-key-file.ts';
import type { Json5Path } from '../services/json5-edit.ts';
import { Json5SyntaxError, type Json5Value } from '../services/json5.ts';
import { type ConfigEdit, editedFiles, ScatteredValue, withEdit } from './openclaw-edit.ts';

export interface FailoverPlan {
  /** Files with keys come before the configuration, which OpenClaw reads again as soon as it changes. */
  readonly plan: Plan;
  readonly gateways: readonly PlannedGateway[];
  /** The front that is part of it. */
  readonly front: FrontPlan | undefined;
  /** Keys in the files, which must not be shown. */
  readonly secrets: readonly string[];
}

export interface PlannedGateway {
  readonly gateway: Gateway;
  /** The new texts of all files of the configuration. */
  readonly texts: ReadonlyMap<string, string>;
  /** Names of the variables that are added to its `.env`. */
  readonly variables: readonly string[];
  /** Paths of the files with keys that are written. */
  readonly keyFiles: readonly string[];
  readonly notes: readonly GatewayNote[];
  readonly isChanged: boolean;
  /** Ids of the providers that lead to the other machines. */
  readonly providers: readonly string[];
}

/** Why nothing is planned. It contains no values of the configuration. */
export type RefusedReason =
  | { readonly code: 'broken'; readonly file: string; readonly problem: ConfigProblem }
  | { readonly code: 'unreadable'; readonly file: string }
  | { readonly code: 'no-json5'; readonly file: string; readonly line: number }
  | { readonly code: 'link'; readonly file: string; readonly target: string }
  | { readonly code: 'scattered'; readonly file: string; readonly path: Json5Path }
  | { readonly code: 'unwritable-variable'; readonly file: string; readonly variable: string }
  /** The edited file would not be read as intended. */
  | { readonly code: 'not-as-meant'; readonly file: string };

export class FailoverRefused extends Error {
  readonly reason: RefusedReason;

  constructor(reason: RefusedReason, options?: ErrorOptions) {
    super(`${reason.file}: ${reason.code}`, options);
    this.name = 'FailoverRefused';
    this.reason = reason;
  }
}

/**
 * @param keyOf reads the key that a reference names
 * @param journal the records of fixes, which tell the keys that daruma has written
 * @param front the front that the gateways are to ask; undefined without one
 * @throws FailoverRefused; the errno error of a file that cannot be read
 */
export async function planFailover(
  picture: Picture,
  keyOf: (reference: string) => string | undefined,
  host: Host,
  journal: Journal,
  front?: FrontPlan,
): Promise<FailoverPlan> {
  const others = picture.nodes
    .filter(({ name }) => name !== picture.node?.name)
    .map((node): OtherNode => ({ ...node, keyValue: node.key === undefined ? undefined : keyOf(node.key) }));
  const staged: StagedFiles = { host, journal, front, files: new Map(), madeFrom: new Map() };
  const gateways = picture.gateways
    .filter(hasConfiguration)
    .map(gateway => stageGateway(gateway, others, staged));
  await expectAsMeant(gateways, picture, staged);
  const own = { ...nothingElse, files: staged.files, madeFrom: staged.madeFrom };
  return {
    plan:
      front === undefined
        ? own
        : { ...together({ ...nothingElse, ...front }, own), late: new Set(staged.files.keys()) },
    gateways,
    front,
    secrets: [...new Set([...secretsOf(picture.gateways, others), ...(front?.secrets ?? [])])],
  };
}

/** The first key that is missing. Without it the proxy refuses requests, and users notice only when they need it. */
export function missingKey({ gateways }: FailoverPlan): GatewayNote | undefined {
  return gateways.flatMap(({ notes }) => notes).find(({ code }) => code === 'no-key');
}

/** Whether the configuration exists: a service may name one that does not exist yet. */
export function hasConfiguration({ state }: Gateway): boolean {
  return state !== 'missing';
}

const nothingElse = {
  settings: new Map(),
  steps: [],
  restarts: [],
  settled: [],
  left: [],
  prevented: [],
} as const;

interface StagedFiles {
  readonly host: Host;
  readonly journal: Journal;
  readonly front: FrontPlan | undefined;
  readonly files: Map<string, FileState>;
  readonly madeFrom: Map<string, FileState>;
}

interface StagedGateway extends PlannedGateway {
  /** The whole configuration as intended. */
  readonly meant: Json5Value | undefined;
}

function stageGateway(gateway: Gateway, others: readonly OtherNode[], staged: StagedFiles): StagedGateway {
  const { file, config } = gateway;
  if (gateway.state === 'unknown') throw new FailoverRefused({ code: 'unreadable', file });
  // OpenClaw itself warns about missing variables.
  const problem = config.problems.find(({ code }) => code !== 'missing-variable');
  if (problem !== undefined) throw new FailoverRefused({ code: 'broken', file, problem });
  const root = config.root && plain(config.root);
  const keyFolder = path.posix.dirname(config.environmentFile);
  const { edits, variables, keyFiles, notes, providers } = gatewayNeeds(
    {
      gateway,
      root,
      variable: name => config.variable(name),
      keyFolder,
      keyIn: each => textOf(each, staged, longestKeyBytes),
      isOwnKeyFile: (each, text) => isOwnKeyFile(each, text, staged.host, staged.journal),
      front: staged.front,
    },
    others,
  );
  for (const [each, key] of keyFiles) put(each, `${key}\n`, staged, true);
  if (variables.size > 0) {
    const text = explained(config.environmentFile, () =>
      withVariables(textOf(config.environmentFile, staged) ?? '', variables),
    );
    put(config.environmentFile, text, staged, true);
  }
  const texts = explained(file, () => editedFiles(file, edits, each => textOf(each, staged) ?? ''));
  const changed = [...texts].filter(([each, text]) => text !== textOf(each, staged));
  for (const [each, text] of changed) put(each, text, staged);
  return {
    gateway,
    texts: new Map(config.files.map(each => [each, textOf(each, staged) ?? ''])),
    variables: [...variables.keys()],
    keyFiles: [...keyFiles.keys()],
    notes,
    isChanged: changed.length > 0 || variables.size > 0 || keyFiles.size > 0,
    providers,
    meant: edits.reduce<Json5Value | undefined>((value, edit: ConfigEdit) => withEdit(value, edit), root),
  };
}

/** The text of a file with the edits made so far, since configurations may share a file. Undefined when it does not exist. */
function textOf(file: string, { host, files }: StagedFiles, mostBytes?: number): string | undefined {
  const stagedFile = files.get(file);
  if (stagedFile?.kind === 'file') return stagedFile.content.toString('utf8');
  return host.files.status(file) === undefined
    ? undefined
    : host.files.read(file, mostBytes).toString('utf8');
}

/** A longer file is no key. */
const longestKeyBytes = 64 * 1024;

/** @throws FailoverRefused */
function put(file: string, text: string, { host, files, madeFrom }: StagedFiles, hasKeys = false): void {
  const target = linkTarget(file, host);
  if (target !== undefined) throw new FailoverRefused({ code: 'link', file, target });
  const before = madeFrom.get(file) ?? readState(host.files.physicalPath(file), host.tree);
  madeFrom.set(file, before);
  // Only its owner may read a file with keys. The mode of a configuration stays as the owner chose it.
  const mode = before.kind === 'file' && !hasKeys ? before.mode : 0o600;
  files.set(file, { kind: 'file', content: Buffer.from(text), mode });
}

/** The target of a symbolic link: a file that the user manages elsewhere is not replaced. */
function linkTarget(file: string, { files }: Host): string | undefined {
  try {
    return files.readLink(file);
  } catch {
    return undefined;
  }
}

/** Runs an edit. @throws FailoverRefused when the edit is not possible */
function explained<T>(file: string, edit: () => T): T {
  try {
    return edit();
  } catch (error) {
    const options = { cause: error };
    if (error instanceof Json5SyntaxError)
      throw new FailoverRefused({ code: 'no-json5', file, line: error.place.line }, options);
    if (error instanceof ScatteredValue)
      throw new FailoverRefused({ code: 'scattered', file, path: error.path }, options);
    if (error instanceof UnwritableValue)
      throw new FailoverRefused({ code: 'unwritable-variable', file, variable: error.variable }, options);
    throw error;
  }
}

/** Reads the edited configurations again, since files that include each other may mean something else together. */
async function expectAsMeant(
  gateways: readonly StagedGateway[],
  { nodes }: Picture,
  { host, files }: StagedFiles,
): Promise<void> {
  if (files.size === 0) return;
  const hostAfter: Host = { ...host, files: overlayFiles(host.files, files), manager: undefined };
  const after = await readPicture(await takeInventory(hostAfter), nodes);
  for (const { gateway, meant } of gateways) {
    const { file } = gateway;
    const root = after.gateways.find(each => each.file === file)?.config.root;
    if (!isDeepStrictEqual(root && plain(root), meant))
      throw new FailoverRefused({ code: 'not-as-meant', file });
  }
}

/** The plain value of a node, without line numbers. */
function plain(node: ConfigNode): Json5Value {
  switch (node.kind) {
    case 'object':
      return Object.fromEntries([...node.entries].map(([key, each]) => [key, plain(each)]));
    case 'list':
      return node.items.map(plain);
    case 'value':
      return node.value;
    default:
      return node satisfies never;
  }
}

/** The known keys that are long enough to be searched for as text. Shorter ones are recognised by the names of their settings. */
function secretsOf(gateways: readonly Gateway[], others: readonly OtherNode[]): readonly string[] {
  const literal = gateways.flatMap(({ config }) => [...apiKeysIn(config.root)]);
  const known = others.flatMap(({ keyValue }) => keyValue ?? []);
  return [...new Set([...literal, ...known])].filter(value => value.length >= shortestShown);
}

const shortestShown = 6;

function* apiKeysIn(node: ConfigNode | undefined, key = ''): Iterable<string> {
  if (node?.kind === 'object') for (const [name, each] of node.entries) yield* apiKeysIn(each, name);
  if (node?.kind === 'list') for (const each of node.items) yield* apiKeysIn(each, key);
  const value = node?.kind === 'value' && key === 'apiKey' ? node.value : undefined;
  if (typeof value === 'string' && !value.startsWith('$')) yield value;
}
