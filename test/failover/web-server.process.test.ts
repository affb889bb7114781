/** The snippets, given to the real servers where they are installed. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { webServerSnippets } from '../../src/failover/web-server.ts';
import { en } from '../../src/i18n/en/index.ts';
import { isRequired } from '../support/required.ts';

const hasServer = (command: string, ...args: readonly string[]) => spawnSync(command, args).status === 0;

const urls = [
  'https://kuma.example.com/litellm',
  'https://kuma.example.com',
  'https://kuma.example.com:8443/a/b',
] as const;

let folder: string;

beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'daruma-web-'));
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const key = ['-newkey', 'rsa:2048', '-nodes', '-keyout', `${folder}/privkey.pem`];
  execFileSync(
    'openssl',
    ['req', '-x509', ...key, '-out', `${folder}/fullchain.pem`, '-days', '2', ...subject],
    {
      stdio: 'ignore',
    },
  );
  return () => fs.rmSync(folder, { recursive: true });
});

function snippets(url: string, port = 4000) {
  return webServerSnippets(url, port, en.failover.webServer);
}

/**
 * With the certificate of the test, and all that nginx keeps in a folder of its own. Even to look at its configuration it
 * binds the ports, of which only root may have one below 1024 (ip(7)).
 */
function nginxFile(url: string, port: number): string {
  const config = snippets(url, port)
    .nginx.replaceAll(/\/etc\/letsencrypt\/live\/[^/]+/g, folder)
    .replaceAll(/^ *listen \[::\].*\n/gm, '')
    .replaceAll(/(?<=^ *listen )443(?= )/gm, process.getuid?.() === 0 ? '443' : '44300');
  const file = path.join(folder, 'nginx.conf');
  const kept = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    name => `${name}_temp_path ${folder}/nginx-${name};`,
  );
  fs.writeFileSync(
    file,
    `pid ${folder}/nginx.pid; error_log ${folder}/error.log; daemon off; events {}\nhttp { access_log ${folder}/access.log; ${kept.join(' ')}\n${config}}\n`,
  );
  return file;
}

/** With the certificate of the test in place of one that Caddy would get. */
function caddyFile(url: string, port: number): string {
  const file = path.join(folder, 'Caddyfile');
  const config = snippets(url, port).caddy.replace(
    /^(\S+) \{$/m,
    `{\n\tadmin off\n\tauto_https disable_redirects\n}\n$1 {\n\ttls ${folder}/fullchain.pem ${folder}/privkey.pem\n\tlog {\n\t\toutput file ${folder}/access.log\n\t}`,
  );
  fs.writeFileSync(file, config);
  return file;
}

const environment = () => ({ PATH: process.env['PATH'], HOME: folder });

describe.runIf(isRequired || hasServer('caddy', 'version'))('Caddy', () => {
  it.each(urls)('takes what is written for %s', url => {
    const file = path.join(folder, 'Caddyfile');
    fs.writeFileSync(file, snippets(url).caddy);
    const { status, stderr } = spawnSync('caddy', ['validate', '--adapter', 'caddyfile', '--config', file], {
      encoding: 'utf8',
      env: environment(),
    });
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(stderr).not.toMatch(/input is not formatted/);
  });

  it('passes an answer on as it comes, with the key, and leaves the rest of LiteLLM alone', async () => {
    const asked = await askedThrough((url, port) => [
      'caddy',
      'run',
      '--adapter',
      'caddyfile',
      '--config',
      caddyFile(url, port),
    ]);
    expect(asked).toEqual(onlyThese);
  });
});

describe.runIf(isRequired || hasServer('/usr/sbin/nginx', '-v'))('nginx', () => {
  it.each(urls)('takes what is written for %s', url => {
    const { status, stderr } = spawnSync(
      '/usr/sbin/nginx',
      ['-t', '-c', nginxFile(url, 4000), '-p', folder],
      {
        encoding: 'utf8',
      },
    );
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(stderr).not.toContain('[warn]');
  });

  it('passes an answer on as it comes, with the key, and leaves the rest of LiteLLM alone', async () => {
    const asked = await askedThrough((url, port) => [
      '/usr/sbin/nginx',
      '-c',
      nginxFile(url, port),
      '-p',
      folder,
    ]);
    expect(asked).toEqual(onlyThese);
  });
});

const onlyThese = ['/v1/chat/completions Bearer sk-test', '/health/liveliness Bearer sk-test'];

/** What gets to a server that sends a first word, and the last only when that has arrived. */
async function askedThrough(
  command: (url: string, port: number) => readonly string[],
): Promise<readonly string[]> {
  const asked: string[] = [];
  let finish: () => void = () => {};
  const backend = http.createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization ?? ''}`);
    if (request.url === '/health/liveliness') {
      response.end('alive');
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: first\n\n');
    finish = () => response.end('data: last\n\n');
  });
  const port = await listening(backend);
  onTestFinished(() => void backend.close());
  const publicPort = await freePort();
  const url = `https://localhost:${publicPort}/litellm`;
  const [program = '', ...args] = command(url, port);
  const server = spawn(program, args, { env: environment(), stdio: 'ignore' });
  onTestFinished(async () => {
    server.kill('SIGTERM');
    if (server.exitCode === null) await once(server, 'exit');
  });
  await answering(publicPort);
  const response = await get(`${url}/v1/chat/completions`);
  const first = await once(response, 'data');
  expect(String(first)).toBe('data: first\n\n');
  finish();
  expect(String(await once(response, 'data'))).toBe('data: last\n\n');
  expect((await get(`${url}/health/liveliness`)).resume().statusCode).toBe(200);
  for (const other of ['/health', '/key/generate', '/']) (await get(`${url}${other}`)).resume();
  expect(fs.readFileSync(path.join(folder, 'access.log'), 'utf8')).not.toContain('sk-test');
  return asked;
}

function get(url: string): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: 'Bearer sk-test' };
    https
      .get(url, { ca: fs.readFileSync(`${folder}/fullchain.pem`), headers, agent: false }, resolve)
      .once('error', reject);
  });
}

async function listening(server: http.Server | net.Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  const port = await listening(server);
  server.close();
  await once(server, 'close');
  return port;
}

async function answering(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const socket = net.connect(port, '127.0.0.1');
    const isOpen = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (isOpen) return;
    await wait(100);
  }
  throw new Error('it does not listen');
}
