/** The other ends of channels: a receiver of HTTP requests, and a proxy in front of a real server that can fail. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { request as ask } from 'undici';
import { onTestFinished } from 'vitest';
import type { Letter } from '../../../src/notify/channel.ts';

interface Arrived {
  readonly method: string;
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** What goes wrong with one request. */
export type WireFault =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown }
  /** Before the request is read. */
  | 'reset'
  /** The server has it, and half of the answer is on the wire. */
  | 'reset-mid-body'
  /** No answer ever. */
  | 'hang';

type Answer = (request: Arrived) => WireFault | Promise<WireFault>;

/** Serves on loopback until the test is over. @returns its address */
export async function serve(answer: Answer, host = '127.0.0.1'): Promise<string> {
  const server = http.createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('error', () => undefined);
    request.on('data', (part: Buffer) => parts.push(part));
    const reply = async () => {
      const { method = '', url = '', headers } = request;
      const fault = await answer({ method, path: url, headers, body: Buffer.concat(parts).toString() });
      if (fault === 'reset') {
        request.socket.resetAndDestroy();
      } else if (fault === 'reset-mid-body') {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
        response.write('{"ok":tr', () => request.socket.resetAndDestroy());
      } else if (fault !== 'hang') {
        const { status, headers: more, body = '' } = fault;
        response.writeHead(status, more);
        response.end(typeof body === 'string' ? body : JSON.stringify(body));
      }
    };
    request.on('end', () => void reply());
  });
  await new Promise<void>(resolve => server.listen(0, host, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a server on a port has one
  const { port } = server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** A receiver that notes what comes. */
export async function receiver(answer: Answer, host?: string) {
  const arrived: Arrived[] = [];
  const url = await serve(request => {
    arrived.push(request);
    return answer(request);
  }, host);
  return { url, arrived };
}

/**
 * Stands in front of a real server.
 *
 * @param faultOf undefined lets a request through
 */
export function faultProxy(target: string, faultOf: (index: number) => WireFault | undefined) {
  let index = 0;
  return serve(async ({ method, path, headers, body }) => {
    const fault = faultOf(index);
    index += 1;
    if (fault !== undefined && fault !== 'reset-mid-body') return fault;
    const sent = { 'content-type': headers['content-type'] ?? '' };
    const answer = await ask(`${target}${path}`, { method, headers: sent, body });
    const text = await answer.body.text();
    return (
      fault ?? { status: answer.statusCode, headers: { 'content-type': 'application/json' }, body: text }
    );
  });
}

/** A port of loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = http.createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a server on a port has one
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return port;
}

export const letter: Letter = {
  id: 'daruma-own-17-1',
  title: '🔄 litellm <restarted> & up',
  body: 'It exited with status 3.\nIt was down for 7 s.',
  notices: [{ kind: 'text', atMs: 0, host: 'neko', text: 'litellm' }],
};

export function soon(seconds = 10): AbortSignal {
  return AbortSignal.timeout(seconds * 1_000);
}
