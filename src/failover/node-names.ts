/** Makes names for a machine's new provider and for the variable of its key in OpenClaw's configuration. */
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
