/** What a machine's provider and its key are called in OpenClaw's configuration where they have no name yet. */
import type { Node } from '../routes/node.ts';

/**
 * A provider's id for a machine: its name as far as an id can have it, with a number where another has that id already
 * (猫 and 熊 leave nothing but a dash).
 */
export function freeId({ name }: Node, isTaken: (id: string) => boolean): string {
  const base = `${name.toLowerCase().replaceAll(/[^a-z\d-]+/g, '-')}-litellm`;
  let id = base;
  for (let number = 2; isTaken(id); number += 1) id = `${base}-${number}`;
  return id;
}

/** The variable that holds its key. */
export function variableFor(id: string): string {
  return `${id
    .toUpperCase()
    .replaceAll(/[^A-Z\d]+/g, '_')
    .replace(/^(?=\d)/, '_')}_KEY`;
}
