/** Where secrets stand, and what is found there. */
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSecret } from '../../src/secrets/secret.ts';
import { unpackedRoot } from '../support/root.ts';

describe('a secret', () => {
  it('stands in the environment, in a file, among the credentials of systemd', () => {
    const home = unpackedRoot({ 'own-token': 'from-file\n', 'credentials/telegram': 'from-credential' });
    const environment = {
      HOME: home,
      CREDENTIALS_DIRECTORY: path.join(home, 'credentials'),
      OWN: 'from-env',
    };
    const read = (reference: string) => readSecret(reference, environment);
    expect(read('env:OWN')).toBe('from-env');
    expect(read('file:~/own-token')).toBe('from-file');
    expect(read(`file:${home}/own-token`)).toBe('from-file');
    expect(read('credential:telegram')).toBe('from-credential');
    expect(
      ['env:NONE', 'file:/nonexistent', 'credential:none', 'openclaw:channels.telegram'].map(read),
    ).toEqual(Array.from({ length: 4 }, () => undefined));
  });
});

describe('a variable', () => {
  it('is that of daruma, and else what the service manager passes on', () => {
    const inherited = { OWN: 'from-manager', OTHER: 'from-manager', EMPTY: 'from-manager', HOME: '/nowhere' };
    const read = (reference: string) => readSecret(reference, { OWN: 'from-shell', EMPTY: '' }, inherited);
    expect(['env:OWN', 'env:OTHER', 'env:EMPTY', 'env:NONE'].map(read)).toEqual([
      'from-shell',
      'from-manager',
      'from-manager',
      undefined,
    ]);
    expect(read('file:~/own-token')).toBeUndefined();
  });
});

