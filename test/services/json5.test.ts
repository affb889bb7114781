/** JSON5 as OpenClaw takes it, and lossless for those who edit it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson5 } from '../../src/services/json5.ts';

describe('JSON5', () => {
  it.each<[string, unknown]>([
    ['{accounts: {default: {a: 1}}}', { accounts: { default: { a: 1 } } }],
    [
      '{null: 1, true: 2, NaN: 3, Infinity: 4, await: 5}',
      { null: 1, true: 2, NaN: 3, Infinity: 4, await: 5 },
    ],
    // Nothing inside a text or a comment is a key.
    ['{default: "{default: 1}"}', { default: '{default: 1}' }],
    ['{/* {default: 1} */ new: 1, // {in: 2}\n a: 2}', { new: 1, a: 2 }],
    ['{default /* here */ : [null, true, {if: null}]}', { default: [null, true, { if: null }] }],
    [`{a: 'say "no"', default: 1}`, { a: 'say "no"', default: 1 }],
    [`'it\\'s \\'so\\''`, "it's 'so'"],
    [
      String.raw`"\x41\v\0\a\'\
b"`,
      "A\v\0a'b",
    ],
    ['"a\tb"', 'a\tb'],
    ['{"a": "🐻", default: 1}', { a: '🐻', default: 1 }],
  ])('%s', (text, value) => {
    const root = parseJson5(text);
    expect(root.toJSON()).toEqual(value);
    expect(root.toString()).toBe(text);
  });

  it('keeps every text as it is', () => {
    const key = fc.constantFrom('default', 'null', 'a', '"default"', "'in'", 'Infinity');
    const text = fc.oneof(
      fc.string().map(value => JSON.stringify(value)),
      fc.constantFrom('\'{default: "x"}\'', '"//"', "'\\x41'", '"}"'),
    );
    const { value: documents } = fc.letrec(tie => ({
      value: fc.oneof(
        { depthSize: 'small' },
        text,
        fc.constantFrom('null', 'true', '-1.5', 'Infinity'),
        tie('object'),
      ),
      object: fc
        .array(fc.tuple(key, fc.constantFrom(':', ' : ', '/*:*/:', ': // {in: 1}\n'), tie('value')))
        .map(entries => `{${entries.map(entry => entry.join('')).join(',')}}`),
    }));
    fc.assert(
      fc.property(documents, document => {
        const written = String(document);
        const root = parseJson5(written);
        expect(root.toString()).toBe(written);
        expect(root.location.start).toMatchObject({ line: 1, column: 1 });
      }),
    );
  });

  it.each([
    ['{a: 1', 1, 6],
    ['{\n  a 1}', 2, 5],
    ['{default: }', 1, 11],
    ["{\n  default: '\\u12',\n}", 2, 12],
    ['', 1, 1],
  ])('says where %s is none', (text, line, column) => {
    let thrown: unknown;
    try {
      parseJson5(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ location: { start: { line, column } } });
  });
});
