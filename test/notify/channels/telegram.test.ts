/** The Telegram channel against a Bot API server that somebody else wrote, and the faults that Telegram documents. */
import { TelegramServer } from 'telegram-test-api/lib/telegramServer.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ChannelFault } from '../../../src/notify/channel.ts';
import { createChannels } from '../../../src/notify/channels/index.ts';
import { deliver } from '../../../src/notify/deliver.ts';
import type { Notice } from '../../../src/notify/notice.ts';
import { openStore } from '../../../src/store/database.ts';
import { Outbox } from '../../../src/store/outbox.ts';
import { unpackedRoot } from '../../support/root.ts';
import { freePort, soon, type WireFault } from '../../support/http-server.ts';
import { faultProxy, letter } from './wire.ts';

const token = '123456:AAE-own-token';

async function botApi() {
  const port = await freePort();
  const server = new TelegramServer({ port, host: '127.0.0.1', storage: 'RAM', storeTimeout: 600 });
  await server.start();
  onTestFinished(() => server.stop().then(() => undefined));
  return { url: `http://127.0.0.1:${port}`, texts: () => textsIn(server), server };
}

function textsIn(server: TelegramServer): readonly string[] {
  return server.storage.botMessages.map(({ message }) => message.text);
}

function channelTo(api: string, more: Readonly<Record<string, unknown>> = {}) {
  const written = {
    notify: { channels: [{ type: 'telegram', token: 'env:TOKEN', chat: 42, api, ...more } as const] },
  };
  const [channel] = createChannels(written, { TOKEN: token });
  if (channel === undefined) throw new Error('no channel');
  return channel;
}

const failed = (status: number, description: string, parameters?: object): WireFault => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: { ok: false, error_code: status, description, ...(parameters && { parameters }) },
});

