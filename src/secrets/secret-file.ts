/** Reads a file that contains one secret and nothing else. */
import fs from 'node:fs';
import path from 'node:path';

/** The secret without the newline that editors add at the end. */
export function readSecretFile(file: string, home: string | undefined): string {
  const place = file.startsWith('~/') && home !== undefined ? path.join(home, file.slice(2)) : file;
  return fs.readFileSync(place, 'utf8').trim();
}
