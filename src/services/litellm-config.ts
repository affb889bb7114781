/**
 * LiteLLM's configuration as its proxy reads it: YAML, included files, variables. Every value has its line.
 *
 * Sources: docs.litellm.ai/docs/proxy/config_settings, docs.litellm.ai/docs/proxy/reliability; read: litellm 1.110.2
 * (`proxy/proxy_server.py`, `proxy/common_utils/config_includes.py`, `router.py`).
 */
import path from 'node:path';
import type { SourceLine } from '../systemd/service-settings.ts';
import { type ConfigNode, entriesOf, itemsOf, nodeAt, scalarOf, textOf } from './config-node.ts';
import type { ConfigProblem } from './config-problem.ts';
import { addressOf, providerOf } from './litellm-providers.ts';
import { countingSetting, refusedValues } from './litellm-refusals.ts';
import type { OwnFiles } from './own-files.ts';
import { type Mapping, yamlMapping } from './yaml-config.ts';

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
  /** How many fallbacks may follow each other in one request: `max_fallbacks`. */
  readonly mostFallbacks: number;
  /** Whether `num_retries` is set to 0: without it a request that fails goes to its deployments three times, for some five seconds. */
  readonly isWithoutRetries: boolean;
  /** False when a database, a request or an unreadable file may add to it. */
  readonly isComplete: boolean;
  /** A variable of the running proxy: of `environment_variables`, else of its environment. */
  variable(name: string): string | undefined;
}

/** An entry of `model_list`, or a model that an entry falls back to by itself; entries of the same name share its requests. */
export interface LitellmDeployment {
  /** The number of the entry in `model_list`. */
  readonly entry: number;
  /** Whether this is a model of the entry's own `fallbacks`, which is asked after the entry, without the router. */
  readonly isOwnFallback: boolean;
  /** `model_name`, the name that callers ask for; `*` stands for any text. */
  readonly name: string;
  /** `litellm_params.model`, the model that LiteLLM asks for. */
  readonly model: string;
  /** `custom_llm_provider`, which counts before the provider at the front of the model. */
  readonly provider: string | undefined;
  /** The address, with variables replaced; undefined when there is none, or a variable is not known. */
  readonly apiBase: string | undefined;
  readonly key: 'none' | 'literal' | 'variable';
  /** Of several with an `order` those with the lowest are asked, then those with the next; those without are not. */
  readonly order: number | undefined;
  /** `model_info.id`, by which it can be asked for. */
  readonly id: string | undefined;
  /** `model_info.blocked`: it is not asked. */
  readonly isBlocked: boolean;
  /** False where `supported_environments` leaves it out: its name is known all the same. */
  readonly isLoaded: boolean;
  /** `model_info.team_id`: it is asked for members of the team, and for the administrator where nothing else has the name. */
  readonly team: { readonly id: string; readonly publicName: string | undefined } | undefined;
  readonly source: SourceLine;
}

export interface LitellmFallback {
  readonly kind: 'fallbacks' | 'default_fallbacks' | 'context_window_fallbacks' | 'content_policy_fallbacks';
  /** The model that falls back; null when the fallback applies to every model. */
  readonly from: string | null;
  readonly to: readonly string[];
  /** Set where a name stands in place of a model with its list: it counts before what fits a name less than exactly. */
  readonly isBare?: boolean;
  /** Set where the first model is a mapping with parameters: it is fallen back to, and takes no unknown name's place. */
  readonly beginsWithMapping?: boolean;
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
  /** Whether a variable that is not found is not set. */
  readonly isComplete: boolean;
}

/** Reads the configuration. Its faults become {@link LitellmConfig.problems}; everything else is read nevertheless. */
export function readLitellmConfig(file: string, reader: LitellmReader): LitellmConfig {
  const { state, root, files, problems: found } = readFiles(file, reader.files);
  const refused = [...refusedValues(root)];
  const problems = [
    ...found,
    ...refused.map(({ key, node: { source } }) => ({ code: 'bad-value', source, key }) as const),
  ];
  const own = (name: string) => reader.variable(name);
  const variable = (name: string) => sectionVariable(root, name, own) ?? own(name);
  const credentials = credentialsOf(root);
  return {
    file,
    state,
    root,
    files,
    problems,
    deployments: itemsOf(nodeAt(root, 'model_list')).flatMap((entry, index) =>
      deploymentsOf(entry, index, credentials, { own, variable, isComplete: reader.isComplete }),
    ),
    fallbacks: fallbacksOf(root),
    aliases: aliasesOf(root),
    mostFallbacks: mostFallbacksOf(root, own),
    isWithoutRetries: ['router_settings', 'litellm_settings'].some(
      section => scalarOf(nodeAt(root, section, 'num_retries')) === 0,
    ),
    isComplete: state === 'read' && problems.length === 0 && !hasDatabase(root, reader),
    variable,
  };
}

