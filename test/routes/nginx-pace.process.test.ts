/** What is read in a configuration of nginx about the pace of answers, held against the real nginx. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { passagesOf } from '../../src/routes/reverse-proxy.ts';
import { filesOf } from '../hostile/files.ts';
import { isRequired } from '../support/required.ts';

const command = '/usr/sbin/nginx';
const hasServer = spawnSync(command, ['-v']).status === 0;

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

describe.runIf(isRequired || hasServer)('nginx', () => {
  it.each(settings)('passes answers on as its files say: %j %j %j', async (inHttp, inServer, inLocation) => {
    const upstream = await streaming();
    const port = await freePort();
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'daruma-nginx-'));
    onTestFinished(() => fs.rmSync(folder, { recursive: true }));
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
    const [passage] = passagesOf(filesOf({ '/etc/nginx/nginx.conf': text }));
    const pace = passage?.pace;
    if (pace === undefined) throw new Error('no pace');
    await start(folder, text, port);
    expect(await isHeld(port, '/plain')).toBe(pace.holds !== 'no');
    expect(await isHeld(port, '/told')).toBe(pace.holds === 'always');
    expect(await isCut(port)).toBe(pace.silenceSeconds < 2);
  });
});

async function streaming(): Promise<number> {
  const server = http.createServer((request, response) => void answer(request.url, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return portOf(server);
}

/** Three pieces in 400 ms; `/told` tells nginx not to hold them, `/silent` says nothing for 2 s before. */
async function answer(url: string | undefined, response: http.ServerResponse): Promise<void> {
  if (url === '/silent') await wait(2_000);
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    ...(url === '/told' ? { 'x-accel-buffering': 'no' } : {}),
  });
  for (const piece of ['a', 'b', 'c']) {
    response.write(piece);
    await wait(200);
  }
  response.end();
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  server.close();
  return port;
}

function portOf(server: net.Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function start(folder: string, text: string, port: number): Promise<void> {
  const kept = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    name => `${name}_temp_path ${folder}/${name};`,
  );
  const file = path.join(folder, 'nginx.conf');
  const rest = `pid ${folder}/pid; error_log ${folder}/error.log; daemon off; events {}\n`;
  fs.writeFileSync(file, rest + text.replace('http {', `http { access_log off; ${kept.join(' ')}`));
  const server = spawn(command, ['-c', file, '-p', folder], { stdio: 'ignore' });
  onTestFinished(async () => {
    server.kill('SIGQUIT');
    await once(server, 'exit');
  });
  for (let tries = 0; tries < 100; tries += 1) {
    if (
      await isHeld(port, '/told').then(
        () => true,
        () => false,
      )
    )
      return;
    await wait(50);
  }
  throw new Error('nginx does not answer');
}

/** Whether the pieces come together. */
async function isHeld(port: number, url: string): Promise<boolean> {
  const { body } = await fetch(`http://127.0.0.1:${port}${url}`);
  const pieces: number[] = [];
  for await (const piece of body ?? []) pieces.push(piece.length);
  return pieces.length === 1;
}

async function isCut(port: number): Promise<boolean> {
  const { status, body } = await fetch(`http://127.0.0.1:${port}/silent`);
  await body?.cancel();
  return status === 504;
}
