/** Sends one HTTP request and returns its answer without secrets, for everything that daruma asks. */
import type { buildConnector } from 'undici';
import { withoutValues } from '../secrets/redaction.ts';
import { connectionFault, ThroughProxyError } from './connection-fault.ts';
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

/** How long to wait for each part of an answer; undici's own values when it is left out. */
export interface Patience {
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
export async function sendRequest(
  { method, url, headers, json, secrets, authorities, patience }: HttpRequest,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  // undici is loaded when there is something to send: the hook alone never needs it.
  const { Agent, buildConnector: connectorOf, Pool, ProxyAgent } = await import('./undici.ts');
  const target = new URL(url);
  // Reading the certificates takes as long as everything else.
  const ca = url.startsWith('https:') ? { ca: [...(authorities ?? trustedAuthorities())] } : {};
  const timeout = patience === undefined ? {} : { timeout: patience.connectMs };
  const connecting = { ...ca, ...timeout, autoSelectFamily: true };
  // The build leaves HTTP/2 out: to load it takes longer than to send a request, and a connection has only one.
  const speaking = { allowH2: false };
  const proxy = proxyFor(target, process.env);
  const proxyTls = {
    ...timeout,
    ...speaking,
    ...(proxy?.protocol === 'https:' ? { ca: [...trustedAuthorities()] } : {}),
  };
  let isOfProxy = false;
  const toProxy: buildConnector.connector = (to, done) =>
    connectorOf(proxyTls)(to, (...outcome) => {
      isOfProxy ||= outcome[0] !== null;
      done(...outcome);
    });
  const dispatcher =
    proxy === undefined
      ? new Agent({ connect: connecting, ...speaking })
      : new ProxyAgent({
          ...speaking,
          connect: connecting,
          uri: proxy.href,
          requestTls: { ...ca, ...timeout, ...speaking },
          proxyTls,
          clientFactory: origin => new Pool(origin, { connect: toProxy, ...speaking }),
        });
  try {
    const startMs = performance.now();
    const answer = await dispatcher.request({
      origin: target.origin,
      path: `${target.pathname}${target.search}`,
      method,
      headers: {
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        'user-agent': 'daruma',
        ...headers,
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      ...(patience === undefined ? {} : { headersTimeout: patience.headersMs, bodyTimeout: patience.bodyMs }),
      signal,
    });
    const text = await textOf(answer.body);
    return {
      seconds: Math.round(performance.now() - startMs) / 1_000,
      status: answer.statusCode,
      header: name => [answer.headers[name]].flat()[0],
      text: withoutValues(text, secrets),
      json: parsed(text, secrets),
    };
  } catch (error) {
    if (proxy === undefined) throw error;
    // If nothing beyond the proxy is encrypted, a TLS fault is one of the connection to the proxy.
    const isAboutProxy = isOfProxy || (url.startsWith('http:') && connectionFault(error).code === 'tls');
    throw new ThroughProxyError(proxy, isAboutProxy, error);
  } finally {
    await dispatcher.destroy();
  }
}

/** Limit in bytes: the longest lists of models have a megabyte, and an endless answer must not fill the memory. */
const longestAnswer = 16 * 1024 * 1024;

/** undici's own limit does not apply to answers through a proxy (8.13, `maxResponseSize`). */
async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of body) {
    size += part.length;
    if (size > longestAnswer)
      throw Object.assign(new Error('too long'), { code: 'UND_ERR_RES_EXCEEDED_MAX_SIZE' });
    parts.push(part);
  }
  return new TextDecoder().decode(Buffer.concat(parts));
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
