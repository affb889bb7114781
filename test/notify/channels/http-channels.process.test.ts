/** The channels that speak HTTP against receivers that answer as the services document it. */
import fs from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Channel } from '../../../src/notify/channel.ts';
import { createChannels } from '../../../src/notify/channels/index.ts';
import type { WrittenChannel } from '../../../src/config/schema.ts';
import { unpackedRoot } from '../../support/root.ts';
import { freePort, receiver, serve, soon, type WireFault } from '../../support/http-server.ts';
import { letter } from './wire.ts';

const secret = 'S3cretTokenOfMine';

function open(channel: WrittenChannel, environment: NodeJS.ProcessEnv = {}): Channel {
  const [opened] = createChannels({ notify: { channels: [channel] } }, { TOKEN: secret, ...environment });
  if (opened === undefined) throw new Error('no channel');
  return opened;
}

interface Service {
  readonly type: string;
  readonly channel: (url: string) => readonly [WrittenChannel, NodeJS.ProcessEnv?];
  /** What the service answers when it has taken a message. */
  readonly taken: WireFault;
  readonly request: object;
  readonly body: object;
}

const services: readonly Service[] = [
  {
    type: 'ntfy',
    channel: url => [{ type: 'ntfy', topic: 'own-topic', server: url, token: 'env:TOKEN', priority: 4 }],
    taken: { status: 200, body: { id: 'sPs71M8A2T', event: 'message', topic: 'own-topic' } },
    request: { method: 'POST', path: '/', headers: { authorization: `Bearer ${secret}` } },
    body: { topic: 'own-topic', title: letter.title, message: letter.body, priority: 4 },
  },
  {
    type: 'slack',
    channel: url => [{ type: 'slack', url: 'env:HOOK' }, { HOOK: `${url}/services/${secret}` }],
    taken: { status: 200, body: 'ok' },
    request: { method: 'POST', path: `/services/${secret}` },
    body: {
      text: '🔄 litellm &lt;restarted&gt; &amp; up\nIt exited with status 3.\nIt was down for 7 s.',
      blocks: [
        { type: 'header', text: { type: 'plain_text', text: letter.title } },
        { type: 'section', text: { type: 'plain_text', text: letter.body } },
      ],
    },
  },
  {
    type: 'discord',
    channel: url => [
      { type: 'discord', url: 'env:HOOK', thread: '77' },
      { HOOK: `${url}/api/webhooks/1/${secret}` },
    ],
    taken: { status: 200, body: { id: '1187', content: '' } },
    request: { method: 'POST', path: `/api/webhooks/1/${secret}?wait=true&thread_id=77` },
    body: { content: `**${letter.title}**\n${letter.body}`, allowed_mentions: { parse: [] } },
  },
  {
    type: 'webhook',
    channel: url => [{ type: 'webhook', url: `${url}/hook?key=${secret}` }],
    taken: { status: 204 },
    request: {
      method: 'POST',
      path: `/hook?key=${secret}`,
      headers: { 'webhook-id': letter.id, 'idempotency-key': letter.id },
    },
    body: { id: letter.id, title: letter.title, text: letter.body, notices: letter.notices },
  },
  {
    type: 'gotify',
    channel: url => [{ type: 'gotify', server: `${url}/`, token: 'env:TOKEN' }],
    taken: { status: 200, body: { id: 25, appid: 5, message: '' } },
    request: { method: 'POST', path: '/message', headers: { 'x-gotify-key': secret } },
    body: { title: letter.title, message: letter.body },
  },
  {
    type: 'apprise',
    channel: url => [{ type: 'apprise', server: url, key: 'env:TOKEN', tag: 'night' }],
    taken: { status: 200, body: { error: null } },
    request: { method: 'POST', path: `/notify/${secret}` },
    body: { title: letter.title, body: letter.body, type: 'info', format: 'text', tag: 'night' },
  },
  {
    type: 'matrix',
    channel: url => [{ type: 'matrix', server: url, room: '!own:example.org', token: 'env:TOKEN' }],
    taken: { status: 200, body: { event_id: '$YUwRidLecu:example.org' } },
    request: {
      method: 'PUT',
      path: `/_matrix/client/v3/rooms/!own%3Aexample.org/send/m.room.message/${letter.id}`,
      headers: { authorization: `Bearer ${secret}` },
    },
    body: { msgtype: 'm.text', body: `${letter.title}\n${letter.body}` },
  },
];

