/**
 * A value inside OpenClaw's configuration, in all the shapes that it may have there.
 *
 * Sources: docs.openclaw.ai/gateway/configuration, docs.openclaw.ai/gateway/secrets, docs.openclaw.ai/channels/telegram;
 * run: openclaw 2026.9.6.
 */
import { type ConfigNode, nodeAt, scalarOf } from '../services/config-node.ts';
import { type OpenclawConfig, openclawPlaces, readOpenclawConfig } from '../services/openclaw-config.ts';
import { ownFilesAmong } from '../services/own-files.ts';
import { localFiles } from '../systemd/host/files.ts';
import { readSecretFile } from './secret-file.ts';

/**
 * @param key of a value, or of an account with a token: `channels.telegram`, `channels.telegram.accounts.work`
 * @returns undefined where there is none
 * @throws Error where a file cannot be read
 */
export function openclawSecret(key: string, environment: NodeJS.ProcessEnv): string | undefined {
  const variable = (name: string) => environment[name];
  const places = openclawPlaces(variable, environment['OPENCLAW_PROFILE']);
  if (places === undefined) return undefined;
  const files = ownFilesAmong(localFiles(), () => true);
  const config = readOpenclawConfig(places, { files, variable, isComplete: true });
  const keys = key.split('.');
  const value = nodeAt(config.root, ...keys);
  return value?.kind === 'object' && !isReference(value)
    ? accountToken(value, isTelegramDefault(keys), config)
    : secretText(value, config);
}

/** A file before a text, and the environment last, which holds for the default account alone. */
function accountToken(
  account: ConfigNode,
  isTelegramDefaultAccount: boolean,
  config: OpenclawConfig,
): string | undefined {
  const tokenFile = nodeAt(account, 'tokenFile');
  if (typeof scalarOf(tokenFile) === 'string') return fileOf(tokenFile, config);
  const own = secretText(nodeAt(account, 'botToken') ?? nodeAt(account, 'token'), config);
  if (own !== undefined) return own;
  const standard = nodeAt(account, 'accounts', 'default');
  if (standard?.kind === 'object') return accountToken(standard, isTelegramDefaultAccount, config);
  return isTelegramDefaultAccount ? config.variable('TELEGRAM_BOT_TOKEN') : undefined;
}

function isTelegramDefault(keys: readonly string[]): boolean {
  return /^channels\.telegram(?:\.accounts\.default)?$/.test(keys.join('.'));
}

/**
 * A text, where `${NAME}` stands for a variable, or a reference to where the text is.
 *
 * @throws Error where a file cannot be read
 */
export function secretText(value: ConfigNode | undefined, config: OpenclawConfig): string | undefined {
  if (value === undefined) return undefined;
  if (isReference(value)) return referredText(value, config);
  const shorthand = /^\$([A-Z][A-Z0-9_]*)$/.exec(String(scalarOf(value)))?.[1];
  return shorthand === undefined ? config.text(value) : config.variable(shorthand);
}

function isReference(value: ConfigNode): boolean {
  return ['source', 'id'].every(key => typeof scalarOf(nodeAt(value, key)) === 'string');
}

/** Of a variable or a file; a program is not run for it. */
function referredText(reference: ConfigNode, config: OpenclawConfig): string | undefined {
  const [source, provider, id] = ['source', 'provider', 'id'].map(key => scalarOf(nodeAt(reference, key)));
  if (source === 'env') return config.variable(String(id));
  if (source !== 'file') return undefined;
  const name = typeof provider === 'string' ? provider : 'default';
  const place = nodeAt(config.root, 'secrets', 'providers', name);
  const text = fileOf(nodeAt(place, 'path'), config);
  if (text === undefined || scalarOf(nodeAt(place, 'mode')) === 'singleValue') return text;
  const value = pointerKeys(String(id)).reduce<unknown>(
    (each, key) => (isMapping(each) && Object.hasOwn(each, key) ? each[key] : undefined),
    JSON.parse(text),
  );
  return typeof value === 'string' ? value : undefined;
}

function fileOf(node: ConfigNode | undefined, config: OpenclawConfig): string | undefined {
  const file = config.text(node);
  return file === undefined ? undefined : readSecretFile(file, config.variable('HOME'));
}

/** RFC 6901. */
function pointerKeys(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map(key => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
