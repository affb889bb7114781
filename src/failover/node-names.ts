/** What a machine's provider and its key are called in OpenClaw's configuration where they have no name yet. */
import type { Node } from '../routes/node.ts';

/** A provider's id for a machine: what it is called where no other has that name. */
export function idFor({ name }: Node): string {
  return `${name.toLowerCase().replaceAll(/[^a-z\d-]+/g, '-')}-litellm`;
}

/** The variable that holds its key. */
export function variableFor(id: string): string {
  return `${id
    .toUpperCase()
    .replaceAll(/[^A-Z\d]+/g, '_')
    .replace(/^(?=\d)/, '_')}_KEY`;
}
