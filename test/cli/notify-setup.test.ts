/** `daruma notify setup` against a Bot API server that somebody else wrote, in homes with and without OpenClaw. */
import { EventEmitter } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { TelegramServer } from 'telegram-test-api/lib/telegramServer.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { languages } from '../../src/i18n/catalogue.ts';
import { freePort, serve } from '../support/http-server.ts';
import { type OpenclawState, writeState } from '../support/openclaw-state.ts';
import { type Tree, unpackedRoot } from '../support/root.ts';
import { checkout, daruma, type RunResult } from './daruma.ts';

const token = '123456789:AAEq3-_uKzV4r1pX0example0example0ex';
const other = '987654321:AAFq3-_uKzV4r1pX0example0example0ex';

async function botApi() {
  const port = await freePort();
  const server = new TelegramServer({ port, host: '127.0.0.1', storage: 'RAM', storeTimeout: 600 });
  await server.start();
  onTestFinished(() => server.stop().then(() => undefined));
  const sent = () =>
    server.storage.botMessages.map(({ message, botToken }) => ({ chat: message.chat_id, token: botToken }));
  return { url: `http://127.0.0.1:${port}`, sent };
}

interface Person {
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A person with a gateway, whose manager cannot be reached. */
function person(config: object | string | undefined, state: OpenclawState = {}, tree: Tree = {}): Person {
  const text = typeof config === 'object' ? JSON.stringify(config) : config;
  const home = unpackedRoot({
    '.config/systemd/user/openclaw-gateway.service':
      '[Service]\nExecStart=/usr/bin/node /opt/openclaw/node_modules/openclaw/dist/index.js gateway\nRestart=always\n[Install]\nWantedBy=default.target\n',
    ...(text === undefined ? {} : { '.openclaw/openclaw.json': text }),
    ...tree,
  });
  writeState(path.join(home, '.openclaw'), state);
  return { home, env: { HOME: home, XDG_RUNTIME_DIR: path.join(home, 'none') } };
}

const telegramOf = (more: object) => ({ channels: { telegram: { botToken: token, ...more } } });

function setup({ env }: Person, ...words: readonly string[]): Promise<RunResult> {
  return daruma(['notify', 'setup', ...words], { env });
}

function fileOf({ home }: Person, name: string): string | undefined {
  const file = path.join(home, name);
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : undefined;
}

const configuration = '.config/daruma/config.yaml';

/** Runs it in a terminal whose person answers each question. */
async function inTerminal(
  { env }: Person,
  words: readonly string[],
  answers: readonly string[],
): Promise<RunResult & { readonly screen: string }> {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const rest = [...answers];
  const out: string[] = [];
  const screen: string[] = [];
  const stream = (isOut: boolean) =>
    Object.assign(
      new Writable({
        write(piece: Buffer, _, done) {
          const text = piece.toString();
          screen.push(text);
          if (isOut) out.push(text);
          else if (/[?:\]] $/.test(text)) {
            const answer = rest.shift();
            setImmediate(() => (answer === undefined ? stdin.end() : stdin.write(`${answer}\n`)));
          }
          done();
        },
      }),
      { isTTY: true, columns: 80 },
    );
  const io = {
    stdin,
    stdout: stream(true),
    stderr: stream(false),
    workingDirectory: checkout,
    script: path.join(checkout, 'src/cli/main.ts'),
    signals: new EventEmitter(),
  };
  const code = await run(['notify', 'setup', ...words], io, {
    NO_COLOR: '1',
    PATH: process.env['PATH'],
    ...env,
  });
  expect(rest).toEqual([]);
  return { code, stdout: out.join(''), stderr: '', screen: screen.join('') };
}

