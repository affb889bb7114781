/** Folders with as many unit files as a benchmark asks for. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { cacheFolder, collectedUnits } from './collect-units.ts';

/**
 * A folder with that many services, all real files: the collected ones, round and round, each copy under a name of its
 * own. A template is there as instances (`getty@0.service`), which both daruma and systemd-analyze load. Made once.
 *
 * @param count how many files
 */
export function folderOfUnits(count: number): string {
  const folder = join(cacheFolder(), `${count}-units`);
  if (existsSync(folder)) return folder;
  const collected = collectedUnits();
  const files = readdirSync(collected).sort();
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished);
  for (let index = 0; index < count; index++) {
    const file = files[index % files.length] ?? '';
    const round = Math.floor(index / files.length);
    copyFileSync(join(collected, file), join(unfinished, nameOfCopy(file, round)));
  }
  renameSync(unfinished, folder);
  return folder;
}

function nameOfCopy(file: string, round: number): string {
  const stem = basename(file, '.service');
  return stem.endsWith('@') ? `${stem}${round}.service` : `${stem}-${round}.service`;
}
