/**
 * What OpenClaw refuses in its configuration, as far as this can be known without OpenClaw. A running OpenClaw ignores
 * an edit that it refuses; the next start ends with status 78.
 *
 * OpenClaw's schema is strict, and grows from version to version. An unknown key may belong to a newer version: it is
 * reported only if it resembles a known key.
 *
 * Sources: run: openclaw 2026.9.6 (`config validate`, each case of this file, and an unknown key in 617 of the objects that refuse
 * one; `config schema`).
 */
import { nearest } from '../systemd/nearest.ts';
import type { SourceLine } from '../systemd/service-settings.ts';
import { type ConfigNode, entriesOf, itemsOf, nodeAt, scalarOf, textOf } from './config-node.ts';
import { type ConfigProblem, isReadWhole } from './config-problem.ts';
import type { OpenclawConfig } from './openclaw-config.ts';
import { openclawRoot, openclawShapes } from './openclaw-keys.ts';
import { firstWith, takes } from './openclaw-version.ts';

export type OpenclawRefusal =
  /** A file of the configuration that cannot be parsed. */
  | Exclude<ConfigProblem, { readonly code: 'missing-variable' | 'unreadable-file' | 'beyond-limit' }>
  /** `key` is the path of what is missing; `reason` says why it is needed. */
  | {
      readonly code: 'missing-key';
      readonly source: SourceLine;
      readonly key: string;
      readonly reason: 'custom-provider' | 'model';
    }
  | {
      readonly code: 'missing-key';
      readonly source: SourceLine;
      readonly key: string;
      readonly reason: 'roster';
      /** The first version of OpenClaw that needs it. */
      readonly since: string;
    }
  /** The mode is missing, or that of a client of a gateway elsewhere. */
  | { readonly code: 'not-local'; readonly source: SourceLine; readonly mode: 'remote' | null }
  | {
      readonly code: 'unknown-key';
      readonly source: SourceLine;
      readonly key: string;
      readonly suggestion: string;
    };

/**
 * Everything that OpenClaw refuses, in the order of the sections.
 *
 * @param version of the OpenClaw that reads it; undefined when it is not known
 */
export function openclawRefusals(
  { root, problems }: OpenclawConfig,
  version: string | undefined,
): readonly OpenclawRefusal[] {
  const unreadable = problems.flatMap(problem =>
    problem.code === 'missing-variable' ||
    problem.code === 'unreadable-file' ||
    problem.code === 'beyond-limit'
      ? []
      : [problem],
  );
  // A missing value may be in a file that could not be read.
  const isWhole = isReadWhole(problems);
  return [
    ...unreadable,
    ...unknownKeys(root, '', openclawRoot),
    ...entriesOf(nodeAt(root, 'models', 'providers')).flatMap(([id, node]) => [...ofProvider(id, node)]),
    ...agentModels(root).flatMap(([key, node]) => [...ofModel(key, node)]),
    ...(takes('ownership', version) === false ? [] : ofRoster(nodeAt(root, 'agents'))),
  ].filter(({ code }) => isWhole || code !== 'missing-key');
}

/**
 * Why a gateway does not start with a configuration that OpenClaw accepts, unless it is started with `--allow-unconfigured`.
 *
 * Source: openclaw 2026.9.6 (`getGatewayStartGuardErrors()`), and run: `config validate` calls it valid, and the start ends with 78.
 */
export function startRefusal(config: OpenclawConfig): OpenclawRefusal | undefined {
  const { root, problems } = config;
  if (root === undefined || !isReadWhole(problems)) return undefined;
  const gateway = nodeAt(root, 'gateway');
  const mode = nodeAt(gateway, 'mode');
  if (mode === undefined) return { code: 'not-local', source: (gateway ?? root).source, mode: null };
  return config.text(mode) === 'remote'
    ? { code: 'not-local', source: mode.source, mode: 'remote' }
    : undefined;
}

/** Whether OpenClaw includes a provider: only such a provider needs neither an address nor models. */
export function isBundledProvider(id: string): boolean {
  return bundledProviders.has(id.trim().toLowerCase());
}

