/** Certificates as real servers show them: an authority of the tests' own issues them when a test runs. */
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { lookAtCertificate } from '../../src/http/certificate.ts';
import { connectionFault, silentPhase } from '../../src/http/connection-fault.ts';
import { createAuthority, selfSigned, type ServerIdentity } from '../support/certificates.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'daruma-authority-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));
const authority = createAuthority(folder, 'known');
const stranger = createAuthority(folder, 'stranger');
const limits = { connectMs: 1_000, handshakeMs: 1_000 };
const local = { names: ['DNS:localhost', 'IP:127.0.0.1'], fromDays: -1, toDays: 60 } as const;

async function listen(server: net.Server): Promise<number> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a server on a port has one
  return (server.address() as AddressInfo).port;
}

/** @returns its port, and what it was asked for */
async function serveTls(identity: ServerIdentity) {
  const asked: string[] = [];
  const server = https.createServer(identity, ({ url = '' }, response) => {
    asked.push(url);
    response.end();
  });
  return { port: await listen(server), asked };
}

describe('a certificate', () => {
  it.each([
    ['good', authority.issue(local), []],
    ['expired', authority.issue({ ...local, fromDays: -30, toDays: -2 }), ['expired']],
    ['of tomorrow', authority.issue({ ...local, fromDays: 2 }), ['not-yet-valid']],
    ['of another machine', authority.issue({ ...local, names: ['DNS:kuma.example.com'] }), ['wrong-name']],
    [
      'of another machine and expired',
      authority.issue({ names: ['DNS:kuma.example.com'], fromDays: -30, toDays: -2 }),
      ['expired', 'wrong-name'],
    ],
    ['of an authority that nobody knows', stranger.issue(local), ['unknown-issuer']],
    [
      'sent without those who vouch for it',
      stranger.issue({
        ...local,
        extensions: ['authorityInfoAccess=caIssuers;URI:http://authority.example.com/ca.der'],
      }),
      ['incomplete-chain'],
    ],
    ['that vouches for itself', selfSigned(folder, 'localhost'), ['self-signed']],
  ] as const)('%s', async (_, identity, problems) => {
    const { port, asked } = await serveTls(identity);
    const url = new URL(`https://localhost:${port}/v1`);
    const shown = await lookAtCertificate(url, [authority.certificate], limits);
    expect(shown.problems).toEqual(problems);
    expect(asked).toEqual([]);
  });

  it('says whose it is, who vouches for it, and until when', async () => {
    const { port } = await serveTls(authority.issue(local));
    const shown = await lookAtCertificate(
      new URL(`https://127.0.0.1:${port}/`),
      [authority.certificate],
      limits,
    );
    expect(shown).toMatchObject({ names: ['localhost', '127.0.0.1'], issuer: 'Tests known', problems: [] });
    expect(Math.round((shown.validToMs - Date.now()) / 86_400_000)).toBe(60);
  });

  it('is looked at through the proxy that the environment names', async () => {
    const { port, asked } = await serveTls(authority.issue({ ...local, names: ['DNS:kuma.example.com'] }));
    const wanted: string[] = [];
    const proxy = http.createServer();
    proxy.on('connect', ({ url = '' }: http.IncomingMessage, client: net.Socket) => {
      wanted.push(url);
      const server = net.connect(port, '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        server.pipe(client).pipe(server);
      });
      server.on('error', () => client.destroy());
      client.on('error', () => server.destroy());
    });
    vi.stubEnv('https_proxy', `http://127.0.0.1:${await listen(proxy)}`);
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    const url = new URL('https://kuma.example.com/litellm/v1');
    const shown = await lookAtCertificate(url, [authority.certificate], limits);
    expect(shown).toMatchObject({ names: ['kuma.example.com'], problems: [] });
    expect([wanted, asked]).toEqual([['kuma.example.com:443'], []]);
  });
});

describe('no certificate at all', () => {
  const look = (port: number) =>
    lookAtCertificate(new URL(`https://127.0.0.1:${port}/`), [], limits).then(
      () => undefined,
      connectionFault,
    );

  it('from one that does not speak TLS', async () => {
    const server = http.createServer((_, response) => response.end());
    expect(await look(await listen(server))).toMatchObject({ code: 'tls' });
  });

  it('from one that is silent', async () => {
    const sockets: net.Socket[] = [];
    const server = net.createServer(socket => sockets.push(socket));
    const fault = await look(await listen(server));
    for (const socket of sockets) socket.destroy();
    expect(fault).toMatchObject({ code: 'timeout' });
    expect(fault && silentPhase(fault)).toBe('tls');
  });

  it('from one that hangs up', async () => {
    const server = net.createServer(socket => socket.destroy());
    expect(await look(await listen(server))).toMatchObject({ code: 'connection-lost' });
  });
});
