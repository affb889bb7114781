import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Json5Path, withoutValue, withValue } from '../../src/services/json5-edit.ts';
import { type Json5Node, type Json5Value, parseJson5, valueOf } from '../../src/services/json5.ts';
import { json5Samples } from './json5-texts.ts';

const newValues = fc.constantFrom<Json5Value>(
  'https://kuma.example.com/litellm/v1',
  'it\'s "quoted"',
  60,
  true,
  null,
  [],
  {},
  ['a/b', 'c/d'],
  { baseUrl: 'https://x/v1', models: [{ id: 'm', name: 'M' }], 'with-dash': [1, [2]], default: { in: 1 } },
);

describe('an edit', () => {
  it('gives the value that was asked for, and leaves all bytes around it', () => {
    fc.assert(
      fc.property(
        json5Samples,
        newValues,
        fc.nat(),
        fc.constantFrom('new', 'with-dash', 'class'),
        (sample, value, pick, name) => {
          const { text } = sample;
          const root = parseJson5(text);
          const paths = pathsOf(root, name);
          const path = paths[pick % paths.length] ?? [name];
          const after = withValue(text, path, value);
          expect(valueOf(parseJson5(after))).toEqual(withSet(valueOf(root), path, value));
          const place = nodeAt(root, path);
          const isUntouched =
            place === undefined
              ? isPartOf(text, after)
              : after.startsWith(text.slice(0, place.start)) && after.endsWith(text.slice(place.end));
          expect(isUntouched).toBe(true);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('of several values leaves the others', () => {
    fc.assert(
      fc.property(json5Samples, newValues, newValues, ({ text, value }, first, second) => {
        const after = withValue(withValue(text, ['one', 'deep'], first), ['two'], second);
        const expected = withSet(withSet(value, ['one', 'deep'], first), ['two'], second);
        expect(valueOf(parseJson5(after))).toEqual(expected);
        expect(isPartOf(text, after)).toBe(true);
      }),
    );
  });

  it.each<[name: string, before: string, path: Json5Path, value: Json5Value, after: string]>([
    [
      'a line of its own, in the style of the others',
      "{\n\ta: 'x',\n}\n",
      ['b'],
      'y',
      "{\n\ta: 'x',\n\tb: 'y',\n}\n",
    ],
    [
      'a comma behind the last, not behind its comment',
      '{\n  "a": 1 // one\n}',
      ['b'],
      2,
      '{\n  "a": 1, // one\n  "b": 2\n}',
    ],
    ['CRLF where there is CRLF', '{\r\n  a: 1\r\n}\r\n', ['b'], 2, '{\r\n  a: 1,\r\n  b: 2\r\n}\r\n'],
    ['an object on one line', '{\n  m: { a: 1 }\n}', ['m', 'b'], 2, '{\n  m: { a: 1, b: 2 }\n}'],
    ['an item', '{\n  f: ["x"] // all\n}', ['f', 1], 'y', '{\n  f: ["x", "y"] // all\n}'],
    [
      'an item on a line of its own',
      '{\n  f: [\n    "x", // one\n  ],\n}',
      ['f', 1],
      'y',
      '{\n  f: [\n    "x", // one\n    "y",\n  ],\n}',
    ],
    [
      'an object that was empty',
      '{\n  m: {}\n}',
      ['m', 'a', 'b'],
      [1],
      '{\n  m: {\n    a: { b: [1] }\n  }\n}',
    ],
    ['a file of one line', '{}', ['a'], { b: 1 }, '{ "a": { "b": 1 } }'],
    ['the last of two members of one name', '{a: 1, a: 2}', ['a'], 3, '{a: 1, a: 3}'],
    ['a mark of byte order', '\uFEFF{\n  a: 1\n}', ['b'], 2, '\uFEFF{\n  a: 1,\n  b: 2\n}'],
    ['quotes of keys, and of texts', `{\n  'a': "x"\n}`, ['b'], "it's", `{\n  'a': "x",\n  'b': "it's"\n}`],
  ])('keeps %s', (_, before, path, value, after) => {
    expect(withValue(before, path, value)).toBe(after);
  });

  it('has no way through a text', () => {
    expect(() => withValue('{a: "x"}', ['a', 'b'], 1)).toThrow(RangeError);
    expect(() => withValue('{a: [1]}', ['a', 3], 1)).toThrow(RangeError);
  });
});

describe('the removal of a value', () => {
  it('leaves all other values, and no bytes but those that were there', () => {
    fc.assert(
      fc.property(json5Samples, fc.nat(), ({ text }, pick) => {
        const root = parseJson5(text);
        const paths = pathsOf(root, 'new').filter(
          path => path.length > 0 && nodeAt(root, path) !== undefined,
        );
        const path = paths[pick % paths.length];
        if (path === undefined || hasTwin(root, path)) return;
        const after = withoutValue(text, path);
        expect(valueOf(parseJson5(after))).toEqual(withRemoved(valueOf(root), path));
        expect(isPartOf(after, text)).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  it.each<[name: string, before: string, path: Json5Path, after: string]>([
    [
      'its line, and no other comma',
      '{\n  "a": 1,\n  "b": 2, // two\n}\n',
      ['a'],
      '{\n  "b": 2, // two\n}\n',
    ],
    ['the comma before the last', '{\n  "a": 1, // one\n  "b": 2\n}', ['b'], '{\n  "a": 1 // one\n}'],
    [
      'no comment',
      "{\n  // mine\n  a: 'x', // kept\n  b: 1,\n}",
      ['a'],
      '{\n  // mine\n  // kept\n  b: 1,\n}',
    ],
    ['one of a line', '{ a: 1, b: 2 }', ['a'], '{ b: 2 }'],
    ['the last of a line', '{ a: 1, b: 2 }', ['b'], '{ a: 1 }'],
    ['an item', '{ f: ["x", "y", "z"] }', ['f', 1], '{ f: ["x", "z"] }'],
    [
      'an object of several lines',
      '{\r\n  a: {\r\n    b: 1\r\n  },\r\n  c: 2\r\n}',
      ['a'],
      '{\r\n  c: 2\r\n}',
    ],
    ['nothing where there is none', '{ a: 1 }', ['b', 'c'], '{ a: 1 }'],
  ])('takes %s', (_, before, path, after) => {
    expect(withoutValue(before, path)).toBe(after);
  });
});

/** All that can be set: what is there, and a new member or item in every object and array. */
function pathsOf(node: Json5Node, name: string): readonly Json5Path[] {
  if (node.kind === 'scalar') return [[]];
  const below =
    node.kind === 'object'
      ? node.members.flatMap(({ key, value }) =>
          pathsOf(value, name).map((path): Json5Path => [key, ...path]),
        )
      : node.items.flatMap((item, index) => pathsOf(item, name).map((path): Json5Path => [index, ...path]));
  return [[], node.kind === 'object' ? [name] : [node.items.length], ...below];
}

function nodeAt(root: Json5Node, path: Json5Path): Json5Node | undefined {
  return path.reduce<Json5Node | undefined>((node, step) => {
    if (node?.kind === 'object') return node.members.findLast(({ key }) => key === step)?.value;
    return node?.kind === 'array' && typeof step === 'number' ? node.items[step] : undefined;
  }, root);
}

function withSet(value: Json5Value, [step, ...rest]: Json5Path, to: Json5Value): Json5Value {
  if (step === undefined) return to;
  if (isList(value)) {
    return Array.from({ length: Math.max(value.length, Number(step) + 1) }, (_, index) =>
      index === step ? withSet(value[index] ?? {}, rest, to) : (value[index] ?? null),
    );
  }
  const members = isMapping(value) ? value : {};
  const own = new Map(Object.entries(members));
  own.set(String(step), withSet(own.get(String(step)) ?? {}, rest, to));
  return Object.fromEntries(own);
}

function isList(value: Json5Value): value is readonly Json5Value[] {
  return Array.isArray(value);
}

function isMapping(value: Json5Value): value is { readonly [key: string]: Json5Value } {
  return typeof value === 'object' && value !== null && !isList(value);
}

/** Whether nothing is taken away: each character is still there, in order. */
function isPartOf(part: string, whole: string): boolean {
  let at = 0;
  for (const character of whole) if (part.startsWith(character, at)) at += character.length;
  return at === part.length;
}

function withRemoved(value: Json5Value, [step, ...rest]: Json5Path): Json5Value {
  if (isList(value)) {
    const index = Number(step);
    const inner = rest.length === 0 ? [] : [withRemoved(value[index] ?? null, rest)];
    return [...value.slice(0, index), ...inner, ...value.slice(index + 1)];
  }
  const own = new Map(Object.entries(isMapping(value) ? value : {}));
  const name = String(step);
  if (rest.length === 0) own.delete(name);
  else own.set(name, withRemoved(own.get(name) ?? null, rest));
  return Object.fromEntries(own);
}

/** Whether the object of a member has another one of its name, which then counts in its place. */
function hasTwin(root: Json5Node, path: Json5Path): boolean {
  const above = nodeAt(root, path.slice(0, -1));
  return above?.kind === 'object' && above.members.filter(({ key }) => key === path.at(-1)).length > 1;
}
