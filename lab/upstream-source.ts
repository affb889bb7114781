import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock-file.ts';
import { cacheFolder, machineSystemd } from './root-file-system.ts';
import { CommandFailed, runOrThrow } from './run.ts';

/**
 * The folder of systemd's source tree in the version of the machine: Debian's source package without Debian's patches. It is
 * downloaded into the cache when it is missing (about 20 MB), by one process at a time. The apt state of the machine is not
 * changed.
 *
 * @throws CommandFailed without Debian's apt, without access to the archive, or when the archive has another version.
 */
export async function upstreamSource(): Promise<string> {
  const version = machineSystemd();
  const folder = join(cacheFolder(), `source-${version}`);
  if (existsSync(folder)) return folder;
  const archives = await sourceArchives();
  mkdirSync(cacheFolder(), { recursive: true });
  await withLock(`${folder}.lock`, async () => {
    if (!existsSync(folder)) await bring(version, archives, folder);
  });
  return folder;
}

async function bring(version: number, archives: readonly string[], folder: string): Promise<void> {
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  const inside = (name: string) => join(unfinished, name);
  for (const needed of ['lists/partial', 'cache/archives/partial', 'tree']) {
    mkdirSync(inside(needed), { recursive: true });
  }
  writeFileSync(inside('deb-src.list'), archives.join(''));

  const settings = {
    'Dir::Etc::sourcelist': inside('deb-src.list'),
    'Dir::Etc::sourceparts': '-',
    'Dir::State::lists': inside('lists'),
    'Dir::Cache': inside('cache'),
    'Acquire::http::Timeout': 10,
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  await must(['apt-get', '--quiet', ...options, '--error-on=any', 'update']);
  // apt downloads into the working directory.
  const download = ['source', '--download-only', 'systemd'];
  await must(['env', `--chdir=${unfinished}`, 'apt-get', '--quiet', ...options, ...download]);

  const tarball = readdirSync(unfinished).find(name => /\.orig\.tar\.[a-z0-9]+$/.test(name)) ?? '';
  if (!tarball.startsWith(`systemd_${version}`)) {
    throw new CommandFailed(`apt has no source of systemd ${version}, but ${tarball || 'none'}`);
  }
  await must(['tar', '-xf', inside(tarball), `--directory=${inside('tree')}`, '--strip-components=1']);
  renameSync(inside('tree'), folder);
  rmSync(unfinished, { recursive: true });
}

/** Runs a command that ends with this process: then the lock is free, and the next process begins again in the same folder. */
async function must(argv: readonly string[]): Promise<void> {
  await runOrThrow(['setpriv', '--pdeathsig=KILL', ...argv], { timeoutMs: 120_000 });
}

const DEBIAN_KEYS = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** `deb-src` lines for the Debian releases from which this machine installs packages. */
async function sourceArchives(): Promise<readonly string[]> {
  const format = '$(ORIGIN) $(COMPONENT) $(REPO_URI) $(RELEASE)';
  const list = ['apt-get', 'indextargets', '--format', format, 'Created-By: Packages'];
  const indexes = (await runOrThrow(list)).matchAll(/^Debian main (\S+) (\S+)$/gm);
  const signedBy = existsSync(DEBIAN_KEYS) ? `[signed-by=${DEBIAN_KEYS}] ` : '';
  const lines = [...indexes]
    // Backports contain a newer systemd than the release.
    .filter(([, , release = '']) => !release.endsWith('-backports'))
    .map(([, uri, release]) => `deb-src ${signedBy}${uri} ${release} main\n`);
  if (lines.length === 0) throw new CommandFailed('apt knows no release of Debian here');
  return [...new Set(lines)];
}
