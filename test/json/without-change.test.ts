import { describe, expect, it } from 'vitest';
import { editsBetween, withoutChange } from '../../src/json/without-change.ts';

describe('a value without a change', () => {
  it.each<[name: string, before: unknown, after: unknown, now: unknown, value: unknown]>([
    ['that added a member', { a: 1 }, { a: 1, b: 2 }, { a: 1, b: 2, c: 3 }, { a: 1, c: 3 }],
    ['that set a member', { a: 1 }, { a: 2 }, { a: 2, c: 3 }, { a: 1, c: 3 }],
    ['that removed a member', { a: 1, b: 2 }, { a: 1 }, { a: 1, c: 3 }, { a: 1, c: 3, b: 2 }],
    ['that made a mapping', {}, { n: { l: 'x' } }, { n: { l: 'x', c: [1] } }, { n: { c: [1] } }],
    ['whose mapping has nothing else', {}, { n: { l: 'x', m: 1 } }, { n: { l: 'x' }, o: 1 }, { o: 1 }],
    ['that made everything', undefined, { n: 1 }, { n: 1 }, undefined],
    ['that added an item', ['a'], ['a', 'b'], ['b', 'a', 'c'], ['a', 'c']],
    ['that is taken out already', { a: 1 }, { a: 1, b: 2 }, { a: 1, c: 3 }, { a: 1, c: 3 }],
  ])('%s', (_, before, after, now, value) => {
    expect(withoutChange(before, after, now)).toEqual({ value });
  });

  it.each<[name: string, before: unknown, after: unknown, now: unknown]>([
    ['the same member', { a: 1 }, { a: 2 }, { a: 3 }],
    ['the item that was added', ['a'], ['a', { b: 1 }], ['a', { b: 1, c: 2 }]],
    ['the items, of which some had been removed', ['a', 'b'], ['b'], ['b', 'c']],
    ['the kind of a value', {}, { a: { b: 1 } }, { a: 'b' }],
  ])('is not known where others changed %s', (_, before, after, now) => {
    expect(withoutChange(before, after, now)).toBeUndefined();
  });
});

describe('the edits between two values', () => {
  it('go as deep as mappings do, and remove items one by one', () => {
    const from = { a: { b: 1, c: 2 }, f: ['x', 'y', 'z'], g: [1] };
    expect(editsBetween(from, { a: { b: 1 }, f: ['y'], g: [2], h: 3 })).toEqual([
      { path: ['a', 'c'], value: undefined },
      { path: ['f', 2], value: undefined },
      { path: ['f', 0], value: undefined },
      { path: ['g'], value: [2] },
      { path: ['h'], value: 3 },
    ]);
  });
});
