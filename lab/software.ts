import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from './lock-file.ts';
import type { Bind } from './nspawn.ts';
import { cacheFolder } from './root-file-system.ts';
import { runOrThrow } from './run.ts';

/** What the lab can put into a host as its authors publish it, at `/opt/NAME`, to the version of every part as it was tried. */
export type Software = keyof typeof recipes;

const recipes = {
  openclaw: {
    versionIn: /"openclaw": "([^"]+)"/,
    versions: pinned('openclaw/package.json'),
    /** From npm. Of what packages want to do when they are installed, OpenClaw's own part is done. */
    async install(folder: string) {
      cpSync(pinned('openclaw'), folder, { recursive: true });
      await must(['npm', 'ci', `--prefix=${folder}`, '--ignore-scripts', '--no-audit', '--no-fund']);
      // At its first start it makes up for it, in its own folder: in a host that cannot be written to.
      await must([process.execPath, join(folder, 'node_modules/openclaw/openclaw.mjs'), '--version']);
    },
  },
  litellm: {
    versionIn: /^litellm==(.+)$/m,
    versions: pinned('litellm.txt'),
    /** From PyPI, for the system's own Python: its users can run no other. */
    async install(folder: string) {
      await must(['/usr/bin/python3', '-m', 'venv', folder]);
      const install = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--only-binary=:all:'];
      await must([join(folder, 'bin/python3'), ...install, `--requirement=${pinned('litellm.txt')}`]);
    },
  },
} as const;

/** All of it. */
export const allSoftware: readonly Software[] = ['openclaw', 'litellm'];

/** Whether a word names some. */
export function isSoftware(word: string): word is Software {
  return Object.hasOwn(recipes, word);
}

/** Whether it is in the cache. */
export function isPrepared(software: Software): boolean {
  return existsSync(cached(software));
}

/** The way a host sees it. */
export function bindOf(software: Software): Bind {
  return { source: cached(software), target: `/opt/${software}` };
}

/**
 * Installs it into the cache, unless it is there; returns its folder. Of several processes that need it at once, one does so
 * and the others wait.
 *
 * @throws CommandFailed where the registry is out of reach or a part of it is no longer there.
 */
export async function prepareSoftware(software: Software): Promise<string> {
  const folder = cached(software);
  if (existsSync(folder)) return folder;
  mkdirSync(cacheFolder(), { recursive: true });
  await withLock(`${folder}.lock`, async () => {
    if (existsSync(folder)) return;
    const unfinished = `${folder}.unfinished`;
    rmSync(unfinished, { recursive: true, force: true });
    await recipes[software].install(unfinished);
    renameSync(unfinished, folder);
  });
  return folder;
}

/** Its folder in the cache, by the version of the whole. */
function cached(software: Software): string {
  const { versions, versionIn } = recipes[software];
  const version = versionIn.exec(readFileSync(versions, 'utf8'))?.[1];
  if (version === undefined) throw new Error(`${versions} names no version of ${software}`);
  return join(cacheFolder(), `${software}-${version}`);
}

function pinned(name: string): string {
  return fileURLToPath(new URL(`software/${name}`, import.meta.url));
}

/** Ends with this process: then the lock is free, and the next one starts anew in the same folder. */
async function must(argv: readonly string[]): Promise<void> {
  await runOrThrow(['setpriv', '--pdeathsig=KILL', ...argv], { timeoutMs: 600_000 });
}