function* ofProvider(id: string, node: ConfigNode): Iterable<OpenclawRefusal> {
  const key = `models.providers.${id}`;
  const { source } = node;
  if (node.kind !== 'object') {
    yield { code: 'bad-value', source, key };
    return;
  }
  const baseUrl = nodeAt(node, 'baseUrl');
  const models = nodeAt(node, 'models');
  if (!isBundledProvider(id)) {
    for (const [name, value] of [
      ['baseUrl', baseUrl],
      ['models', models],
    ] as const) {
      if (value === undefined || scalarOf(value) === '')
        yield { code: 'missing-key', source, key: `${key}.${name}`, reason: 'custom-provider' };
    }
  }
  if (baseUrl !== undefined && textOf(baseUrl) === undefined) {
    yield { code: 'bad-value', source: baseUrl.source, key: `${key}.baseUrl` };
  }
  const api = nodeAt(node, 'api');
  if (api !== undefined && isMistakenApi(scalarOf(api))) {
    yield { code: 'bad-value', source: api.source, key: `${key}.api` };
  }
  const timeout = nodeAt(node, 'timeoutSeconds');
  const seconds = scalarOf(timeout);
  if (timeout !== undefined && !(typeof seconds === 'number' && Number.isInteger(seconds) && seconds > 0)) {
    yield { code: 'bad-value', source: timeout.source, key: `${key}.timeoutSeconds` };
  }
  if (models !== undefined && models.kind !== 'list') {
    yield { code: 'bad-value', source: models.source, key: `${key}.models` };
  }
  for (const [index, model] of itemsOf(models).entries()) {
    for (const name of ['id', 'name']) {
      const path = `${key}.models.${index}.${name}`;
      const value = nodeAt(model, name);
      if (value === undefined) {
        yield { code: 'missing-key', source: model.source, key: path, reason: 'model' };
      } else if (!textOf(value)) yield { code: 'bad-value', source: value.source, key: path };
    }
  }
}

/** The `model` of each agent, with its path. */
function agentModels(root: ConfigNode | undefined): readonly (readonly [string, ConfigNode])[] {
  const agents = nodeAt(root, 'agents');
  const holders = [
    ['agents.defaults', nodeAt(agents, 'defaults')] as const,
    ...entriesOf(nodeAt(agents, 'entries')).map(([id, node]) => [`agents.entries.${id}`, node] as const),
    ...itemsOf(nodeAt(agents, 'list')).map((node, index) => [`agents.list.${index}`, node] as const),
  ];
  return holders.flatMap(([key, node]) => {
    const model = nodeAt(node, 'model');
    return model === undefined ? [] : [[`${key}.model`, model] as const];
  });
}

/** Who is who among several agents: their ids differ, and it is said whose the rest is. */
function* ofRoster(agents: ConfigNode | undefined): Iterable<OpenclawRefusal> {
  const entries = nodeAt(agents, 'entries');
  const ownership = nodeAt(agents, 'ownership');
  // A list is taken for entries, unless there are some, or ids occur twice.
  const list = itemsOf(nodeAt(agents, 'list'));
  const roster =
    entries === undefined
      ? list.map((node, index) => [textOf(nodeAt(node, 'id')) ?? '', `agents.list.${index}`, node] as const)
      : entriesOf(entries).map(([id, node]) => [id, `agents.entries.${id}`, node] as const);
  const ids = new Set<string>();
  for (const [id, key, { source }] of roster) {
    const name = id.trim().toLowerCase();
    if (ids.has(name)) yield { code: 'bad-value', source, key };
    ids.add(name);
  }
  if (entries !== undefined && list[0] !== undefined)
    yield { code: 'bad-value', source: list[0].source, key: 'agents.list' };
  const marks = roster.flatMap(([, key, node]) => {
    const mark = nodeAt(node, 'default');
    return scalarOf(mark) === true && mark !== undefined ? [[`${key}.default`, mark.source] as const] : [];
  });
  if (ownership !== undefined && scalarOf(ownership) !== 'explicit') {
    yield { code: 'bad-value', source: ownership.source, key: 'agents.ownership' };
  }
  // One of several may be marked in the manner of earlier versions, and only where nothing else says it.
  for (const [key, source] of ownership === undefined ? marks.slice(1) : marks) {
    yield { code: 'bad-value', source, key };
  }
  const [, second] = roster;
  if (second !== undefined && ownership === undefined && marks.length === 0) {
    const source = entries?.source ?? second[2].source;
    yield {
      code: 'missing-key',
      source,
      key: 'agents.ownership',
      reason: 'roster',
      since: firstWith.ownership,
    };
  }
}

/** `"PROVIDER/MODEL"`, or `{primary, fallbacks}`. */
function* ofModel(key: string, model: ConfigNode): Iterable<OpenclawRefusal> {
  if (textOf(model) !== undefined) return;
  if (model.kind !== 'object') {
    yield { code: 'bad-value', source: model.source, key };
    return;
  }
  const primary = nodeAt(model, 'primary');
  if (primary !== undefined && textOf(primary) === undefined) {
    yield { code: 'bad-value', source: primary.source, key: `${key}.primary` };
  }
  const fallbacks = nodeAt(model, 'fallbacks');
  const isList = fallbacks?.kind === 'list' && fallbacks.items.every(item => textOf(item) !== undefined);
  if (fallbacks !== undefined && !isList) {
    yield { code: 'bad-value', source: fallbacks.source, key: `${key}.fallbacks` };
  }
}

