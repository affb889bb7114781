import { type ConfigNode, entriesOf, itemsOf, nodeAt, textOf } from '../../services/config-node.ts';
import { seemingVariable, variablesIn } from '../../services/openclaw-config.ts';
import type { ModelChain, UnclearReference } from '../../services/openclaw-models.ts';
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
      for (const { written: text, source } of [...agents, ...settings].flatMap(referencesOf)) {
        const lack = lackOf(text, variablesIn(text), isSet);
        if (lack === undefined) continue;
        const details = { provider: null, setting: 'model', ...lack, file: config.environmentFile };
        yield { unit, source, details, changes: [] };
      }
      const asked = new Set([...agents, ...settings].flatMap(modelsInOrder).map(each => each.provider));
      for (const { id, key } of providers.filter(provider => asked.has(provider.id))) {
        const node = nodeAt(config.root, 'models', 'providers', id);
        for (const { setting, text, source } of textsOf(node)) {
          const names = setting === 'apiKey' && key.kind === 'variable' ? [key.name] : variablesIn(text);
          const lack = lackOf(text, names, isSet);
          if (lack === undefined) continue;
          const details = { provider: id, setting, ...lack, file: config.environmentFile };
          yield { unit, source, details, changes: [] };
        }
      }
    }
  },
);

function referencesOf(chain: ModelChain): readonly Pick<UnclearReference, 'written' | 'source'>[] {
  return [...modelsInOrder(chain), ...chain.unclear];
}

interface ProviderText {
  readonly setting: string;
  readonly text: string;
  readonly source: SourceLine;
}

/** Where a provider is asked, and what goes along. The names of its models may be any text. */
function* textsOf(provider: ConfigNode | undefined): Iterable<ProviderText> {
  for (const [name, node] of entriesOf(provider)) {
    if (name !== 'models') yield* textsIn(node, name);
  }
}

function* textsIn(node: ConfigNode, setting: string): Iterable<ProviderText> {
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
