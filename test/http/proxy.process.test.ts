/** Which requests go through a proxy: seen by a real one, that notes what it is given. */
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { sendRequest, type HttpRequest } from '../../src/http/request.ts';
import { lookAtCertificate } from '../../src/http/certificate.ts';
import { connectionFault } from '../../src/http/connection-fault.ts';
import { isReady } from '../../src/probe/probe.ts';
import { createAuthority } from '../support/certificates.ts';
import { receiver, serve, soon } from '../support/http-server.ts';
import { recordingProxy } from '../support/recording-proxy.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'daruma-proxy-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));
const authority = createAuthority(folder, 'known');
const identity = authority.issue({
  names: ['DNS:kuma.example.com', 'DNS:localhost', 'IP:127.0.0.1'],
  fromDays: -1,
  toDays: 60,
});

const key = 'sk-daruma-0123456789';
const limits = { connectMs: 2_000, handshakeMs: 2_000 };

function withKey(url: string): HttpRequest {
  return {
    method: 'GET',
    url,
    headers: { authorization: `Bearer ${key}` },
    json: undefined,
    secrets: [key],
    authorities: [authority.certificate],
  };
}

/** Asks in each way that there is. What comes of it is not looked at: some of these names lead nowhere. */
async function askInEachWay(url: string): Promise<void> {
  await Promise.allSettled([
    sendRequest(withKey(url), soon(5)),
    isReady({ kind: 'http', url, statuses: undefined, body: undefined, takesPage: true }, 2_000),
    lookAtCertificate(new URL(url.replace('http:', 'https:')), [authority.certificate], limits),
  ]);
}

const portOf = (url: string) => new URL(url).port;

const ownAddresses = Object.values(os.networkInterfaces())
  .flat()
  .flatMap(each => (each === undefined || each.address.startsWith('fe80') ? [] : [each.address]))
  .map(address => (address.includes(':') ? `[${address}]` : address));

