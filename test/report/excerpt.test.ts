import { describe, expect, it } from 'vitest';
import { excerptOf } from '../../src/report/findings/excerpt.ts';
import type { UnitLoader } from '../../src/systemd/unit.ts';
import { parseUnitFile } from '../../src/systemd/unit-file.ts';

describe('a secret of several lines', () => {
  it('is left out of each of them, also where it began far above', () => {
    const begin = ['Environment="KEY=-----BEGIN', 'RSA PRIVATE KEY-----'].join(' ');
    const text = [
      '[Service]',
      begin,
      ...Array.from({ length: 90 }, () => 'MIIEpAIBAAKCAQEA'),
      'x"',
      'A=b',
    ].join('\n');
    const loader = loaderOf(text);
    for (let line = 2; line <= 92; line += 1) {
      const shown = excerptOf({ file: '/a', line }, loader).map(each => each.text);
      expect(shown.join('\n')).not.toContain('MII');
    }
    expect(excerptOf({ file: '/a', line: 94 }, loader).at(-1)?.text).toBe('A=b');
  });
});

describe('a line that is very long', () => {
  it('is cut before a word that would not fit, so that no secret loses the end that it is known by', () => {
    const long = `ExecStart=/usr/bin/x ${'y '.repeat(470)}`;
    const [shown] = excerptOf(
      { file: '/a', line: 1 },
      loaderOf(`${long}--url postgres://me:${'p'.repeat(300)}@db/x`),
    );
    expect(shown?.text).toBe(`${long}--url …`);
  });

  it('is shown within reach of patience whatever is in it', () => {
    const [shown] = excerptOf({ file: '/a', line: 1 }, loaderOf(`a ${'api-key'.repeat(40_000)}`));
    expect(shown?.text).toBe('a …');
  });
});

function loaderOf(text: string): Pick<UnitLoader, 'parse'> {
  return { parse: () => parseUnitFile(text) };
}
