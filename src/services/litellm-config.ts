/**
 * LiteLLM's configuration as its proxy reads it: YAML, included files, variables. Every value has its line.
 *
 * Sources: docs.litellm.ai/docs/proxy/config_settings, docs.litellm.ai/docs/proxy/reliability; read: litellm 1.110.2
 * (`proxy/proxy_server.py`, `proxy/common_utils/config_includes.py`, `router.py`).
 */
import path from 'node:path';
import type { Alias, Document, LineCounter, Node } from 'yaml';
import type { Limit } from '../systemd/host/limit.ts';
import type { SourceLine } from '../systemd/service-settings.ts';
import { type ConfigNode, entriesOf, itemsOf, nodeAt, textOf } from './config-node.ts';
import type { ConfigProblem } from './config-problem.ts';
import type { OwnFiles } from './own-files.ts';
import { aliasedNodes, deepestYaml, parseYaml, yaml } from './yaml.ts';

export interface LitellmConfig {
  readonly file: string;
  /** `missing` and `unknown` concern the file itself; of a file that was read, parts may be missing (`problems`). */
  readonly state: 'read' | 'missing' | 'unknown';
  readonly root: ConfigNode | undefined;
  /** The file itself, and then the files that it includes. */
  readonly files: readonly string[];
  readonly problems: readonly ConfigProblem[];
  readonly deployments: readonly LitellmDeployment[];
  /** All kinds of fallbacks that files can set; a request may add others. */
  readonly fallbacks: readonly LitellmFallback[];
  /** `model_group_alias`: other names for models. */
  readonly aliases: readonly LitellmAlias[];
  /** False when a database, a request or an unreadable file may add to it. */
  readonly isComplete: boolean;
}

/** One entry of `model_list`; entries of the same name share its requests. */
export interface LitellmDeployment {
  /** `model_name`, the name that callers ask for; `*` matches any name. */
  readonly name: string;
  /** `litellm_params.model`, the model that LiteLLM asks for. */
  readonly model: string;
  /** The address, with variables replaced; undefined when there is none, or a variable is not known. */
  readonly apiBase: string | undefined;
  readonly key: 'none' | 'literal' | 'variable';
  readonly source: SourceLine;
}

export interface LitellmFallback {
  readonly kind: 'fallbacks' | 'default_fallbacks' | 'context_window_fallbacks' | 'content_policy_fallbacks';
  /** The model that falls back; null when the fallback applies to every model. */
  readonly from: string | null;
  readonly to: readonly string[];
  readonly source: SourceLine;
}

export interface LitellmAlias {
  readonly from: string;
  readonly to: string;
  readonly source: SourceLine;
}

/** The proxy that reads a configuration. */
export interface LitellmReader {
  readonly files: OwnFiles;
  /** A variable of the proxy's environment. */
  variable(name: string): string | undefined;
}

/** Reads the configuration. Its faults become {@link LitellmConfig.problems}; everything else is read nevertheless. */
export function readLitellmConfig(file: string, reader: LitellmReader): LitellmConfig {
  const { state, root, files, problems } = readFiles(file, reader.files);
  const variable = (name: string) =>
    textOf(nodeAt(root, 'environment_variables', name)) ?? reader.variable(name);
  const credentials = credentialsOf(root);
  return {
    file,
    state,
    root,
    files,
    problems,
    deployments: itemsOf(nodeAt(root, 'model_list')).flatMap(entry =>
      deploymentsOf(entry, credentials, variable),
    ),
    fallbacks: fallbacksOf(root),
    aliases: aliasesOf(root),
    isComplete: state === 'read' && problems.length === 0 && !hasDatabase(root, reader),
  };
}

/** Whether the proxy uses a database, which may contain models and settings as well. */
function hasDatabase(root: ConfigNode | undefined, reader: LitellmReader): boolean {
  const general = nodeAt(root, 'general_settings');
  return (
    nodeAt(general, 'database_url') !== undefined ||
    nodeAt(general, 'store_model_in_db') !== undefined ||
    Boolean(reader.variable('DATABASE_URL'))
  );
}

