/**
 * Paths that contain the version of a program: a version manager, a package store or a cache creates such a folder, and
 * deletes it when a newer version is installed.
 */

const versionManagers = [
  'nvm',
  'fnm',
  'volta',
  'asdf',
  'mise',
  'pyenv',
  'rbenv',
  'pnpm',
  'npx',
  'uv',
  'homebrew',
] as const;
export type VersionManager = (typeof versionManagers)[number];

export interface VersionedPath {
  readonly manager: VersionManager;
  /** The beginning of the path, up to and including the folder that names a version or a hash. */
  readonly folder: string;
}

/**
 * Finds the version manager in whose versioned folder a path lies.
 *
 * @example versionManagerOf('/home/kuma/.nvm/versions/node/v22.22.0/bin/node')?.manager // 'nvm'
 */
export function versionManagerOf(path: string): VersionedPath | undefined {
  if (path.length > longestPath || !landmark.test(path)) return undefined;
  for (const manager of versionManagers) {
    const folder = patterns[manager].exec(path)?.[0];
    if (folder !== undefined) return { manager, folder };
  }
  return undefined;
}

/** PATH_MAX; no file has a longer path. */
const longestPath = 4096;

/** A part that each of the patterns below requires: for nearly all paths this one test is enough. */
const landmark = /\/(?:versions|node-versions|fnm_multishells|tools\/image|installs|\.pnpm|_npx|uv|Cellar)\//;

/**
 * Each pattern ends at the folder that is deleted later. Shims and links that keep their name (`~/.asdf/shims`,
 * `~/.volta/bin`, mise's `installs/node/22`, Homebrew's `opt`) do not match.
 *
 * Sources: the managers' own pages; nvm README ("versions/node"); fnm `--fnm-dir`, `fnm_multishells`; volta `tools/image`;
 * asdf `installs/PLUGIN/VERSION`; mise `installs/TOOL/VERSION`; pyenv `versions/`; pnpm `node_modules/.pnpm`
 * (openclaw#17309); npm-exec `_npx`; uv `archive-v0`; Homebrew `Cellar`.
 */
const patterns = {
  nvm: /^.*\/versions\/(?:node|io\.js)\/v\d+\.\d+\.\d+(?=\/)/, // bounded: 4096 characters, by versionManagerOf
  fnm: /^.*\/(?:node-versions\/v\d|fnm_multishells\/[^/])[^/]*(?=\/)/, // bounded: 4096 characters, by versionManagerOf
  volta: /^.*\/tools\/image\/[^/]+\/\d[^/]*(?=\/)/, // bounded: 4096 characters, by versionManagerOf
  asdf: /^.*\/\.asdf\/installs\/[^/]+\/\d[^/]*(?=\/)/, // bounded: 4096 characters, by versionManagerOf
  mise: /^.*\/mise\/installs\/[^/]+\/\d+\.\d+\.\d+[^/]*(?=\/)/, // bounded: 4096 characters, by versionManagerOf
  pyenv: /^.*\/\.pyenv\/versions\/\d[^/]*(?=\/)/, // bounded: 4096 characters, by versionManagerOf
  rbenv: /^.*\/\.rbenv\/versions\/\d[^/]*(?=\/)/, // bounded: 4096 characters, by versionManagerOf
  pnpm: /^.*\/\.pnpm\/[^/]+@\d[^/]*(?=\/)/, // bounded: 4096 characters, by versionManagerOf
  npx: /^.*\/_npx\/[0-9a-f]+(?=\/)/, // bounded: 4096 characters, by versionManagerOf
  uv: /^.*\/uv\/(?:archive-v\d+|environments-v\d+)\/[^/]+(?=\/)/, // bounded: 4096 characters, by versionManagerOf
  homebrew: /^.*\/Cellar\/[^/]+\/[^/]+(?=\/)/, // bounded: 4096 characters, by versionManagerOf
} as const satisfies Record<VersionManager, RegExp>;
