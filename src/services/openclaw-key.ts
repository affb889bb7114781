/**
 * What OpenClaw makes of the `apiKey` of a provider: a text is not always the key itself.
 *
 * Run: openclaw 2026.9.6, a request for each form. Read: `resolveProviderEntryApiKeyProfileReference()`,
 * `isNonSecretApiKeyMarker()`, `coerceSecretRef()`.
 */
import { type ConfigNode, entriesOf, itemsOf, nodeAt, textOf } from './config-node.ts';
import type { OpenclawConfig } from './openclaw-config.ts';
import { isBundledProvider } from './openclaw-schema.ts';

export type OpenclawKey =
  | { readonly kind: 'none' }
  /** The text is the key. `seemsVariable`: it is written like a variable that OpenClaw does not replace: `${a}`, `${A:-b}`. */
  | { readonly kind: 'literal'; readonly seemsVariable: boolean }
  /** `${NAME}`, `$NAME`, the bare name of a variable that OpenClaw knows, or a reference to the environment. */
  | { readonly kind: 'variable'; readonly name: string }
  /** A text with variables in it: `abc-${NAME}`. */
  | { readonly kind: 'composed' }
  /** A reference to a file, to a program, or to OpenClaw's store of secrets; also one that OpenClaw does not take. */
  | { readonly kind: 'reference' }
  /** The name of an auth profile: the key is in OpenClaw's own store, where `openclaw models auth paste-api-key` puts it. */
  | { readonly kind: 'profile'; readonly id: string }
  /** A word that stands for credentials of another kind, or for none: `ollama-local`. */
  | { readonly kind: 'marker' };

/** @param provider the entry of `models.providers` with this id */
export function openclawKey(id: string, provider: ConfigNode, names: ProviderNames): OpenclawKey {
  const key = writtenKey(nodeAt(provider, 'apiKey'), names);
  const usual = names.usual(id);
  const leadsNowhere = key.kind === 'variable' && !names.isSet(key.name);
  // A bare name that has no value is no key.
  if (leadsNowhere && usual !== undefined && textOf(nodeAt(provider, 'apiKey'))?.trim() === key.name)
    return { kind: 'variable', name: usual };
  const isPreferred = textOf(nodeAt(provider, 'auth')) === 'api-key' && key.kind !== 'none';
  if (isPreferred || key.kind === 'profile' || key.kind === 'marker') return key;
  // An auth profile of the provider comes before a text, but not before a reference.
  const profile = names.signedIn.get(id.trim().toLowerCase());
  if (profile !== undefined && (key.kind === 'literal' || key.kind === 'composed'))
    return { kind: 'profile', id: profile };
  // So does a variable that OpenClaw reads for this provider without being told, unless a reference leads nowhere.
  return usual === undefined || leadsNowhere ? key : { kind: 'variable', name: usual };
}

function writtenKey(node: ConfigNode | undefined, names: KeyNames): OpenclawKey {
  if (node?.kind === 'object') {
    const name = textOf(nodeAt(node, 'source')) === 'env' ? textOf(nodeAt(node, 'id')) : undefined;
    return name === undefined ? { kind: 'reference' } : { kind: 'variable', name };
  }
  const text = textOf(node)?.trim();
  if (text === undefined || text === '') return { kind: 'none' };
  const [, braced, bare] = /^\$(?:\{([A-Z_][A-Z0-9_]*)\}|([A-Z][A-Z0-9_]*))$/.exec(text) ?? [];
  const name = braced ?? bare;
  if (name !== undefined) return { kind: 'variable', name };
  if (/\$\{[A-Z_][A-Z0-9_]*\}/.test(text)) return { kind: 'composed' };
  return namedKey(text, names) ?? { kind: 'literal', seemsVariable: text.includes('${') };
}

/** The names by which a configuration may refer to keys that are in OpenClaw's own store. */
export interface KeyNames {
  /** Ids of auth profiles. */
  readonly profiles: ReadonlySet<string>;
  /** Ids of providers. */
  readonly providers: ReadonlySet<string>;
}

/** The same, with the profile that each provider has by itself, its id by that of the provider, and its variable. */
export interface ProviderNames extends KeyNames {
  readonly signedIn: ReadonlyMap<string, string>;
  /** The variable that a provider has by itself and that is set. */
  readonly usual: (provider: string) => string | undefined;
  /** Whether a variable has a value. */
  readonly isSet: (variable: string) => boolean;
}

/** Whether a provider that need not be declared has a key: in an auth profile, or in a variable that it reads. */
export function isSignedIn(provider: string, config: OpenclawConfig): boolean {
  const { signedIn, usual } = keyNames(config);
  return signedIn.has(provider) || usual(provider) !== undefined;
}

/** The variable from which OpenClaw takes the key of a provider that it knows; undefined when none is set. */
function usualVariable(provider: string, config: OpenclawConfig): string | undefined {
  const id = provider.trim().toLowerCase();
  const names = usualVariables.get(id) ?? [`${id.toUpperCase().replaceAll(/[^A-Z\d]+/g, '_')}_API_KEY`];
  return isBundledProvider(id) ? names.find(name => config.variable(name) !== undefined) : undefined;
}