/**
 * The values of each entry of `credential_list`, which a deployment names in `litellm_credential_name`. Of two with one
 * name the first counts.
 *
 * Source: litellm 1.108.7 (`litellm_core_utils/credential_accessor.py`)
 */
function credentialsOf(root: ConfigNode | undefined): ReadonlyMap<string, ConfigNode> {
  const entries = itemsOf(nodeAt(root, 'credential_list')).flatMap(entry => {
    const name = textOf(nodeAt(entry, 'credential_name'));
    const values = nodeAt(entry, 'credential_values');
    return name === undefined || values === undefined ? [] : [[name, values] as const];
  });
  return new Map(entries.toReversed());
}

function deploymentsOf(
  entry: ConfigNode,
  credentials: ReadonlyMap<string, ConfigNode>,
  variable: (name: string) => string | undefined,
): readonly LitellmDeployment[] {
  const name = textOf(nodeAt(entry, 'model_name'));
  if (name === undefined) return [];
  const params = nodeAt(entry, 'litellm_params');
  // A fallback of a single entry is asked without the router: it is a deployment of its own.
  const own = itemsOf(nodeAt(params, 'fallbacks')).filter(item => item.kind === 'object');
  return [{ node: params, source: entry.source }, ...own.map(node => ({ node, source: node.source }))].map(
    ({ node, source }) => {
      const model = textOf(nodeAt(node, 'model')) ?? '';
      const credential = credentials.get(textOf(nodeAt(node, 'litellm_credential_name')) ?? '');
      return {
        name,
        model,
        apiBase: apiBaseOf(node, credential, model, variable),
        // Of a deployment's own values none is replaced by those of its credential (`load_credentials_from_list`).
        key: keyOf(nodeAt(node, 'api_key') ?? nodeAt(credential, 'api_key')),
        source,
      };
    },
  );
}

/** The address of a model; without one of its own, it is that of its credential, or that in the variables of its provider. */
function apiBaseOf(
  params: ConfigNode | undefined,
  credential: ConfigNode | undefined,
  model: string,
  variable: (name: string) => string | undefined,
): string | undefined {
  const written = [params, credential]
    .flatMap(each => [nodeAt(each, 'api_base'), nodeAt(each, 'base_url')])
    .map(textOf)
    .find(text => text !== undefined);
  if (written !== undefined) return resolved(written, variable);
  const [provider = ''] = model.split('/');
  return (addressVariables.get(provider) ?? []).map(variable).find(Boolean);
}

const addressVariables: ReadonlyMap<string, readonly string[]> = new Map([
  ['openai', ['OPENAI_BASE_URL', 'OPENAI_API_BASE']],
  ['litellm_proxy', ['LITELLM_PROXY_API_BASE']],
]);

/** Replaces `os.environ/NAME` by the value of the variable. */
function resolved(text: string, variable: (name: string) => string | undefined): string | undefined {
  return text.startsWith(referencePrefix) ? variable(text.slice(referencePrefix.length)) : text;
}

/** Before the name of a variable, in place of a value. */
export const referencePrefix = 'os.environ/';

function keyOf(node: ConfigNode | undefined): LitellmDeployment['key'] {
  const text = textOf(node);
  if (text === undefined || text === '') return 'none';
  return text.startsWith(referencePrefix) ? 'variable' : 'literal';
}

/** Fallbacks of the router replace the general ones; `default_fallbacks` are added to them. */
function fallbacksOf(root: ConfigNode | undefined): readonly LitellmFallback[] {
  return fallbackKinds.flatMap((kind): readonly LitellmFallback[] => {
    const inRouter = itemsOf(nodeAt(root, 'router_settings', kind));
    const items = inRouter.length > 0 ? inRouter : itemsOf(nodeAt(root, 'litellm_settings', kind));
    if (kind !== 'default_fallbacks') {
      return items.flatMap(item =>
        entriesOf(item).map(([from, to]) => ({
          kind,
          from: from === '*' ? null : from,
          to: itemsOf(to).flatMap(modelOf),
          source: to.source,
        })),
      );
    }
    const [first] = items;
    return first === undefined
      ? []
      : [{ kind, from: null, to: items.flatMap(modelOf), source: first.source }];
  });
}

