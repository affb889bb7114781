/** Notices that somebody edits the configuration while daruma runs, or has done so since. */
import fs from 'node:fs';
import type { ConfigurationPlace } from './lookup.ts';

/** Changes whenever a file of these places comes, goes, or is written. */
export function editionOf(places: readonly ConfigurationPlace[]): string {
  return statsOf(places)
    .map(stat => (stat === undefined ? '' : `${stat.dev} ${stat.ino} ${stat.size} ${stat.ctimeMs}`))
    .join('\n');
}

/** When a file of these places was changed last, in ms since 1970; 0 where there is none. */
export function lastEditMs(places: readonly ConfigurationPlace[]): number {
  return Math.max(0, ...statsOf(places).map(stat => stat?.ctimeMs ?? 0));
}

function statsOf(places: readonly ConfigurationPlace[]): readonly (fs.Stats | undefined)[] {
  return places.map(({ files, path }) => {
    try {
      return fs.statSync(files.physicalPath(path), { throwIfNoEntry: false });
    } catch {
      // Whoever reads it says why it cannot be read.
      return undefined;
    }
  });
}