describe('a token in the configuration of OpenClaw', () => {
  const found = (
    configuration: string,
    key = 'channels.telegram',
    environment: NodeJS.ProcessEnv = {},
    files: Readonly<Record<string, string>> = {},
  ) => {
    const home = unpackedRoot({
      '.openclaw/openclaw.json': configuration,
      ...files,
    });
    return readSecret(`openclaw:${key}`, { HOME: home, ...environment });
  };

  it.each<readonly [string, string]>([
    ['a text', '{channels: {telegram: {botToken: "1:a"}}}'],
    ['with comments', '// mine\n{channels: {telegram: {botToken: "1:a", /* no */ enabled: true,},},}'],
    ['of the default account', '{channels: {telegram: {accounts: {default: {botToken: "1:a"}}}}}'],
    ['a variable of its section', '{env: {TG: "1:a"}, channels: {telegram: {botToken: "${TG}"}}}'],
    [
      'a variable of its section, deeper',
      '{env: {vars: {TG: "1:a"}}, channels: {telegram: {botToken: "${TG}"}}}',
    ],
  ])('%s', (_, configuration) => {
    expect(found(configuration)).toBe('1:a');
    expect(found(configuration, 'channels.telegram', { TELEGRAM_BOT_TOKEN: 'another' })).toBe('1:a');
  });

  it('a file counts before a text, and the environment last', () => {
    const files = { 'bot-token': '1:file\n' };
    expect(
      found('{channels: {telegram: {tokenFile: "~/bot-token", botToken: "1:text"}}}', undefined, {}, files),
    ).toBe('1:file');
    expect(found('{channels: {telegram: {enabled: true}}}', undefined, { TELEGRAM_BOT_TOKEN: '1:env' })).toBe(
      '1:env',
    );
  });

  it('the environment holds for the default account alone', () => {
    const two = '{channels: {telegram: {accounts: {work: {name: "w"}, home: {botToken: "1:home"}}}}}';
    const environment = { TELEGRAM_BOT_TOKEN: '1:env' };
    expect(found(two, 'channels.telegram.accounts.work', environment)).toBeUndefined();
    expect(found(two, 'channels.telegram.accounts.home', environment)).toBe('1:home');
    expect(found(two, 'channels.telegram.accounts.home.botToken')).toBe('1:home');
  });

  it('an account counts before what holds for all, and that for an account without', () => {
    const all = (accounts: string) => `{channels: {telegram: {botToken: "1:all", accounts: ${accounts}}}}`;
    expect(found(all('{default: {botToken: "1:default"}}'))).toBe('1:default');
    expect(found(all('{work: {name: "w"}}'), 'channels.telegram.accounts.work')).toBe('1:all');
    expect(found(all('{work: {botToken: "1:work"}}'))).toBe('1:all');
    expect(found(all('{default: {botToken: "${NONE}"}}'))).toBeUndefined();
  });

  it('of several accounts the one that OpenClaw takes', () => {
    const accounts = '{work: {botToken: "1:work"}, home: {botToken: "1:home"}}';
    expect(found(`{channels: {telegram: {accounts: ${accounts}}}}`)).toBe('1:home');
    expect(found(`{channels: {telegram: {defaultAccount: "Work", accounts: ${accounts}}}}`)).toBe('1:work');
    expect(found(`{channels: {telegram: {defaultAccount: "gone", accounts: ${accounts}}}}`)).toBe('1:home');
    expect(found('{channels: {telegram: {accounts: {neko: {botToken: "1:neko"}}}}}')).toBe('1:neko');
  });

  it('a variable that only the service of the gateway has', () => {
    const configuration = '{channels: {telegram: {botToken: "${TG}"}}}';
    const files = { '.openclaw/gateway.systemd.env': 'TG=1:unit\n', '.openclaw/.env': 'TG=1:dotenv\n' };
    expect(found(configuration, undefined, {}, files)).toBe('1:unit');
  });

  it('a variable of the process counts before .env, and that before the section', () => {
    const configuration = '{env: {TG: "1:section"}, channels: {telegram: {botToken: "${TG}"}}}';
    const files = { '.openclaw/.env': '# mine\nTG="1:dotenv"\n' };
    expect(found(configuration, undefined, {}, files)).toBe('1:dotenv');
    expect(found(configuration, undefined, { TG: '1:process' }, files)).toBe('1:process');
    expect(found('{channels: {telegram: {botToken: "${NONE}"}}}')).toBeUndefined();
  });

  it('a reference to a variable or a file; no program is run for it', () => {
    const reference = (source: string, id: string) =>
      `{secrets: {providers: {vault: {source: "file", path: "~/vault.json"}}}, channels: {telegram: {botToken: {source: "${source}", provider: "vault", id: "${id}"}}}}`;
    const files = { 'vault.json': '{"telegram": {"bot/one": "1:vault"}}' };
    expect(found(reference('env', 'TG'), undefined, { TG: '1:env' })).toBe('1:env');
    expect(found(reference('file', '/telegram/bot~1one'), undefined, {}, files)).toBe('1:vault');
    expect(found(reference('exec', 'a'), undefined, {}, files)).toBeUndefined();
    const usual =
      '{secrets: {defaults: {file: "vault"}, providers: {vault: {source: "file", path: "~/vault.json"}}}, channels: {telegram: {botToken: {source: "file", id: "/telegram/bot~1one"}}}}';
    expect(found(usual, undefined, {}, files)).toBe('1:vault');
  });

  it('in a file that is taken in, under what stands beside', () => {
    const files = { '.openclaw/channels.json': '{telegram: {botToken: "1:included", enabled: false}}' };
    expect(found('{channels: {$include: "./channels.json"}}', undefined, {}, files)).toBe('1:included');
    expect(
      found(
        '{channels: {$include: ["./channels.json"], telegram: {botToken: "1:own"}}}',
        undefined,
        {},
        files,
      ),
    ).toBe('1:own');
  });

  it('of a profile, or of a file that is named', () => {
    const home = unpackedRoot({
      '.openclaw-work/openclaw.json': '{channels: {telegram: {botToken: "1:work"}}}',
      'elsewhere.json': '{channels: {telegram: {botToken: "1:elsewhere"}}}',
    });
    const read = (environment: NodeJS.ProcessEnv) =>
      readSecret('openclaw:channels.telegram', { HOME: home, ...environment });
    expect(read({ OPENCLAW_PROFILE: 'work' })).toBe('1:work');
    expect(read({ OPENCLAW_CONFIG_PATH: path.join(home, 'elsewhere.json') })).toBe('1:elsewhere');
  });

  it('is none where the file cannot be read', () => {
    expect(found('{channels: ')).toBeUndefined();
    expect(found('{channels: {$include: "./openclaw.json"}}')).toBeUndefined();
  });
});
