/**
 * Reads a secret from OpenClaw's configuration, in all forms that OpenClaw accepts.
 *
 * Sources: docs.openclaw.ai/gateway/configuration, docs.openclaw.ai/gateway/secrets, docs.openclaw.ai/channels/telegram;
 * run: openclaw 2026.9.6.
 */
import path from 'node:path';
import { parseEnv } from 'node:util';
import { isMapping } from '../json/value.ts';
import { type ConfigNode, entriesOf, nodeAt, scalarOf, textOf } from '../services/config-node.ts';
import { type OpenclawConfig, openclawPlaces, readOpenclawConfig } from '../services/openclaw-config.ts';
import { type OwnFiles, ownFilesAmong } from '../services/own-files.ts';
import { localFiles } from '../systemd/host/files.ts';
import type { SourceLine } from '../systemd/service-settings.ts';
import { readSecretFile } from './secret-file.ts';

/**
 * @param key path of a value, or of an account with a token: `channels.telegram`, `channels.telegram.accounts.work`
 * @returns undefined when there is no such value
 * @throws Error when a file cannot be read
 */
export function openclawSecret(key: string, environment: NodeJS.ProcessEnv): string | undefined {
  const own = (name: string) => environment[name];
  const places = openclawPlaces(own, environment['OPENCLAW_PROFILE']);
  if (places === undefined) return undefined;
  const files = ownFilesAmong(localFiles(), () => true);
  // Variables of the process come before those of the gateway's unit.
  const ofUnit = variablesOf(path.join(places.stateFolder, 'gateway.systemd.env'), files);
  const variable = (name: string) => own(name) || ofUnit.get(name);
  const config = readOpenclawConfig(places, { files, variable, isComplete: true });
  const keys = key.split('.');
  const value = nodeAt(config.root, ...keys);
  return value?.kind === 'object' && !isReference(value)
    ? accountToken(keys, config)
    : secretText(value, config);
}

/** An account of Telegram whose token is known. */
export interface TelegramAccount {
  /** Its id in OpenClaw. */
  readonly id: string;
  /** The key that {@link openclawSecret} takes. */
  readonly key: string;
  readonly token: string;
}

/** The accounts of Telegram, first the one that OpenClaw itself uses when none is chosen. Each token occurs once. */
export function telegramAccounts(config: OpenclawConfig): readonly TelegramAccount[] {
  const channel = nodeAt(config.root, ...telegramKeys);
  if (channel?.kind !== 'object') return [];
  const isInEnvironment = config.variable('TELEGRAM_BOT_TOKEN') !== undefined;
  const named = entriesOf(nodeAt(channel, 'accounts')).map(([id]) => ({
    id,
    keys: [...telegramKeys, 'accounts', id],
  }));
  const all = [{ id: chosenAccount(channel, isInEnvironment), keys: telegramKeys }, ...named];
  const byToken = new Map<string, TelegramAccount>();
  for (const { id, keys } of all) {
    const token = readableToken(keys, config);
    if (token !== undefined && !byToken.has(token)) byToken.set(token, { id, key: keys.join('.'), token });
  }
  return [...byToken.values()];
}

/** A token whose file cannot be read counts as none. */
function readableToken(keys: readonly string[], config: OpenclawConfig): string | undefined {
  try {
    return accountToken(keys, config) || undefined;
  } catch {
    return undefined;
  }
}

const telegramKeys = ['channels', 'telegram'] as const;

function variablesOf(file: string, files: OwnFiles): ReadonlyMap<string, string | undefined> {
  const content = files.read(file);
  return new Map(content.state === 'read' ? Object.entries(parseEnv(content.text)) : []);
}

/**
 * The token of an account comes before that of its channel. The environment comes last, and applies only to the default
 * account of Telegram. A configured token that cannot be read counts as none, and no other token replaces it.
 *
 * Source: `resolveTelegramToken()` of OpenClaw 2026.9.6.
 */
function accountToken(keys: readonly string[], config: OpenclawConfig): string | undefined {
  const isAccount = keys.at(-2) === 'accounts';
  const channel = nodeAt(config.root, ...(isAccount ? keys.slice(0, -2) : keys));
  if (channel?.kind !== 'object') return undefined;
  const usual = isTelegram(keys) ? config.variable('TELEGRAM_BOT_TOKEN') : undefined;
  const id = isAccount ? (keys.at(-1) ?? '') : chosenAccount(channel, usual !== undefined);
  const account = nodeAt(channel, 'accounts', id);
  const holder = [account, channel].find(each => each !== undefined && hasToken(each));
  if (holder !== undefined) return ownToken(holder, config);
  return id === defaultAccount ? usual : undefined;
}

const defaultAccount = 'default';

function isTelegram(keys: readonly string[]): boolean {
  return telegramKeys.every((key, index) => keys[index] === key);
}

/** The account that OpenClaw itself uses when none is chosen. */
function chosenAccount(channel: ConfigNode, isTokenInEnvironment: boolean): string {
  const names = entriesOf(nodeAt(channel, 'accounts'))
    .map(([name]) => name)
    .toSorted((a, b) => a.localeCompare(b));
  const wanted = textOf(nodeAt(channel, 'defaultAccount'));
  const chosen = names.find(name => wanted !== undefined && isSameAccount(name, wanted));
  if (chosen !== undefined) return chosen;
  const hasDefault = names.includes(defaultAccount) || hasToken(channel) || isTokenInEnvironment;
  return hasDefault ? defaultAccount : (names[0] ?? defaultAccount);
}

