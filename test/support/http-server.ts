/** Real HTTP servers on loopback, that do as servers do when something is wrong with them. */
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { ServerIdentity } from './certificates.ts';

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
  /** The same half, and then nothing. */
  | 'hang-mid-body'
  /** It goes on as long as anyone reads. */
  | 'endless'
  /** No answer ever. */
  | 'hang';

type Answer = (request: Arrived) => WireFault | Promise<WireFault>;

/**
 * Serves on loopback until the test is over; with an identity over TLS.
 *
 * @returns its address
 */
export async function serve(answer: Answer, host = '127.0.0.1', identity?: ServerIdentity): Promise<string> {
  const listener = (request: http.IncomingMessage, response: http.ServerResponse) => {
    const parts: Buffer[] = [];
    request.on('error', () => undefined);
    request.on('data', (part: Buffer) => parts.push(part));
    // Only a bare socket has a reset.
    const cut = () => (identity === undefined ? request.socket.resetAndDestroy() : request.socket.destroy());
    const reply = async () => {
      const { method = '', url = '', headers } = request;
      const fault = await answer({ method, path: url, headers, body: Buffer.concat(parts).toString() });
      if (fault === 'reset') {
        cut();
      } else if (fault === 'endless') {
        response.writeHead(200);
        const more = (): void => {
          response.write('x'.repeat(64 * 1024), error => error ?? more());
        };
        more();
      } else if (fault === 'reset-mid-body' || fault === 'hang-mid-body') {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
        response.write('{"ok":tr', () => fault === 'hang-mid-body' || cut());
      } else if (fault !== 'hang') {
        const { status, headers: more, body = '' } = fault;
        response.writeHead(status, more);
        response.end(typeof body === 'string' ? body : JSON.stringify(body));
      }
    };
    request.on('end', () => void reply());
  };
  const server =
    identity === undefined ? http.createServer(listener) : https.createServer(identity, listener);
  await new Promise<void>(resolve => server.listen(0, host, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a server on a port has one
  const { port } = server.address() as AddressInfo;
  return `${identity === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
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

/** A port of loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = http.createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a server on a port has one
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return port;
}

export function soon(seconds = 10): AbortSignal {
  return AbortSignal.timeout(seconds * 1_000);
}
