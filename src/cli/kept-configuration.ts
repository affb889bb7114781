/**
 * Keeps the valid configuration as JSON beside the compiled code. A fall is told by a process of its own, of whose time the reading of
 * YAML and the schema is a tenth, while the file is the same for weeks. A configuration says where its secrets are; one that may have some
 * in it, such as the address of a webhook or an old key in a comment, is not kept: its owner knows of one file with them.
 */
import fs from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { WrittenConfiguration } from '../config/schema.ts';
import { withoutSecrets } from '../secrets/redaction.ts';
import { cacheFolder, writeWhole } from './cache-folder.ts';
import type { Environment } from './io.ts';

/** Where it is kept, and for which build of daruma: another one may have another schema. */
export interface Place {
  readonly file: string;
  readonly build: string;
}

/** Undefined where nothing is kept. A checkout is run from its sources, whose schema changes without a new name. */
export function placeToKeep(environment: Environment): Place | undefined {
  // The name of a file of the build has a hash of its content, and so of the names of the files that it loads, such as the schema's.
  const build = import.meta.filename;
  const isOff = build.endsWith('.ts') || environment['NODE_DISABLE_COMPILE_CACHE'];
  const folder = isOff ? undefined : cacheFolder(environment);
  return folder === undefined ? undefined : { file: `${folder}/configuration.json`, build };
}

/**
 * What a configuration with this content says, where it was read before by the same build; otherwise it is read now.
 *
 * @param read refuses an invalid configuration, of which nothing is kept
 */
export async function keptConfiguration(
  content: Buffer,
  place: Place | undefined,
  read: () => Promise<WrittenConfiguration>,
): Promise<WrittenConfiguration> {
  if (place === undefined) return read();
  const { file, build } = place;
  // One character for each byte: other bytes are another text.
  const text = content.toString('latin1');
  const known = keptIn(place, text);
  if (known !== undefined) return known;
  const written = await read();
  if (!mayHoldSecrets(text, written)) keep(file, { build, text, written });
  return written;
}

function mayHoldSecrets(text: string, { notify }: WrittenConfiguration): boolean {
  const hasAddress = /https?:\/\/[^/"]+\/[^"]/.test(JSON.stringify(notify ?? null));
  if (hasAddress) return true;
  return withoutSecrets(text) !== text;
}

interface Kept {
  readonly build: string;
  readonly text: string;
  readonly written: WrittenConfiguration;
}

function keptIn({ file, build }: Place, text: string): WrittenConfiguration | undefined {
  try {
    // Nobody else can write to the folder, and what daruma wrote there is whole or missing.
    const kept: Partial<Kept> | null = JSON.parse(fs.readFileSync(file, 'utf8'));
    return kept?.build === build && kept.text === text ? kept.written : undefined;
  } catch {
    // There is none, or it is damaged.
    return undefined;
  }
}

/** Where that fails, daruma is slower, and nothing else. */
function keep(file: string, kept: Kept): void {
  try {
    const text = JSON.stringify(kept);
    if (isDeepStrictEqual(JSON.parse(text), kept)) writeWhole(file, text);
  } catch {
    // A full disk, a folder that is gone, a limit.
  }
}
