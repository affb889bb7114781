import fc from 'fast-check';
import { eastAsianWidth } from 'get-east-asian-width';
import { describe, expect, it } from 'vitest';
import { graphemesOf, widthOf } from '../../src/report/width.ts';

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const split = (text: string) => Array.from(segmenter.segment(text), ({ segment }) => segment);

/** Without any short cut for characters that most texts consist of. */
function slowWidth(text: string): number {
  const widths = split(text).map((grapheme): number => {
    if (/^[\p{Default_Ignorable_Code_Point}\p{Control}\p{Mark}]+$/u.test(grapheme)) return 0;
    return /^\p{RGI_Emoji}$/v.test(grapheme) ? 2 : eastAsianWidth(grapheme.codePointAt(0) ?? 0);
  });
  return widths.reduce((sum, width) => sum + width, 0);
}

// Sequences of control characters are taken out before anything is measured, see node:util.
const firstPrintable = 0xa0;

describe('widthOf', () => {
  it.each([
    ['✓0.1s', 5],
    ['没有 linger', 11],
    ['–…·→', 4],
    ['e\u0301', 1],
    ['a\u00adb', 2],
    ['❤\ufe0f', 2],
    ['❤', 1],
    ['✅', 2],
    ['👩‍👩‍👧', 2],
    ['か\u3099', 2],
  ])('%j', (text, columns) => {
    expect(widthOf(text)).toBe(columns);
  });

  it('knows each character', () => {
    const wrong: string[] = [];
    for (let code = firstPrintable; code <= 0xff_ff; code += 1) {
      const character = String.fromCharCode(code);
      if (widthOf(character) !== slowWidth(character)) wrong.push(code.toString(16));
    }
    expect(wrong).toEqual([]);
  });
});

describe('graphemesOf', () => {
  it('joins what belongs together', () => {
    const joining = [
      '\u0301',
      '\u200d',
      '\ufe0f',
      '\u20e3',
      '\u3099',
      '\u302a',
      '\uff9e',
      '👩',
      '🇩',
      '\u00ad',
    ];
    const character = fc.oneof(
      fc.constantFrom(...joining),
      fc.integer({ min: firstPrintable, max: 0xff_ff }).map(code => String.fromCharCode(code)),
      fc.constantFrom(...Array.from(' a1#*✓✗→–…没有。（か')),
    );
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: 6 }), text => {
        expect([...graphemesOf(text)]).toEqual(split(text));
      }),
      { numRuns: 2000 },
    );
  });
});
