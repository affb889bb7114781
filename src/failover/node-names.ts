/** Makes names for a machine's new provider and for its key in OpenClaw's configuration. */
import type { Node } from '../routes/node.ts';

/**
 * A free provider id for a machine: its name without the characters that an id may not contain, with a number when the id is
 * taken (the names 猫 and 熊 both become a single dash).
 */
export function freeId({ name }: Node, isTaken: (id: string) => boolean): string {
  const base = `${name.toLowerCase().replaceAll(/[^a-z\d-]+/g, '-')}-litellm`;
  return numbered(base, '-', isTaken);
}

/** A free name for the variable with the key of a provider. */
export function freeVariable(id: string, isTaken: (name: string) => boolean): string {
  const base = `${id
    .toUpperCase()
    .replaceAll(/[^A-Z\d]+/g, '_')
    .replace(/^(?=\d)/, '_')}_KEY`;
  return numbered(base, '_', isTaken);
}

/**
 * A free name for a file provider of OpenClaw, and for the file with the key, by the id of the provider that uses it.
 *
 * Source: docs.openclaw.ai/gateway/secrets/secretref-contract: it matches `^[a-z][a-z0-9_-]{0,63}$`.
 */
export function keyAlias(id: string, isTaken: (alias: string) => boolean): string {
  const base = id
    .toLowerCase()
    .replaceAll(/[^a-z\d_-]+/g, '-')
    .replace(/^(?![a-z])/, 'key-')
    .slice(0, 48);
  return numbered(base, '-', isTaken);
}

function numbered(base: string, separator: string, isTaken: (name: string) => boolean): string {
  let name = base;
  for (let number = 2; isTaken(name); number += 1) name = `${base}${separator}${number}`;
  return name;
}
