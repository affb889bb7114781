/**
 * The part of HAProxy's configuration that has the keys, in a file of its own that only its owner reads. It sets variables which the
 * other part names, so that a reload takes a new key as well.
 *
 * Source: the configuration manual of HAProxy 2.6, 2.2 and 3.1 (`setenv`).
 */
import { UnwritableValue } from '../dotenv.ts';

/**
 * @param values the keys, by the names of their variables
 * @throws UnwritableValue for a key that is no single line
 */
export function keysConfig(values: ReadonlyMap<string, string>): string {
  const lines = [...values].map(([name, value]) => {
    if (/[\r\n\0]/.test(value)) throw new UnwritableValue(name);
    return `  setenv ${name} '${value.replaceAll("'", String.raw`'\''`)}'`;
  });
  return `global\n${lines.map(line => `${line}\n`).join('')}`;
}
