/**
 * A value inside OpenClaw's configuration, in all the shapes that it may have there.
 *
 * Sources: docs.openclaw.ai/gateway/configuration, docs.openclaw.ai/gateway/secrets, docs.openclaw.ai/channels/telegram;
 * run: openclaw 2026.9.6.
 */
import fs from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { parseJson5 } from '../services/json5.ts';
import { readSecretFile } from './secret-file.ts';

/**
 * @param key of a value, or of an account with a token: `channels.telegram`, `channels.telegram.accounts.work`
 * @returns undefined where there is none
 * @throws Error where a file cannot be read
 */
export function openclawSecret(key: string, environment: NodeJS.ProcessEnv): string | undefined {
  const file = configurationFile(environment);
  if (file === undefined) return undefined;
  const configuration = readConfiguration(file, 0);
  const context: Context = {
    configuration,
    variables: {
      ...variablesIn(configuration),
      ...variablesOf(path.join(path.dirname(file), '.env')),
      ...variablesOf(path.join(path.dirname(file), 'gateway.systemd.env')),
      ...environment,
    },
  };
  const keys = key.split('.');
  const value = at(configuration, keys);
  return isMapping(value) && !isReference(value) ? accountToken(keys, context) : textOf(value, context);
}

interface Context {
  readonly configuration: unknown;
  /** What the process has counts first, then what the unit of the gateway has, then `.env`, then the `env` section. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

function configurationFile(environment: NodeJS.ProcessEnv): string | undefined {
  const explicit = environment['OPENCLAW_CONFIG_PATH'];
  if (explicit) return explicit;
  const state = environment['OPENCLAW_STATE_DIR'];
  if (state) return path.join(state, 'openclaw.json');
  const home = environment['OPENCLAW_HOME'] || environment['HOME'];
  if (!home) return undefined;
  const profile = environment['OPENCLAW_PROFILE'];
  const folder = !profile || profile === 'default' ? '.openclaw' : `.openclaw-${profile}`;
  return path.join(home, folder, 'openclaw.json');
}

/** With the files that it takes in: what stands beside `$include` counts before them. */
function readConfiguration(file: string, depth: number): unknown {
  const content: unknown = parseJson5(fs.readFileSync(file, 'utf8')).toJSON();
  return withIncluded(content, path.dirname(file), depth);
}

/** OpenClaw's own limit. */
const deepestInclude = 10;

function withIncluded(value: unknown, folder: string, depth: number): unknown {
  if (!isMapping(value)) return value;
  const { $include: names, ...own } = value;
  const entries = Object.entries(own).map(([key, each]) => [key, withIncluded(each, folder, depth)]);
  const beside: unknown = Object.fromEntries(entries);
  if (names === undefined || depth === deepestInclude) return beside;
  return [names]
    .flat()
    .filter(name => typeof name === 'string')
    .map(name => readConfiguration(path.resolve(folder, name), depth + 1))
    .concat(beside)
    .reduce(merged);
}

function merged(below: unknown, above: unknown): unknown {
  if (!isMapping(below) || !isMapping(above)) return above;
  const keys = new Set([...Object.keys(below), ...Object.keys(above)]);
  return Object.fromEntries(
    [...keys].map(key => [key, key in above ? merged(below[key], above[key]) : below[key]]),
  );
}

/**
 * The token of an account counts before that of its channel, and the environment last, which holds for the default account
 * of Telegram alone. A token that stands there and cannot be read is none, and no other takes its place.
 *
 * Source: `resolveTelegramToken()` of OpenClaw 2026.9.6.
 */
function accountToken(keys: readonly string[], context: Context): string | undefined {
  const isAccount = keys.at(-2) === 'accounts';
  const channel = at(context.configuration, isAccount ? keys.slice(0, -2) : keys);
  if (!isMapping(channel)) return undefined;
  const usual = isTelegram(keys) ? context.variables['TELEGRAM_BOT_TOKEN'] : undefined;
  const id = isAccount ? (keys.at(-1) ?? '') : chosenAccount(channel, usual !== undefined);
  const account = at(channel['accounts'], [id]);
  const holder = [account, channel].find(each => isMapping(each) && hasToken(each));
  if (isMapping(holder)) return ownToken(holder, context);
  return id === defaultAccount ? usual : undefined;
}

const defaultAccount = 'default';

function isTelegram([section, channel]: readonly string[]): boolean {
  return section === 'channels' && channel === 'telegram';
}

/** The one that OpenClaw itself speaks with where nobody says which. */
function chosenAccount(channel: Mapping, isTokenInEnvironment: boolean): string {
  const { accounts, defaultAccount: wanted } = channel;
  const names = isMapping(accounts) ? Object.keys(accounts).toSorted((a, b) => a.localeCompare(b)) : [];
  const chosen = names.find(name => typeof wanted === 'string' && isSameAccount(name, wanted));
  if (chosen !== undefined) return chosen;
  const hasDefault = names.includes(defaultAccount) || hasToken(channel) || isTokenInEnvironment;
  return hasDefault ? defaultAccount : (names[0] ?? defaultAccount);
}

function isSameAccount(name: string, other: string): boolean {
  return name.toLowerCase() === other.trim().toLowerCase();
}

function hasToken({ tokenFile, botToken, token }: Mapping): boolean {
  return [tokenFile, botToken, token].some(value => value !== undefined && value !== '');
}

/** A file before a text. */
function ownToken({ tokenFile, botToken, token }: Mapping, context: Context): string | undefined {
  if (typeof tokenFile === 'string' && tokenFile !== '')
    return readSecretFile(tokenFile, context.variables['HOME']);
  return textOf(botToken ?? token, context);
}

/** A text, where `${NAME}` stands for a variable, or a reference to where the text is. */
function textOf(value: unknown, context: Context): string | undefined {
  if (isReference(value)) return referredText(value, context);
  if (typeof value !== 'string') return undefined;
  const missing = [...value.matchAll(variable)].some(([, name = '']) => !context.variables[name]);
  return missing ? undefined : value.replaceAll(variable, (_, name: string) => context.variables[name] ?? '');
}

const variable = /\$\{([A-Z_][A-Z0-9_]*)\}/g;

interface Reference extends Mapping {
  readonly source: string;
  readonly id: string;
}

function isReference(value: unknown): value is Reference {
  return isMapping(value) && typeof value['source'] === 'string' && typeof value['id'] === 'string';
}

/** Of a variable or a file; a program is not run for it. */
function referredText({ source, provider, id }: Reference, context: Context): string | undefined {
  if (source === 'env') return context.variables[id];
  if (source !== 'file') return undefined;
  const { configuration } = context;
  const usual = at(configuration, ['secrets', 'defaults', source]);
  const name = [provider, usual, 'default'].find(each => typeof each === 'string') ?? '';
  const place = at(configuration, ['secrets', 'providers', name]);
  if (!isMapping(place) || typeof place['path'] !== 'string') return undefined;
  const text = readSecretFile(place['path'], context.variables['HOME']);
  if (place['mode'] === 'singleValue') return text;
  const value = at(JSON.parse(text), pointerKeys(id));
  return typeof value === 'string' ? value : undefined;
}

/** RFC 6901. */
function pointerKeys(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map(key => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function variablesOf(file: string): Readonly<Record<string, string | undefined>> {
  return fs.existsSync(file) ? parseEnv(fs.readFileSync(file, 'utf8')) : {};
}

/** `env: { NAME: "value", vars: { NAME: "value" } }` */
function variablesIn(configuration: unknown): Readonly<Record<string, string>> {
  const section = at(configuration, ['env']);
  if (!isMapping(section)) return {};
  const { vars } = section;
  const entries = [...Object.entries(section), ...Object.entries(isMapping(vars) ? vars : {})];
  return Object.fromEntries(
    entries.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : [])),
  );
}

type Mapping = Readonly<Record<string, unknown>>;

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function at(value: unknown, keys: readonly string[]): unknown {
  return keys.reduce(
    (each, key) => (isMapping(each) && Object.hasOwn(each, key) ? each[key] : undefined),
    value,
  );
}