describe('with the bot of OpenClaw', () => {
  it('tries the channel, writes it together with the hooks, and one undo takes all of it back', async () => {
    const api = await botApi();
    const before = '# mine\nrules: {linger-off: info} # really\n';
    const kuma = person(
      { ...telegramOf({ apiRoot: api.url }), commands: { ownerAllowFrom: ['telegram:42'] } },
      { paired: { default: ['42', '43'] } },
      { [configuration]: before },
    );
    const done = await setup(kuma, '--yes');
    expect(done.code).toBe(0);
    expect(api.sent()).toEqual([{ chat: 42, token }]);
    expect(fileOf(kuma, configuration)).toBe(
      `${before}notify:\n  channels:\n    - type: telegram\n      token: openclaw:channels.telegram\n      chat: 42\n      api: ${api.url}\n`,
    );
    const hooks = '.config/systemd/user/openclaw-gateway.service.d/zz-daruma.notify.conf';
    expect(fileOf(kuma, hooks)).toContain('OnFailure=');
    expect(done.stdout + done.stderr).not.toContain(token.slice(12));
    expect((await daruma(['notify', 'test'], { env: kuma.env })).stdout).toBe('telegram: delivered\n');

    const again = await setup(kuma, '--yes');
    expect(again.stdout.replaceAll(/\s+/g, ' ')).toMatch(
      /Messages go to: telegram Channels, hooks and timer are there: nothing needs to be done\. .*notify test .*notify setup CHAT/,
    );
    // The present one was tried when it was written, and by hand.
    expect(api.sent()).toHaveLength(2);

    expect((await daruma(['undo'], { env: kuma.env })).code).toBe(0);
    expect([fileOf(kuma, configuration), fileOf(kuma, hooks)]).toEqual([before, undefined]);
  });

  it('is taken out again of a configuration that was edited since', async () => {
    const api = await botApi();
    const kuma = person(telegramOf({ apiRoot: api.url, allowFrom: [42] }));
    expect((await setup(kuma, '--yes', '--lang', 'zh-CN')).code).toBe(0);
    const written = fileOf(kuma, configuration) ?? '';
    const mine = 'units:\n  litellm: # mine\n    critical: true\n';
    fs.writeFileSync(path.join(kuma.home, configuration), `${written}  quiet: [22:00-07:00]\n${mine}`);
    const undone = await daruma(['undo'], { env: kuma.env });
    expect({ ...undone, code: 0 }).toEqual(undone);
    expect(fileOf(kuma, configuration)).toBe(`notify:\n  quiet: [22:00-07:00]\n${mine}`);
    expect((await daruma(['undo'], { env: kuma.env })).stdout).toBe('There is no fix to take back.\n');
  });

  it('shows with --dry-run what it would write, and sends nothing', async () => {
    const api = await botApi();
    const kuma = person(telegramOf({ apiRoot: api.url, allowFrom: [42] }));
    for (const language of languages) {
      const { code, stdout, stderr } = await setup(kuma, '--dry-run', '--lang', language);
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toContain('+      chat: 42');
    }
    expect([api.sent(), fileOf(kuma, configuration)]).toEqual([[], undefined]);
  });

  it('changes nothing when the message does not arrive, and says what to do', async () => {
    const description = 'Bad Request: chat not found';
    const url = await serve(() => ({ status: 400, body: { ok: false, error_code: 400, description } }));
    const kuma = person(telegramOf({ apiRoot: url, allowFrom: [42] }));
    const { code, stderr } = await setup(kuma, '--yes');
    expect(code).toBe(3);
    expect(stderr).toContain(description);
    expect(stderr).toContain('nothing was changed');
    expect(stderr).toContain('a bot may write only to those who have written to it');
    expect(fs.readdirSync(path.join(kuma.home, '.config'))).toEqual(['systemd']);
  });

  it('asks before it sends, and before it writes', async () => {
    const api = await botApi();
    const kuma = person(telegramOf({ apiRoot: api.url, allowFrom: [42] }));
    expect((await inTerminal(kuma, [], ['n'])).stdout).toMatch(/Nothing was changed\.\n$/);
    expect(api.sent()).toEqual([]);
    const stopped = await inTerminal(kuma, [], ['y', 'n']);
    expect(stopped.screen).toContain('Send a test message from bot 123456789 to chat 42? [y/N] ');
    expect([api.sent().length, fileOf(kuma, configuration)]).toEqual([1, undefined]);
    await inTerminal(kuma, [], ['y', 'y']);
    expect(fileOf(kuma, configuration)).toContain('chat: 42');
  });

  it('takes another chat than it would choose, when it is named', async () => {
    const kuma = person(telegramOf({ allowFrom: [42] }));
    expect((await setup(kuma, '--dry-run', '--', '-100123')).stdout).toContain('+      chat: -100123');
    expect((await setup(kuma, '--dry-run', '@neko')).stdout).toContain('+      chat: "@neko"');
    expect(await setup(kuma, '--dry-run', '4.2')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('"4.2"'),
    });
    expect(await setup(kuma, '--dry-run', '1', '2')).toMatchObject({ code: 2 });
  });

  it('does not choose among several people, nor a stranger', async () => {
    const several = await setup(person(telegramOf({ allowFrom: [42, 43] })), '--yes');
    expect([several.code, several.stderr]).toEqual([
      2,
      'daruma: any of these chats may be meant: 42, 43 (say which: daruma notify setup CHAT)\n',
    ]);
    const strangers = person(telegramOf({}), {
      waiting: { 42: { username: `neko\u001b[2J ${other}` } },
      direct: ['telegram:43'],
    });
    const { code, stderr, stdout } = await setup(strangers, '--yes');
    expect([code, stderr]).toEqual([
      2,
      'daruma: OpenClaw knows no chat of bot 123456789 that is surely yours (say which: daruma notify setup CHAT)\n',
    ]);
    expect(stdout).toContain('chat 42: asks to be let in (@neko\\x1b[2J ***)');
    const answers = ['x', '9', '2'];
    expect((await inTerminal(strangers, ['--dry-run'], answers)).stdout).toContain('+      chat: 42');
    expect((await inTerminal(strangers, ['--dry-run'], ['-44'])).stdout).toContain('+      chat: -44');
  });

  it('of two bots takes the one that surely has a chat, or asks', async () => {
    const accounts = { work: { botToken: other, allowFrom: [7] } };
    const kuma = person(telegramOf({ accounts }));
    const chosen = await setup(kuma, '--dry-run');
    expect(chosen.stdout).toContain('+      chat: 7');
    expect((await inTerminal(kuma, ['--dry-run'], ['2'])).stdout).toContain('+      chat: 7');
  });

  it('copies a token to which no reference leads into a file for its owner alone', async () => {
    const api = await botApi();
    const kuma = person(
      undefined,
      {},
      {
        '.config/systemd/user/openclaw-gateway.service':
          '[Service]\nEnvironment=OPENCLAW_STATE_DIR=%h/elsewhere\nExecStart=/usr/bin/node /opt/openclaw/node_modules/openclaw/dist/index.js gateway\n',
        'elsewhere/openclaw.json': JSON.stringify(telegramOf({ apiRoot: api.url, allowFrom: [42] })),
      },
    );
    const { code, stdout, stderr } = await setup(kuma, '--yes');
    expect([code, stderr]).toEqual([0, '']);
    const copy = '.config/daruma/telegram-123456789.token';
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('a copy goes to');
    expect(stdout).not.toContain(token.slice(12));
    expect(fileOf(kuma, copy)).toBe(`${token}\n`);
    expect(fs.statSync(path.join(kuma.home, copy)).mode & 0o777).toBe(0o600);
    expect(fileOf(kuma, configuration)).toContain(`token: file:${kuma.home}/${copy}\n`);
    expect((await daruma(['notify', 'test'], { env: kuma.env })).code).toBe(0);
  });

  it('finds a channel that is there already, wherever its token stands', async () => {
    const present = 'notify:\n  channels:\n    - {type: telegram, name: own, token: "env:OTHER", chat: 42}\n';
    const kuma = person(telegramOf({ allowFrom: [42] }), {}, { [configuration]: present });
    const env = { ...kuma.env, OTHER: token };
    const { stdout } = await daruma(['notify', 'setup', '--dry-run'], { env });
    expect(stdout).not.toContain('config.yaml');
  });

  it('writes no address that a configuration may not have', async () => {
    for (const apiRoot of ['http://a:b@127.0.0.1:9', 'ftp://x/', 'x\ny']) {
      const kuma = person(telegramOf({ allowFrom: [42], apiRoot }));
      expect((await setup(kuma, '--dry-run')).stdout).not.toContain('+      api:');
    }
  });

  it('gives a further channel a name of its own', async () => {
    const present = 'notify:\n  channels:\n    - {type: telegram, token: "env:OTHER", chat: 1}\n';
    const kuma = person(telegramOf({ allowFrom: [42] }), {}, { [configuration]: present });
    const { stdout } = await setup(kuma, '--dry-run');
    expect(stdout).toContain('+      name: telegram-2');
  });

  it('does not change a configuration that is a link, and says what to write into it', async () => {
    const kuma = person(
      telegramOf({ allowFrom: [42] }),
      {},
      {
        [configuration]: { link: '../../dotfiles.yaml' },
        'dotfiles.yaml': 'rules: {}\n',
      },
    );
    const { code, stderr } = await setup(kuma, '--yes');
    expect(code).toBe(3);
    expect(stderr).toContain('{type: telegram, token: openclaw:channels.telegram, chat: 42}');
  });
});