function isSameAccount(name: string, other: string): boolean {
  return name.toLowerCase() === other.trim().toLowerCase();
}

function hasToken(account: ConfigNode): boolean {
  return ['tokenFile', 'botToken', 'token'].some(key => {
    const node = nodeAt(account, key);
    return node !== undefined && scalarOf(node) !== '';
  });
}

/** The account's own token; a file comes before a text. */
function ownToken(account: ConfigNode, config: OpenclawConfig): string | undefined {
  const tokenFile = nodeAt(account, 'tokenFile');
  if (textOf(tokenFile)) return fileOf(tokenFile, config);
  return secretText(nodeAt(account, 'botToken') ?? nodeAt(account, 'token'), config);
}

/**
 * Reads a text in which `${NAME}` stands for a variable, or a reference to the place of the text. One that is a variable and nothing else is
 * looked up when it is needed, and then all of the section `env` is set.
 *
 * @throws Error when a file cannot be read
 */
export function secretText(value: ConfigNode | undefined, config: OpenclawConfig): string | undefined {
  if (value === undefined) return undefined;
  if (isReference(value)) return referredText(value, config);
  const [, braced, bare] =
    /^\$(?:\{([A-Z_][A-Z0-9_]*)\}|([A-Z][A-Z0-9_]*))$/.exec(String(scalarOf(value))) ?? [];
  const name = braced ?? bare;
  return name === undefined ? config.text(value) : config.variable(name);
}

function isReference(value: ConfigNode): boolean {
  return ['source', 'id'].every(key => typeof scalarOf(nodeAt(value, key)) === 'string');
}

/** The text in a variable or a file. daruma runs no program to get it. */
function referredText(reference: ConfigNode, config: OpenclawConfig): string | undefined {
  const [source, provider, id] = ['source', 'provider', 'id'].map(key => scalarOf(nodeAt(reference, key)));
  if (source === 'env') return config.variable(String(id));
  if (source !== 'file') return undefined;
  const place = filePlace(provider, config);
  const text = fileOf(nodeAt(place, 'path'), config);
  if (text === undefined || scalarOf(nodeAt(place, 'mode')) === 'singleValue') return text;
  const value = pointerKeys(String(id)).reduce<unknown>(
    (each, key) => (isMapping(each) && Object.hasOwn(each, key) ? each[key] : undefined),
    JSON.parse(text),
  );
  return typeof value === 'string' ? value : undefined;
}

function filePlace(provider: unknown, { root }: OpenclawConfig): ConfigNode | undefined {
  const usual = scalarOf(nodeAt(root, 'secrets', 'defaults', 'file'));
  const name = [provider, usual, 'default'].find(each => typeof each === 'string') ?? '';
  return nodeAt(root, 'secrets', 'providers', name);
}

/** The absolute path of the file that a reference leads to; undefined for any other value. */
export function referredFile(value: ConfigNode | undefined, config: OpenclawConfig): string | undefined {
  if (scalarOf(nodeAt(value, 'source')) !== 'file') return undefined;
  return placeIn(nodeAt(filePlace(scalarOf(nodeAt(value, 'provider')), config), 'path'), config);
}

/** A file with secrets that the configuration names. */
interface ReferredFile {
  readonly file: string;
  /** Whether it contains one secret and nothing else, or values by keys. */
  readonly isWhole: boolean;
  /** The path of the setting that names it. */
  readonly namedBy: string;
  readonly source: SourceLine;
}

/** The files of `secrets.providers`, and those of channels and gateways (`tokenFile` and the like). */
export function referredFiles(config: OpenclawConfig): readonly ReferredFile[] {
  const found: ReferredFile[] = [];
  const add = (node: ConfigNode | undefined, keys: readonly string[], isWhole: boolean) => {
    const file = node === undefined ? undefined : placeIn(node, config);
    if (node === undefined || file === undefined || !path.isAbsolute(file)) return;
    found.push({ file, isWhole, namedBy: keys.join('.'), source: node.source });
  };
  const providers = ['secrets', 'providers'] as const;
  for (const [id, provider] of entriesOf(nodeAt(config.root, ...providers))) {
    if (scalarOf(nodeAt(provider, 'source')) !== 'file') continue;
    const isWhole = scalarOf(nodeAt(provider, 'mode')) === 'singleValue';
    add(nodeAt(provider, 'path'), [...providers, id, 'path'], isWhole);
  }
  const visit = (node: ConfigNode | undefined, keys: readonly string[]) => {
    if (node?.kind === 'list')
      for (const [index, item] of node.items.entries()) visit(item, [...keys, `${index}`]);
    else if (/(?:token|password|secret)File$/i.test(keys.at(-1) ?? '')) add(node, keys, true);
    else for (const [key, value] of entriesOf(node)) visit(value, [...keys, key]);
  };
  visit(config.root, []);
  return found;
}

/** The path in a value; a tilde stands for the home. */
function placeIn(node: ConfigNode | undefined, config: OpenclawConfig): string | undefined {
  const home = config.variable('HOME');
  const file = config.text(node);
  return home === undefined ? file : file?.replace(/^~(?=\/)/, () => home);
}

function fileOf(node: ConfigNode | undefined, config: OpenclawConfig): string | undefined {
  const file = config.text(node);
  return file === undefined ? undefined : readSecretFile(file, config.variable('HOME'));
}

/** The keys of a JSON pointer (RFC 6901). */
function pointerKeys(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map(key => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}