/**
 * The value that `environment_variables` gives a variable. It comes after the references of the configuration: none of
 * these gets it, and a reference there is to the environment of the process.
 *
 * Source: litellm 1.108.7 (`get_config()`, `_load_environment_variables()`), and run.
 */
function sectionVariable(
  root: ConfigNode | undefined,
  name: string,
  own: (name: string) => string | undefined,
): string | undefined {
  const value = scalarOf(nodeAt(root, 'environment_variables', name));
  if (value === undefined) return undefined;
  const known = typeof value === 'string' ? resolved(value, own) : value;
  if (known === undefined || known === null) return 'None';
  return typeof known === 'boolean' ? (known ? 'True' : 'False') : String(known);
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

interface Variables {
  /** Those of the process at its start, which references of the configuration mean. */
  readonly own: (name: string) => string | undefined;
  /** Those of the running proxy, which its providers read. */
  readonly variable: (name: string) => string | undefined;
  /** Whether those that are not found are not set. */
  readonly isComplete: boolean;
}

function deploymentsOf(
  node: ConfigNode,
  entry: number,
  credentials: ReadonlyMap<string, ConfigNode>,
  variables: Variables,
): readonly LitellmDeployment[] {
  const name = textOf(nodeAt(node, 'model_name'));
  if (name === undefined) return [];
  const params = nodeAt(node, 'litellm_params');
  const info = nodeAt(node, 'model_info');
  const teamId = textOf(nodeAt(info, 'team_id'));
  const shared = {
    entry,
    name,
    order: numberOf(nodeAt(params, 'order')) ?? numberOf(nodeAt(info, 'order')),
    id: idOf(nodeAt(info, 'id')),
    isBlocked: scalarOf(nodeAt(info, 'blocked')) === true,
    isLoaded: isForEnvironment(nodeAt(info, 'supported_environments'), variables),
    team:
      teamId === undefined
        ? undefined
        : { id: teamId, publicName: textOf(nodeAt(info, 'team_public_model_name')) },
  };
  const upstream = (own: readonly (ConfigNode | undefined)[], model: string) => {
    const value = (key: string) => own.map(each => nodeAt(each, key)).find(each => each !== undefined);
    const provider = textOf(value('custom_llm_provider'));
    const credential = credentials.get(textOf(value('litellm_credential_name')) ?? '');
    const ofCredential = (key: string) => nodeAt(credential, key);
    return {
      model,
      provider,
      apiBase: apiBaseOf([value, ofCredential], provider ?? providerOf(model), variables),
      key: keyOf(textAmong([value, ofCredential], 'api_key', variables)),
    };
  };
  // What a fallback of a single entry does not say is as the entry has it (`async_completion_with_fallbacks()`).
  const fallbacks = itemsOf(nodeAt(params, 'fallbacks')).map(each => {
    const model = modelOf(each)[0] ?? textOf(nodeAt(params, 'model')) ?? '';
    return { ...shared, ...upstream([each, params], model), isOwnFallback: true, source: each.source };
  });
  const main = upstream([params], textOf(nodeAt(params, 'model')) ?? '');
  return [{ ...shared, ...main, isOwnFallback: false, source: node.source }, ...fallbacks];
}

type Lookup = (key: string) => ConfigNode | undefined;

/**
 * A text of a deployment, else of its credential (`load_credentials_from_list`). A reference to a variable that is not set is as if it
 * were not there.
 */
function textAmong(
  places: readonly Lookup[],
  key: string,
  { own, isComplete }: Variables,
): string | undefined {
  const isNothing = (text: string) => isComplete && resolved(text, own) === undefined;
  return places.map(place => textOf(place(key))).find(text => text !== undefined && !isNothing(text));
}

/** The address of a model: `base_url` counts before `api_base`, and that of the provider where there is none. */
function apiBaseOf(
  places: readonly Lookup[],
  provider: string | undefined,
  variables: Variables,
): string | undefined {
  const address = textAmong(places, 'base_url', variables) ?? textAmong(places, 'api_base', variables);
  if (address) return resolved(address, variables.own) || undefined;
  return provider === undefined ? undefined : addressOf(provider, variables.variable);
}

/** Whether an entry is for the environment in which the proxy runs; without a known one, none that names any is. */
function isForEnvironment(node: ConfigNode | undefined, { variable, isComplete }: Variables): boolean {
  if (node === undefined || scalarOf(node) === null) return true;
  const names = itemsOf(node).map(textOf);
  const own = variable('LITELLM_ENVIRONMENT');
  if (own === undefined && !isComplete) return true;
  return own !== undefined && names.includes(own) && names.every(each => environments.has(each ?? ''));
}

const environments: ReadonlySet<string> = new Set(['development', 'staging', 'production']);

function numberOf(node: ConfigNode | undefined): number | undefined {
  const value = scalarOf(node);
  return typeof value === 'number' ? value : undefined;
}

function idOf(node: ConfigNode | undefined): string | undefined {
  const value = scalarOf(node);
  return value === undefined || value === null ? undefined : String(value);
}

/** Replaces `os.environ/NAME` by the value of the variable. */
function resolved(text: string, variable: (name: string) => string | undefined): string | undefined {
  return text.startsWith(referencePrefix) ? variable(text.slice(referencePrefix.length)) : text;
}

/** Before the name of a variable, in place of a value. */
export const referencePrefix = 'os.environ/';

function keyOf(text: string | undefined): LitellmDeployment['key'] {
  if (text === undefined || text === '') return 'none';
  return text.startsWith(referencePrefix) ? 'variable' : 'literal';
}

/**
 * Fallbacks of the router replace the general ones. Of a mapping with several names the first counts. `default_fallbacks` come behind
 * the `fallbacks`, as one for every model.
 *
 * The form of `context_window_fallbacks` is looked at by nobody: LiteLLM goes through what is there as through a list, which are the
 * names of a mapping, and the characters of a text (`get_fallback_model_group()`).
 */
function fallbacksOf(root: ConfigNode | undefined): readonly LitellmFallback[] {
  return fallbackKinds.flatMap((kind): readonly LitellmFallback[] => {
    const list = countingSetting(root, kind);
    if (kind !== 'default_fallbacks') {
      const bare = (name: string, source: SourceLine) =>
        ({ kind, from: null, to: [name], isBare: true, source }) as const;
      if (list?.kind === 'object') return entriesOf(list).map(([name, { source }]) => bare(name, source));
      const text = textOf(list);
      if (list !== undefined && text !== undefined) return Array.from(text, each => bare(each, list.source));
      return itemsOf(list).flatMap((item): readonly LitellmFallback[] => {
        const name = textOf(item);
        if (name !== undefined) return [bare(name, item.source)];
        return entriesOf(item)
          .slice(0, 1)
          .map(([from, to]) => ({
            kind,
            from: from === '*' ? null : from,
            // A text is taken for the list of its characters.
            to: [...itemsOf(to).flatMap(modelOf), ...Array.from(textOf(to) ?? '')],
            beginsWithMapping: itemsOf(to)[0]?.kind === 'object',
            source: to.source,
          }));
      });
    }
    const written = [list, nodeAt(root, 'router_settings', kind)].find(node => node?.kind === 'list');
    if (written === undefined) return [];
    const [first] = itemsOf(written);
    const source = first?.source ?? written.source;
    const to = itemsOf(written).flatMap(modelOf);
    return [{ kind, from: null, to, beginsWithMapping: first?.kind === 'object', source }];
  });
}

const fallbackKinds = [
  'fallbacks',
  'default_fallbacks',
  'context_window_fallbacks',
  'content_policy_fallbacks',
] as const;

/**
 * The limit of the router, else the general one, else that of the environment. What is no number ends with an error where LiteLLM
 * compares with it, which is before it falls back.
 *
 * Source: litellm 1.108.7 (`Router.__init__()`, `run_async_fallback()`, `ROUTER_MAX_FALLBACKS` of `constants.py`), and run.
 */
function mostFallbacksOf(root: ConfigNode | undefined, own: (name: string) => string | undefined): number {
  const written = ['router_settings', 'litellm_settings']
    .map(section => nodeAt(root, section, 'max_fallbacks'))
    .find(node => node !== undefined && scalarOf(node) !== null);
  if (written !== undefined) {
    const value = scalarOf(written);
    return typeof value === 'number' || typeof value === 'boolean' ? Number(value) : 0;
  }
  const ofEnvironment = own('ROUTER_MAX_FALLBACKS')?.trim() ?? '';
  return /^[+-]?\d+$/.test(ofEnvironment) ? Number(ofEnvironment) : usualMostFallbacks;
}

const usualMostFallbacks = 5;

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

interface ReadFiles extends Pick<LitellmConfig, 'state' | 'files'> {
  readonly root: Mapping | undefined;
  readonly problems: readonly ConfigProblem[];
}

/** Reads the files of `include` in the order in which they are named, and after them the files that these include. */
function readFiles(file: string, files: OwnFiles): ReadFiles {
  const problems: ConfigProblem[] = [];
  const content = files.read(file);
  if (content.state !== 'read') return { state: content.state, root: undefined, files: [file], problems };
  let root = parsed(content.text, file, problems);
  // An empty one is no mapping either; an included one may be empty.
  if (root === undefined && problems.length === 0) {
    problems.push({ code: 'bad-value', source: { file, line: 1 }, key: '' });
  }
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
    const more = parsed(included.text, found, problems);
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

/** Like PyYAML: YAML 1.1, and of several equal keys the last counts. */
function parsed(text: string, file: string, problems: ConfigProblem[]): Mapping | undefined {
  return yamlMapping(text, { file, version: '1.1', problems });
}
