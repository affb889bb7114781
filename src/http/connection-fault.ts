/** What prevented two machines from communicating, for all protocols. */
import { errorCode } from '../kernel/errno.ts';

export interface ConnectionFault {
  readonly code:
    | 'name-not-found'
    | 'unreachable'
    | 'refused-connection'
    | 'connection-lost'
    | 'timeout'
    | 'tls'
    | 'proxy'
    | 'too-long';
  /** The HTTP status with which a proxy answered; null when none did. */
  readonly status: number | null;
  /** The message of the system, without secrets. */
  readonly detail: string;
  /** From the request to the fault, where a part of the body had come; left out otherwise. */
  readonly bodySeconds?: number;
  /** The proxy of the request; left out for a direct connection. */
  readonly proxy?: ProxyOnTheWay;
}

export interface ProxyOnTheWay {
  /** `HOST:PORT`, without a user name or a password; for `not-http` the name of the variable that names the proxy. */
  readonly address: string;
  /** What is wrong with the proxy itself; null when the fault may also be that of the server behind it. */
  readonly fault: ProxyFault | null;
}

export type ProxyFault =
  | 'name-not-found'
  | 'unreachable'
  | 'refused-connection'
  | 'timeout'
  | 'tls'
  /** The proxy asks for a user name and a password. */
  | 'unauthorized'
  /** The proxy answers in place of the server. */
  | 'refuses'
  /** The variable names a proxy of another kind, such as SOCKS, or no address at all. */
  | 'not-http';

/** A fault of a request through a proxy; the original error is its `cause`. */
export class ThroughProxyError extends Error {
  readonly address: string;
  /** Whether the connection to the proxy itself failed. */
  readonly isOfProxy: boolean;

  constructor({ hostname, port, protocol }: URL, isOfProxy: boolean, cause: unknown) {
    super('through a proxy', { cause });
    this.address = `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`;
    this.isOfProxy = isOfProxy;
  }
}

/** Only a part of the body of an answer came; the original error is its `cause`. */
export class BodyBrokenError extends Error {
  /** From the request to the fault. */
  readonly seconds: number;

  constructor(seconds: number, cause: unknown) {
    super('only a part of the body came', { cause });
    this.seconds = seconds;
  }
}

/** A variable of the environment names no proxy that requests can go through. */
export class UnusableProxyError extends Error {
  readonly variable: string;
  readonly scheme: string;

  /** @param scheme with its colon; empty when the variable contains no address */
  constructor(variable: string, scheme: string) {
    super('no proxy of HTTP');
    this.variable = variable;
    this.scheme = scheme;
  }
}

export function connectionFault(error: unknown): ConnectionFault {
  if (error instanceof UnusableProxyError) {
    const proxy = { address: error.variable, fault: 'not-http' } as const;
    return { code: 'proxy', status: null, detail: error.scheme, proxy };
  }
  if (!(error instanceof ThroughProxyError)) return faultOf(error);
  const fault = faultOf(error.cause);
  const { address, isOfProxy } = error;
  const own = faultOfProxy(fault, isOfProxy);
  const proxy = { address, fault: own };
  return own === null ? { ...fault, proxy } : { ...fault, code: 'proxy', proxy };
}

/** A client of a proxy resolves only the proxy's name, and connects only to the proxy. */
function faultOfProxy({ code, status, detail }: ConnectionFault, isOfProxy: boolean): ProxyFault | null {
  switch (code) {
    case 'name-not-found':
    case 'refused-connection':
      return code;
    case 'unreachable':
      return isOfProxy || detail !== '' ? code : null;
    case 'timeout':
      return isOfProxy || phaseOf(detail) === 'connect' ? code : null;
    case 'tls':
      return isOfProxy ? code : null;
    case 'connection-lost':
      return isOfProxy ? 'unreachable' : null;
    case 'proxy':
      if (status === null) return null;
      return status === 407 ? 'unauthorized' : 'refuses';
    case 'too-long':
      return null;
    default:
      return code satisfies never;
  }
}

