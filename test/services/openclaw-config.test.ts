/** OpenClaw's configuration as OpenClaw makes it up. Each case of includes and variables was run on 2026.9.6. */
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { secretText } from '../../src/secrets/openclaw-secret.ts';
import { type ConfigNode, entriesOf, itemsOf, nodeAt, scalarOf } from '../../src/services/config-node.ts';
import { openclawPlaces, readOpenclawConfig, seemingVariable } from '../../src/services/openclaw-config.ts';
import { ownFilesAmong } from '../../src/services/own-files.ts';
import { localFiles } from '../../src/systemd/host/files.ts';
import { type Tree, unpackedRoot } from '../support/root.ts';

function read(
  files: Tree,
  variables: Readonly<Record<string, string>> = {},
  { isComplete = true }: { readonly isComplete?: boolean } = {},
) {
  const home = unpackedRoot(
    Object.fromEntries(Object.entries(files).map(([name, text]) => [`.openclaw/${name}`, text])),
  );
  const folder = path.join(home, '.openclaw');
  const config = readOpenclawConfig(
    {
      file: path.join(folder, 'openclaw.json'),
      stateFolder: folder,
      spareEnvironmentFile: path.join(folder, 'gateway.env'),
    },
    {
      files: ownFilesAmong(localFiles(), () => true),
      variable: name => variables[name]?.replaceAll('@home@', home),
      isComplete,
      resolve: file => path.join(folder, 'work', file),
    },
  );
  const short = (file: string) => path.relative(folder, file);
  return {
    config,
    value: plain(config.root),
    at: (...keys: string[]) => {
      const source = nodeAt(config.root, ...keys)?.source;
      return source && `${short(source.file)}:${source.line}`;
    },
    files: config.files.map(short),
    problems: config.problems.map(problem => {
      const { code, source } = problem;
      const what = 'file' in problem ? short(problem.file) : 'name' in problem ? problem.name : '';
      const column = 'column' in problem ? `:${problem.column}` : '';
      return `${source === null ? '' : `${short(source.file)}:${source.line}`}${column} ${code} ${what}`.trim();
    }),
  };
}

/** What it comes to, as JavaScript has it. */
function plain(node: ConfigNode | undefined): unknown {
  if (node?.kind === 'object')
    return Object.fromEntries(entriesOf(node).map(([key, each]) => [key, plain(each)]));
  return node?.kind === 'list' ? itemsOf(node).map(plain) : scalarOf(node);
}

