/** The package as it would be published, from the build that is there. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export const checkout = path.join(import.meta.dirname, '../..');

export interface Packed {
  readonly tarball: string;
  /** A folder of its own, for npm's cache and whatever else must not outlive the tests. */
  readonly folder: string;
}

/** Packs it; the caller removes `folder`. */
export function pack(): Packed {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'daruma-packed-')));
  const args = ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder];
  const name = execFileSync('npm', args, { cwd: checkout, encoding: 'utf8' }).trim();
  return { tarball: path.join(folder, name), folder };
}

/** An environment in which npm finds its way out as it does everywhere else, asks for nothing and keeps what it fetches to that folder. */
export function npmEnvironment({ folder }: Packed): NodeJS.ProcessEnv {
  return {
    ...process.env,
    npm_config_cache: path.join(folder, 'cache'),
    npm_config_update_notifier: 'false',
  };
}
