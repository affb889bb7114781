/**
 * A real HAProxy with a configuration of daruma's: what it passes on, to the byte. What stands behind it only notes what it is asked;
 * `front.lab.test.ts` has LiteLLM itself there.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { haproxyConfig } from '../../../src/failover/front/haproxy-config.ts';
import { keysConfig } from '../../../src/failover/front/keys-config.ts';
import { readStatistics } from '../../../src/failover/front/statistics.ts';
import { isRequired } from '../../support/required.ts';

const env = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` };
const isThere = spawnSync('haproxy', ['-v'], { env }).status === 0;

/** Everything that a key or a path may contain and that means something to HAProxy or a shell. */
const keyOfKuma = String.raw`sk "a$%\b'{}#`;
const ownKey = 'sk-own $x';
const prefix = '/lite%25llm';

interface Asked {
  readonly by: string;
  readonly url: string | undefined;
  readonly authorization: string | undefined;
  readonly passed: unknown;
  readonly host: string | undefined;
}

describe.runIf(isRequired || isThere)('a front at work', { timeout: 60_000 }, () => {
  const stack = new AsyncDisposableStack();
  const asked: Asked[] = [];
  let folder = '';
  let port = 0;
  let local: http.Server;
  let kuma: https.Server;
  let isKumaWell = true;
  let isKeyTaken = true;
  /** How the other one answers. */
  let answerThere: (response: http.ServerResponse) => void = response => response.end('kuma');
  /** How the local one answers. */
  let answerLocally: (response: http.ServerResponse) => void = response => response.end('local');

  const standIn =
    (by: string, before: string): http.RequestListener =>
    (request, response) => {
      const { url, headers } = request;
      if (url === `${before}/health/liveliness`) {
        response.statusCode = by === 'local' || isKumaWell ? 200 : 500;
        response.end('"I\'m alive!"');
        return;
      }
      const { authorization, host } = headers;
      if (request.method === 'GET' && url === `${before}/v1/models` && by === 'kuma') {
        response.statusCode = authorization === `Bearer ${keyOfKuma}` && isKeyTaken ? 200 : 401;
        response.end('{}');
        return;
      }
      asked.push({ by, url, authorization, passed: headers['x-daruma-front'], host });
      request.resume().on('end', () => (by === 'local' ? answerLocally : answerThere)(response));
    };
  const listen = async (server: net.Server) => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return typeof address === 'object' ? (address?.port ?? 0) : 0;
  };
  const ask = async (key: string, headers: Readonly<Record<string, string>> = {}) => {
    const answer = await fetch(`http://127.0.0.1:${port}/v1/chat/completions?a=b`, {
      method: 'POST',
      body: '{}',
      headers: { authorization: `Bearer ${key}`, ...headers },
      signal: AbortSignal.timeout(20_000),
    });
    const text = await answer.text();
    return [answer.status, answer.ok ? text : ''];
  };
  const statistics = async () => {
    const socket = net.connect(path.join(folder, 'run/stats.sock'));
    socket.setEncoding('utf8').write('show stat;show info\n');
    let text = '';
    for await (const piece of socket) text += String(piece);
    return readStatistics(text);
  };

  beforeAll(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'daruma-front-'));
    stack.defer(() => fs.rmSync(folder, { recursive: true }));
    const file = (name: string) => path.join(folder, name);
    fs.mkdirSync(file('run'));
    fs.mkdirSync(file('authorities'));
    const certificate = ['-keyout', file('key.pem'), '-out', file('authorities/0.pem'), '-days', '2'];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...certificate, ...subject], {
      stdio: 'ignore',
    });
    local = http.createServer(standIn('local', ''));
    const tls = { key: fs.readFileSync(file('key.pem')), cert: fs.readFileSync(file('authorities/0.pem')) };
    kuma = https.createServer(tls, standIn('kuma', prefix));
    stack.defer(() => {
      kuma.close().closeAllConnections();
    });
    const free = net.createServer();
    port = await listen(free);
    free.close();
    const config = haproxyConfig({
      machine: 'ne%ko',
      local: { address: '127.0.0.1', port: await listen(local), upstream: undefined },
      others: [
        {
          name: 'kuma',
          url: `https://localhost:${await listen(kuma)}${prefix}`,
          keyVariable: 'DARUMA_FRONT_1_API_KEY',
          isInDns: false,
        },
      ],
      ownKeys: ['DARUMA_FRONT_OWN_1_API_KEY'],
      authorities: file('authorities/0.pem'),
      tellsMoves: false,
    });
    const keys = [
      ['DARUMA_FRONT_1_API_KEY', keyOfKuma],
      ['DARUMA_FRONT_OWN_1_API_KEY', ownKey],
    ] as const;
    fs.writeFileSync(file('front.cfg'), config);
    fs.writeFileSync(file('keys.cfg'), keysConfig(new Map(keys)), { mode: 0o600 });
    const haproxy = spawn('haproxy', ['-Ws', '-f', file('keys.cfg'), '-f', file('front.cfg')], {
      env: { ...env, RUNTIME_DIRECTORY: file('run'), DARUMA_FRONT_SOCKET: `127.0.0.1:${port}` },
      stdio: 'ignore',
    });
    stack.defer(async () => {
      haproxy.kill('SIGTERM');
      if (haproxy.exitCode === null) await once(haproxy, 'exit');
    });
    const isUp = async () => {
      if ((await statistics()) === undefined) throw new Error('it says nothing yet');
    };
    await vi.waitFor(isUp, { timeout: 20_000, interval: 100 });
  }, 60_000);

  afterAll(() => stack.disposeAsync());

  it('passes a request on to the local LiteLLM as it came, with a mark', async () => {
    expect(await ask(ownKey)).toEqual([200, 'local']);
    expect(asked.at(-1)).toEqual({
      by: 'local',
      url: '/v1/chat/completions?a=b',
      authorization: `Bearer ${ownKey}`,
      passed: 'ne%ko',
      host: `127.0.0.1:${port}`,
    });
  });

  it.each([
    ['of known length', { 'content-type': 'application/json', 'content-length': '300' }],
    ['in pieces', { 'content-type': 'application/json' }],
    ['that is a stream', { 'content-type': 'text/event-stream' }],
  ])('asks again what is cut between the header and the body of an answer %s', async (_, headers) => {
    answerLocally = response => {
      response.writeHead(200, headers).flushHeaders();
      setTimeout(() => response.destroy(), 50);
    };
    expect(await ask(ownKey)).toEqual([200, 'kuma']);
  });

  it('asks again what is cut in the middle of a short answer', async () => {
    answerLocally = response => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '300' }).write('{"a":');
      setTimeout(() => response.destroy(), 50);
    };
    expect(await ask(ownKey)).toEqual([200, 'kuma']);
  });

  it.each([408, 500, 503])('asks the other machine what the local LiteLLM answers with %i', async status => {
    answerLocally = response => response.writeHead(status).end();
    expect(await ask(ownKey)).toEqual([200, 'kuma']);
  });

  it('passes a stream on from its first piece, and what is longer than its memory as it comes', async () => {
    const long = 'x'.repeat(3 * 2 ** 20);
    answerLocally = response => response.writeHead(200, { 'content-type': 'application/json' }).end(long);
    expect(await ask(ownKey)).toEqual([200, long]);
    let finish = () => {};
    answerLocally = response => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('first');
      finish = () => response.end('last');
    };
    const { body } = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
      headers: { authorization: `Bearer ${ownKey}` },
      signal: AbortSignal.timeout(20_000),
    });
    const pieces = body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await pieces?.read())?.value).toBe('first');
    finish();
    expect((await pieces?.read())?.value).toBe('last');
    answerLocally = response =>
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '300' }).end();
    expect((await fetch(`http://127.0.0.1:${port}/v1/models`, { method: 'HEAD' })).status).toBe(200);
    answerLocally = response => response.end('local');
  });

  it('refuses what has that mark already', async () => {
    expect(await ask(ownKey, { 'x-daruma-front': 'kuma' })).toEqual([508, '']);
  });

  it('asks the other machine with its own path, name and key, and for nobody without a key', async () => {
    local.closeAllConnections();
    local.close();
    expect(await ask(ownKey)).toEqual([200, 'kuma']);
    expect(asked.at(-1)).toMatchObject({
      url: `${prefix}/v1/chat/completions?a=b`,
      authorization: `Bearer ${keyOfKuma}`,
      passed: 'ne%ko',
    });
    expect(asked.at(-1)?.host).toMatch(/^localhost:\d+$/);
    const before = asked.length;
    expect(await ask('nobody')).toEqual([401, '']);
    expect(asked).toHaveLength(before);
  });

  it('says that the local LiteLLM is down, and how many requests it left without an answer', async () => {
    await vi.waitFor(async () => expect((await statistics())?.servers[0]?.isUp).toBe(false), {
      timeout: 20_000,
      interval: 200,
    });
    const [own, other] = (await statistics())?.servers ?? [];
    // Two came after its end; the second of these perhaps when its place was known to be down.
    expect([12, 13]).toContain(own?.requests);
    // Four were cut, and three refused. HAProxy does not count what it sends over a connection that it has kept and that is gone by then: of
    // the two after its end one or both may be such.
    expect([7, 8, 9]).toContain(own?.failed);
    expect(other).toMatchObject({ isUp: true, failed: 0 });
  });

  it('takes a machine that refuses the key for none that stands in', async () => {
    isKeyTaken = false;
    await vi.waitFor(
      async () =>
        expect((await statistics())?.servers[1]).toMatchObject({
          isUp: false,
          said: expect.stringContaining('401'),
        }),
      { timeout: 30_000, interval: 500 },
    );
    isKeyTaken = true;
    await vi.waitFor(async () => expect((await statistics())?.servers[1]).toMatchObject({ isUp: true }), {
      timeout: 30_000,
      interval: 500,
    });
  });

  it('asks the other machine all the same where its checks fail, too', async () => {
    isKumaWell = false;
    await vi.waitFor(
      async () => expect((await statistics())?.servers.map(({ isUp }) => isUp)).toEqual([false, false]),
      {
        timeout: 30_000,
        interval: 500,
      },
    );
    const before = (await statistics())?.servers[1]?.requests ?? 0;
    expect(await ask(ownKey)).toEqual([200, 'kuma']);
    expect((await statistics())?.servers[1]?.requests).toBe(before + 1);
  });

  it.each([
    [401, '{"error":{"type":"auth_error"}}'],
    [403, '{"error":{"type":"key_model_access_denied"}}'],
    // As LiteLLM 1.108.7 refuses a key without a database.
    [400, '{"error":{"message":"No connected db.","type":"no_db_connection","param":null,"code":"400"}}'],
  ])('tells no client that its key is refused when it is the one of the front: %i', async (status, body) => {
    answerThere = response => response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    expect(await ask(ownKey)).toEqual([502, '']);
    answerThere = response => response.writeHead(400, { 'content-type': 'application/json' }).end('{}');
    expect(await ask(ownKey)).toEqual([400, '']);
    answerThere = response => response.end('kuma');
  });

  it('says in the form of the API that nobody gives a good answer', async () => {
    kuma.close().closeAllConnections();
    const answer = await fetch(`http://127.0.0.1:${port}/v1/models`, {
      headers: { authorization: `Bearer ${ownKey}` },
      signal: AbortSignal.timeout(20_000),
    });
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ error: { type: 'daruma_front', code: '503' } });
  });
});