describe('Telegram', () => {
  it('gets the letter as HTML, with what came from elsewhere as text', async () => {
    const api = await botApi();
    const receipt = await channelTo(api.url, { thread: 7, silent: true }).send(letter, soon());
    expect(receipt).toEqual({ kind: 'delivered' });
    expect(api.server.storage.botMessages.map(({ message, botToken }) => ({ ...message, botToken }))).toEqual(
      [
        {
          botToken: token,
          chat_id: 42,
          message_thread_id: 7,
          disable_notification: true,
          parse_mode: 'HTML',
          link_preview_options: { is_disabled: true },
          text: '<b>🔄 litellm &lt;restarted&gt; &amp; up</b>\nIt exited with status 3.\nIt was down for 7 s.',
        },
      ],
    );
  });

  it('gets no thread for the General topic, which has none', async () => {
    const api = await botApi();
    expect(await channelTo(api.url, { thread: 1 }).send(letter, soon())).toEqual({ kind: 'delivered' });
    expect(api.server.storage.botMessages[0]?.message).not.toHaveProperty('message_thread_id');
  });

  it('gets whole lines of what is too long, and all tags closed', async () => {
    const api = await botApi();
    const body = Array.from({ length: 500 }, (_, index) => `<code>line ${index}</code>`).join('\n');
    await channelTo(api.url).send({ ...letter, body }, soon());
    const [text = ''] = api.texts();
    expect(text.length).toBeLessThanOrEqual(4_096);
    expect(text.match(/<code>/g)?.length).toBe(text.match(/<\/code>/g)?.length);
    expect(text).toMatch(/<\/code>\n…$/);
  });

  it('gets the beginning of a single line that is too long, with no escape cut in two', async () => {
    const api = await botApi();
    for (const length of [3_990, 3_991, 3_992, 3_993, 3_994, 3_995]) {
      const body = `${'x'.repeat(length)}${'&amp;'.repeat(100)}`;
      expect(await channelTo(api.url).send({ ...letter, body }, soon())).toEqual({ kind: 'delivered' });
      expect(api.texts().at(-1)).toMatch(/x(?:&amp;)*…$/);
    }
  });

  it.each<readonly [string, WireFault, ChannelFault['code'], number | null, number | undefined]>([
    ['a wrong token', failed(401, 'Unauthorized'), 'unauthorized', 401, undefined],
    ['a token that is none', failed(404, 'Not Found'), 'unauthorized', 404, undefined],
    ['a blocked bot', failed(403, 'Forbidden: bot was blocked by the user'), 'forbidden', 403, undefined],
    ['a chat that is not there', failed(400, 'Bad Request: chat not found'), 'not-found', 400, undefined],
    [
      'too many messages',
      failed(429, 'Too Many Requests: retry after 17', { retry_after: 17 }),
      'rate-limited',
      429,
      17,
    ],
    ['a fault of its own', failed(502, 'Bad Gateway'), 'server-error', 502, undefined],
    [
      'a page of somebody else',
      { status: 200, body: '<html>Log in to the hotel' },
      'wrong-service',
      200,
      undefined,
    ],
    [
      'a redirect',
      { status: 302, headers: { location: 'http://127.0.0.1:9/' } },
      'wrong-service',
      302,
      undefined,
    ],
    ['a reset', 'reset', 'connection-lost', null, undefined],
    ['a reset in the middle of the answer', 'reset-mid-body', 'connection-lost', null, undefined],
  ])('keeps the letter for later: %s', async (_, fault, code, status, retryAfterSeconds) => {
    const api = await botApi();
    const channel = channelTo(await faultProxy(api.url, index => (index === 0 ? fault : undefined)));
    const receipt = await channel.send(letter, soon());
    expect(receipt).toMatchObject({ kind: 'later', fault: { code, status } });
    expect('retryAfterSeconds' in receipt ? receipt.retryAfterSeconds : undefined).toBe(retryAfterSeconds);
    expect(JSON.stringify(receipt)).not.toContain(token);
    expect(await channel.send(letter, soon())).toEqual({ kind: 'delivered' });
  });

  it('gives up waiting for an answer in time', async () => {
    const channel = channelTo(await faultProxy('http://127.0.0.1:9', () => 'hang'));
    expect(await channel.send(letter, soon(0.2))).toMatchObject({
      kind: 'later',
      fault: { code: 'timeout' },
    });
  });

  it('refuses for good what Telegram will never take', async () => {
    const channel = channelTo(
      await faultProxy('http://127.0.0.1:9', () => failed(400, 'Bad Request: message text is empty')),
    );
    expect(await channel.send(letter, soon())).toEqual({
      kind: 'refused',
      fault: { code: 'rejected', status: 400, detail: 'Bad Request: message text is empty' },
    });
  });

  it('follows a group that became a supergroup', async () => {
    const api = await botApi();
    const moved = failed(400, 'Bad Request: group chat was upgraded to a supergroup chat', {
      migrate_to_chat_id: -1_001_234,
    });
    const channel = channelTo(await faultProxy(api.url, index => (index === 0 ? moved : undefined)));
    expect(await channel.send(letter, soon())).toEqual({
      kind: 'delivered',
      remark: { code: 'moved', status: null, detail: 'chat: -1001234' },
    });
    expect(api.server.storage.botMessages.map(({ message }) => message.chat_id)).toEqual([-1_001_234]);
  });

  it('loses nothing and keeps the order through an hour of every fault there is', async () => {
    const api = await botApi();
    const faults: readonly WireFault[] = [
      failed(429, 'Too Many Requests: retry after 17', { retry_after: 17 }),
      failed(500, 'Internal Server Error'),
      'reset',
      failed(403, 'Forbidden: bot was blocked by the user'),
      failed(401, 'Unauthorized'),
    ];
    const clock = { nowMs: 0 };
    const hourMs = 3_600_000;
    let attempts = 0;
    const proxy = await faultProxy(api.url, () => {
      if (clock.nowMs >= hourMs) return undefined;
      attempts += 1;
      return faults[attempts % faults.length];
    });
    const folder = unpackedRoot({});
    const database = openStore(folder);
    onTestFinished(() => database.close());
    const outbox = new Outbox<Notice, ChannelFault>(database);
    const options = {
      outbox,
      compose: (notices: readonly Notice[]) =>
        Promise.resolve({
          title: 'a digest or a letter',
          body: notices.map(notice => (notice.kind === 'text' ? notice.text : notice.kind)).join('\n'),
        }),
      now: () => clock.nowMs,
      random: () => 0.5,
      folder,
      quietUntil: () => undefined,
      host: 'neko',
    };
    const channel = channelTo(proxy);
    const told: string[] = [];
    for (let minute = 0; minute < 90; minute += 1) {
      clock.nowMs = minute * 60_000;
      if (minute % 3 === 0) {
        const text = `message ${told.length}`;
        told.push(text);
        const content = { kind: 'text', text, atMs: clock.nowMs, host: 'neko' } as const;
        outbox.put({ key: undefined, content, dueMs: clock.nowMs, expiresMs: clock.nowMs + 24 * hourMs }, [
          channel.name,
        ]);
      }
      await deliver([channel], options);
    }
    expect(attempts).toBeGreaterThan(5);
    const arrived = api.texts().flatMap(text => text.split('\n').slice(1));
    expect(arrived).toEqual(told);
  });
});
