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
  let alias = base;
  for (let number = 2; isTaken(alias); number += 1) alias = `${base}-${number}`;
  return alias;
}
