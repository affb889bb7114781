/**
 * The parts of D-Bus that daruma needs: calls, properties and signals of one destination on one socket; every wait has
 * a limit. Only this file uses the library `dbus-native`, which is loaded only when there is a socket to open.
 */
import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DBusConnection as Wire, Message } from 'dbus-native';
import { isMapping } from '../../json/value.ts';
import { errorCode } from '../../kernel/errno.ts';

export type DBusProperties = Readonly<Record<string, unknown>>;

/** A connection to one destination. All methods reject with {@link DBusFailure}. */
export interface DBusConnection extends AsyncDisposable {
  /**
   * @param signature of `args`, as in `as`
   * @returns undefined, the value, or the list of values, after what the method returns; 64-bit numbers are bigint,
   * variants their value, dictionaries with string keys objects
   */
  call(
    path: string,
    interfaceName: string,
    member: string,
    signature?: string,
    args?: readonly unknown[],
  ): Promise<unknown>;
  get(path: string, interfaceName: string, property: string): Promise<unknown>;
  /** Properties of an interface; for an empty name, those of all interfaces of the object. */
  getAll(path: string, interfaceName: string): Promise<DBusProperties>;
  /**
   * Calls the listener for each signal until the returned function is called. On a bus, the match rule is in effect
   * when the promise resolves. Managers of systemd send signals only after a call of `Manager.Subscribe` on the same
   * connection.
   */
  subscribe(match: SignalMatch, listener: (signal: DBusSignal) => void): Promise<() => Promise<void>>;
  /** Resolves when the connection is closed, by either side. */
  readonly closed: Promise<void>;
}

interface SignalMatch {
  readonly interfaceName: string;
  readonly member?: string;
  readonly path?: string;
}

export interface DBusSignal {
  readonly path: string;
  readonly member: string;
  readonly args: readonly unknown[];
}

/** A fault between daruma and the other side. */
export class DBusFailure extends Error {
  /** `error` is an error reply: the other side works. With all other codes, the connection cannot be used. */
  readonly code: 'no-socket' | 'refused' | 'timeout' | 'closed' | 'error';
  /** The D-Bus name of an `error`, such as `org.freedesktop.DBus.Error.UnknownObject`. */
  readonly errorName: string | undefined;

  constructor(
    code: DBusFailure['code'],
    message: string,
    options?: ErrorOptions & { readonly errorName?: string },
  ) {
    super(message, options);
    this.name = 'DBusFailure';
    this.code = code;
    this.errorName = options?.errorName;
  }
}

export interface DBusAddress {
  readonly socket: string;
  /** Bus name of the service to talk to. It has no meaning on a `direct` socket. */
  readonly destination: string;
  /**
   * Whether the service itself listens on the socket (systemd's private sockets): there is no bus, no `Hello` and no
   * match rule.
   */
  readonly direct?: boolean;
  /** How long to wait for the connection and for each answer, in milliseconds. */
  readonly timeoutMs?: number;
}

export const systemBusSocket = '/run/dbus/system_bus_socket';

/** Local answers take milliseconds, also from a busy manager a second: a service that has not answered within this time hangs. */
export const defaultTimeoutMs = 5000;

/** Connects and authenticates as the user of this process (mechanism EXTERNAL). */
export async function openDBus(address: DBusAddress): Promise<DBusConnection> {
  const { socket, destination, direct = false, timeoutMs = defaultTimeoutMs } = address;
  // This is tested first: loading the library takes longer than everything else in opening a host.
  if (!fs.existsSync(socket)) throw new DBusFailure('no-socket', `${socket} does not exist`);
  const dbus = await import('dbus-native');
  // `direct` also on a bus: when the library's own Hello fails, it throws an error that no caller can catch.
  const client = dbus.createClient({ socket, direct: true, authMethods: ['EXTERNAL'], timeout: timeoutMs });
  const wire = client.connection;
  const closed = new Promise<void>(resolve => {
    wire.once('close', () => resolve());
  });

  const close = async (): Promise<void> => {
    // `client.close()` would wait for the other side to close the connection, and a side that hangs never does.
    wire.stream.destroy();
    await closed;
  };

  const invoke = async (message: Message): Promise<unknown> => {
    try {
      const reply: unknown = await client.invoke(message);
      return reply;
    } catch (error) {
      throw failureOf(error, message, socket);
    }
  };

  let isFirst = true;
  const send = (message: Message): Promise<unknown> => {
    const reply = invoke(message);
    if (!direct || !isFirst) return reply;
    isFirst = false;
    return nudged(reply, () => invoke(ping));
  };

  const call: DBusConnection['call'] = (path, interfaceName, member, signature, args = []) =>
    send({
      destination,
      path,
      interface: interfaceName,
      member,
      ...(signature === undefined ? {} : { signature, body: [...args] }),
    });

  const callBus = (member: string, ...rule: readonly string[]) =>
    send({
      destination: 'org.freedesktop.DBus',
      path: '/org/freedesktop/DBus',
      interface: 'org.freedesktop.DBus',
      member,
      ...(rule.length === 0 ? {} : { signature: 's', body: [...rule] }),
    });

  try {
    await authenticated(wire, socket, timeoutMs);
    if (!direct) await callBus('Hello');
  } catch (error) {
    await close();
    throw error;
  }

  return {
    call,
    get: (path, interfaceName, property) =>
      call(path, propertiesInterface, 'Get', 'ss', [interfaceName, property]),
    getAll: async (path, interfaceName) => {
      const reply = await call(path, propertiesInterface, 'GetAll', 's', [interfaceName]);
      if (isMapping(reply)) return reply;
      throw new DBusFailure('error', `${socket}: GetAll on ${path} did not answer with properties`);
    },
    subscribe: async (match, listener) => {
      const hear = (message: Message) => {
        const signal = matchingSignal(message, match);
        if (signal !== undefined) listener(signal);
      };
      wire.on('message', hear);
      if (!direct) await callBus('AddMatch', matchRule(match, destination));
      return async () => {
        wire.off('message', hear);
        if (!direct) await callBus('RemoveMatch', matchRule(match, destination));
      };
    },
    closed,
    [Symbol.asyncDispose]: close,
  };
}