describe('a request to this machine tells no proxy', () => {
  it.each([
    '127.0.0.1',
    '127.0.0.1.',
    '127.255.1.2',
    '127.1',
    '0x7f.1',
    '2130706433',
    '0177.0.0.1',
    '１２７.0.0.1',
    '0',
    '0.0.0.0',
    '[::1]',
    '[0:0::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f01:203]',
    '[::ffff:0.0.0.0]',
    'localhost',
    'LOCALHOST',
    'localhost.',
    'litellm.localhost',
    'a.b.localhost.',
    os.hostname(),
    ...ownAddresses,
  ])('%s', async host => {
    const { url } = await receiver(() => ({ status: 200 }));
    const told = await recordingProxy('http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY');
    vi.stubEnv('NODE_USE_ENV_PROXY', '1');
    await askInEachWay(`http://${host}:${portOf(url)}/v1/models`);
    expect(told).toEqual([]);
  });

  it('and arrives', async () => {
    const { url, arrived } = await receiver(() => ({ status: 200 }));
    await recordingProxy('http_proxy');
    await sendRequest(withKey(url), soon());
    expect(
      await isReady({ kind: 'http', url, statuses: undefined, body: undefined, takesPage: true }, 2_000),
    ).toBe(true);
    expect(arrived.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${key}`, undefined]);
  });
});

describe('a request to another machine', () => {
  it.each(['localhost.example.com', 'notlocalhost', '128.0.0.1', '[::2]', '126.1', '[::ffff:808:808]'])(
    'goes through the proxy: %s',
    async host => {
      const { url } = await receiver(() => ({ status: 200 }));
      const told = await recordingProxy('http_proxy', 'https_proxy');
      const asked = `http://${host}:${portOf(url)}/`;
      await Promise.allSettled([sendRequest(withKey(asked), AbortSignal.timeout(1_000))]);
      expect(told.map(each => each.url)).toEqual([new URL(asked).href]);
    },
  );

  it('goes the same way for a request, a probe and a certificate', async () => {
    const url = await serve(() => ({ status: 200 }), '127.0.0.1', identity);
    const asked = `https://kuma.example.com:${portOf(url)}/`;
    // A proxy for all: the variable for https is not set.
    const told = await recordingProxy('http_proxy');
    expect(await sendRequest(withKey(asked), soon())).toMatchObject({ status: 200 });
    await isReady({ kind: 'http', url: asked, statuses: undefined, body: undefined, takesPage: true }, 2_000);
    expect(await lookAtCertificate(new URL(asked), [authority.certificate], limits)).toMatchObject({
      problems: [],
    });
    const tunnel = `kuma.example.com:${portOf(url)}`;
    expect(told.map(each => each.url)).toEqual([tunnel, tunnel, tunnel]);
    // What is encrypted, the proxy does not see.
    expect(JSON.stringify(told)).not.toContain(key);
  });

  it.each<readonly [string, string, boolean]>([
    ['', 'kuma.example.com', true],
    ['*', 'kuma.example.com', false],
    ['other.org, *', 'kuma.example.com', false],
    ['example.com', 'kuma.example.com', false],
    ['.example.com', 'kuma.example.com', false],
    ['.example.com', 'example.com', false],
    ['*.example.com', 'kuma.example.com', false],
    ['*.example.com', 'example.com', true],
    ['example.com', 'notexample.com', true],
    ['EXAMPLE.com.', 'kuma.Example.COM', false],
    ['example.com', 'kuma.example.com.', false],
    ['kuma.example.com:1', 'kuma.example.com', true],
    ['kuma.example.com:80', 'kuma.example.com:80', false],
    ['a.org b.org', 'b.org', false],
    ['198.51.100.7', '198.51.100.7', false],
    ['198.51.100.0/24', '198.51.100.7', false],
    ['198.51.100.0/24', '198.51.101.7', true],
    ['198.51.100.0/33', '198.51.100.7', true],
    ['2001:db8::/32', '[2001:db8::7]', false],
    ['[2001:db8::7]', '[2001:db8:0::7]', false],
    ['[2001:db8::7]:80', '[2001:db8::7]:80', false],
    ['[2001:db8::7]:81', '[2001:db8::7]:80', true],
  ])('no_proxy=%s, %s: through the proxy: %s', async (exceptions, host, isThroughProxy) => {
    const told = await recordingProxy('http_proxy', 'https_proxy');
    vi.stubEnv('no_proxy', exceptions);
    await Promise.allSettled([
      sendRequest(withKey(`http://${host}/`), AbortSignal.timeout(300)),
      isReady(
        { kind: 'http', url: `http://${host}/`, statuses: undefined, body: undefined, takesPage: true },
        300,
      ),
    ]);
    expect(told.length > 0).toBe(isThroughProxy);
  });

  it.each([
    ['https_proxy', 'ftp://proxy.example.com', 'ftp:'],
    ['HTTPS_PROXY', 'socks5h://127.0.0.1:1080', 'socks5h:'],
    ['http_proxy', 'socks5://127.0.0.1:1080', 'socks5:'],
    ['https_proxy', 'http://', ''],
  ])('says which variable is wrong when it names no proxy: %s=%s', async (name, value, scheme) => {
    vi.stubEnv(name, value);
    vi.stubEnv('no_proxy', '');
    const url = 'https://kuma.example.com/';
    const ways = [
      sendRequest(withKey(url), soon()),
      lookAtCertificate(new URL(url), [authority.certificate], limits),
    ];
    for (const way of ways) {
      const fault = await way.then(() => undefined, connectionFault);
      expect(fault).toEqual({
        code: 'proxy',
        status: null,
        detail: scheme,
        proxy: { address: name, fault: 'not-http' },
      });
    }
    vi.unstubAllEnvs();
  });
});

describe('what is wrong with the proxy itself', () => {
  const strange = createAuthority(folder, 'strange').issue({
    names: ['DNS:localhost', 'IP:127.0.0.1'],
    fromDays: -1,
    toDays: 60,
  });

  /** A port at which nobody listens. */
  async function freePort(): Promise<number> {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const port = portFrom(server);
    server.close();
    return port;
  }

  /** Answers itself, whatever it is asked for. */
  async function refusingProxy(status: number): Promise<string> {
    const server = http.createServer((_, response) => response.writeHead(status).end());
    server.on('connect', (_, socket) => socket.end(`HTTP/1.1 ${status} No\r\n\r\n`));
    server.listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    return `http://127.0.0.1:${portFrom(server)}`;
  }

  function portFrom(server: net.Server): number {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  async function proxyAt(kind: string): Promise<string> {
    switch (kind) {
      case 'refused-connection':
        return `http://127.0.0.1:${await freePort()}`;
      case 'name-not-found':
        return 'http://proxy.invalid:3128';
      case 'unauthorized':
        return refusingProxy(407);
      case 'refuses':
        return refusingProxy(403);
      case 'tls':
        return serve(() => ({ status: 200 }), '127.0.0.1', strange);
      default: {
        // It takes connections, and no more.
        const silentProxy = net.createServer(socket => socket.on('error', () => {})).listen(0, '127.0.0.1');
        onTestFinished(() => void silentProxy.close());
        await once(silentProxy, 'listening');
        return `http://127.0.0.1:${portFrom(silentProxy)}`;
      }
    }
  }

  it.each(['refused-connection', 'name-not-found', 'unauthorized', 'refuses', 'tls'] as const)(
    'is told apart from whoever is asked: %s',
    async kind => {
      const proxy = new URL(await proxyAt(kind));
      const address = proxy.host;
      [proxy.username, proxy.password] = ['me', 'never-said'];
      for (const name of ['http_proxy', 'https_proxy']) vi.stubEnv(name, proxy.href);
      vi.stubEnv('no_proxy', '');
      onTestFinished(() => void vi.unstubAllEnvs());
      const asked = 'https://kuma.example.com/';
      const ways = {
        https: () => sendRequest(withKey(asked), soon(5)),
        http: () => sendRequest(withKey('http://kuma.example.com/'), soon(5)),
        certificate: () => lookAtCertificate(new URL(asked), [authority.certificate], limits),
      };
      for (const [name, way] of Object.entries(ways)) {
        // Of what is not encrypted a proxy may refuse as the server would.
        if (kind === 'refuses' && name === 'http') continue;
        const fault = await way().then(() => undefined, connectionFault);
        expect({ name, fault }).toMatchObject({
          name,
          fault: { code: 'proxy', proxy: { address, fault: kind } },
        });
        expect(JSON.stringify(fault)).not.toContain('never-said');
      }
    },
  );

  it('names the proxy where either of the two may be silent', async () => {
    const proxy = await proxyAt('silent');
    vi.stubEnv('https_proxy', proxy);
    vi.stubEnv('no_proxy', '');
    onTestFinished(() => void vi.unstubAllEnvs());
    const fault = await sendRequest(withKey('https://kuma.example.com/'), AbortSignal.timeout(300)).then(
      () => undefined,
      connectionFault,
    );
    expect(fault).toMatchObject({ code: 'timeout', proxy: { address: new URL(proxy).host, fault: null } });
  });
});

describe('a redirect', () => {
  it.each([
    ['from this machine to another', '127.0.0.1', 'kuma.example.com'],
    ['from another machine to this', 'kuma.example.com', '127.0.0.1'],
  ])('is followed by nobody: %s', async (_, from, to) => {
    const { url, arrived } = await receiver(({ path: asked }) =>
      asked === '/from'
        ? { status: 307, headers: { location: `http://${to}:${portOf(url)}/to` } }
        : { status: 200 },
    );
    await recordingProxy('http_proxy');
    const first = `http://${from}:${portOf(url)}/from`;
    expect(await sendRequest(withKey(first), soon())).toMatchObject({ status: 307 });
    expect(
      await isReady(
        { kind: 'http', url: first, statuses: undefined, body: undefined, takesPage: true },
        2_000,
      ),
    ).toBe(false);
    expect(arrived.map(each => each.path.replace(/^http:\/\/[^/]*/, ''))).toEqual(['/from', '/from']);
  });
});

describe('an answer that is too long', () => {
  const seventeen = 'x'.repeat(17 * 1024 * 1024);

  it.each([
    ['of this machine', '127.0.0.1'],
    ['through a proxy', 'kuma.example.com'],
  ])('is refused by requests and probes alike: %s', async (_, host) => {
    const server = await serve(() => ({ status: 200, body: seventeen }));
    await recordingProxy('http_proxy');
    const url = `http://${host}:${portOf(server)}/`;
    expect(await sendRequest(withKey(url), soon(30)).then(() => undefined, connectionFault)).toMatchObject({
      code: 'too-long',
    });
    expect(
      await isReady({ kind: 'http', url, statuses: undefined, body: undefined, takesPage: true }, 30_000),
    ).toBe(false);
  });

  it('ends a probe at its size, and not only at its time', async () => {
    const url = await serve(() => 'endless');
    expect(
      await isReady({ kind: 'http', url, statuses: undefined, body: undefined, takesPage: true }, 600_000),
    ).toBe(false);
  });

  it('is one of headers, too', async () => {
    const headers = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`x-${i}`, 'x'.repeat(1_000)]));
    const answer = sendRequest(withKey(await serve(() => ({ status: 200, headers }))), soon());
    expect(await answer.then(({ status }) => status, connectionFault)).toMatchObject({ code: 'too-long' });
  });
});

it('speaks HTTP/1.1 to a server that would rather speak HTTP/2, also through a proxy', async () => {
  const versions: string[] = [];
  const server = http2.createSecureServer({ ...identity, allowHTTP1: true }, ({ httpVersion }, response) => {
    versions.push(httpVersion);
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  await sendRequest(withKey(`https://127.0.0.1:${port}/`), soon());
  const told = await recordingProxy('http_proxy');
  await sendRequest(withKey(`https://kuma.example.com:${port}/`), soon());
  expect(told.map(each => each.url)).toEqual([`kuma.example.com:${port}`]);
  expect(versions).toEqual(['1.1', '1.1']);
});
