import { type ConfigNode, entriesOf, itemsOf, nodeAt, textOf } from '../../services/config-node.ts';
import { seemingVariable, variablesIn } from '../../services/openclaw-config.ts';
import type { Provider } from '../../routes/picture.ts';
import type { ModelChain } from '../../services/openclaw-models.ts';
import type { SourceLine } from '../../systemd/service-settings.ts';
import { modelsInOrder, routeRule } from '../routes.ts';

export interface FailoverVariableUnset {
  /** Name of the provider; null where the name of a model is meant. */
  readonly provider: string | null;
  /** The setting within it: `apiKey`, `headers.X-Token`; `model` for that name. */
  readonly setting: string;
  /** Its name; of what only seems to be a variable, a name that OpenClaw would take for it. */
  readonly name: string;
  /** As it is written, `${NAME}`, without a default, which may be a secret: `${NAME…}`. */
  readonly written: string;
  /** `form`: OpenClaw does not take it for a variable; `value`: nothing gives it one. */
  readonly lacks: 'form' | 'value';
  /** The `.env` where its value may stand. */
  readonly file: string;
}

/** What agents ask with a variable that OpenClaw does not replace: then `${...}` itself is sent, or the provider is not asked at all. */
export const failoverVariableUnset = routeRule<'failover-variable-unset', FailoverVariableUnset>(
  { id: 'failover-variable-unset', severity: 'warning' },
  function* ({ own }, host) {
    for (const { unit, config, providers, agents, settings } of own.gateways) {
      // Files that are kept in a repository have no secrets with them.
      const hasSecrets = host.kind === 'live' || host.files.status(config.environmentFile) !== undefined;
      const isSet = (name: string) =>
        !config.knowsVariables || !hasSecrets || config.variable(name) !== undefined;
      const chains = [...agents, ...settings];
      const asked = new Set(chains.flatMap(modelsInOrder).map(({ provider }) => provider));
      const texts = [
        ...chains.flatMap(referencesOf),
        ...providers
          .filter(({ id }) => asked.has(id))
          .flatMap(provider => [
            ...textsOf(provider, nodeAt(config.root, 'models', 'providers', provider.id)),
          ]),
      ];
      for (const { provider, setting, text, names, source } of texts) {
        const lack = lackOf(text, names, isSet);
        if (lack === undefined) continue;
        yield {
          unit,
          source,
          details: { provider, setting, ...lack, file: config.environmentFile },
          changes: [],
        };
      }
    }
  },
);

interface AskedText extends Pick<FailoverVariableUnset, 'provider' | 'setting'> {
  readonly text: string;
  /** The variables that OpenClaw replaces in it. */
  readonly names: Iterable<string>;
  readonly source: SourceLine;
}

function referencesOf(chain: ModelChain): readonly AskedText[] {
  return [...modelsInOrder(chain), ...chain.unclear].map(({ written, source }) => ({
    provider: null,
    setting: 'model',
    text: written,
    names: variablesIn(written),
    source,
  }));
}

/** Where a provider is asked, and what goes along. The names of its models may be any text. */
function* textsOf({ id, key }: Provider, node: ConfigNode | undefined): Iterable<AskedText> {
  for (const [name, value] of entriesOf(node)) {
    for (const each of name === 'models' ? [] : textsIn(value, name)) {
      const isKey = each.setting === 'apiKey' && key.kind === 'variable';
      yield { ...each, provider: id, names: isKey ? [key.name] : variablesIn(each.text) };
    }
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

/**
 * @param names of the variables that OpenClaw replaces in the text
 * @param isSet whether one has a value, or may have one
 */
function lackOf(
  text: string,
  names: Iterable<string>,
  isSet: (name: string) => boolean,
): Pick<FailoverVariableUnset, 'name' | 'written' | 'lacks'> | undefined {
  const seeming = seemingVariable(text);
  if (seeming !== undefined) {
    const beginning = /^[\w.-]{1,100}/.exec(seeming.slice(2))?.[0] ?? '';
    const written = seeming === `\${${beginning}}` ? seeming : `\${${beginning}…}`;
    const capitals = beginning.replaceAll(/[.-]/g, '_').toUpperCase();
    const name = /^[A-Z_]/.test(capitals) ? capitals : 'NAME';
    return { name, written, lacks: 'form' };
  }
  const name = [...names].find(each => !isSet(each));
  return name === undefined ? undefined : { name, written: `\${${name}}`, lacks: 'value' };
}
