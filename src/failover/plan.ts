/** Plans what makes the agents of this machine go on through the others: OpenClaw's configurations as they will be. */
import path from 'node:path';
import { readState } from '../fix/file-operation.ts';
import type { Plan } from '../fix/plan.ts';
import type { Gateway, Picture } from '../routes/picture.ts';
import type { ConfigNode } from '../services/config-node.ts';
import type { ConfigProblem } from '../services/config-problem.ts';
import {
  type OpenclawConfig,
  type OpenclawPlaces,
  type OpenclawReader,
  readOpenclawConfig,
} from '../services/openclaw-config.ts';
import { ownFilesAmong } from '../services/own-files.ts';
import type { Host } from '../systemd/host/host.ts';
import { type FileState, overlayFiles } from '../systemd/host/overlay-files.ts';
import { UnwritableValue, withVariables } from './dotenv.ts';
import { type GatewayNote, gatewayNeeds, type OtherNode } from './gateway-edits.ts';
import type { Json5Path } from './json5-edit.ts';
import { Json5SyntaxError, type Json5Value } from './json5-text.ts';
import { editedFiles, ScatteredValue, withEdit } from './openclaw-edit.ts';

/** A configuration with the process that reads it. */
export interface ReadGateway {
  readonly gateway: Gateway;
  readonly places: OpenclawPlaces;
  readonly reader: OpenclawReader;
  readonly config: OpenclawConfig;
}

export interface FailoverPlan {
  readonly plan: Plan;
  readonly gateways: readonly PlannedGateway[];
  /** What must not be shown of the files. */
  readonly secrets: readonly string[];
}

export interface PlannedGateway {
  readonly file: string;
  /** The service that reads it. */
  readonly unit: string | null;
  readonly places: OpenclawPlaces;
  /** All files that it is made of, as they will be. */
  readonly texts: ReadonlyMap<string, string>;
  /** Names of the variables that come into its `.env`. */
  readonly variables: readonly string[];
  readonly notes: readonly GatewayNote[];
  readonly isChanged: boolean;
}

/** Why nothing is planned. No value is part of it. */
export type RefusedReason =
  | { readonly code: 'broken'; readonly file: string; readonly problem: ConfigProblem }
  | { readonly code: 'no-json5'; readonly file: string; readonly line: number }
  | { readonly code: 'link'; readonly file: string; readonly target: string }
  | { readonly code: 'scattered'; readonly file: string; readonly path: Json5Path }
  | { readonly code: 'unwritable-variable'; readonly file: string; readonly variable: string }
  /** What would be read of it afterwards is not what was meant. */
  | { readonly code: 'not-as-meant'; readonly file: string };

export class FailoverRefused extends Error {
  readonly reason: RefusedReason;

  constructor(reason: RefusedReason, options?: ErrorOptions) {
    super(`${reason.file}: ${reason.code}`, options);
    this.name = 'FailoverRefused';
    this.reason = reason;
  }
}

/** @throws FailoverRefused; the errno error of what cannot be read */
export function planFailover(
  picture: Picture,
  gateways: readonly ReadGateway[],
  keyOf: (reference: string) => string | undefined,
  host: Host,
): FailoverPlan {
  const others = othersOf(picture, keyOf);
  const files = new Map<string, FileState>();
  const madeFrom = new Map<string, FileState>();
  const planned = gateways.map(gateway => planGateway(gateway, others, { host, files, madeFrom }));
  return {
    plan: { ...nothingElse, files, madeFrom },
    gateways: planned,
    secrets: secretsOf(gateways, others),
  };
}

function othersOf(
  { node: own, nodes }: Picture,
  keyOf: (reference: string) => string | undefined,
): readonly OtherNode[] {
  return nodes
    .filter(node => node.name !== own?.name)
    .map(node => ({ ...node, keyValue: node.key === undefined ? undefined : keyOf(node.key) }));
}

const nothingElse = {
  settings: new Map(),
  steps: [],
  restarts: [],
  settled: [],
  left: [],
  prevented: [],
} as const;

interface Draft {
  readonly host: Host;
  readonly files: Map<string, FileState>;
  readonly madeFrom: Map<string, FileState>;
}

