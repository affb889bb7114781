/** The version of an OpenClaw that is installed, and since which version its configuration takes a setting. */
import path from 'node:path';
import { textIn } from '../json/value.ts';
import type { Program } from './program.ts';

/**
 * The first versions whose configuration takes a setting; earlier ones refuse a file that has it.
 *
 * Read: the packages of openclaw 2026.2.25 and 2026.2.26, 2026.4.25 and 2026.4.26 (`ModelProviderSchema`, which is strict),
 * 2026.7.35 and 2026.8.1 (rosters).
 */
export const firstWith = {
  /** `secrets.providers` with files, and an `apiKey` that refers to one. */
  keyFiles: '2026.2.26',
  /** `models.providers.ID.timeoutSeconds` */
  timeoutSeconds: '2026.4.26',
  /** `agents.ownership`, which several agents need from then on. */
  ownership: '2026.8.1',
} as const;

/** Whether a version takes a setting; undefined when the version is not known. */
export function takes(setting: keyof typeof firstWith, version: string | undefined): boolean | undefined {
  const own = numbersOf(version);
  if (own === undefined) return undefined;
  const first = numbersOf(firstWith[setting]) ?? [];
  const differing = first.findIndex((number, index) => number !== own[index]);
  return differing === -1 || (own[differing] ?? 0) > (first[differing] ?? 0);
}

/** Year, month and day: `2026.4.29-beta.1` is taken for `2026.4.29`. */
function numbersOf(version: string | undefined): readonly number[] | undefined {
  const numbers = /^(\d{4})\.(\d{1,2})\.(\d{1,2})(?!\d)/.exec(version ?? '')?.slice(1);
  return numbers?.map(Number);
}

/** The version in the package that a program belongs to; undefined when it is not known. */
export function openclawVersion({ path: file, files }: Program): string | undefined {
  if (!path.posix.isAbsolute(file)) return undefined;
  let folder = path.posix.dirname(files.resolve(file) ?? file);
  for (let level = 0; level <= deepest; level += 1) {
    const content = files.read(path.posix.join(folder, 'package.json'));
    if (content.state === 'read') return versionIn(content.text);
    folder = path.posix.dirname(folder);
  }
  return undefined;
}

/** `dist/index.js` and `openclaw.mjs`: folders between the program and its package. */
const deepest = 2;

function versionIn(text: string): string | undefined {
  try {
    const description: unknown = JSON.parse(text);
    const version = textIn(description, 'name') === 'openclaw' ? textIn(description, 'version') : undefined;
    return numbersOf(version) === undefined ? undefined : version;
  } catch {
    return undefined;
  }
}
