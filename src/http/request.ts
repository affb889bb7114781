/** Sends one HTTP request and returns its answer without secrets, for everything that daruma asks. */
import http from 'node:http';
import https from 'node:https';
import tls from 'node:tls';
import { monotonicMs } from '../kernel/monotonic.ts';
import { withoutValues } from '../secrets/redaction.ts';
import {
  BodyBrokenError,
  connectionFault,
  faultError,
  silence,
  type SilentPhase,
  ThroughProxyError,
} from './connection-fault.ts';
import { eventsIn } from './events.ts';
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
  /** From the request to the first piece of the body, and to the last. */
  readonly firstSeconds: number;
  readonly lastSeconds: number;
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly text: string;
  /** The body as JSON; undefined when it is not JSON. */
  readonly json: unknown;
  /** What each event of a stream says: as JSON, or as text when it is not JSON; undefined when the body is no stream of events. */
  readonly events: readonly unknown[] | undefined;
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
  const { secrets } = request;
  const startMs = monotonicMs();
  const passedSeconds = () => Math.round(monotonicMs() - startMs) / 1_000;
  const pieces: { firstSeconds?: number; lastSeconds?: number } = {};
  let isBegun = false;
  const progress: Progress = {
    begun: () => {
      isBegun = true;
    },
    piece: () => {
      pieces.lastSeconds = passedSeconds();
      pieces.firstSeconds ??= pieces.lastSeconds;
    },
  };
  try {
    const { status, header, body } = await exchange(request, target, proxy, progress, signal);
    const seconds = passedSeconds();
    const text = new TextDecoder().decode(body);
    const events = eventsIn(text, header('content-type'));
    return {
      seconds,
      firstSeconds: seconds,
      lastSeconds: seconds,
      ...pieces,
      status,
      header,
      text: withoutValues(text, secrets),
      json: parsed(text, secrets),
      events: events?.map(data => parsed(data, secrets) ?? withoutValues(data, secrets)),
    };
  } catch (thrown) {
    const error = pieces.firstSeconds === undefined ? thrown : new BodyBrokenError(passedSeconds(), thrown);
    if (proxy === undefined) throw error;
    // If nothing beyond the proxy is encrypted, a TLS fault is one of the connection to the proxy.
    const isAboutProxy = !isBegun || (isPlain(target) && connectionFault(error).code === 'tls');
    throw new ThroughProxyError(proxy, isAboutProxy, error);
  }
}

/** What is told on the way. */
interface Progress {
  /** The first connection is made: to the proxy where there is one. */
  readonly begun: () => void;
  /** A piece of the body has come. */
  readonly piece: () => void;
}

interface Received extends Pick<HttpAnswer, 'status' | 'header'> {
  readonly body: Buffer;
}

async function exchange(
  { method, headers, json, authorities, patience = longPatience }: HttpRequest,
  target: URL,
  proxy: URL | undefined,
  progress: Progress,
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
    progress.begun();
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
      progress.piece();
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
