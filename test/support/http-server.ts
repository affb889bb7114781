/** Real HTTP servers on loopback that behave like faulty servers. */
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

/** The fault of one request. */
export type WireFault =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown }
  /** The connection is reset before the request is read. */
  | 'reset'
  /** The connection is reset after half of the answer. */
  | 'reset-mid-body'
  /** The server sends half of the answer and then nothing. */
  | 'hang-mid-body'
  /** The answer never ends. */
  | 'endless'
  /** The server never answers. */
  | 'hang';

type Answer = (request: Arrived) => WireFault | Promise<WireFault>;

/**
 * Runs a server on loopback until the test is over; with an identity it uses TLS.
 *
 * @returns the address of the server
 */
export async function serve(answer: Answer, host = '127.0.0.1', identity?: ServerIdentity): Promise<string> {
  const listener = (request: http.IncomingMessage, response: http.ServerResponse) => {
    const parts: Buffer[] = [];
    request.on('error', () => undefined);
    request.on('data', (part: Buffer) => parts.push(part));
    // Only a plain socket can be reset.
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

/** A server that records its requests. */
export async function receiver(answer: Answer, host?: string) {
  const arrived: Arrived[] = [];
  const url = await serve(request => {
    arrived.push(request);
    return answer(request);
  }, host);
  return { url, arrived };
}

/** A loopback port on which no process listens. */
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
