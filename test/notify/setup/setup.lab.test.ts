/** `daruma notify setup` beside OpenClaw as it is published: what it finds is what OpenClaw has written while a person was let in. */
import { expect, test } from 'vitest';
import type { Host } from '../../../lab/host.ts';
import { describeLab } from '../../../lab/vitest.ts';
import { waitFor } from '../../../lab/wait.ts';
import {
  addOpenclaw,
  daruma,
  home,
  must,
  openclaw,
  startGateway,
  systemctl,
  user,
} from '../../failover/machine.ts';

const token = '123456789:AAEq3-_uKzV4r1pX0example0example0ex';
const minuteMs = 60_000;

/** The Bot API, as far as OpenClaw and daruma ask it. Of two that wait for messages it refuses one, as Telegram does. */
const botApi = `
import fs from 'node:fs';
import http from 'node:http';
const person = { id: 424242, first_name: 'Neko', username: 'neko' };
let updates = [];
let polling = 0;
const say = id => updates.push({ update_id: id, message: { message_id: id, date: Math.floor(Date.now() / 1000), text: 'hello', chat: { type: 'private', ...person }, from: { is_bot: false, ...person } } });
say(1);
http.createServer((request, response) => {
  let body = '';
  request.on('data', data => { body += data; });
  request.on('end', () => {
    const method = request.url.split('/').pop();
    const asked = body === '' ? {} : JSON.parse(body);
    fs.appendFileSync('/srv/asked', JSON.stringify({ method, by: request.headers['user-agent'] ?? '', chat: asked.chat_id, text: asked.text }) + '\\n');
    const answer = (status, fields) => { response.writeHead(status, { 'content-type': 'application/json' }); response.end(JSON.stringify(fields)); };
    const ok = result => answer(200, { ok: true, result });
    if (method === 'say') return ok(say(Number(asked.id)));
    if (method === 'getMe') return ok({ id: 123456789, is_bot: true, first_name: 'Bot', username: 'squad_bot' });
    if (method === 'sendMessage') return ok({ message_id: 9, date: 1, chat: { id: Number(asked.chat_id), type: 'private' }, text: asked.text });
    if (method !== 'getUpdates') return ok(true);
    if (polling > 0) return answer(409, { ok: false, error_code: 409, description: 'Conflict: terminated by other getUpdates request' });
    updates = updates.filter(update => update.update_id >= (asked.offset ?? 0));
    if (updates.length > 0) return ok(updates);
    polling += 1;
    const done = setTimeout(() => { ok([]); }, Math.min(asked.timeout ?? 0, 3) * 1000);
    response.on('close', () => { polling -= 1; clearTimeout(done); });
  });
}).listen(9912, '127.0.0.1');
`;

interface Asked {
  readonly method: string;
  readonly by: string;
  readonly chat?: number | string;
  readonly text?: string;
}

describeLab('the bot of a gateway that runs', { users: [user], software: ['openclaw'] }, lab => {
  const asked = async (host: Host): Promise<readonly Asked[]> =>
    (await must(host, ['cat', '/srv/asked']))
      .trim()
      .split('\n')
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the server above writes it
      .map(line => JSON.parse(line) as Asked);
  const setup = async (host: Host, ...words: readonly string[]) => {
    const { code, stdout, stderr } = await daruma(host, 'notify', 'setup', ...words);
    expect(stdout + stderr).not.toContain(token.slice(12));
    return { code, stdout, stderr };
  };

  test('writes to whom OpenClaw has let in, and never asks for the messages of the bot', {
    timeout: 15 * minuteMs,
  }, async () => {
    const host = await lab.host();
    await host.writeFile('/srv/bot-api.mjs', botApi);
    await host.writeFile(
      '/etc/systemd/system/bot-api.service',
      '[Service]\nExecStart=/usr/local/bin/node /srv/bot-api.mjs\n',
    );
    await must(host, ['systemctl', 'start', 'bot-api']);
    const config = {
      gateway: { mode: 'local', bind: 'loopback', auth: { mode: 'token', token: 'x'.repeat(24) } },
      channels: { telegram: { enabled: true, botToken: token, apiRoot: 'http://127.0.0.1:9912' } },
      // Whoever is the owner stands in the configuration; then pairings need not be read.
      commands: { ownerAllowFrom: ['discord:1'] },
    };
    await addOpenclaw(host, JSON.stringify(config));
    await startGateway(host);
    const code = await waitFor(
      'the code for the person',
      5 * minuteMs,
      async () =>
        (await asked(host)).flatMap(({ text = '' }) => /\b([A-Z2-9]{8})\b/.exec(text)?.[1] ?? [])[0],
    );
    // A stranger may have written to the bot as well.
    const early = await setup(host, '--yes');
    expect([early.code, early.stderr]).toEqual([2, expect.stringContaining('no chat of bot 123456789')]);
    expect(early.stdout).toContain('chat 424242: asks to be let in (@neko)');

    expect((await openclaw(host, ['pairing', 'approve', 'telegram', code])).code).toBe(0);
    expect((await setup(host, '--dry-run')).stdout).toContain('chat 424242: paired');
    const done = await setup(host, '--yes');
    expect([done.code, done.stderr]).toEqual([0, '']);
    expect(await must(host, ['cat', `${home}/.config/daruma/config.yaml`])).toBe(
      'notify:\n  channels:\n    - type: telegram\n      token: openclaw:channels.telegram\n      chat: 424242\n      api: http://127.0.0.1:9912\n',
    );
    const own = (await asked(host)).filter(({ by }) => by === 'daruma');
    expect(own.map(({ method, chat }) => [method, chat])).toEqual([['sendMessage', 424242]]);
    expect(await systemctl(host, 'is-active', 'openclaw-gateway')).toBe('active\n');
  });

  test('the hooks find the token as the setup did, and tell of a fall', {
    timeout: 15 * minuteMs,
  }, async () => {
    const host = await lab.host();
    await systemctl(host, 'kill', '--signal=KILL', 'openclaw-gateway');
    const told = await waitFor('the message', 10 * minuteMs, async () =>
      (await asked(host)).find(({ by, text = '' }) => by === 'daruma' && text.includes('openclaw-gateway')),
    );
    expect(told.chat).toBe(424242);
  });
});
