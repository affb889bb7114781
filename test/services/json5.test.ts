/** JSON5 as OpenClaw takes it, with the places of all that stands in it. */
import { JsonParser } from '@croct/json5-parser';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Json5Node,
  json5Places,
  Json5SyntaxError,
  parseJson5,
  valueOf,
} from '../../src/services/json5.ts';
import { json5Samples } from './json5-texts.ts';

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
    expect(valueOf(parseJson5(text))).toEqual(value);
  });

  it('stands for the value that it was made from', () => {
    fc.assert(
      fc.property(json5Samples, ({ text, value }) => {
        expect(valueOf(parseJson5(text))).toEqual(value);
      }),
      { numRuns: 2000 },
    );
  });

  it('is read as another parser reads it, where that one takes it', () => {
    let taken = 0;
    fc.assert(
      fc.property(json5Samples, ({ text }) => {
        const other = otherReading(text);
        if (other === undefined) return;
        taken += 1;
        expect(valueOf(parseJson5(text))).toEqual(other.value);
      }),
      { numRuns: 1000 },
    );
    expect(taken).toBeGreaterThan(100);
  });

  it.each([
    '',
    '{',
    '{a}',
    '{a: }',
    '{a: 1 b: 2}',
    '{,}',
    '[,]',
    '[1,,2]',
    '{a: 01}',
    "{a: 'x\ny'}",
    '{a: "\\u12"}',
    '{a: yes}',
    '{1a: 1}',
    '{} {}',
    '{a: 1} /* open',
    '{"a": "x}',
  ])('refuses %j', text => {
    expect(() => parseJson5(text)).toThrow(Json5SyntaxError);
  });

  it.each([
    ['{a: 1', 1, 6],
    ['{\n  a 1}', 2, 5],
    ['{default: }', 1, 11],
    ["{\n  default: '\\u12',\n}", 2, 12],
    ['', 1, 1],
  ])('says where %s is none', (text, line, column) => {
    expect(thrownBy(text)).toMatchObject({ place: { line, column } });
  });

  it('names the line', () => {
    expect(() => parseJson5('{\r\n  a: 1,\r\n  b 2\r\n}')).toThrow('line 3');
  });

  it('knows where each value stands', () => {
    fc.assert(
      fc.property(json5Samples, ({ text }) => {
        for (const node of nodesOf(parseJson5(text))) {
          const written = text.slice(node.start, node.end);
          expect(valueOf(parseJson5(written))).toEqual(valueOf(node));
        }
      }),
    );
  });

  it('counts lines as its readers do', () => {
    const place = json5Places('{\r\n  a: 1,\u2028\n  b: 2 }');
    expect([0, 2, 3, 5, 12, 15].map(place)).toEqual([
      { line: 1, column: 1 },
      { line: 1, column: 3 },
      { line: 2, column: 1 },
      { line: 2, column: 3 },
      { line: 4, column: 1 },
      { line: 4, column: 4 },
    ]);
  });
});

function thrownBy(text: string): unknown {
  try {
    return parseJson5(text);
  } catch (error) {
    return error;
  }
}

function nodesOf(node: Json5Node): readonly Json5Node[] {
  const inner =
    node.kind === 'object' ? node.members.map(({ value }) => value) : node.kind === 'array' ? node.items : [];
  return [node, ...inner.flatMap(nodesOf)];
}

/** Reserved words are no keys to it, and `__proto__` is no property. */
function otherReading(text: string): { readonly value: unknown } | undefined {
  if (text.includes('__proto__')) return undefined;
  try {
    return { value: JsonParser.parse(text).toJSON() };
  } catch {
    return undefined;
  }
}