/** The keys that OpenClaw refuses, at any level. @param shape the number of what may stand here in `openclawShapes` */
function* unknownKeys(
  node: ConfigNode | undefined,
  path: string,
  shape: number | undefined,
): Iterable<OpenclawRefusal> {
  if (shape === undefined) return;
  const { isStrict, keys } = shapeOf(shape);
  for (const [index, item] of itemsOf(node).entries()) {
    yield* unknownKeys(item, `${path}.${index}`, keys.get('[]'));
  }
  const entries = entriesOf(node);
  const free = [...keys.keys()].filter(name => !entries.some(([key]) => key === name));
  for (const [key, value] of entries) {
    const below = path === '' ? key : `${path}.${key}`;
    const isKnown = keys.has(key) && key !== '[]';
    const suggestion = isKnown || !isStrict ? undefined : nearest(key, free);
    if (suggestion !== undefined) {
      yield { code: 'unknown-key', source: value.source, key: below, suggestion };
    } else {
      yield* unknownKeys(value, below, isKnown ? keys.get(key) : keys.get('*'));
    }
  }
}

interface Shape {
  /** Whether an unknown key is refused. */
  readonly isStrict: boolean;
  /** The keys, each with the shape below it; `*` is any other key, `[]` the items of a list. */
  readonly keys: ReadonlyMap<string, number | undefined>;
}

const shapes = new Map<number, Shape>();

function shapeOf(number: number): Shape {
  const known = shapes.get(number);
  if (known !== undefined) return known;
  const words = openclawShapes[number]?.split(' ') ?? [];
  const shape = {
    isStrict: words[0] === '!',
    keys: new Map(
      words
        .filter(word => word !== '!')
        .map(word => {
          const [name = '', below] = word.split('=');
          return [name, below === undefined ? undefined : Number(below)] as const;
        }),
    ),
  };
  shapes.set(number, shape);
  return shape;
}

/**
 * Whether an API is certainly wrong. Newer versions may have more of them, so that only a value that is no text, or
 * that resembles a known API, is reported.
 */
function isMistakenApi(api: unknown): boolean {
  if (typeof api !== 'string') return true;
  if (knownApis.includes(api)) return false;
  return nearest(api, knownApis) !== undefined || knownApis.some(known => known.startsWith(api));
}

const knownApis = [
  'openai-completions',
  'openai-responses',
  'openai-chatgpt-responses',
  'anthropic-messages',
  'google-generative-ai',
  'google-vertex',
  'github-copilot',
  'bedrock-converse-stream',
  'ollama',
  'pi-messages',
  'azure-openai-responses',
];

const bundledProviders: ReadonlySet<string> = new Set([
  'amazon-bedrock',
  'amazon-bedrock-mantle',
  'anthropic',
  'anthropic-vertex',
  'arcee',
  'azure-openai-responses',
  'byteplus',
  'byteplus-plan',
  'cerebras',
  'chutes',
  'claude-cli',
  'clawrouter',
  'cloudflare-ai-gateway',
  'codex',
  'comfy',
  'copilot-proxy',
  'dashscope',
  'deepinfra',
  'deepseek',
  'fal',
  'fireworks',
  'github-copilot',
  'gmi',
  'gmi-cloud',
  'gmicloud',
  'google',
  'google-antigravity',
  'google-gemini-cli',
  'google-vertex',
  'groq',
  'huggingface',
  'kilocode',
  'kimi',
  'kimi-coding',
  'litellm',
  'lmstudio',
  'meta',
  'microsoft-foundry',
  'minimax',
  'minimax-portal',
  'mistral',
  'modelstudio',
  'moonshot',
  'moonshot-ai',
  'moonshotai',
  'novita',
  'novita-ai',
  'novitaai',
  'nvidia',
  'ollama',
  'ollama-cloud',
  'openai',
  'opencode',
  'opencode-go',
  'openrouter',
  'qianfan',
  'qwen',
  'qwen-token-plan',
  'qwencloud',
  'sglang',
  'stepfun',
  'stepfun-plan',
  'synthetic',
  'tencent-tokenhub',
  'tencent-tokenplan',
  'together',
  'venice',
  'vercel-ai-gateway',
  'vllm',
  'volcengine',
  'volcengine-plan',
  'vydra',
  'x-ai',
  'xai',
  'xiaomi',
  'xiaomi-token-plan',
  'z-ai',
  'z.ai',
  'zai',
]);
