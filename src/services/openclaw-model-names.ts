/**
 * Names that OpenClaw changes before it asks a provider that it knows: short names of models, and prefixes.
 *
 * Read: openclaw 2026.9.6 (`normalizeStaticProviderModelId()`, `modelIdNormalization` of its extensions); run:
 * `lab/openclaw-models/`.
 */

/**
 * The name by which a provider is asked for a model.
 *
 * @param provider its id in small letters
 * @param as `row` where the name is taken as the provider declares it; of a `reference`, the provider's own id may stand before it
 */
export function normalModel(provider: string, model: string, as: 'row' | 'reference'): string {
  if (as === 'reference') return known(provider, withoutPrefix(model, provider));
  const name = known(provider, model);
  const [, before = '', google] = /^((?:[^/]+\/)?google\/)(.+)$/.exec(name) ?? [];
  return google === undefined ? name : before + (googleNames.get(google) ?? google);
}

function known(provider: string, model: string): string {
  const lower = model.toLowerCase();
  switch (provider) {
    case 'google':
    case 'google-gemini-cli':
    case 'google-vertex': {
      const [, before = '', name = model] = /^(google\/)?(.+)$/.exec(model) ?? [];
      return before + (googleNames.get(name) ?? googleNames.get(name.toLowerCase()) ?? name);
    }
    case 'openrouter':
      return lower.includes('/') ? lower : `${provider}/${lower}`;
    case 'nvidia':
      return model.includes('/') ? model : `${provider}/${model}`;
    case 'anthropic': {
      const name = withoutPrefix(model, provider);
      return anthropicNames.get(name.toLowerCase()) ?? name;
    }
    case 'vercel-ai-gateway': {
      const name = vercelNames.get(lower) ?? model;
      return name.toLowerCase().startsWith('claude-') ? `anthropic/${name}` : name;
    }
    case 'huggingface':
      return withoutPrefix(model, provider);
    case 'xai':
      return grokNames.get(lower) ?? model;
    case 'together':
      return model === 'moonshotai/Kimi-K2.5' ? 'moonshotai/Kimi-K2.6' : model;
    default:
      return model;
  }
}

/** Whether a model is in the catalogue that OpenClaw brings. */
export function isCatalogued(provider: 'openai' | 'google', model: string): boolean {
  return catalogue[provider].has(model);
}

/** Read: openclaw 2026.9.6, `modelCatalog` of its extensions. */
const catalogue = {
  openai: new Set([
    'gpt-6-astra',
    'gpt-6-sol',
    'gpt-6-luna',
    'gpt-5.6-sol',
    'gpt-5.6-terra',
    'gpt-5.6-luna',
    'gpt-5.5',
    'gpt-5.5-pro',
    'gpt-5.4',
    'gpt-5.4-pro',
    'gpt-5.4-mini',
    'gpt-5.4-nano',
  ]),
  google: new Set([
    'gemini-2.5-pro',
    'gemini-2.5-flash',
    'gemini-2.5-flash-lite',
    'gemini-3.5-flash',
    'gemini-3.6-flash',
    'gemini-3.7-flash',
    'gemini-3.5-flash-lite',
    'gemini-3.1-pro-preview',
    'gemini-3.1-flash-lite',
    'gemini-3-flash-preview',
  ]),
} satisfies Readonly<Record<string, ReadonlySet<string>>>;

function withoutPrefix(model: string, provider: string): string {
  return model.toLowerCase().startsWith(`${provider}/`) ? model.slice(provider.length + 1) : model;
}

const googleNames: ReadonlyMap<string, string> = new Map([
  ['gemini-3-pro', 'gemini-3.1-pro-preview'],
  ['gemini-3-pro-preview', 'gemini-3.1-pro-preview'],
  ['gemini-3.1-pro', 'gemini-3.1-pro-preview'],
  ['gemini-3-flash', 'gemini-3-flash-preview'],
  ['gemini-3.1-flash', 'gemini-3-flash-preview'],
  ['gemini-3.1-flash-preview', 'gemini-3-flash-preview'],
  ['gemini-3.1-flash-lite-preview', 'gemini-3.1-flash-lite'],
  ['gemma-4-26b', 'gemma-4-26b-a4b-it'],
]);

const anthropicNames: ReadonlyMap<string, string> = new Map([
  ['fable', 'claude-fable-5-1'],
  ['fable-5', 'claude-fable-5'],
  ['fable-5.1', 'claude-fable-5-1'],
  ['fable-5-1', 'claude-fable-5-1'],
  ['haiku', 'claude-haiku-4-5'],
  ['mythos-5', 'claude-mythos-5'],
  ['opus', 'claude-opus-5'],
  ['opus-4.6', 'claude-opus-4-6'],
  ['opus-4.7', 'claude-opus-4-7'],
  ['opus-4.8', 'claude-opus-4-8'],
  ['opus-5', 'claude-opus-5'],
  ['opus-5.5', 'claude-opus-5-5'],
  ['opus-5-5', 'claude-opus-5-5'],
  ['sonnet', 'claude-sonnet-5'],
  ['sonnet-4.6', 'claude-sonnet-4-6'],
  ['sonnet-5', 'claude-sonnet-5'],
]);

const vercelNames: ReadonlyMap<string, string> = new Map([
  ['opus-4.6', 'claude-opus-4-6'],
  ['sonnet', 'claude-sonnet-4-6'],
  ['sonnet-4.6', 'claude-sonnet-4-6'],
  ['sonnet-5', 'claude-sonnet-5'],
]);

const grokNames: ReadonlyMap<string, string> = new Map([
  ['grok-4.3-latest', 'grok-4.3'],
  ['grok-4.5-latest', 'grok-4.5'],
  ['grok-4.7-latest', 'grok-4.7'],
  ['grok-build-latest', 'grok-4.5'],
  ['grok-4-fast-reasoning', 'grok-4-fast'],
  ['grok-4-1-fast-reasoning', 'grok-4-1-fast'],
]);
