/** The texts of OpenClaw's configuration with which agents ask: of their providers, and the names of their models. */
import { type ConfigNode, entriesOf, itemsOf, nodeAt, textOf } from '../services/config-node.ts';
import { variablesIn } from '../services/openclaw-config.ts';
import { type ModelChain, modelsInOrder } from '../services/openclaw-models.ts';
import { askedProviders } from './asked-providers.ts';
import type { Gateway, Provider } from './picture.ts';
import type { SourceLine } from '../systemd/service-settings.ts';

export interface AskedText {
  /** Name of the provider; null where the name of a model is meant. */
  readonly provider: string | null;
  /** The setting within it: `apiKey`, `headers.X-Token`; `model` for that name. */
  readonly setting: string;
  readonly text: string;
  /** The variables that OpenClaw replaces in it. */
  readonly names: readonly string[];
  readonly source: SourceLine;
}

/** The texts of the models that are asked and of their providers, each once: agents may inherit the same model. */
export function askedTexts({ config, agents, settings, providers }: Gateway): readonly AskedText[] {
  const asked = askedProviders({ agents, settings });
  const references = [...agents, ...settings].flatMap(referencesOf);
  const byPlace = new Map(
    references.map(each => [`${each.source.file}:${each.source.line} ${each.text}`, each]),
  );
  return [
    ...byPlace.values(),
    ...providers
      .filter(({ id }) => asked.has(id))
      .flatMap(provider => [...textsOf(provider, nodeAt(config.root, 'models', 'providers', provider.id))]),
  ];
}

function referencesOf(chain: ModelChain): readonly AskedText[] {
  return [...modelsInOrder(chain), ...chain.unclear].map(({ written, source }) => ({
    provider: null,
    setting: 'model',
    text: written,
    names: [...variablesIn(written)],
    source,
  }));
}

/** Where a provider is asked, and what goes along. The names of its models may be any text. */
function* textsOf({ id, key, source }: Provider, node: ConfigNode | undefined): Iterable<AskedText> {
  // OpenClaw may take the key from a variable that is written otherwise, as a reference or not at all.
  if (key.kind === 'variable') {
    const written = nodeAt(node, 'apiKey');
    const text = textOf(written) ?? '';
    yield { provider: id, setting: 'apiKey', text, names: [key.name], source: written?.source ?? source };
  }
  for (const [name, value] of entriesOf(node)) {
    if (name === 'models' || (name === 'apiKey' && key.kind === 'variable')) continue;
    for (const each of textsIn(value, name))
      yield { ...each, provider: id, names: [...variablesIn(each.text)] };
  }
}

function* textsIn(
  node: ConfigNode,
  setting: string,
): Iterable<Pick<AskedText, 'setting' | 'text' | 'source'>> {
  const text = textOf(node);
  if (text !== undefined) yield { setting, text, source: node.source };
  for (const [name, entry] of entriesOf(node)) yield* textsIn(entry, `${setting}.${name}`);
  for (const item of itemsOf(node)) yield* textsIn(item, setting);
}
