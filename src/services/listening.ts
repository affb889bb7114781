/** Where a program listens, by what it is told on its command line and in its environment. */
import type { Listener } from './known-service.ts';
import { byDefault, type Origin } from './origin.ts';
import { optionOf, type Program } from './program.ts';

/** How a program is told where to listen: options before variables before the configuration before its default. */
export interface ListeningWays {
  readonly port: ListeningWay<number>;
  readonly address: ListeningWay<string>;
  /** See {@link Listener.ipv6Only}. */
  readonly ipv6Only?: true;
}

interface ListeningWay<T> {
  /** With their dashes. */
  readonly options?: readonly string[];
  readonly variables?: readonly string[];
  /** What its configuration says; `unknown` where it may say something that cannot be seen here. */
  readonly configured?: (program: Program) => Configured<T>;
  /** Undefined: not known. */
  readonly otherwise: T | undefined;
}

export type Configured<T> = ConfiguredValue<T> | 'unknown' | undefined;

interface ConfiguredValue<T> {
  /** Undefined: it is said, and means nothing that is known here. */
  readonly value: T | undefined;
  readonly origin: Origin;
}

/** The one port a program listens on; none where that cannot be known. */
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

/** An option of the program itself. */
export function onCommandLine(program: Program): Origin {
  return { kind: 'command', source: program.command.source };
}

/** A port that a program can be reached at; undefined for what is none, 0 among it. */
export function portOf(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}