function planGateway(
  { gateway, places, reader, config }: ReadGateway,
  others: readonly OtherNode[],
  draft: Draft,
): PlannedGateway {
  const { host, files } = draft;
  const { file } = gateway;
  const problem = config.problems.find(({ code }) => code !== 'missing-variable');
  if (problem !== undefined) throw new FailoverRefused({ code: 'broken', file, problem });
  const root = config.root === undefined ? undefined : plain(config.root);
  const { edits, variables, notes } = gatewayNeeds({ gateway, root, variable: config.variable }, others);
  const read = (each: string) => textOf(each, draft);
  const texts = explained(file, () => editedFiles(file, edits, read));
  const environmentFile = path.posix.join(places.stateFolder, '.env');
  // First what the configuration speaks of: OpenClaw reads both anew when the configuration changes.
  if (variables.size > 0) {
    const isThere = files.has(environmentFile) || host.files.status(environmentFile) !== undefined;
    const before = isThere ? read(environmentFile) : '';
    const after = explained(environmentFile, () => withVariables(before, variables));
    put(environmentFile, after, secretMode, draft);
  }
  for (const [each, text] of texts) if (text !== read(each)) put(each, text, undefined, draft);
  if (edits.length > 0) {
    const expected = edits.reduce<Json5Value | undefined>(withEdit, root);
    const after = readOpenclawConfig(places, {
      files: ownFilesAmong(overlayFiles(host.files, files), () => true),
      variable: name => reader.variable(name),
      isComplete: reader.isComplete,
    });
    const isAsMeant = after.root !== undefined && isSame(plain(after.root), expected);
    if (!isAsMeant) throw new FailoverRefused({ code: 'not-as-meant', file });
  }
  return {
    file,
    unit: gateway.unit,
    places,
    texts: new Map(config.files.map(each => [each, texts.get(each) ?? read(each)])),
    variables: [...variables.keys()],
    notes,
    isChanged: [...texts.keys()].some(each => files.has(each)) || variables.size > 0,
  };
}

/** What stands there by now: of several configurations some share a file. */
function textOf(file: string, { host, files }: Draft): string {
  const drafted = files.get(file);
  return (drafted?.kind === 'file' ? drafted.content : host.files.read(file)).toString('utf8');
}

/** @throws FailoverRefused */
function put(file: string, text: string, mode: number | undefined, { host, files, madeFrom }: Draft): void {
  const target = linkTarget(file, host);
  if (target !== undefined) throw new FailoverRefused({ code: 'link', file, target });
  const before = madeFrom.get(file) ?? readState(host.files.physicalPath(file));
  madeFrom.set(file, before);
  const kept = before.kind === 'file' ? before.mode : secretMode;
  files.set(file, { kind: 'file', content: Buffer.from(text), mode: mode ?? kept });
}

/** A file with keys in it is its owner's alone. */
const secretMode = 0o600;

/** Where a symlink leads: what is kept elsewhere, by other means, is not replaced by a file. */
function linkTarget(file: string, { files }: Host): string | undefined {
  try {
    return files.readLink(file);
  } catch {
    return undefined;
  }
}

/** @throws FailoverRefused for what an edit cannot do */
function explained<T>(file: string, edit: () => T): T {
  try {
    return edit();
  } catch (error) {
    const options = { cause: error };
    if (error instanceof Json5SyntaxError)
      throw new FailoverRefused({ code: 'no-json5', file, line: error.line }, options);
    if (error instanceof ScatteredValue)
      throw new FailoverRefused({ code: 'scattered', file, path: error.path }, options);
    if (error instanceof UnwritableValue)
      throw new FailoverRefused({ code: 'unwritable-variable', file, variable: error.variable }, options);
    throw error;
  }
}

/** As it is written, without the lines. */
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

/** The order of keys says nothing. */
function isSame(a: Json5Value | undefined, b: Json5Value | undefined): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value: Json5Value | undefined): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each: Json5Value) => sorted(each));
  const entries = Object.entries(value).map(
    ([key, each]: [string, Json5Value]) => [key, sorted(each)] as const,
  );
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Keys that daruma knows of; those that are short are given away by the names of what they stand for. */
function secretsOf(gateways: readonly ReadGateway[], others: readonly OtherNode[]): readonly string[] {
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
