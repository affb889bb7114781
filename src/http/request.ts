/** Sends one HTTP request and returns its answer without secrets, for everything that daruma asks. */
import http from 'node:http';
import https from 'node:https';
import tls from 'node:tls';
import { withoutValues } from '../secrets/redaction.ts';
import {
  connectionFault,
  faultError,
  silence,
  type SilentPhase,
  ThroughProxyError,
} from './connection-fault.ts';
import { proxyFor } from './proxy.ts';
import { trustedAuthorities } from './trust.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The body; undefined for a request without a body. */
  readonly json: unknown;
  /** The secrets to remove from the answer, since some servers repeat the request. */
  readonly secrets: readonly string[];
  /** The trusted certificates in PEM; those of the machine when they are left out. */
  readonly authorities?: readonly string[];
  readonly patience?: Patience;
}

/** How long to wait for each part of an answer; when it is left out, long enough for whoever limits the whole. */
export interface Patience {
  /** For the connection, and as long again for what is encrypted or tunnelled in it. */
  readonly connectMs: number;
  /** From the request to the first line of the answer, in milliseconds. */
  readonly headersMs: number;
  /** From one piece of the answer to the next, in milliseconds. */
  readonly bodyMs: number;
}

export interface HttpAnswer {
  /** From the request to the end of the answer. */
  readonly seconds: number;
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly text: string;
  /** The body as JSON; undefined when it is not JSON. */
  readonly json: unknown;
}

/**
 * Sends one request. It does not follow redirects, which would turn a message into a GET or send the key to another
 * server.
 *
 * @throws Error that `connectionFault()` understands
 */
export async function sendRequest(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
  const target = new URL(request.url);
  const proxy = proxyFor(target, process.env);
  const progress = { isBegun: false };
  const startMs = performance.now();
  try {
    const { status, header, body } = await exchange(request, target, proxy, progress, signal);
    const text = new TextDecoder().decode(body);
    return {
      seconds: Math.round(performance.now() - startMs) / 1_000,
      status,
      header,
      text: withoutValues(text, request.secrets),
      json: parsed(text, request.secrets),
    };
  } catch (error) {
    if (proxy === undefined) throw error;
    // If nothing beyond the proxy is encrypted, a TLS fault is one of the connection to the proxy.
    const isAboutProxy = !progress.isBegun || (isPlain(target) && connectionFault(error).code === 'tls');
    throw new ThroughProxyError(proxy, isAboutProxy, error);
  }
}

interface Received extends Pick<HttpAnswer, 'status' | 'header'> {
  readonly body: Buffer;
}

/** @param progress is told when the first connection is made: to the proxy where there is one */
async function exchange(
  { method, headers, json, authorities, patience = longPatience }: HttpRequest,
  target: URL,
  proxy: URL | undefined,
  progress: { isBegun: boolean },
  signal: AbortSignal,
): Promise<Received> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<Received>();
  let limit: NodeJS.Timeout | undefined;
  const waitFor = (phase: Exclude<SilentPhase, 'answer'>, milliseconds: number) => {
    clearTimeout(limit);
    limit = setTimeout(() => reject(silence(phase)), milliseconds);
  };
  const agent = agentFor(target, proxy, () => {
    progress.isBegun = true;
    waitFor('tls', patience.connectMs);
  });
  // Reading the certificates takes as long as everything else.
  const ca = isPlain(target) ? {} : { ca: [...(authorities ?? trustedAuthorities())] };
  const type = json === undefined ? {} : { 'content-type': 'application/json' };
  const request = (isPlain(target) ? http : https).request(withoutUser(target), {
    agent,
    method,
    headers: { ...type, 'user-agent': 'daruma', ...headers },
    ...ca,
  });
  request.on('error', reject);
  request.on('socket', socket => {
    const answering = () => waitFor('headers', patience.headersMs);
    // What comes through a tunnel is complete.
    if (socket.connecting) socket.once(isPlain(proxy ?? target) ? 'connect' : 'secureConnect', answering);
    else answering();
  });
  request.on('response', response => {
    const status = response.statusCode ?? 0;
    // Of what is not encrypted a proxy answers as the server would.
    if (proxy !== undefined && isPlain(target) && status === unauthorizedByProxy) {
      reject(faultError('ERR_PROXY_TUNNEL', { statusCode: status }));
    }
    const parts: Buffer[] = [];
    let size = 0;
    const listen = () => waitFor('body', patience.bodyMs);
    listen();
    response.on('error', reject);
    response.on('data', (part: Buffer) => {
      listen();
      size += part.length;
      if (size > longestAnswer) reject(faultError('ERR_HTTP_BODY_TOO_LONG'));
      else parts.push(part);
    });
    const header = (name: string) => [response.headers[name]].flat()[0];
    response.on('end', () => resolve({ status, header, body: Buffer.concat(parts) }));
  });
  const interrupt = () => reject(signal.reason);
  signal.addEventListener('abort', interrupt);
  waitFor('connect', patience.connectMs);
  request.end(json === undefined ? undefined : JSON.stringify(json));
  try {
    return await promise;
  } finally {
    clearTimeout(limit);
    signal.removeEventListener('abort', interrupt);
    request.destroy();
    agent.destroy();
  }
}

const longPatience: Patience = { connectMs: 10_000, headersMs: 300_000, bodyMs: 300_000 };

/** Limit in bytes: the longest lists of models have a megabyte, and an endless answer must not fill the memory. */
const longestAnswer = 16 * 1024 * 1024;

/** 407 Proxy Authentication Required (RFC 9110, 15.5.8). */
const unauthorizedByProxy = 407;

/** @param begun is called when the first connection is made */
function agentFor(target: URL, proxy: URL | undefined, begun: () => void): http.Agent {
  const { Agent } = isPlain(target) ? http : https;
  const agent = new Agent(proxy === undefined ? {} : { proxyEnv: environmentFor(proxy) });
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (...given) => {
    // Of a tunnel it is the connection to the proxy; the encrypted one to the target comes by the callback.
    const first = connect(...given);
    first?.once(proxy === undefined || isPlain(proxy) ? 'connect' : 'secureConnect', begun);
    return first;
  };
  return agent;
}

/** For the agents of Node, which have known proxies since 24.5. */
function environmentFor(proxy: URL): NodeJS.ProcessEnv {
  if (!('setDefaultCACertificates' in tls)) throw faultError(`Node ${process.version} knows no proxies`);
  // They have no setting for it: the proxy of a company may have a certificate of the company's own authority.
  if (!isPlain(proxy)) tls.setDefaultCACertificates(trustedAuthorities());
  return { http_proxy: proxy.href, https_proxy: proxy.href };
}

function isPlain({ protocol }: URL): boolean {
  return protocol === 'http:';
}

/** Node would send the user and the password of an address to its server. */
function withoutUser(url: URL): URL {
  return Object.assign(new URL(url), { username: '', password: '' });
}

/** Removes the secrets from each text of the JSON separately, since JSON may write a secret with escapes. */
function parsed(text: string, secrets: readonly string[]): unknown {
  try {
    return JSON.parse(text, (_, value: unknown) =>
      typeof value === 'string' ? withoutValues(value, secrets) : value,
    );
  } catch {
    return undefined;
  }
}
