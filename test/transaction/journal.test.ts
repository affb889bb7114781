import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Journal } from '../../src/transaction/journal.ts';
import { unpackedRoot } from '../support/root.ts';
import { exampleRecord } from './example-fix.ts';

/** How many folders are listed to tell of all records, of the user's own and of those in a tree that is looked at. */
function listings(count: number): number {
  const state = unpackedRoot({});
  const root = unpackedRoot({});
  const here = new Journal(state);
  const inTree = new Journal(path.join(root, 'state'));
  const record = { ...exampleRecord(root), root, operations: [], folders: [] };
  for (let number = 0; number < count; number += 1) {
    here.end({ ...record, id: `20261124T040000Z-${number}` }, 'done');
    inTree.end({ ...record, id: `20261125T040000Z-${number}` }, 'done');
  }
  const tree = { root, within: [root] };
  const both = new Journal(state, { tree, stateFolder: path.join(root, 'state'), inhabitant: undefined });
  const list = vi.spyOn(fs, 'readdirSync');
  onTestFinished(() => list.mockRestore());
  const ids = both.ids();
  expect(ids.flatMap(id => both.known(id) ?? []).length).toBe(2 * count);
  expect(ids.filter(id => both.isCarried(id)).length).toBe(count);
  const { length } = list.mock.calls;
  list.mockRestore();
  return length;
}

describe('the records of fixes', () => {
  it('are read without a look through their folder for each', () => {
    expect(listings(40)).toBe(listings(4));
  });

  it('are in the order in which they began, also where many began in one second', () => {
    const state = unpackedRoot({});
    const journal = new Journal(state);
    const now = new Date('2026-11-24T04:00:00Z');
    const record = { ...exampleRecord(unpackedRoot({})), operations: [], folders: [] };
    const ids = Array.from({ length: 12 }, () => {
      const id = journal.newId(now);
      journal.end({ ...record, id }, 'done');
      return id;
    });
    expect(journal.ids()).toEqual(ids);
  });

  it('are found by ids alone', () => {
    const state = unpackedRoot({ 'fixes/x.json': '{}', 'secret.json': '{}' });
    const journal = new Journal(state);
    expect(journal.ids()).toEqual([]);
    expect(['x', '../secret', ''].map(id => journal.record(id))).toEqual([undefined, undefined, undefined]);
  });
});
