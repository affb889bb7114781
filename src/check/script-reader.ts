/** Reads the scripts that units run. */
import { ownFilesOf } from '../services/own-files.ts';
import type { CheckContext } from './rule.ts';
import type { ReadScript } from './waits.ts';

/** A reader of the files of the host that a check may look at. */
export function scriptReader({ inventory }: CheckContext): ReadScript {
  const files = ownFilesOf(inventory.host);
  return path => {
    const content = files.read(path);
    return content.state === 'read' && content.text.length <= longestScript ? content.text : undefined;
  };
}

/** In characters. What is longer is a program, and no hook that somebody wrote by hand. */
const longestScript = 200_000;
