/** One request of a channel, and what its answer means: for all channels that speak HTTP. */
import type { ChannelFault, Receipt } from '../channel.ts';
import { trustedAuthorities } from './trust.ts';

export interface HttpRequest {
  readonly method?: 'PUT';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json: unknown;
  /** What must not be told of the answer, for some servers repeat what they were asked. */
  readonly secrets: readonly string[];
}

export interface HttpAnswer {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly text: string;
  /** The text as JSON; undefined where it is none. */
  readonly json: unknown;
}

/** What a channel knows of its service's answers. */
export interface AnswerReading {
  /** Whether an answer of success comes from such a service at all: some servers answer 200 to anything. */
  readonly isAccepted?: (answer: HttpAnswer) => boolean;
  /** What went wrong, in the words of the service. */
  readonly detail?: (answer: HttpAnswer) => string | undefined;
  readonly retryAfterSeconds?: (answer: HttpAnswer) => number | undefined;
  /** What a status below 500 means where it is not what it usually means. */
  readonly judge?: (answer: HttpAnswer, fault: ChannelFault) => Receipt | undefined;
}

/** An address that is kept as a secret; undefined where that is none. */
export function addressOf(secret: string | undefined): URL | undefined {
  const url = secret === undefined ? null : URL.parse(secret);
  return url !== null && /^https?:$/.test(url.protocol) ? url : undefined;
}

/** It is a secret in all its parts. */
export function secretsIn({ href, pathname }: URL): readonly string[] {
  return [href, pathname, ...pathname.split('/').filter(part => part.length >= 8)];
}

/** Asks once. Never throws. */
export async function exchange(
  request: HttpRequest,
  reading: AnswerReading,
  signal: AbortSignal,
): Promise<Receipt> {
  try {
    return receiptOf(await ask(request, signal), reading, request.secrets);
  } catch (error) {
    return { kind: 'later', fault: connectionFault(error) };
  }
}

async function ask(
  { method, url, headers, json, secrets }: HttpRequest,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  // Loaded when there is something to send: the hook alone never needs it.
  const { EnvHttpProxyAgent, request } = await import('undici');
  // To read certificates takes as long as all the rest.
  const ca = url.startsWith('https:') ? { ca: trustedAuthorities() } : {};
  const dispatcher = new EnvHttpProxyAgent({ connect: { ...ca, autoSelectFamily: true }, requestTls: ca });
  try {
    const answer = await request(url, {
      method: method ?? 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'daruma', ...headers },
      body: JSON.stringify(json),
      signal,
      dispatcher,
    });
    const text = await answer.body.text();
    return {
      status: answer.statusCode,
      header: name => [answer.headers[name]].flat()[0],
      text: withoutSecrets(text, secrets),
      json: parsed(text),
    };
  } finally {
    await dispatcher.destroy();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter(secret => secret !== '')
    .reduce((each, secret) => each.replaceAll(secret, '***'), text);
}

function receiptOf(answer: HttpAnswer, reading: AnswerReading, secrets: readonly string[]): Receipt {
  const { status } = answer;
  const said = reading.detail?.(answer) ?? '';
  const detail = withoutSecrets(said, secrets).slice(0, longestDetail);
  const fault = (code: ChannelFault['code']): ChannelFault => ({ code, status, detail });
  if (status >= 200 && status < 300) {
    return reading.isAccepted?.(answer) === false
      ? { kind: 'later', fault: fault('wrong-service') }
      : { kind: 'delivered' };
  }
  // A redirect is not followed: it would turn the message into a GET, or take the token elsewhere.
  if (status < 400) return { kind: 'later', fault: fault('wrong-service') };
  const code = status >= 500 ? 'server-error' : (codes[status] ?? 'rejected');
  const judged = reading.judge?.(answer, fault(code));
  if (judged !== undefined) return judged;
  if (code === 'rejected') return { kind: 'refused', fault: fault(code) };
  const retryAfterSeconds = reading.retryAfterSeconds?.(answer) ?? retryAfter(answer.header('retry-after'));
  return {
    kind: 'later',
    fault: fault(code),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
}

const longestDetail = 200;

const codes: Readonly<Record<number, ChannelFault['code']>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
  407: 'proxy',
  408: 'timeout',
  410: 'not-found',
  429: 'rate-limited',
};

/** Seconds, or a date (RFC 9110, 10.2.3). */
function retryAfter(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value)) return Number(value);
  const atMs = Date.parse(value);
  return Number.isNaN(atMs) ? undefined : Math.max(0, (atMs - Date.now()) / 1_000);
}

/** What kept two machines from talking to each other, whichever protocol they speak. */
export function connectionFault(error: unknown): ChannelFault {
  const causes = [...causesOf(error)];
  const proxyStatus = causes.flatMap(
    ({ message }) => /^Proxy response \((\d+)\)/.exec(message)?.[1] ?? [],
  )[0];
  if (proxyStatus !== undefined) return { code: 'proxy', status: Number(proxyStatus), detail: '' };
  if (causes.some(({ name }) => name === 'TimeoutError'))
    return { code: 'timeout', status: null, detail: '' };
  for (const cause of causes) {
    const code = codeOf(cause);
    const known = connectionCodes[code] ?? (isAboutTls.test(code) ? 'tls' : undefined);
    if (known !== undefined) return { code: known, status: null, detail: `${code}${peerOf(cause)}` };
  }
  const [first] = causes;
  return { code: 'unreachable', status: null, detail: first === undefined ? '' : codeOf(first) };
}

/** Of several addresses that were tried each has an error of its own. */
function* causesOf(error: unknown): Iterable<Error> {
  if (!(error instanceof Error)) return;
  yield error;
  if (error instanceof AggregateError) for (const each of error.errors) yield* causesOf(each);
  yield* causesOf(error.cause);
}

/** nodemailer has codes of its own, and keeps the system's beside them. */
function codeOf(error: Error): string {
  if ('originalCode' in error) return String(error.originalCode);
  return 'code' in error ? String(error.code) : '';
}

function peerOf(error: Error): string {
  return 'address' in error && 'port' in error ? ` ${String(error.address)}:${String(error.port)}` : '';
}

const isAboutTls =
  /^(?:CERT_|ERR_TLS_|ERR_SSL_|EPROTO$|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_CA$|HOSTNAME_MISMATCH$)/;

const connectionCodes: Readonly<Record<string, ChannelFault['code']>> = {
  ENOTFOUND: 'name-not-found',
  EAI_AGAIN: 'name-not-found',
  EDNS: 'name-not-found',
  ECONNREFUSED: 'refused-connection',
  ECONNRESET: 'connection-lost',
  EPIPE: 'connection-lost',
  ECONNECTION: 'connection-lost',
  UND_ERR_SOCKET: 'connection-lost',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'connection-lost',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  ETIMEDOUT: 'timeout',
  ENETUNREACH: 'unreachable',
  EHOSTUNREACH: 'unreachable',
};