describe('files that are taken in', () => {
  it('take the place of what stands there, or lie under what stands beside', () => {
    const { value, at, problems, files } = read({
      'openclaw.json': `{
  models: { $include: "./models.json5" },
  agents: {
    $include: ["agents/a.json", "agents/b.json"],
    defaults: { model: "own" },
  },
}`,
      'models.json5': '{ providers: { default: { baseUrl: "http://a/" } } }',
      'agents/a.json': '{"defaults": {"model": "a", "x": 1}, "list": [1]}',
      'agents/b.json': '{\n"defaults": {"model": "b"}, "list": [{"$include": "../one.json"}]}',
      'one.json': '[2]',
    });
    expect(problems).toEqual([]);
    // Lists grow, mappings are merged key by key, of all else the last counts.
    expect(value).toEqual({
      models: { providers: { default: { baseUrl: 'http://a/' } } },
      agents: { defaults: { model: 'own', x: 1 }, list: [1, [2]] },
    });
    expect(at('models', 'providers', 'default')).toBe('models.json5:1');
    expect(at('agents', 'defaults', 'model')).toBe('openclaw.json:5');
    expect(at('agents', 'defaults', 'x')).toBe('agents/a.json:1');
    expect(files).toEqual(['openclaw.json', 'models.json5', 'agents/a.json', 'agents/b.json', 'one.json']);
  });

  it.each<readonly [string, Tree, readonly string[]]>([
    [
      'one that is missing',
      { 'openclaw.json': '{\n a: { $include: "./gone.json" } }' },
      ['openclaw.json:2 missing-file gone.json'],
    ],
    [
      'one outside',
      { 'openclaw.json': '{ a: { $include: "../outside.json" } }', '../outside.json': '{}' },
      ['openclaw.json:1 include-outside ../outside.json'],
    ],
    [
      'a link that leads outside',
      {
        'openclaw.json': '{ a: { $include: "./link.json" } }',
        'link.json': { link: '../outside.json' },
        '../outside.json': '{}',
      },
      ['openclaw.json:1 include-outside link.json'],
    ],
    [
      'itself',
      { 'openclaw.json': '{ a: { $include: "b.json" } }', 'b.json': '{\n\n $include: "./openclaw.json" }' },
      ['b.json:3 include-circle openclaw.json'],
    ],
    [
      'no JSON5',
      { 'openclaw.json': '{ a: { $include: "b.json" } }', 'b.json': '{\n  a b: "sk-secret" }' },
      ['b.json:2:5 bad-syntax'],
    ],
    [
      'what is no name',
      { 'openclaw.json': '{ a: { $include: ["b.json", 5] } }', 'b.json': '{}' },
      ['openclaw.json:1 bad-value'],
    ],
    [
      'a list beside keys',
      { 'openclaw.json': '{ a: { $include: "b.json", c: 1 } }', 'b.json': '[]' },
      ['openclaw.json:1 bad-value'],
    ],
    ['no mapping at all', { 'openclaw.json': '[]' }, ['openclaw.json:1 bad-value']],
    ['a list that the last line opens', { 'openclaw.json': '{ a: [\n\n' }, ['openclaw.json:1:7 bad-syntax']],
    ['nothing', { 'openclaw.json': '' }, ['openclaw.json:1:1 bad-syntax']],
  ])('%s', (_, files, expected) => {
    const { problems } = read(files);
    expect(problems).toEqual(expected);
    expect(JSON.stringify(problems)).not.toContain('secret');
  });

  it('may come from folders that OPENCLAW_INCLUDE_ROOTS names', () => {
    const files = {
      'openclaw.json': '{ a: { $include: "../shared/a.json" } }',
      '../shared/a.json': '{ b: 1 }',
    };
    expect(read(files, { OPENCLAW_INCLUDE_ROOTS: '@home@/shared' })).toMatchObject({
      problems: [],
      value: { a: { b: 1 } },
    });
  });

  it('lead ten files deep and no further', () => {
    const chain = (length: number): Tree =>
      Object.fromEntries(
        Array.from({ length: length + 1 }, (_, index) => [
          index === 0 ? 'openclaw.json' : `${index}.json`,
          index === length ? '{ end: true }' : `{ a: { $include: "./${index + 1}.json" } }`,
        ]),
      );
    expect(read(chain(10)).problems).toEqual([]);
    expect(read(chain(11)).problems).toEqual(['10.json:1 include-too-deep 11.json']);
  });
});

