/**
 * The form in which OpenClaw's configuration refers to a file that contains nothing but a key.
 *
 * Source: docs.openclaw.ai/gateway/secrets/secretref-contract: the file is the key, and only its owner may read it.
 */
import type { Json5Value } from '../services/json5.ts';

/** The entry of `secrets.providers` for a file. */
export function keyFileProvider(file: string): Json5Value {
  return { source: 'file', path: file, mode: 'singleValue' };
}

/** The `apiKey` that refers to such an entry. */
export function keyFileReference(alias: string): Json5Value {
  return { source: 'file', provider: alias, id: 'value' };
}
