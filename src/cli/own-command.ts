/** How daruma is called by others: the program and its script by their real paths. */
import fs from 'node:fs';
import type { Io } from './io.ts';

export function ownCommand({ script }: Pick<Io, 'script'>): readonly string[] {
  return [process.execPath, fs.realpathSync(script)];
}
