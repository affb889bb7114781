/** The YAML library, loaded with the first file of YAML: most hosts have none, and its seventy files take a tenth of a short check. */
import { createRequire } from 'node:module';
import type * as Yaml from 'yaml';
import { once } from '../systemd/remember.ts';

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- require() knows no types
export const yaml = once(() => createRequire(import.meta.url)('yaml') as typeof Yaml);
