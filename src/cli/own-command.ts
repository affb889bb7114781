/** How daruma is called by others: the program and its script by their real paths. */
import fs from 'node:fs';

export function ownCommand(): readonly string[] {
  const [, script = ''] = process.argv;
  return [process.execPath, fs.realpathSync(script)];
}