/**
 * sd-bus leaves data that it reads together with the last line of the authentication in its buffer until more data
 * arrives: a first call may wait there without end. So more data is sent until the call is answered.
 *
 * Run: 252, 257, 262, a call in one write with `BEGIN`.
 */
async function nudged<T>(reply: Promise<T>, nudge: () => Promise<unknown>): Promise<T> {
  const ended = new AbortController();
  void nudgeUntil(ended.signal, nudge);
  try {
    return await reply;
  } finally {
    ended.abort();
  }
}

async function nudgeUntil(ended: AbortSignal, nudge: () => Promise<unknown>): Promise<void> {
  // A busy manager may read a nudge, too, together with the earlier data: the next one follows later.
  for (let pauseMs = firstNudgeMs; ; pauseMs *= 2) {
    await sleep(pauseMs, undefined, { signal: ended, ref: false }).catch(() => undefined);
    if (ended.aborted) return;
    nudge().catch(() => undefined);
  }
}

/** The first pause in milliseconds; local answers take less. */
const firstNudgeMs = 5;

const ping: Message = { path: '/', interface: 'org.freedesktop.DBus.Peer', member: 'Ping' };

const propertiesInterface = 'org.freedesktop.DBus.Properties';

/** Message types of the D-Bus specification, "Message Format". */
const signalType = 4;

function authenticated(wire: Wire, socket: string, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new DBusFailure('timeout', `${socket} did not answer within ${timeoutMs} ms`));
    }, timeoutMs);
    wire.once('connect', () => {
      clearTimeout(timer);
      resolve();
    });
    // These two listeners remain for the life of the connection: an 'error' without a listener would end the process.
    // The library itself rejects pending calls.
    wire.on('error', error => {
      clearTimeout(timer);
      const code = errorCode(error) === 'ENOENT' ? 'no-socket' : 'refused';
      reject(new DBusFailure(code, `${socket}: ${error.message}`, { cause: error }));
    });
    wire.on('close', () => {
      clearTimeout(timer);
      reject(new DBusFailure('refused', `${socket} hung up before it let us in`));
    });
  });
}

function failureOf(error: unknown, message: Message, socket: string): DBusFailure {
  const what = `${message.member ?? ''} on ${message.path ?? ''} over ${socket}`;
  if (!(error instanceof Error)) return new DBusFailure('error', what, { cause: error });
  const text = `${what}: ${error.message}`;
  if (errorCode(error) === 'ETIMEDOUT') return new DBusFailure('timeout', text, { cause: error });
  if (errorCode(error) === 'ECONNCLOSED') return new DBusFailure('closed', text, { cause: error });
  const errorName = 'dbusName' in error && typeof error.dbusName === 'string' ? error.dbusName : undefined;
  return new DBusFailure('error', text, { cause: error, ...(errorName === undefined ? {} : { errorName }) });
}

function matchingSignal(message: Message, match: SignalMatch): DBusSignal | undefined {
  const { type, path, member, body } = message;
  if (type !== signalType || path === undefined || member === undefined) return undefined;
  if (message.interface !== match.interfaceName) return undefined;
  if (match.member !== undefined && match.member !== member) return undefined;
  if (match.path !== undefined && match.path !== path) return undefined;
  return { path, member, args: body ?? [] };
}

function matchRule(match: SignalMatch, sender: string): string {
  const parts = [`type='signal'`, `sender='${sender}'`, `interface='${match.interfaceName}'`];
  if (match.member !== undefined) parts.push(`member='${match.member}'`);
  if (match.path !== undefined) parts.push(`path='${match.path}'`);
  return parts.join(',');
}
