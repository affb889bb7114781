/** Files of environment.d(5), held against the generator of this machine's systemd. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { parseEnvironmentD } from '../../../src/systemd/values/environment-d.ts';
import { isRequired } from '../../support/required.ts';
import '../../support/seed.ts';

const generator = '/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator';
const isThere = fs.existsSync(generator);

/** Quotes and backslashes are those of `EnvironmentFile=`, which has tests of its own. */
const words = '$ { } : - + A B NO x $A ${A} ${NO:- ${A:+ ${A:- $$ ? 1 _ é'.split(' ');
const part = fc.constantFrom(' ', ...words);
const value = fc.array(part, { maxLength: 10 }).map(parts => parts.join(''));
const line = fc.tuple(value, fc.boolean()).map(([text, isQuoted]) => (isQuoted ? `"${text}"` : text));

test.skipIf(!isThere && !isRequired)('the same variables as by the generator', { timeout: 60_000 }, () => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'environment-d-'));
  onTestFinished(() => fs.rmSync(home, { recursive: true }));
  const folder = path.join(home, '.config/environment.d');
  fs.mkdirSync(folder, { recursive: true });
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 30 }), lines => {
      const text = ['A=a b', 'B=', ...lines.map((each, index) => `V${index}=${each}`), ''].join('\n');
      fs.writeFileSync(path.join(folder, '10.conf'), text);
      const read = parseEnvironmentD(text, 252, new Map([['HOME', home]]));
      expect(Object.fromEntries(read)).toEqual(generated(home));
    }),
    { numRuns: 300 },
  );
});

/** Without what the machine's own files set. */
function generated(home: string): Readonly<Record<string, string>> {
  const stdout = execFileSync(generator, { env: { HOME: home }, encoding: 'utf8', stdio: 'pipe' });
  const assignments = stdout.matchAll(/^(A|B|V\d+)=(.*)$/gm);
  return Object.fromEntries(
    [...assignments].map(([, name, written = '']) => [
      name,
      written.startsWith('"') ? written.slice(1, -1).replaceAll(/\\(["\\$`])/g, '$1') : written,
    ]),
  );
}
