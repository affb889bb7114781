/** The words with which others run daruma: Node and the script, by their real paths. */
import fs from 'node:fs';
import type { Io } from './io.ts';

export function ownCommand({ script }: Pick<Io, 'script'>): readonly string[] {
  return [process.execPath, fs.realpathSync(script)];
}
