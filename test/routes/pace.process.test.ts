/** What is read in configurations of nginx and Caddy about the pace of answers, held against the real programs. */
import { once } from 'node:events';
import http from 'node:http';
import type net from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { passagesOf } from '../../src/routes/reverse-proxy.ts';
import { filesOf } from '../hostile/files.ts';
import { freePort } from '../support/http-server.ts';
import { hasCaddy, hasNginx, startCaddy, startNginx } from '../support/web-servers.ts';

/** Of http, the server and the location, each inside the one before it. */
const settings: readonly (readonly [http: string, server: string, location: string])[] = [
  ['', '', ''],
  ['proxy_read_timeout 1;', '', ''],
  ['proxy_read_timeout 1s;', 'proxy_read_timeout 1m;', ''],
  ['', 'proxy_read_timeout 1m30s;', 'proxy_read_timeout 500ms;'],
  ['proxy_buffering off;', '', ''],
  ['proxy_buffering off;', 'proxy_buffering on;', ''],
  ['', '', 'proxy_buffering off; proxy_ignore_headers X-Accel-Buffering;'],
  ['', 'proxy_ignore_headers X-Accel-Buffering Cache-Control;', ''],
];

describe.runIf(hasNginx)('nginx', () => {
  it.each(settings)('passes answers on as its files say: %j %j %j', async (inHttp, inServer, inLocation) => {
    const upstream = await streaming();
    const port = await freePort();
    const text = `http {
  ${inHttp}
  server {
    listen 127.0.0.1:${port};
    ${inServer}
    location / {
      proxy_pass http://127.0.0.1:${upstream};
      ${inLocation}
    }
  }
}
`;
    const [passage] = passagesOf(filesOf({ '/etc/nginx/nginx.conf': text }), undefined);
    const pace = passage?.pace;
    if (pace === undefined) throw new Error('no pace');
    await startNginx(text, port);
    const isShort = pace.limits.some(({ seconds }) => seconds < 2);
    expect(
      await Promise.all([
        isHeld(port, '/plain'),
        isHeld(port, '/told'),
        isCut(port, '/silent'),
        isCut(port, '/pause'),
      ]),
    ).toEqual([pace.holds !== 'no', pace.holds === 'always', isShort, isShort]);
  });
});

/** Of the global options, and of the reverse proxy. */
const caddySettings: readonly (readonly [options: string, proxy: string])[] = [
  ['', ''],
  ['', 'transport http {\n read_timeout 1s\n }'],
  ['', 'transport http {\n response_header_timeout 1s\n write_timeout 1s\n }'],
  ['', 'transport http {\n read_timeout 1m30s\n }'],
  ['servers {\n timeouts {\n write 1s\n }\n }', ''],
  ['servers :1 {\n timeouts {\n write 1s\n }\n }', ''],
  ['', 'flush_interval 10s'],
  ['', 'buffer_responses'],
];

describe.runIf(hasCaddy)('Caddy', () => {
  it.each(caddySettings)('passes answers on as its file says: %j %j', async (options, proxy) => {
    const upstream = await streaming();
    const port = await freePort();
    const text = `{
  admin off
  auto_https off
  ${options}
}
http://127.0.0.1:${port} {
  reverse_proxy 127.0.0.1:${upstream} {
    ${proxy}
  }
}
`;
    const [passage] = passagesOf(filesOf({ '/etc/caddy/Caddyfile': text }), undefined);
    const pace = passage?.pace;
    if (pace === undefined) throw new Error('no pace');
    await startCaddy(text, port);
    const has = (...limited: readonly string[]) =>
      pace.limits.some(({ of: each, seconds }) => limited.includes(each) && seconds < 2);
    const isWhole = has('whole');
    expect(
      await Promise.all([
        // What ends early is no piece.
        isWhole || isHeld(port, '/plain'),
        isCut(port, '/silent'),
        isCut(port, '/pause'),
      ]),
    ).toEqual([
      isWhole || pace.holds === 'always',
      has('silence', 'begin', 'whole'),
      has('silence', 'whole'),
    ]);
  });
});

async function streaming(): Promise<number> {
  const server = http.createServer((request, response) => void answer(request.url, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return portOf(server);
}

/** Three pieces in 400 ms; `/told` tells nginx not to hold them, `/silent` says nothing for 2 s before, `/pause` after the first one. */
async function answer(url: string | undefined, response: http.ServerResponse): Promise<void> {
  if (url === '/silent') await wait(2_000);
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    ...(url === '/told' ? { 'x-accel-buffering': 'no' } : {}),
  });
  for (const piece of ['a', 'b', 'c']) {
    response.write(piece);
    await wait(url === '/pause' && piece === 'a' ? 2_000 : 200);
  }
  response.end();
}

function portOf(server: net.Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Whether the pieces come together. */
async function isHeld(port: number, url: string): Promise<boolean> {
  const { body } = await fetch(`http://127.0.0.1:${port}${url}`);
  const pieces: number[] = [];
  for await (const piece of body ?? []) pieces.push(piece.length);
  return pieces.length === 1;
}

/** Whether an answer that begins after 2 s does not come, and one that pauses for 2 s does not come whole. */
async function isCut(port: number, url: '/silent' | '/pause'): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}${url}`);
    return response.status === 504 || (await response.text()) !== 'abc';
  } catch {
    return true;
  }
}
