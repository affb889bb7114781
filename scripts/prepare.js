/**
 * Builds daruma where npm prepares a checkout: after `npm ci`, before `npm pack`, and for `npm install --global` of a folder or of
 * a git address. It runs on the Node that npm runs on, which may be too old for the rest.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const { npm_config_global: isGlobal, npm_config_location: _, ...notGlobal } = process.env;

if (fs.existsSync('node_modules/.bin/tsdown')) {
  npm(['run', '--silent', 'build'], process.env);
} else if (isGlobal === 'true') {
  takeBackLink(process.env);
  // It comes back here when the development dependencies are there.
  npm(['ci', '--include=dev', '--no-audit', '--no-fund'], notGlobal);
} else {
  process.stderr.write('daruma is not built, since its development dependencies are left out.\n');
}

/**
 * npm prepares a clone of a git address by an `npm install` in it, to which it hands down `--global` (npm/cli#8440). So that one
 * installs no development dependencies, but a link to the clone, which is about to be removed; then the package goes through
 * that link into the void.
 *
 * @param {NodeJS.ProcessEnv} environment
 */
function takeBackLink({ npm_config_cache: cache, npm_config_global_prefix: prefix }) {
  if (cache === undefined || prefix === undefined) return;
  if (path.relative(path.join(cache, '_cacache/tmp'), process.cwd()).startsWith('..')) return;
  const link = path.join(prefix, 'lib/node_modules/daruma');
  if (
    fs.lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() &&
    fs.realpathSync(link) === process.cwd()
  ) {
    fs.unlinkSync(link);
    fs.mkdirSync(link);
  }
}

/**
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
function npm(args, env) {
  const { status, error } = spawnSync('npm', args, { env, stdio: 'inherit' });
  if (error !== undefined) throw error;
  process.exitCode = status ?? 1;
}