function faultOf(error: unknown): ConnectionFault {
  const causes = [...errorsIn(error)];
  const broken = causes.find(cause => cause instanceof BodyBrokenError);
  const body = broken === undefined ? {} : { bodySeconds: broken.seconds };
  const proxyStatus = causes.flatMap(cause => proxyStatusOf(cause) ?? [])[0];
  if (proxyStatus !== undefined) return { code: 'proxy', status: proxyStatus, detail: '' };
  if (causes.some(({ name }) => name === 'TimeoutError'))
    return { code: 'timeout', status: null, detail: '', ...body };
  for (const cause of causes) {
    const code = faultCodeOf(cause);
    const known = connectionCodes[code] ?? (isAboutTls.test(code) ? 'tls' : undefined);
    if (known !== undefined) return { code: known, status: null, detail: `${code}${peerOf(cause)}`, ...body };
  }
  const first = causes.find(cause => cause !== broken);
  return {
    code: 'unreachable',
    status: null,
    detail: first === undefined ? '' : faultCodeOf(first),
    ...body,
  };
}

/** The phase in which the other side did not answer; `answer` when each part came in time, but the whole answer did not. */
export type SilentPhase = 'connect' | 'tls' | 'headers' | 'body' | 'answer';

/** @param fault a fault of the code `timeout` */
export function silentPhase({ detail }: ConnectionFault): SilentPhase {
  return phaseOf(detail);
}

function phaseOf(detail: string): SilentPhase {
  const [code = ''] = detail.split(' ');
  return silentPhases[code] ?? 'answer';
}

const silentPhases: Readonly<Record<string, SilentPhase>> = {
  ETIMEDOUT: 'connect',
  ERR_TLS_HANDSHAKE_TIMEOUT: 'tls',
  ERR_HTTP_HEADERS_TIMEOUT: 'headers',
  ERR_HTTP_BODY_TIMEOUT: 'body',
};

/** The error of a phase that takes too long. */
export function silence(phase: Exclude<SilentPhase, 'answer'>): Error {
  const code = Object.keys(silentPhases).find(each => silentPhases[each] === phase);
  return faultError(code ?? phase);
}

/** An error like those of Node itself. */
export function faultError(code: string, fields: object = {}): Error {
  return Object.assign(new Error(code), { code, ...fields });
}

/** When several addresses were tried, each of them has an error of its own. */
function* errorsIn(error: unknown): Iterable<Error> {
  if (!(error instanceof Error)) return;
  yield error;
  if (error instanceof AggregateError) for (const each of error.errors) yield* errorsIn(each);
  yield* errorsIn(error.cause);
}

/** The status with which a proxy refuses a tunnel. */
function proxyStatusOf(error: Error): number | undefined {
  return errorCode(error) === 'ERR_PROXY_TUNNEL' && 'statusCode' in error
    ? Number(error.statusCode)
    : undefined;
}

/** nodemailer has codes of its own, and keeps those of the system beside them. */
function faultCodeOf(error: Error): string {
  if ('originalCode' in error) return String(error.originalCode);
  return errorCode(error) ?? '';
}

function peerOf(error: Error): string {
  return 'address' in error && 'port' in error ? ` ${String(error.address)}:${String(error.port)}` : '';
}

const isAboutTls =
  /^(?:CERT_|ERR_TLS_|ERR_SSL_|EPROTO$|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_CA$|HOSTNAME_MISMATCH$)/;

const connectionCodes: Readonly<Record<string, ConnectionFault['code']>> = {
  ENOTFOUND: 'name-not-found',
  EAI_AGAIN: 'name-not-found',
  EDNS: 'name-not-found',
  ECONNREFUSED: 'refused-connection',
  ECONNRESET: 'connection-lost',
  EPIPE: 'connection-lost',
  ECONNECTION: 'connection-lost',
  ETIMEDOUT: 'timeout',
  ERR_TLS_HANDSHAKE_TIMEOUT: 'timeout',
  ERR_HTTP_HEADERS_TIMEOUT: 'timeout',
  ERR_HTTP_BODY_TIMEOUT: 'timeout',
  ERR_HTTP_BODY_TOO_LONG: 'too-long',
  HPE_HEADER_OVERFLOW: 'too-long',
  ENETUNREACH: 'unreachable',
  EHOSTUNREACH: 'unreachable',
};
