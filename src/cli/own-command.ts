/** The words with which others run daruma: Node and the script. */
import fs from 'node:fs';
import path from 'node:path';
import { versionManagerOf } from '../check/version-managers.ts';
import type { Environment, Io } from './io.ts';

/** By their real paths, unless these lead through the folder of one version: then by a path that stays, if there is one. */
export function ownCommand({ script }: Pick<Io, 'script'>, environment: Environment): readonly string[] {
  const folders = (environment['PATH'] ?? '').split(':').filter(folder => folder.startsWith('/'));
  const home = environment['HOME'];
  // A link of nvm (`NVM_SYMLINK_CURRENT`), and the default version of fnm: neither is on PATH by this name.
  const managers =
    home === undefined ? [] : [`${home}/.nvm/current/bin`, `${home}/.local/share/fnm/aliases/default/bin`];
  const all = [...folders, ...managers];
  const absolute = path.resolve(script);
  return [
    lasting(
      process.execPath,
      all.map(folder => `${folder}/node`),
    ),
    lasting(fs.realpathSync(script), [absolute, ...all.map(folder => `${folder}/daruma`)]),
  ];
}

/** The folder of one version in a command, which an upgrade deletes. */
export function versionFolder(command: readonly string[]): string | undefined {
  for (const word of command) {
    const versioned = versionManagerOf(word);
    if (versioned !== undefined) return versioned.folder;
  }
  return undefined;
}

function lasting(real: string, others: readonly string[]): string {
  if (versionManagerOf(real) === undefined) return real;
  return others.find(file => versionManagerOf(file) === undefined && isSame(file, real)) ?? real;
}

/** Whether a path leads to the file, by links that are no folders of versions themselves. */
function isSame(file: string, real: string): boolean {
  try {
    return fs.realpathSync(file) === real;
  } catch {
    return false;
  }
}