const fallbackKinds = [
  'fallbacks',
  'default_fallbacks',
  'context_window_fallbacks',
  'content_policy_fallbacks',
] as const;

/** A fallback is a name, or a mapping that also contains parameters of the request. */
function modelOf(node: ConfigNode): readonly string[] {
  const name = textOf(node) ?? textOf(nodeAt(node, 'model'));
  return name === undefined ? [] : [name];
}

function aliasesOf(root: ConfigNode | undefined): readonly LitellmAlias[] {
  return entriesOf(nodeAt(root, 'router_settings', 'model_group_alias')).flatMap(([from, node]) =>
    modelOf(node).map(to => ({ from, to, source: node.source })),
  );
}

type Mapping = ConfigNode & { readonly kind: 'object' };

interface ReadFiles extends Pick<LitellmConfig, 'state' | 'files'> {
  readonly root: Mapping | undefined;
  readonly problems: readonly ConfigProblem[];
}

/** Reads the files of `include` in the order in which they are named, and after them the files that these include. */
function readFiles(file: string, files: OwnFiles): ReadFiles {
  const problems: ConfigProblem[] = [];
  const content = files.read(file);
  if (content.state !== 'read') return { state: content.state, root: undefined, files: [file], problems };
  let root = parseMapping(content.text, file, problems);
  const pending = includesOf(root, file, problems);
  const loaded = new Set([file]);
  for (const { names, source } of pending) {
    const places = names.map(name => path.posix.resolve(path.posix.dirname(name.from), name.path));
    const found = places.find(place => files.read(place).state !== 'missing') ?? places[0];
    if (found === undefined || loaded.has(found)) continue;
    loaded.add(found);
    const included = files.read(found);
    if (included.state !== 'read') {
      const code = included.state === 'missing' ? 'missing-file' : 'unreadable-file';
      problems.push({ code, source, file: found });
      continue;
    }
    const more = parseMapping(included.text, found, problems);
    pending.push(...includesOf(more, found, problems, file));
    root = root && more ? withIncluded(root, more) : (root ?? more);
  }
  return { state: 'read', root, files: [...loaded], problems };
}

interface Include {
  /** The places at which an included file may be: beside the file that names it, else beside the configuration. */
  readonly names: readonly { readonly from: string; readonly path: string }[];
  readonly source: SourceLine;
}

function includesOf(
  node: Mapping | undefined,
  file: string,
  problems: ConfigProblem[],
  root = file,
): Include[] {
  const list = nodeAt(node, 'include');
  if (list === undefined) return [];
  const items = itemsOf(list);
  const paths = items.flatMap(item => textOf(item) ?? []);
  if (list.kind !== 'list' || paths.length < items.length) {
    problems.push({ code: 'bad-value', source: list.source, key: 'include' });
    return [];
  }
  return paths.map(each => ({
    names: [file, root].map(from => ({ from, path: each })),
    source: list.source,
  }));
}

/** Lists are joined; any other value of the included file replaces the earlier one. */
function withIncluded(base: Mapping, included: Mapping): Mapping {
  const entries = new Map(base.entries);
  for (const [key, value] of included.entries) {
    const own = entries.get(key);
    const isList = own?.kind === 'list' && value.kind === 'list';
    entries.set(key, isList ? { ...own, items: [...own.items, ...value.items] } : value);
  }
  return { ...base, entries };
}

function parseMapping(text: string, file: string, problems: ConfigProblem[]): Mapping | undefined {
  if (lastParsed?.file !== file || lastParsed.text !== text) {
    const found: ConfigProblem[] = [];
    lastParsed = { file, text, root: parseText(text, file, found), problems: found };
  }
  problems.push(...lastParsed.problems);
  return lastParsed.root;
}

