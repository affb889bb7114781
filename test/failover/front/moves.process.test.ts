/** Which lines a real HAProxy logs of the places behind it, and what the service behind its socket makes of them. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { haproxyConfig, movesSocket } from '../../../src/failover/front/haproxy-config.ts';
import { movesCommand } from '../../../src/notify/sign-script.ts';
import { makeSpool, readSpool, type Spool } from '../../../src/notify/spool.ts';
import { readFrontLog } from '../../../src/services/front-log.ts';
import { parseCommandLines } from '../../../src/systemd/values/command-line.ts';
import { isRequired } from '../../support/required.ts';

const env = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` };
const isThere =
  spawnSync('haproxy', ['-v'], { env }).status === 0 &&
  spawnSync('systemd-socket-activate', ['--version'], { env }).status === 0;

describe.runIf(isRequired || isThere)('the log of a front', { timeout: 60_000 }, () => {
  const stack = new AsyncDisposableStack();
  let folder = '';
  const file = (name: string) => path.join(folder, name);
  let port = 0;
  let localPort = 0;
  let localState: 'well' | 'hangs' = 'well';
  let local = http.createServer();
  let isKumaWell = true;
  let haproxy: ChildProcess;

  const listen = async (server: net.Server, at = 0) => {
    server.listen(at, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return typeof address === 'object' ? (address?.port ?? 0) : 0;
  };
  const startLocal = async () => {
    local = http.createServer((_, response) => {
      if (localState === 'well') response.end('"I\'m alive!"');
    });
    localPort = await listen(local, localPort);
  };
  const stopLocal = () => local.close().closeAllConnections();
  const end = async (child: ChildProcess) => {
    child.kill('SIGTERM');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  };
  const startFront = () => {
    const address = `127.0.0.1:${port}`;
    return spawn('haproxy', ['-Ws', '-f', file('front.cfg')], {
      env: { ...env, RUNTIME_DIRECTORY: file('run'), DARUMA_FRONT_SOCKET: address },
      stdio: 'ignore',
    });
  };
  /** Starts a command with the socket as its standard input, as a manager does, when the first line comes. */
  const behindSocket = async (...argv: readonly string[]) => {
    fs.rmSync(file(movesSocket), { force: true });
    const child = spawn(
      'systemd-socket-activate',
      ['--datagram', '--inetd', `--listen=${file(movesSocket)}`, ...argv],
      { env: { ...env, INVOCATION_ID: '0'.repeat(32) }, stdio: 'ignore' },
    );
    stack.defer(() => end(child));
    await vi.waitFor(() => fs.statSync(file(movesSocket)), { timeout: 10_000 });
    return child;
  };
  let seen = 0;
  /** What was logged since the last question, without its times, when there is as much as that. */
  const logged = async (count: number) => {
    const all = () => readFrontLog(fs.existsSync(file('log')) ? fs.readFileSync(file('log'), 'utf8') : '');
    await vi.waitFor(() => expect(all().length).toBeGreaterThanOrEqual(seen + count), {
      timeout: 30_000,
      interval: 100,
    });
    const events = all().slice(seen);
    seen += events.length;
    return events.map(event => (event.kind === 'begun-anew' ? event.kind : `${event.server} ${event.kind}`));
  };

  beforeAll(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'daruma-moves-'));
    stack.defer(() => fs.rmSync(folder, { recursive: true }));
    fs.mkdirSync(file('run'));
    const certificate = ['-keyout', file('key.pem'), '-out', file('0.pem'), '-days', '2'];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...certificate, ...subject], {
      stdio: 'ignore',
    });
    await startLocal();
    stack.defer(stopLocal);
    const tls = { key: fs.readFileSync(file('key.pem')), cert: fs.readFileSync(file('0.pem')) };
    const kuma = https.createServer(tls, (_, response) => {
      response.statusCode = isKumaWell ? 200 : 500;
      response.end('"I\'m alive!"');
    });
    stack.defer(() => kuma.close().closeAllConnections());
    const free = net.createServer();
    port = await listen(free);
    free.close();
    const url = `https://localhost:${await listen(kuma)}`;
    const config = haproxyConfig({
      machine: 'neko',
      local: { address: '127.0.0.1', port: localPort, upstream: undefined },
      others: [{ name: 'kuma', url, keyVariable: undefined, isInDns: false }],
      ownKeys: [],
      authorities: file('0.pem'),
      tellsMoves: true,
    });
    fs.writeFileSync(file('front.cfg'), config);
    await behindSocket('/bin/sh', '-c', `exec cat >>${file('log')}`);
    haproxy = startFront();
    stack.defer(() => end(haproxy));
    const isUp = async () => expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
    await vi.waitFor(isUp, { timeout: 20_000, interval: 100 });
    // The first checks of all places.
    await sleep(6_000);
  }, 60_000);

  afterAll(() => stack.disposeAsync());

  it('is empty while nothing changes, also when requests pass', async () => {
    await fetch(`http://127.0.0.1:${port}/v1/models`);
    expect(await logged(0)).toEqual([]);
  });

  it('says when the local one is stopped, and back', async () => {
    stopLocal();
    expect(await logged(1)).toEqual(['local down']);
    await startLocal();
    expect(await logged(1)).toEqual(['local up']);
  });

  it('says when it hangs, and back', async () => {
    localState = 'hangs';
    expect(await logged(1)).toEqual(['local down']);
    localState = 'well';
    expect(await logged(1)).toEqual(['local up']);
  });

  it('says when nobody answers', async () => {
    stopLocal();
    expect(await logged(1)).toEqual(['local down']);
    isKumaWell = false;
    expect(await logged(1)).toEqual(['node-kuma down']);
    isKumaWell = true;
    expect(await logged(1)).toEqual(['node-kuma up']);
  });

  it('says after a reload what is down, and nothing of what came back meanwhile', async () => {
    haproxy.kill('SIGUSR2');
    expect((await logged(2)).toSorted()).toEqual(['begun-anew', 'local down']);
    haproxy.kill('SIGUSR2');
    await startLocal();
    // The process before may still have noticed that one; and on a busy machine the signal may come before HAProxy is done with the last.
    const events: string[] = [];
    let signalledMs = Date.now();
    await vi.waitFor(
      async () => {
        events.push(...(await logged(0)));
        if (Date.now() - signalledMs > 5_000) {
          haproxy.kill('SIGUSR2');
          signalledMs = Date.now();
        }
        expect(events).toContain('begun-anew');
      },
      { timeout: 30_000, interval: 100 },
    );
    expect(events.filter(each => !each.startsWith('local '))).toEqual(['begun-anew']);
    await sleep(2_000);
    await logged(0);
  });

  it('keeps HAProxy from nothing when its socket is missing', async () => {
    await end(haproxy);
    await logged(0);
    fs.rmSync(file(movesSocket));
    const beganMs = Date.now();
    haproxy = startFront();
    const answers = async () => expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
    await vi.waitFor(answers, { timeout: 10_000, interval: 50 });
    expect(Date.now() - beganMs).toBeLessThan(5_000);
    await sleep(2_000);
    stopLocal();
    await sleep(2_000);
    const answer = await fetch(`http://127.0.0.1:${port}/`);
    expect(answer.status).toBe(200);
    await startLocal();
    // Until it has noticed.
    await sleep(2_000);
  });

  it('becomes one sign for what comes within a moment', async () => {
    const spool = makeSpool(file('state'));
    const line = movesCommand(spool, ['litellm.service', 'node-kuma kuma']);
    const [command] = parseCommandLines(line, { version: 257 }).commands;
    const argv = command?.argv.map(word => word.replaceAll('%%', '%').replaceAll('$$', '$')) ?? [];
    const child = await behindSocket(...argv);
    const ended = once(child, 'exit');
    await sleep(2_000);
    stopLocal();
    await vi.waitFor(() => expect(fs.readdirSync(spool)).not.toEqual([]), { timeout: 20_000 });
    await ended;
    const { moves, signs }: Spool = readSpool(spool, Date.now());
    expect(signs).toEqual([]);
    expect(moves).toMatchObject([
      {
        local: 'litellm.service',
        others: ['node-kuma kuma'],
        events: [{ kind: 'down', server: 'local', atMs: expect.any(Number) }],
      },
    ]);
    await startLocal();
  });
});