describe.each(services)('$type', ({ channel, taken, request, body }) => {
  it('gets the letter as it wants it', async () => {
    const { url, arrived } = await receiver(() => taken);
    expect(await open(...channel(url)).send(letter, soon())).toEqual({ kind: 'delivered' });
    expect(arrived).toMatchObject([{ ...request, headers: { 'content-type': 'application/json' } }]);
    expect(JSON.parse(arrived[0]?.body ?? '')).toMatchObject(body);
  });

  it.each<readonly [WireFault, object]>([
    [
      { status: 401, body: { error: 'unauthorized' } },
      { kind: 'later', fault: { code: 'unauthorized' } },
    ],
    [
      { status: 403, body: { message: 'no' } },
      { kind: 'later', fault: { code: 'forbidden' } },
    ],
    [{ status: 404 }, { kind: 'later', fault: { code: 'not-found' } }],
    [
      { status: 429, headers: { 'retry-after': '9' }, body: '' },
      { kind: 'later', fault: { code: 'rate-limited' }, retryAfterSeconds: 9 },
    ],
    [
      { status: 503, body: `secret is ${secret}` },
      { kind: 'later', fault: { code: 'server-error' } },
    ],
    [
      { status: 308, headers: { location: '/' } },
      { kind: 'later', fault: { code: 'wrong-service' } },
    ],
    [
      { status: 400, body: { error: `bad ${secret}` } },
      { kind: 'later', fault: { code: 'rejected' } },
    ],
    [{ status: 413 }, { kind: 'refused', fault: { code: 'rejected' } }],
    ['reset', { kind: 'later', fault: { code: 'connection-lost' } }],
    ['reset-mid-body', { kind: 'later', fault: { code: 'connection-lost' } }],
  ])('says what became of it: %j', async (fault, expected) => {
    const receipt = await open(...channel(await serve(() => fault))).send(letter, soon());
    expect(receipt).toMatchObject(expected);
    expect(JSON.stringify(receipt)).not.toContain(secret);
  });
});

it.each(services.filter(({ type }) => type !== 'webhook' && type !== 'apprise'))(
  '$type is not taken for what answers 200 to anything',
  async ({ channel }) => {
    const url = await serve(() => ({ status: 200, body: '<!doctype html>' }));
    expect(await open(...channel(url)).send(letter, soon())).toMatchObject({
      kind: 'later',
      fault: { code: 'wrong-service', status: 200 },
    });
  },
);

it('waits as long as Discord and Matrix say in their own ways', async () => {
  const discord = await serve(() => ({ status: 429, body: { message: 'slow', retry_after: 0.65 } }));
  expect(
    await open({ type: 'discord', url: 'env:HOOK' }, { HOOK: discord }).send(letter, soon()),
  ).toMatchObject({ retryAfterSeconds: 0.65 });
  const matrix = await serve(() => ({
    status: 429,
    body: { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 2_500 },
  }));
  expect(
    await open({ type: 'matrix', server: matrix, room: '!a:b', token: 'env:TOKEN' }).send(letter, soon()),
  ).toMatchObject({ retryAfterSeconds: 2.5 });
});

