/**
 * The key that LiteLLM asks its callers for.
 *
 * Source: litellm 1.108.7 (`proxy/proxy_server.py`, `proxy/auth/master_key_boot_check.py`), and run.
 */
import type { SourceLine } from '../systemd/service-settings.ts';
import { type ConfigNode, entriesOf, nodeAt, scalarOf } from './config-node.ts';
import { type LitellmConfig, referencePrefix } from './litellm-config.ts';
import type { Program } from './program.ts';

/** `public`: the key of all the examples; `number`: no text, as it would have to be; `unknown`: in a variable that is not set here, but may be in a `.env` that LiteLLM finds itself. */
export type KeyState = 'key' | 'empty' | 'public' | 'number' | 'unknown';

/** The key that counts, and where it stands. */
export interface MasterKey {
  readonly state: KeyState;
  readonly by: 'file' | 'environment';
  readonly source: SourceLine;
}

/** `general_settings.master_key`, also where it is empty, else the variable; undefined when neither is known to be set. */
export function masterKeyOf(program: Program, config: LitellmConfig | undefined): MasterKey | undefined {
  const node = keyInFile(config);
  if (node === undefined) return keyInEnvironment(program, config);
  const value = scalarOf(node);
  const name = typeof value === 'string' ? variableNamed(value) : undefined;
  // A reference is replaced before `environment_variables` are known.
  const key = name === undefined ? value : program.variable(name);
  return { state: key === undefined ? 'unknown' : stateOf(key), by: 'file', source: node.source };
}

/** A line about the key that does not do what it says. */
export type MisplacedKey =
  /** `litellm_settings.master_key`, which LiteLLM does not read. */
  | { readonly kind: 'unread'; readonly source: SourceLine }
  /** LITELLM_MASTER_KEY has another value than `general_settings.master_key`, which counts before it. */
  | { readonly kind: 'overridden'; readonly source: SourceLine };

export function misplacedKeys(program: Program, config: LitellmConfig): readonly MisplacedKey[] {
  const unread = nodeAt(config.root, 'litellm_settings', 'master_key');
  const inFile = scalarOf(keyInFile(config));
  const variable = program.variable(keyVariable);
  const isLiteral = typeof inFile === 'string' && variableNamed(inFile) === undefined;
  return [
    ...(unread === undefined ? [] : [{ kind: 'unread', source: unread.source } as const]),
    ...(isLiteral && variable && variable !== inFile
      ? [{ kind: 'overridden', source: lineOfVariable(program) } as const]
      : []),
  ];
}

/** Whether LiteLLM is told to start without a key that is one. */
export function permitsWeakKey(program: Program, config: LitellmConfig | undefined): boolean {
  const setting = nodeAt(config?.root, 'general_settings', 'dangerously_permit_weak_or_unset_master_key');
  const name = 'LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY';
  const variable = config?.variable(name) ?? program.variable(name);
  return scalarOf(setting) === true || variable?.trim().toLowerCase() === 'true';
}

const keyVariable = 'LITELLM_MASTER_KEY';

function keyInFile(config: LitellmConfig | undefined): ConfigNode | undefined {
  return nodeAt(config?.root, 'general_settings', 'master_key');
}

/** Without any `general_settings`, LiteLLM has looked for the variable before it knows `environment_variables`. */
function keyInEnvironment(program: Program, config: LitellmConfig | undefined): MasterKey | undefined {
  const given = nodeAt(config?.root, 'environment_variables', keyVariable);
  if (given !== undefined && entriesOf(nodeAt(config?.root, 'general_settings')).length > 0) {
    return { state: stateOf(config?.variable(keyVariable)), by: 'file', source: given.source };
  }
  const value = program.variable(keyVariable);
  if (value === undefined) return undefined;
  return { state: stateOf(value), by: 'environment', source: lineOfVariable(program) };
}

function lineOfVariable(program: Program): SourceLine {
  return program.variableOrigin(keyVariable)?.source ?? program.command.source;
}

function variableNamed(text: string): string | undefined {
  return text.startsWith(referencePrefix) ? text.slice(referencePrefix.length) : undefined;
}

function stateOf(key: unknown): KeyState {
  const text = typeof key === 'string' ? key.trim() : key;
  if (text === '' || text === null) return 'empty';
  if (typeof text !== 'string') return 'number';
  return text === 'sk-1234' ? 'public' : 'key';
}
