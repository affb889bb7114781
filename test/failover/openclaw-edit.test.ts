import { describe, expect, it } from 'vitest';
import { type ConfigEdit, editedFiles, ScatteredValue, withEdit } from '../../src/failover/openclaw-edit.ts';

const folder = '/home/neko/.openclaw';
const main = `${folder}/openclaw.json`;

function edited(files: Readonly<Record<string, string>>, ...edits: readonly ConfigEdit[]): object {
  const changed = editedFiles(main, edits, file => {
    const text = files[file.slice(folder.length + 1)];
    if (text === undefined) throw new Error(`ENOENT ${file}`);
    return text;
  });
  return Object.fromEntries([...changed].map(([file, text]) => [file.slice(folder.length + 1), text]));
}

const provider: ConfigEdit = { path: ['models', 'providers', 'kuma', 'api'], value: 'x' };

describe('a value is set in the file where it stands', () => {
  it('the configuration itself', () => {
    expect(edited({ 'openclaw.json': '{models: {providers: {}}}' }, provider)).toEqual({
      'openclaw.json': '{models: {providers: { kuma: { api: "x" } }}}',
    });
  });

  it('a section in a file of its own', () => {
    const files = { 'openclaw.json': '{models: {$include: "./m.json5"}}', 'm.json5': '{providers: {a: 1}}' };
    expect(edited(files, provider)).toEqual({ 'm.json5': '{providers: {a: 1, kuma: { api: "x" }}}' });
  });

  it('a file within a file, from its own folder', () => {
    const files = {
      'openclaw.json': '{$include: "parts/all.json5"}',
      'parts/all.json5': '{models: {$include: "m.json5"}}',
      'parts/m.json5': '{providers: {kuma: {api: "y"}}}',
    };
    expect(edited(files, provider)).toEqual({ 'parts/m.json5': '{providers: {kuma: {api: "x"}}}' });
  });

  it('what stands beside an include counts before it', () => {
    const files = {
      'openclaw.json': '{$include: "a.json5", models: {providers: {kuma: {api: "own"}}}}',
      'a.json5': '{models: {providers: {kuma: {api: "included"}}}}',
    };
    expect(edited(files, provider)).toEqual({
      'openclaw.json': '{$include: "a.json5", models: {providers: {kuma: {api: "x"}}}}',
    });
  });

  it('the later of two files counts', () => {
    const files = {
      'openclaw.json': '{models: {$include: ["a.json5", "b.json5"]}}',
      'a.json5': '{providers: {kuma: {api: 1}}}',
      'b.json5': '{providers: {kuma: {api: 2}}}',
    };
    expect(edited(files, provider)).toEqual({ 'b.json5': '{providers: {kuma: {api: "x"}}}' });
  });

  it('each edit sees those before it', () => {
    const more: ConfigEdit = { path: ['models', 'providers', 'kuma', 'models'], value: [] };
    expect(edited({ 'openclaw.json': '{}' }, provider, more)).toEqual({
      'openclaw.json': '{ "models": { "providers": { "kuma": { "api": "x", "models": [] } } } }',
    });
  });

  it('files that take each other in are no trap', () => {
    const files = { 'openclaw.json': '{$include: "a.json5"}', 'a.json5': '{$include: "openclaw.json"}' };
    expect(edited(files, provider)).toHaveProperty(['openclaw.json']);
  });

  it('a list that several files make up has no place for an item', () => {
    const files = { 'openclaw.json': '{$include: "a.json5", list: [1]}', 'a.json5': '{list: [0]}' };
    expect(() => edited(files, { path: ['list', 2], value: 2 })).toThrow(ScatteredValue);
  });
});

it('says what the whole comes to', () => {
  const before = { list: [1], a: { b: 1 } };
  expect(withEdit(before, { path: ['list', 1], value: 2 })).toEqual({ list: [1, 2], a: { b: 1 } });
  expect(withEdit(before, { path: ['a', 'c', 'd'], value: null })).toEqual({
    list: [1],
    a: { b: 1, c: { d: null } },
  });
});
