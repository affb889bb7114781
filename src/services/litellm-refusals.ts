/**
 * Values with which LiteLLM does not start, though they are valid YAML.
 *
 * Run: litellm 1.108.7 (`ProxyConfig.load_config()`, `Router.validate_fallbacks()`).
 */
import { type ConfigNode, entriesOf, nodeAt, scalarOf, textOf } from './config-node.ts';

export const refusedKeys = [
  '',
  'include',
  'model_list',
  'fallbacks',
  'content_policy_fallbacks',
  'default_fallbacks',
  'model_group_alias',
  'credential_list',
  'litellm_settings',
  'environment_variables',
] as const;

/** The setting whose value is refused; empty for the file as a whole. */
export type RefusedKey = (typeof refusedKeys)[number];

/** The places of the values that are refused. `include` and the file as a whole are seen where files are read. */
export function* refusedValues(
  root: ConfigNode | undefined,
): Iterable<{ readonly key: RefusedKey; readonly node: ConfigNode }> {
  for (const key of ['litellm_settings', 'environment_variables'] as const) {
    const node = nodeAt(root, key);
    if (isGiven(node) && node.kind !== 'object') yield { key, node };
  }
  for (const node of wrongItems(nodeAt(root, 'model_list'), isModel)) yield { key: 'model_list', node };
  for (const node of wrongItems(nodeAt(root, 'credential_list'), isCredential)) {
    yield { key: 'credential_list', node };
  }
  const aliases = nodeAt(root, 'router_settings', 'model_group_alias');
  if (isGiven(aliases) && aliases.kind !== 'object') yield { key: 'model_group_alias', node: aliases };
  for (const key of ['fallbacks', 'content_policy_fallbacks'] as const) {
    for (const node of wrongItems(countingSetting(root, key), isFallback)) yield { key, node };
  }
  const defaults = countingSetting(root, 'default_fallbacks');
  if (isGiven(defaults) && textOf(defaults) !== undefined) yield { key: 'default_fallbacks', node: defaults };
}

/** The value of a setting of the router: of `router_settings`, unless that is empty, else of `litellm_settings`. */
export function countingSetting(root: ConfigNode | undefined, key: string): ConfigNode | undefined {
  const ofRouter = nodeAt(root, 'router_settings', key);
  return isGiven(ofRouter) ? ofRouter : nodeAt(root, 'litellm_settings', key);
}

/** Whether a value is none of those that Python takes for false: they are as if they were not there. */
export function isGiven(node: ConfigNode | undefined): node is ConfigNode {
  if (node === undefined) return false;
  if (node.kind === 'list') return node.items.length > 0;
  return node.kind === 'object' ? node.entries.size > 0 : Boolean(node.value);
}

/** The items that are not as they must be; the value itself when it is no list. */
function wrongItems(
  node: ConfigNode | undefined,
  isRight: (item: ConfigNode) => boolean,
): readonly ConfigNode[] {
  if (!isGiven(node)) return [];
  return node.kind === 'list' ? node.items.filter(item => !isRight(item)) : [node];
}

function isModel(item: ConfigNode): boolean {
  return (
    textOf(nodeAt(item, 'model_name')) !== undefined &&
    textOf(nodeAt(item, 'litellm_params', 'model')) !== undefined
  );
}

function isCredential(item: ConfigNode): boolean {
  return (
    textOf(nodeAt(item, 'credential_name')) !== undefined &&
    nodeAt(item, 'credential_info')?.kind === 'object' &&
    nodeAt(item, 'credential_values')?.kind === 'object'
  );
}

/** One model with a list. `model:` with a text is the form that a request may have, which is taken, too. */
function isFallback(item: ConfigNode): boolean {
  const [first, ...more] = entriesOf(item);
  if (first === undefined || more.length > 0) return false;
  const [name, targets] = first;
  return targets.kind === 'list' || (name === 'model' && scalarOf(targets) !== undefined);
}