describe('variables', () => {
  const text = (written: string, files: Tree = {}, variables: Readonly<Record<string, string>> = {}) => {
    const { config, problems } = read(
      {
        'openclaw.json': `{\n key: ${JSON.stringify(written)},\n env: { A: "section", vars: { B: "vars" } } }`,
        ...files,
      },
      variables,
    );
    return [config.text(nodeAt(config.root, 'key')), ...problems];
  };

  it('of the process count before .env, and that before the section', () => {
    expect(text('${A}-${B}')).toEqual(['section-vars']);
    expect(text('${A}', { '.env': 'A=dotenv\n' })).toEqual(['dotenv']);
    expect(text('${A}', { '.env': 'A=dotenv\n' }, { A: 'process' })).toEqual(['process']);
    expect(text('${A}', { '.env': 'A=dotenv\n', 'gateway.env': 'A=spare\n' })).toEqual(['dotenv']);
    expect(text('${A}', { 'gateway.env': 'A=spare\n' })).toEqual(['spare']);
    // Empty is not set.
    expect(text('${A}', {}, { A: '' })).toEqual(['section']);
  });

  it.each([
    ['$${A}', '${A}'],
    ['${a}', '${a}'],
    ['$A', '$A'],
    ['${A', '${A'],
    ['x${A}y${A}', 'xsectionysection'],
  ])('%s is %s', (written, meant) => {
    expect(text(written)).toEqual([meant]);
  });

  // What openclaw 2026.9.6 made of the same.
  it.each([
    ['another one of the section', { A: 'a', B: '${A}-b' }, '${B}', {}, 'a-b'],
    ['one that stands behind it', { B: '${A}-b', A: 'a' }, '${B}', {}, 'a-b'],
    ['one of the process', { B: '${C}-b' }, '${B}', { C: 'c' }, 'c-b'],
    ['one that the process has, too', { B: '${A}-b', A: 'a' }, '${B}', { A: 'p' }, 'p-b'],
    ['one that names one itself', { A: '${B}a', B: '${C}b', C: 'c' }, '${A}', {}, undefined],
    ['each other', { A: '${B}a', B: '${A}b' }, '${A}', {}, undefined],
    ['one that nothing sets', { A: '${UNSET}a' }, '${A}', {}, undefined],
    ['none, by an escape', { B: '$${A}-b', A: 'a' }, '${B}', {}, '$${A}-b'],
  ] as const)('of the section that name %s', (_, vars, written, variables, meant) => {
    const { config } = read({ 'openclaw.json': JSON.stringify({ key: written, env: { vars } }) }, variables);
    expect(secretText(nodeAt(config.root, 'key'), config)).toBe(meant);
  });

  it('of the section that name others are not set yet where texts are filled in', () => {
    const vars = { HOST: '127.0.0.1', BASE: 'http://${HOST}/v1' };
    const file = JSON.stringify({ address: '${BASE}', other: 'http://${HOST}/', env: { vars } });
    const { config } = read({ 'openclaw.json': file }, {});
    expect(config.text(nodeAt(config.root, 'address'))).toBeUndefined();
    expect(config.text(nodeAt(config.root, 'other'))).toBe('http://127.0.0.1/');
    expect(config.variable('BASE')).toBe('http://127.0.0.1/v1');
  });

  it.each([
    ['${a}', '${a}'],
    ['x-${A:-b}-y', '${A:-b}'],
    ['${', '${'],
    ['${A}', undefined],
    ['$${a}', undefined],
    ['$A', undefined],
  ])('%s only seems to have one: %s', (written, seeming) => {
    expect(seemingVariable(written)).toBe(seeming);
  });

  it('that nothing sets are told, and leave no text behind', () => {
    expect(text('${NONE}/v1')).toEqual([undefined, 'openclaw.json:2 missing-variable NONE']);
  });

  it('that may be set elsewhere are not told', () => {
    const files = { 'openclaw.json': '{ key: "${NONE}" }' };
    expect(read(files, {}, { isComplete: false }).problems).toEqual([]);
    expect(
      read({ 'openclaw.json': '{ key: "${NONE}", env: { shellEnv: { enabled: true } } }' }).problems,
    ).toEqual([]);
    expect(read(files, { OPENCLAW_LOAD_SHELL_ENV: '1' }).problems).toEqual([]);
    expect(read({ ...files, 'work/.env': 'NONE=1\n' }).problems).toEqual([]);
  });
});

describe('where it lies', () => {
  const at = (variables: Readonly<Record<string, string>>, profile?: string) =>
    openclawPlaces(name => variables[name], profile);

  it.each<readonly [Readonly<Record<string, string>>, string | undefined, string, string]>([
    [{}, undefined, '/home/me/.openclaw/openclaw.json', '/home/me/.openclaw'],
    [{}, 'work', '/home/me/.openclaw-work/openclaw.json', '/home/me/.openclaw-work'],
    [{}, 'default', '/home/me/.openclaw/openclaw.json', '/home/me/.openclaw'],
    [{ OPENCLAW_HOME: '~/svc' }, undefined, '/home/me/svc/.openclaw/openclaw.json', '/home/me/svc/.openclaw'],
    [{ OPENCLAW_HOME: 'undefined' }, undefined, '/home/me/.openclaw/openclaw.json', '/home/me/.openclaw'],
    [{ OPENCLAW_STATE_DIR: '/srv/oc' }, 'work', '/srv/oc/openclaw.json', '/srv/oc'],
    [{ OPENCLAW_CONFIG_PATH: '/etc/oc.json' }, undefined, '/etc/oc.json', '/home/me/.openclaw'],
  ])('%o %s: %s', (variables, profile, file, stateFolder) => {
    expect(at({ HOME: '/home/me', ...variables }, profile)).toMatchObject({ file, stateFolder });
  });

  it('has a second file of variables beside the usual folder alone', () => {
    expect(at({ HOME: '/home/me' })?.spareEnvironmentFile).toBe('/home/me/.config/openclaw/gateway.env');
    expect(at({ HOME: '/home/me' }, 'work')?.spareEnvironmentFile).toBeUndefined();
  });

  it('is not known without a home', () => {
    expect(at({})).toBeUndefined();
  });
});