it.each(['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'words of my own'])(
  'signs a webhook as others check it, with %s',
  async key => {
    const { url, arrived } = await receiver(() => ({ status: 200 }));
    await open({ type: 'webhook', url, secret: 'env:KEY' }, { KEY: key }).send(letter, soon());
    const [request] = arrived;
    const checker = key.startsWith('whsec_') ? new Webhook(key) : new Webhook(key, { format: 'raw' });
    const headers = {
      'webhook-id': String(request?.headers['webhook-id']),
      'webhook-timestamp': String(request?.headers['webhook-timestamp']),
      'webhook-signature': String(request?.headers['webhook-signature']),
    };
    expect(checker.verify(request?.body ?? '', headers)).toMatchObject({ id: letter.id });
    expect(() => checker.verify(`${request?.body} `, headers)).toThrow('No matching signature found');
  },
);

it('repeats what a webhook says in place of taking the message, without secrets', async () => {
  const said = async (body: object) => {
    const { url } = await receiver(() => ({ status: 200, body }));
    return open({ type: 'webhook', url: `${url}/robot/send?access_token=${secret}` }).send(letter, soon());
  };
  const fault = (detail: string) => ({ kind: 'later', fault: { code: 'rejected', status: 200, detail } });
  expect(await said({ ok: false, error: `no ${secret}` })).toEqual(fault('no ***'));
  expect(await said({ status: 'error', message: 'invalid token' })).toEqual(fault('invalid token'));
  expect(await said({ success: false })).toEqual(fault(''));
  expect(await said({ errors: [{ message: 'too late' }] })).toEqual(fault('too late'));
  expect(await said({ errcode: 310_000, errmsg: '关键词不匹配' })).toEqual(fault('关键词不匹配'));
});

describe('a way that leads nowhere', () => {
  const to = (url: string) => open({ type: 'webhook', url }).send(letter, soon());

  it('a name that nobody knows', async () => {
    expect(await to('http://no-such-host.invalid/')).toMatchObject({
      kind: 'later',
      fault: { code: 'name-not-found' },
    });
  });

  it('a port that nobody listens on', async () => {
    const port = await freePort();
    expect(await to(`http://127.0.0.1:${port}/`)).toEqual({
      kind: 'later',
      fault: { code: 'refused-connection', status: null, detail: `ECONNREFUSED 127.0.0.1:${port}` },
    });
  });

  it('a certificate that nobody vouches for', async () => {
    expect(await to(await selfSigned())).toEqual({
      kind: 'later',
      fault: { code: 'tls', status: null, detail: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    });
  });

  it('an address that is none', async () => {
    for (const type of ['slack', 'discord'] as const) {
      expect(await open({ type, url: 'env:HOOK' }, { HOOK: 'my hook' }).send(letter, soon())).toMatchObject({
        kind: 'later',
        fault: { code: 'secret-missing', detail: 'env:HOOK' },
      });
    }
  });

  it('a secret that is not there', async () => {
    const channel = open({ type: 'gotify', server: 'http://127.0.0.1:9', token: 'file:/nonexistent/token' });
    expect(await channel.send(letter, soon())).toEqual({
      kind: 'later',
      fault: { code: 'secret-missing', status: null, detail: 'file:/nonexistent/token' },
    });
  });
});

it('speaks IPv6', async () => {
  const { url, arrived } = await receiver(() => ({ status: 200 }), '::1');
  expect(await open({ type: 'webhook', url }).send(letter, soon())).toEqual({ kind: 'delivered' });
  expect(arrived).toHaveLength(1);
});

describe('a proxy', () => {
  /**
   * Serves CONNECT alone.
   *
   * @param onwardPort of loopback, where every name leads; undefined where it connects to nobody
   * @returns what it was asked for
   */
  async function tunnel(answer: string, onwardPort?: number) {
    const asked: string[] = [];
    const server = net.createServer(socket => {
      socket.on('error', () => undefined);
      socket.once('data', data => {
        const [, host = '', port = ''] = /^CONNECT ([^: ]+):(\d+) /.exec(data.toString()) ?? [];
        asked.push(`https://${host}:${port}/`);
        socket.write(answer);
        if (onwardPort !== undefined) {
          const onward = net.connect(onwardPort, '127.0.0.1');
          onward.on('error', () => socket.destroy());
          socket.pipe(onward).pipe(socket);
        } else {
          socket.end();
        }
      });
    });
    return { asked, url: `http://127.0.0.1:${await portOf(server)}` };
  }

  function throughProxy(variable: string, url: string): void {
    vi.stubEnv(variable, url);
    vi.stubEnv('no_proxy', '');
    onTestFinished(() => void vi.unstubAllEnvs());
  }

  const send = (url: string) => open({ type: 'webhook', url }).send(letter, soon());

  it('is gone through where the environment names one', async () => {
    const { url, arrived } = await receiver(() => ({ status: 200 }));
    throughProxy('http_proxy', url);
    expect(await send('http://hooks.invalid/a')).toEqual({ kind: 'delivered' });
    expect(arrived).toMatchObject([{ path: 'http://hooks.invalid/a' }]);
  });

  it('hands on what is encrypted as it is', async () => {
    const port = Number(new URL(await selfSigned()).port);
    const { url, asked } = await tunnel('HTTP/1.1 200 Connection established\r\n\r\n', port);
    throughProxy('https_proxy', url);
    expect(await send('https://hooks.invalid/')).toMatchObject({ fault: { code: 'tls' } });
    expect(asked).toEqual(['https://hooks.invalid:443/']);
  });

  it('that does not let it through is named', async () => {
    const { url } = await tunnel('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    throughProxy('https_proxy', url);
    expect(await send('https://hooks.invalid/')).toMatchObject({
      kind: 'later',
      fault: { code: 'proxy', status: 407 },
    });
  });
});

/** @returns the address of a server with a certificate of its own */
async function selfSigned(): Promise<string> {
  const folder = unpackedRoot({});
  const [key, certificate] = [path.join(folder, 'key'), path.join(folder, 'certificate')];
  const request = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost';
  execFileSync('openssl', [...request.split(' '), '-keyout', key, '-out', certificate], { stdio: 'ignore' });
  const server = https.createServer({ key: fs.readFileSync(key), cert: fs.readFileSync(certificate) });
  return `https://127.0.0.1:${await portOf(server)}/`;
}

/** Listens on loopback until the test is over. */
async function portOf(server: net.Server): Promise<number> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