/** Read: openclaw 2026.9.6, the manifests of its extensions. The variables of others are called after them. */
const usualVariables: ReadonlyMap<string, readonly string[]> = new Map([
  ['anthropic', ['ANTHROPIC_API_KEY', 'ANTHROPIC_OAUTH_TOKEN']],
  ['github-copilot', ['COPILOT_GITHUB_TOKEN']],
  ['google', ['GEMINI_API_KEY', 'GOOGLE_API_KEY']],
  ['google-vertex', ['GOOGLE_CLOUD_API_KEY']],
  ['huggingface', ['HF_TOKEN', 'HUGGINGFACE_HUB_TOKEN']],
  ['minimax', ['MINIMAX_API_KEY', 'MINIMAX_CODE_PLAN_KEY', 'MINIMAX_CODING_API_KEY']],
  ['qwen', ['QWEN_API_KEY', 'DASHSCOPE_API_KEY', 'MODELSTUDIO_API_KEY']],
]);

/** What a text stands for; undefined when it stands for nothing else, and is the key. */
export function namedKey(
  text: string,
  { profiles, providers }: KeyNames,
): Extract<OpenclawKey, { readonly kind: 'variable' | 'profile' | 'marker' }> | undefined {
  if (knownVariables.has(text)) return { kind: 'variable', name: text };
  if (markers.has(text) || /^(?:oauth|secretref-env):/.test(text)) return { kind: 'marker' };
  // OpenClaw looks into its store alone, which has profiles that the configuration does not list.
  const [, provider] = /^([\w.-]+):[a-z][\w.@+-]*$/i.exec(text) ?? [];
  const isProfile = profiles.has(text) || (provider !== undefined && providers.has(provider));
  return isProfile ? { kind: 'profile', id: text } : undefined;
}

export function keyNames(config: OpenclawConfig): ProviderNames {
  const { root } = config;
  const keysOf = (...path: readonly string[]) => entriesOf(nodeAt(root, ...path)).map(([key]) => key);
  const ordered = entriesOf(nodeAt(root, 'auth', 'order')).flatMap(([, node]) =>
    itemsOf(node).flatMap(each => textOf(each) ?? []),
  );
  return {
    profiles: new Set([...keysOf('auth', 'profiles'), ...ordered]),
    providers: new Set(keysOf('models', 'providers')),
    signedIn: new Map(
      entriesOf(nodeAt(root, 'auth', 'profiles')).map(([id, node]) => [
        (textOf(nodeAt(node, 'provider')) ?? '').trim().toLowerCase(),
        id,
      ]),
    ),
    usual: provider => usualVariable(provider, config),
    isSet: name => config.variable(name) !== undefined,
  };
}

/** Read: openclaw 2026.9.6, `CORE_NON_SECRET_API_KEY_MARKERS`, `AWS_SDK_ENV_MARKERS`, `nonSecretAuthMarkers` of its extensions. */
const markers: ReadonlySet<string> = new Set([
  'apple-fm-local',
  'codex-app-server',
  'custom-local',
  'gcp-vertex-credentials',
  'lmstudio-local',
  'minimax-oauth',
  'ollama-local',
  'openclaw:claude-cli-native-auth',
  'secretref-managed',
  'AWS_ACCESS_KEY_ID',
  'AWS_BEARER_TOKEN_BEDROCK',
  'AWS_PROFILE',
]);

/** Run: openclaw 2026.9.6, `listKnownProviderEnvApiKeyNames()`; read: `LEGACY_ENV_API_KEY_MARKERS`. */
const knownVariables: ReadonlySet<string> = new Set([
  'ANTHROPIC_ADMIN_API_KEY',
  'ANTHROPIC_ADMIN_KEY',
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_OAUTH_TOKEN',
  'AZURE_API_KEY',
  'AZURE_OPENAI_API_KEY',
  'AZURE_SPEECH_API_KEY',
  'AZURE_SPEECH_KEY',
  'AZURE_SPEECH_REGION',
  'CEREBRAS_API_KEY',
  'CLAWROUTER_API_KEY',
  'CODEX_API_KEY',
  'COPILOT_GITHUB_TOKEN',
  'DASHSCOPE_API_KEY',
  'DEEPGRAM_API_KEY',
  'DEEPSEEK_API_KEY',
  'ELEVENLABS_API_KEY',
  'FAL_API_KEY',
  'FAL_KEY',
  'FIREWORKS_API_KEY',
  'GEMINI_API_KEY',
  'GOOGLE_API_KEY',
  'GOOGLE_CLOUD_API_KEY',
  'HF_TOKEN',
  'HUGGINGFACE_HUB_TOKEN',
  'LITELLM_API_KEY',
  'LM_API_TOKEN',
  'MINIMAX_API_KEY',
  'MINIMAX_CODE_PLAN_KEY',
  'MINIMAX_CODING_API_KEY',
  'MINIMAX_OAUTH_TOKEN',
  'MODELSTUDIO_API_KEY',
  'NOVITA_API_KEY',
  'NVIDIA_API_KEY',
  'OLLAMA_API_KEY',
  'OPENAI_ADMIN_KEY',
  'OPENAI_API_KEY',
  'OPENCODE_API_KEY',
  'OPENCODE_ZEN_API_KEY',
  'OPENROUTER_API_KEY',
  'PERPLEXITY_API_KEY',
  'QWEN_API_KEY',
  'RUNWAYML_API_SECRET',
  'RUNWAY_API_KEY',
  'SENSEAUDIO_API_KEY',
  'SGLANG_API_KEY',
  'SPEECH_KEY',
  'SPEECH_REGION',
  'TOGETHER_API_KEY',
  'VLLM_API_KEY',
  'VOYAGE_API_KEY',
  'XAI_API_KEY',
  'XI_API_KEY',
]);
