/** Makes names for a machine's new provider and for its key in OpenClaw's configuration. */
import type { Node } from '../routes/node.ts';

/**
 * A free provider id for a machine: its name without the characters that an id may not contain, with a number when the id is
 * taken (the names 猫 and 熊 both become a single dash).
 */
export function freeId({ name }: Node, isTaken: (id: string) => boolean): string {
  const base = `${name.toLowerCase().replaceAll(/[^a-z\d-]+/g, '-')}-litellm`;
  let id = base;
  for (let number = 2; isTaken(id); number += 1) id = `${base}-${number}`;
  return id;
}

/** The name of the variable that contains the provider's key. */
export function variableFor(id: string): string {
  return `${id
    .toUpperCase()
    .replaceAll(/[^A-Z\d]+/g, '_')
    .replace(/^(?=\d)/, '_')}_KEY`;
}

/**
 * The name of a file provider of OpenClaw, and of the file with the key.
 *
 * Source: docs.openclaw.ai/gateway/secrets/secretref-contract: it matches `^[a-z][a-z0-9_-]{0,63}$`.
 *
 * @param number makes another name when a name is taken; 1 for the first one
 */
export function keyAlias(id: string, number: number): string {
  const base = id
    .toLowerCase()
    .replaceAll(/[^a-z\d_-]+/g, '-')
    .replace(/^(?![a-z])/, 'key-')
    .slice(0, 48);
  return number === 1 ? base : `${base}-${number}`;
}
