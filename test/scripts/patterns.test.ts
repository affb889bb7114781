/** What `npm run lint:patterns` sees and says: a pattern of each class. */
import { describe, expect, it } from 'vitest';
import { faultOf, growthOf, patternsIn } from '../../scripts/patterns.ts';

function faultsIn(text: string): readonly string[] {
  return patternsIn('a.ts', text).map(pattern => {
    const { source, flags, line } = pattern;
    const growth = source === undefined ? 'unknown' : growthOf(source, flags);
    return `${line}: ${faultOf(pattern, growth) ?? 'well'}`;
  });
}

describe('a pattern', () => {
  it.each([
    [String.raw`^[a-z]+$`, 'linear'],
    [String.raw`a+$`, 'square'],
    [String.raw`^\s*(\w+)(?:\s*=\s*|\s+)"?(.*?)"?\s*$`, 'steeper'],
    [String.raw`^(?:a|a)*$`, 'steeper'],
    [String.raw`^(.*?)*(\w+\d+)+$`, 'steeper'],
  ] as const)('%s is %s', (source, growth) => {
    expect(growthOf(source, '')).toBe(growth);
  });

  it('that recheck does not know fails unless it is said why', () => {
    expect(growthOf(String.raw`^\p{RGI_Emoji}$`, 'v')).toBe('unknown');
    expect(faultsIn('const a = /^[[a]]$/v;')).toEqual([expect.stringContaining('1: cannot be judged')]);
    expect(faultsIn('// unchecked: one set\nconst a = /^[[a]]$/v;')).toEqual(['2: well']);
  });

  it('that takes the square needs a limit beside it; one that takes more has no excuse', () => {
    expect(faultsIn('f(/a+$/);')).toEqual([expect.stringContaining('1: takes the square')]);
    expect(faultsIn('f(/a+$/); // bounded: 255 bytes, a name')).toEqual(['1: well']);
    expect(faultsIn('// bounded: 255 bytes, a name\nf(/a+$/);')).toEqual(['2: well']);
    expect(faultsIn('// bounded:\nf(/a+$/);')).toEqual([expect.stringContaining('2: takes the square')]);
    expect(faultsIn('// bounded: 255 bytes, a name\nf(/^(a|a)*$/);')).toEqual([
      expect.stringContaining('2: takes more'),
    ]);
  });

  it('that is made of constants is seen through, and one that is not fails', () => {
    const made = (text: string) => patternsIn('a.ts', text).map(({ source, flags }) => [source, flags]);
    expect(
      made(`const w = String.raw\`\\w\`; const a = new RegExp(\`^\${w}+$\` + ['a', 'b'].join('|'), 'gi');`),
    ).toEqual([[String.raw`^\w+$a|b`, 'gi']]);
    expect(made('const k = /a/; const copy = new RegExp(k, "g");')).toEqual([['a', '']]);
    expect(faultsIn('const f = (a: string) => new RegExp(`^${a}$`);')).toEqual([
      expect.stringContaining('1: is built at run time'),
    ]);
    expect(faultsIn('const f = (a: string) => RegExp(a);')).toEqual([
      expect.stringContaining('1: is built at run time'),
    ]);
  });

  it('in a comment or a text is none', () => {
    expect(patternsIn('a.ts', `const a = '/(a|a)*$/'; // /(a|a)*$/`)).toEqual([]);
  });
});
