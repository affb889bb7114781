/** Where a program listens, according to its command line and its environment. */
import type { Listener } from './known-service.ts';
import { byDefault, type Origin } from './origin.ts';
import { optionOf, type Program } from './program.ts';

/**
 * The ways to set where a program listens: options come before variables, these before the configuration, and that
 * before the default.
 */
export interface ListeningWays {
  readonly port: ListeningWay<number>;
  readonly address: ListeningWay<string>;
  /** See {@link Listener.ipv6Only}. */
  readonly ipv6Only?: true;
}

interface ListeningWay<T> {
  /** The options, with their dashes. */
  readonly options?: readonly string[];
  readonly variables?: readonly string[];
  /** The value in the program's configuration; `unknown` when the configuration may set one but cannot be read here. */
  readonly configured?: (program: Program) => Configured<T>;
  /** The default; undefined when it is not known. */
  readonly otherwise: T | undefined;
}

export type Configured<T> = ConfiguredValue<T> | 'unknown' | undefined;

interface ConfiguredValue<T> {
  /** The value; undefined when one is set but its meaning is not known here. */
  readonly value: T | undefined;
  readonly origin: Origin;
}

/** The port on which a program listens; none when it cannot be known. */
export function listenerOf(program: Program, ways: ListeningWays): readonly Listener[] {
  const port = chosen(program, ways.port, portOf);
  if (port?.value === undefined) return [];
  const address = chosen(program, ways.address, text => (text === '' ? undefined : text));
  return [
    {
      address: address?.value,
      port: port.value,
      ipv6Only: ways.ipv6Only === true,
      portOrigin: port.origin,
      addressOrigin: address?.origin ?? byDefault,
    },
  ];
}

function chosen<T>(
  program: Program,
  way: ListeningWay<T>,
  read: (text: string) => T | undefined,
): ConfiguredValue<T> | undefined {
  const option = optionOf(program, ...(way.options ?? []));
  if (option !== undefined) return { value: read(option), origin: onCommandLine(program) };
  for (const name of way.variables ?? []) {
    const value = program.variable(name);
    if (value !== undefined) return { value: read(value), origin: program.variableOrigin(name) ?? byDefault };
  }
  if (!program.isComplete) return undefined;
  const configured = way.configured?.(program);
  if (configured === 'unknown') return undefined;
  return configured ?? { value: way.otherwise, origin: byDefault };
}

/** The origin of a value from an option of the program. */
export function onCommandLine(program: Program): Origin {
  return { kind: 'command', source: program.command.source };
}

/** Parses a port that clients can connect to; undefined for any other text, 0 included. */
export function portOf(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}

/** The host of a URL for what listens on this machine: loopback for what listens on every address. */
export function hostToAsk(address: string | undefined): string {
  if (address === undefined || ['', '0.0.0.0', '::', '*'].includes(address)) return '127.0.0.1';
  return address.includes(':') ? `[${address}]` : address;
}
