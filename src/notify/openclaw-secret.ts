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
    variables: { ...variablesIn(configuration), ...dotenv(path.dirname(file)), ...environment },
  };
  const keys = key.split('.');
  const value = at(configuration, keys);
  return isMapping(value) && !isReference(value)
    ? accountToken(value, isTelegramDefault(keys), context)
    : textOf(value, context);
}

interface Context {
  readonly configuration: unknown;
  /** What stands in the process's own counts first, then `.env`, then the `env` section. */
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

/** A file before a text, and the environment last, which holds for the default account alone. */
function accountToken(
  account: Mapping,
  isTelegramDefaultAccount: boolean,
  context: Context,
): string | undefined {
  const { tokenFile, botToken, token, accounts } = account;
  if (typeof tokenFile === 'string') return readSecretFile(tokenFile, context.variables['HOME']);
  const own = textOf(botToken ?? token, context);
  if (own !== undefined) return own;
  const standard = at(accounts, ['default']);
  if (isMapping(standard)) return accountToken(standard, isTelegramDefaultAccount, context);
  return isTelegramDefaultAccount ? context.variables['TELEGRAM_BOT_TOKEN'] : undefined;
}

function isTelegramDefault(keys: readonly string[]): boolean {
  return /^channels\.telegram(?:\.accounts\.default)?$/.test(keys.join('.'));
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
  const place = at(context.configuration, [
    'secrets',
    'providers',
    typeof provider === 'string' ? provider : 'default',
  ]);
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

function dotenv(folder: string): Readonly<Record<string, string | undefined>> {
  const file = path.join(folder, '.env');
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
