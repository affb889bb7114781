/** Who wrote to a bot, as a Bot API server that somebody else wrote says, and as Telegram refuses to. */
import { TelegramServer } from 'telegram-test-api/lib/telegramServer.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { askForWriters } from '../../../src/notify/setup/writers.ts';
import { freePort, receiver, serve, soon, type WireFault } from '../../support/http-server.ts';

const token = '123456789:AAEq3-_uKzV4r1pX0example0example0ex';

describe('who wrote to a bot', () => {
  it('is each chat once, the last one first', async () => {
    const port = await freePort();
    const server = new TelegramServer({ port, host: '127.0.0.1', storage: 'RAM', storeTimeout: 600 });
    await server.start();
    onTestFinished(() => server.stop().then(() => undefined));
    const api = `http://127.0.0.1:${port}`;
    expect(await askForWriters(token, api, soon())).toEqual({ kind: 'writers', writers: [] });
    for (const [chatId, userName] of [
      [41, 'tora'],
      [42, 'neko'],
      [41, 'tora'],
    ] as const) {
      const client = server.getClient(token, { chatId, userName, firstName: 'x' });
      await client.sendMessage(client.makeMessage('hello'));
    }
    const answer = await askForWriters(token, api, soon());
    expect(answer).toMatchObject({ kind: 'writers', writers: [{ id: 41 }, { id: 42 }] });
  });

  it('is asked without what would change the bot for others', async () => {
    const { url, arrived } = await receiver(() => ({ status: 200, body: { ok: true, result: [] } }));
    await askForWriters(token, `${url}/`, soon());
    expect(arrived.map(({ path, body }) => [path, JSON.parse(body)])).toEqual([
      [`/bot${token}/getUpdates`, { timeout: 0, limit: 100 }],
    ]);
  });

  it.each<readonly [string, WireFault, object]>([
    [
      'another program asks',
      { status: 409, body: { ok: false, description: 'Conflict' } },
      { kind: 'taken' },
    ],
    ['the token is wrong', { status: 401, body: { ok: false } }, { kind: 'unauthorized' }],
    ['the token is none', { status: 404, body: { ok: false } }, { kind: 'unauthorized' }],
    ['it is a page of somebody else', { status: 200, body: '<html>Log in' }, { kind: 'unknown' }],
    ['it has a fault', { status: 502, body: '' }, { kind: 'unknown' }],
    ['it is reset', 'reset', { kind: 'fault', fault: { code: 'connection-lost' } }],
    ['it never ends', 'endless', { kind: 'fault', fault: { code: 'too-long' } }],
  ])('is not known where %s', async (_, fault, expected) => {
    const answer = await askForWriters(token, await serve(() => fault), soon());
    expect(answer).toMatchObject(expected);
    expect(JSON.stringify(answer)).not.toContain(token);
  });

  it('is read up to a limit, whatever is in it', async () => {
    const chat = (id: unknown) => ({ message: { chat: { id, first_name: 'x'.repeat(1_000), title: 5 } } });
    const strange = [
      null,
      5,
      {},
      { message: [] },
      { message: { chat: 'x' } },
      chat(0),
      chat('7'),
      chat(1e300),
      chat(1.5),
    ];
    const many = Array.from({ length: 5_000 }, (_, index) => chat(index + 1));
    const url = await serve(() => ({ status: 200, body: { ok: true, result: [...many, ...strange] } }));
    const answer = await askForWriters(token, url, soon());
    expect(answer.kind === 'writers' ? answer.writers.map(({ id }) => id) : []).toEqual(
      Array.from({ length: 20 }, (_, index) => 5_000 - index),
    );
  });
});
