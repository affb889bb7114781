/** The models that a provider of OpenClaw declares, and how they are asked for. */
import { type ConfigNode, itemsOf, nodeAt, textOf } from './config-node.ts';
import type { OpenclawConfig } from './openclaw-config.ts';
import { isCatalogued, normalModel } from './openclaw-model-names.ts';

export interface ModelRow {
  /** The name by which the provider is asked for it; as it is written where a variable in it has no value. */
  readonly id: string;
  readonly isNamed: boolean;
  /** The name as it is written. */
  readonly written: string;
  /** The entry, which may have an address, an API and headers of its own. */
  readonly node: ConfigNode;
}

/** @param provider the entry of `models.providers` with this id */
export function modelRows(id: string, provider: ConfigNode, config: OpenclawConfig): readonly ModelRow[] {
  const known = rows.get(provider);
  if (known !== undefined) return known;
  const key = id.trim().toLowerCase();
  const byName = new Map<string, ModelRow>();
  for (const node of itemsOf(nodeAt(provider, 'models'))) {
    const text = nodeAt(node, 'id');
    const name = config.text(text);
    const written = (name ?? textOf(text))?.trim();
    if (!written) continue;
    const first = byName.get(written);
    const row = { id: normalModel(key, written, 'row'), isNamed: name !== undefined, written };
    byName.set(written, { ...row, node: first === undefined ? node : completed(first.node, node) });
  }
  const read = [...byName.values()];
  rows.set(provider, read);
  return read;
}

/** An entry with what another one of the same model says besides. */
function completed(entry: ConfigNode, other: ConfigNode): ConfigNode {
  return entry.kind === 'object' && other.kind === 'object'
    ? { ...entry, entries: new Map([...other.entries, ...entry.entries]) }
    : entry;
}

/** Asked for with each reference to the provider. */
const rows = new WeakMap<ConfigNode, readonly ModelRow[]>();

/**
 * The entry of a model; undefined where the provider has none.
 *
 * @param model the name by which the provider is asked for it
 * @param written the same as its reference has it
 */
export function rowFor(
  all: readonly ModelRow[],
  provider: string,
  model: string,
  written: string,
): ModelRow | undefined {
  const bare = (name: string) =>
    name.toLowerCase().startsWith(`${provider}/`) ? name.slice(provider.length + 1) : name;
  // Only what it sends is in small letters.
  const some = provider === 'openrouter' ? all.filter(each => bare(each.written) === bare(written)) : all;
  return some.find(({ id }) => id === model) ?? some.find(({ id }) => bare(id) !== id && bare(id) === model);
}

/** The `baseUrl` of a provider or of one of its models. */
export function addressOf(node: ConfigNode, config: OpenclawConfig): string | undefined {
  return config.text(nodeAt(node, 'baseUrl'))?.trim() || undefined;
}

/**
 * The API by which a provider with an address is asked where neither it nor the model says one. The documentation has one for all;
 * run: openclaw 2026.9.6, with 18 providers and models within and without its catalogue.
 */
export function usualApi(id: string, model: string): string {
  switch (id.trim().toLowerCase()) {
    case 'anthropic':
      return 'anthropic-messages';
    case 'github-copilot':
      return 'openai-responses';
    case 'openai':
      return isCatalogued('openai', model) ? 'openai-responses' : defaultApi;
    case 'xai':
      return model.startsWith('grok-') ? 'openai-responses' : defaultApi;
    case 'google':
      return isCatalogued('google', model) ? 'google-generative-ai' : defaultApi;
    default:
      return defaultApi;
  }
}

/** The API of a provider that OpenClaw knows no other of. LiteLLM offers it. */
export const defaultApi = 'openai-completions';
