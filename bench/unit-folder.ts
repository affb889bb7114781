/** Makes folders with a given number of unit files. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { cacheFolder, collectedUnits } from './collect-units.ts';

/**
 * A folder with a given number of services. They are copies of the collected files, used in turn, each with its own name. Templates
 * become instances (`getty@0.service`), which both daruma and systemd-analyze load. The folder is made once.
 *
 * @param count number of files
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
