import { parseEnv } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UnwritableValue, withVariables } from '../../src/failover/dotenv.ts';

const key = new Map([['KUMA_KEY', 'sk-1']]);

describe('variables of a .env', () => {
  it.each([
    ['', 'KUMA_KEY=sk-1\n'],
    ['# mine\nA=1\n', '# mine\nA=1\nKUMA_KEY=sk-1\n'],
    ['A=1', 'A=1\nKUMA_KEY=sk-1\n'],
    ['A=1\r\nB=2', 'A=1\r\nB=2\r\nKUMA_KEY=sk-1\r\n'],
    ['KUMA_KEY=old\n', 'KUMA_KEY=old\nKUMA_KEY=sk-1\n'],
  ])('are added to %j', (before, after) => {
    expect(withVariables(before, key)).toBe(after);
    expect(parseEnv(after)['KUMA_KEY']).toBe('sk-1');
  });

  it('are read as they were given, or refused', () => {
    let refused = 0;
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), value => {
        const text = writtenOrRefused(value);
        if (text === undefined) refused += 1;
        const meant = { A: '1', KEY: value };
        expect(text === undefined ? meant : parseEnv(text)).toEqual(meant);
      }),
    );
    expect(refused).toBeLessThan(100);
  });

  it.each(['two\nlines', `'"\``, `'\`\\`])('%j is refused', value => {
    expect(() => withVariables('', new Map([['KEY', value]]))).toThrow(UnwritableValue);
  });
});

function writtenOrRefused(value: string): string | undefined {
  try {
    return withVariables('A=1\n', new Map([['KEY', value]]));
  } catch (error) {
    if (error instanceof UnwritableValue) return undefined;
    throw error;
  }
}