/** A fix checks each unit repeatedly as it would be after the fix, with an unchanged configuration. */
let lastParsed:
  | (Pick<ReadFiles, 'root' | 'problems'> & { readonly file: string; readonly text: string })
  | undefined;

function parseText(text: string, file: string, problems: ConfigProblem[]): Mapping | undefined {
  const { LineCounter } = yaml();
  const lines = new LineCounter();
  // Like PyYAML: YAML 1.1, and of several equal keys the last counts.
  const document = parseYaml(text, { lineCounter: lines, version: '1.1' });
  if (document === undefined) {
    const limit = { of: 'levels', most: deepestYaml } as const;
    problems.push({ code: 'beyond-limit', source: { file, line: null }, limit });
    return undefined;
  }
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    problems.push({ code: 'bad-syntax', source: { file, line }, column: col });
    return undefined;
  }
  const nodes = new Nodes(document, file, lines);
  const root = nodes.node(document.contents, 1, 0);
  if (nodes.metLimit !== undefined) {
    problems.push({ code: 'beyond-limit', source: { file, line: null }, limit: nodes.metLimit });
  }
  if (root?.kind === 'object') return root;
  if (root !== undefined) problems.push({ code: 'bad-value', source: root.source, key: '' });
  return undefined;
}

/** Converts the nodes of a YAML document; an alias becomes a copy of its anchor's value. */
class Nodes {
  /** The limit at which the conversion stopped; undefined when everything was converted. */
  metLimit: Limit | undefined;
  readonly #file: string;
  readonly #lines: LineCounter;
  readonly #anchored: ReadonlyMap<Alias, Node>;
  #count = 0;

  constructor(document: Document, file: string, lines: LineCounter) {
    this.#anchored = aliasedNodes(document);
    this.#file = file;
    this.#lines = lines;
  }

  /**
   * @param line the line of its key
   * @param depth how many nodes contain it; the contents of an alias count as well, since an alias may refer to a node
   * that contains it
   */
  node(written: unknown, line: number, depth: number): ConfigNode | undefined {
    const { isAlias, isMap, isScalar, isSeq } = yaml();
    const node = isAlias(written) ? this.#anchored.get(written) : written;
    this.#count += 1;
    // Aliases of aliases can expand to more than fits into memory.
    if (this.#count > mostNodes) this.metLimit ??= { of: 'values', most: mostNodes };
    else if (depth > deepestYaml) this.metLimit ??= { of: 'levels', most: deepestYaml };
    if (this.#count > mostNodes || depth > deepestYaml) return undefined;
    const source = { file: this.#file, line };
    if (isSeq(node)) {
      const items = node.items.flatMap(item => this.node(item, this.#lineOf(item, line), depth + 1) ?? []);
      return { kind: 'list', source, items };
    }
    if (isMap(node)) {
      const entries = new Map<string, ConfigNode>();
      for (const { key, value } of node.items) {
        const name = isScalar(key) ? String(key.source ?? key.value) : '';
        const entry = this.node(value, this.#lineOf(key, line), depth + 1);
        if (name === '<<') {
          for (const [each, inherited] of [entry, ...itemsOf(entry)].flatMap(entriesOf)) {
            if (!entries.has(each)) entries.set(each, inherited);
          }
        } else if (entry !== undefined) entries.set(name, entry);
      }
      return { kind: 'object', source, entries };
    }
    if (!isScalar(node)) return undefined;
    const { value } = node;
    const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    return { kind: 'value', source, value: isPlain ? value : null };
  }

  #lineOf(written: unknown, otherwise: number): number {
    const { isAlias, isMap, isScalar, isSeq } = yaml();
    if (!isScalar(written) && !isMap(written) && !isSeq(written) && !isAlias(written)) return otherwise;
    const offset = written.range?.[0];
    return offset === undefined ? otherwise : this.#lines.linePos(offset).line;
  }
}

const mostNodes = 200_000;
