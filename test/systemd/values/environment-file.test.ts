import { describe, expect, it } from 'vitest';
import { environmentFiles } from '../../services/environment-cases.ts';
import { parseEnvironmentFile } from '../../../src/systemd/values/environment-file.ts';

function read(text: string, version = 257): Readonly<Record<string, string>> {
  return Object.fromEntries(parseEnvironmentFile(text, version).map(({ name, value }) => [name, value]));
}

describe('an environment file', () => {
  // test/services/environment.lab.test.ts holds them against real systemd.
  it.each(environmentFiles)('%j', (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  it('lets a comment go on behind a backslash until 253', () => {
    const text = '# a \\\nA=1\nB=2\n';
    expect(read(text, 253)).toEqual({ B: '2' });
    expect(read(text, 254)).toEqual({ A: '1', B: '2' });
  });

  it('tells the line of each variable', () => {
    const lines = parseEnvironmentFile('A=1\n\nB="x\ny"\n', 257).map(({ name, line }) => [name, line]);
    expect(lines).toEqual([
      ['A', 1],
      ['B', 4],
    ]);
  });
});
