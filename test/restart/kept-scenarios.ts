/** The scenarios of `lab/scenarios/`. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseScenario } from '../../lab/conformance/scenario.ts';

const folder = fileURLToPath(new URL('../../lab/scenarios/', import.meta.url));

export const scenarios = readdirSync(folder).map(file => ({
  name: file.replace('.scenario', '').replaceAll('-', ' '),
  ...parseScenario(readFileSync(`${folder}${file}`, 'utf8')),
}));