describe('without a bot of OpenClaw', () => {
  it.each(languages)('says in one line what is missing where nobody can be asked (%s)', async language => {
    const nobody = person(undefined);
    for (const more of [['--yes'], ['--no-input'], ['--yes', '--json'], ['--dry-run']]) {
      const { code, stderr } = await setup(nobody, ...more, '--lang', language);
      expect([code, stderr.split('\n').length <= 2]).toEqual([2, true]);
    }
  });

  it.each(languages)(
    'says what is set up where there is a channel, and asks for none (%s)',
    async language => {
      const present = 'notify:\n  channels:\n    - {type: webhook, name: mine, url: "http://127.0.0.1:9/"}\n';
      const kuma = person(undefined, {}, { [configuration]: present });
      const first = await setup(kuma, '--yes', '--lang', language);
      expect([first.code, first.stderr]).toEqual([0, '']);
      expect(first.stdout).toMatch(/^(?:Messages go to: |消息发送到：)mine\n/);
      const again = await setup(kuma, '--yes', '--lang', language);
      expect(again.stdout).toMatch(/(?:nothing needs to be done|无需再做什么)/);
      const { code, stdout } = await inTerminal(kuma, [], []);
      expect([code, stdout.split('\n')[0]]).toEqual([0, 'Messages go to: mine']);
    },
  );

  it('asks for the token, which is not shown, and for the chat', async () => {
    const nobody = person(undefined);
    const { code, screen } = await inTerminal(nobody, ['--dry-run'], ['nonsense', token, '42']);
    expect(code).toBe(0);
    expect(screen).not.toContain(token.slice(12));
    expect(screen).not.toContain('nonsense');
    expect(screen).toContain('This is no token of a bot.');
    expect(screen).toContain('+      chat: 42');
    expect(screen).toContain('telegram-123456789.token');
  });

  it('does not ask Telegram who wrote when OpenClaw may have the bot, whose updates it would take away', async () => {
    const hidden = person({
      channels: { telegram: { botToken: { source: 'exec', provider: 'x', id: 'y' } } },
    });
    const { screen } = await inTerminal(hidden, ['--dry-run'], [token, '', '42']);
    expect(screen).toContain('Number of your chat');
    expect(screen).not.toContain('press Enter');
  });

  it('ends when the answers end', async () => {
    const { code } = await inTerminal(person(undefined), ['--dry-run'], []);
    expect(code).toBe(3);
  });
});
