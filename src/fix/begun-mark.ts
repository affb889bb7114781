/** The mark that lies beside the records while a fix is under way; every command looks for it, so it costs next to nothing. */
import fs from 'node:fs';
import path from 'node:path';

/** Where the records of fixes lie. */
export function fixesFolder(stateFolder: string): string {
  return path.join(stateFolder, 'fixes');
}

export function beginMark(stateFolder: string): string {
  return path.join(fixesFolder(stateFolder), 'begun');
}

/** Whether a fix is under way, or was left in the middle. */
export function isAnyBegun(stateFolder: string): boolean {
  return fs.existsSync(beginMark(stateFolder));
}
