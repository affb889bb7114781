import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from './lock-file.ts';
import type { Bind } from './nspawn.ts';
import { cacheFolder } from './root-file-system.ts';
import { runOrThrow } from './run.ts';

/** Published programs that the lab can install into a host at `/opt/NAME`, with the pinned version of every part. */
export type Software = keyof typeof recipes;

const recipes = {
  openclaw: {
    versionIn: /"openclaw": "([^"]+)"/,
    versions: pinned('openclaw/package.json'),
    /** From npm. Install scripts of packages do not run, except OpenClaw's own. */
    async install(folder: string) {
      cpSync(pinned('openclaw'), folder, { recursive: true });
      await must(['npm', 'ci', `--prefix=${folder}`, '--ignore-scripts', '--no-audit', '--no-fund']);
      // Its first start completes the installation in its own folder, which is read-only inside a host, so it is started here.
      await must([process.execPath, join(folder, 'node_modules/openclaw/openclaw.mjs'), '--version']);
    },
  },
  litellm: {
    versionIn: /^litellm==(.+)$/m,
    versions: pinned('litellm.txt'),
    /** From PyPI, for the system's own Python, since the users of a host have no other. */
    async install(folder: string) {
      await must(['/usr/bin/python3', '-m', 'venv', folder]);
      const install = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--only-binary=:all:'];
      await must([join(folder, 'bin/python3'), ...install, `--requirement=${pinned('litellm.txt')}`]);
    },
  },
} as const;

/** All published programs that the lab knows. */
export const allSoftware: readonly Software[] = ['openclaw', 'litellm'];

/** Whether a word is the name of one of these programs. */
export function isSoftware(word: string): word is Software {
  return Object.hasOwn(recipes, word);
}

/** Whether a program is in the cache. */
export function isPrepared(software: Software): boolean {
  return existsSync(cached(software));
}

/** The bind mount through which a host sees a program. */
export function bindOf(software: Software): Bind {
  return { source: cached(software), target: `/opt/${software}` };
}

/**
 * Installs a program into the cache, unless it is there, and returns its folder. When several processes need it at the same
 * time, one installs it and the others wait.
 *
 * @throws CommandFailed when the registry cannot be reached or no longer has a part of the program.
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

/** The folder of a program in the cache; its name contains the version. */
function cached(software: Software): string {
  const { versions, versionIn } = recipes[software];
  const version = versionIn.exec(readFileSync(versions, 'utf8'))?.[1];
  if (version === undefined) throw new Error(`${versions} names no version of ${software}`);
  return join(cacheFolder(), `${software}-${version}`);
}

function pinned(name: string): string {
  return fileURLToPath(new URL(`software/${name}`, import.meta.url));
}

/** Runs a command that ends with this process: then the lock is free, and the next process begins again in the same folder. */
async function must(argv: readonly string[]): Promise<void> {
  await runOrThrow(['setpriv', '--pdeathsig=KILL', ...argv], { timeoutMs: 600_000 });
}
