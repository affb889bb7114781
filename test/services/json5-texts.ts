/** Random JSON5 texts with the value they stand for: everything that the grammar allows between and around values. */
import fc from 'fast-check';
import type { Json5Value } from '../../src/services/json5.ts';

export interface Json5Sample {
  readonly text: string;
  readonly value: Json5Value;
}

const comments = [
  '// a "note", with {braces}: and, commas\n',
  '// ends with CRLF\r\n',
  '/* a: {b: [1, 2,]} */',
  '/* two\n  lines */',
  '//\n',
  '/**/',
  '// Unicode line end\u2028',
];
const spaces = ['', '', '', ' ', '  ', '\t', '\n', '\n  ', '\r\n', '\r\n\t', '\u00a0', '\uFEFF'];

const trivia = fc
  .array(fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...spaces) }, fc.constantFrom(...comments)), {
    maxLength: 3,
  })
  .map(parts => parts.join(''));

const names = [
  'a',
  'b',
  'models',
  'default',
  'class',
  '$include',
  '_x1',
  'ünï',
  'providers',
  'null',
  '__proto__',
];

const plainStrings = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.constantFrom('', 'https://x/v1', '${KEY}', '// no', '😀', '\u2028'),
);

const string: fc.Arbitrary<Json5Sample & { readonly value: string }> = fc
  .tuple(plainStrings, fc.constantFrom('"', "'"), fc.constantFrom('', '\\\n', '\\\r\n', '\\x41', '\\u0041'))
  .map(([content, quote, extra]) => ({
    text: `${quote}${Array.from(content)
      .map(character => escaped(character, quote))
      .join('')}${extra}${quote}`,
    value: content + (/^\\[xu]/.test(extra) ? 'A' : ''),
  }));

function escaped(character: string, quote: string): string {
  if (character === quote || character === '\\') return `\\${character}`;
  return character < ' ' ? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}` : character;
}

const number: fc.Arbitrary<Json5Sample> = fc.oneof(
  fc.integer().map(value => ({ text: String(value), value })),
  fc.nat(0xffff).map(value => ({ text: `0x${value.toString(16)}`, value })),
  fc.nat(99).map(value => ({ text: `+${value}`, value })),
  fc.nat(99).map(value => ({ text: `.${value}`, value: Number(`.${value}`) })),
  fc.nat(99).map(value => ({ text: `${value}.`, value })),
  fc.nat(9).map(value => ({ text: `${value}e3`, value: value * 1000 })),
  fc.constantFrom({ text: 'Infinity', value: Infinity }, { text: '-Infinity', value: -Infinity }),
);

const literal: fc.Arbitrary<Json5Sample> = fc.constantFrom(
  { text: 'true', value: true },
  { text: 'false', value: false },
  { text: 'null', value: null },
);

const key: fc.Arbitrary<Json5Sample & { readonly value: string }> = fc.oneof(
  fc.constantFrom(...names).map(name => ({ text: name, value: name })),
  fc.constantFrom(...names).map(name => ({ text: `'${name}'`, value: name })),
  fc.constant({ text: '\\u0061bc', value: 'abc' }),
  string,
);

/** Texts of nested values, with trivia wherever it may stand. */
export const json5Samples: fc.Arbitrary<Json5Sample> = fc
  .letrec<{ value: Json5Sample; object: Json5Sample; array: Json5Sample }>(tie => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.oneof(string, number, literal),
      tie('object'),
      tie('array'),
    ),
    object: fc
      .tuple(
        fc.uniqueArray(fc.tuple(key, tie('value'), trivia, trivia, trivia, trivia), {
          selector: ([name]) => name.value,
          maxLength: 4,
        }),
        fc.boolean(),
        trivia,
      )
      .map(([members, hasComma, inner]) => ({
        text: `{${inner}${joined(
          members.map(([name, value, a, b, c, d]) => `${a}${name.text}${b}:${c}${value.text}${d}`),
          hasComma,
        )}}`,
        value: Object.fromEntries(members.map(([name, { value }]) => [name.value, value])),
      })),
    array: fc
      .tuple(fc.array(fc.tuple(tie('value'), trivia, trivia), { maxLength: 3 }), fc.boolean(), trivia)
      .map(([items, hasComma, inner]) => ({
        text: `[${inner}${joined(
          items.map(([value, a, b]) => `${a}${value.text}${b}`),
          hasComma,
        )}]`,
        value: items.map(([{ value }]) => value),
      })),
  }))
  .object.chain(({ text, value }) =>
    fc.tuple(trivia, trivia).map(([before, after]) => ({ text: `${before}${text}${after}`, value })),
  );

function joined(entries: readonly string[], hasComma: boolean): string {
  return entries.join(',') + (hasComma && entries.length > 0 ? ',\n' : '');
}
