/** LiteLLM's configuration as its proxy makes it up. */
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readLitellmConfig } from '../../src/services/litellm-config.ts';
import { ownFilesAmong } from '../../src/services/own-files.ts';
import { localFiles } from '../../src/systemd/host/files.ts';
import { type Tree, unpackedRoot } from '../support/root.ts';

function read(files: Tree | string, variables: Readonly<Record<string, string>> = {}, isComplete = false) {
  const folder = unpackedRoot(typeof files === 'string' ? { 'config.yaml': files } : files);
  const config = readLitellmConfig(path.join(folder, 'config.yaml'), {
    files: ownFilesAmong(localFiles(), () => true),
    variable: name => variables[name],
    isComplete,
  });
  const short = (file: string) => path.relative(folder, file);
  return {
    ...config,
    deployments: config.deployments.map(({ name, model, apiBase, key, source }) =>
      [`${short(source.file)}:${source.line}`, name, model, apiBase, key].join(' '),
    ),
    fallbacks: config.fallbacks.map(({ kind, from, to, source }) =>
      [`${short(source.file)}:${source.line}`, kind, from, '->', ...to].join(' '),
    ),
    problems: config.problems.map(problem =>
      [
        problem.source && `${short(problem.source.file)}:${problem.source.line}`,
        problem.code,
        'column' in problem ? problem.column : 'file' in problem ? short(problem.file) : '',
      ].join(' '),
    ),
  };
}

describe('deployments', () => {
  it('have what they lack from the credential that they name', () => {
    const { deployments } = read(
      `credential_list:
  - {credential_name: other, credential_info: {}, credential_values: {api_base: os.environ/BASE, api_key: sk-real}}
  - {credential_name: other, credential_info: {}, credential_values: {api_base: "http://second.example.com"}}
model_list:
  - {model_name: a, litellm_params: {model: openai/a, litellm_credential_name: other}}
  - {model_name: b, litellm_params: {model: openai/b, litellm_credential_name: other, api_base: "http://own.example.com"}}
  - {model_name: c, litellm_params: {model: openai/c, litellm_credential_name: nobody}}
`,
      { BASE: 'https://neko.example.com/v1' },
    );
    expect(deployments).toEqual([
      'config.yaml:5 a openai/a https://neko.example.com/v1 literal',
      'config.yaml:6 b openai/b http://own.example.com literal',
      'config.yaml:7 c openai/c  none',
    ]);
  });

  it('have name, model, address, the shape of the key, and their lines', () => {
    const { deployments, isComplete } = read(
      `model_list:
  - model_name: a
    litellm_params:
      model: openai/a
      api_base: http://127.0.0.1:4141/v1
      api_key: sk-real
  - model_name: b
    litellm_params: &params
      model: openai/b
      api_base: os.environ/BASE
      api_key: os.environ/KEY
  - {model_name: c, litellm_params: {<<: *params, model: c}}
  - model_name: d
    litellm_params: {model: openai/d, base_url: os.environ/NONE}
`,
      { BASE: 'https://neko.example.com/v1' },
    );
    expect(deployments).toEqual([
      'config.yaml:2 a openai/a http://127.0.0.1:4141/v1 literal',
      'config.yaml:7 b openai/b https://neko.example.com/v1 variable',
      'config.yaml:12 c c https://neko.example.com/v1 variable',
      'config.yaml:13 d openai/d  none',
    ]);
    expect(isComplete).toBe(true);
  });

  it('without an address go where the variables of their provider say', () => {
    const text = `environment_variables: {OPENAI_BASE_URL: "https://section.example.com"}
model_list:
  - {model_name: a, litellm_params: {model: openai/a}}
  - {model_name: b, litellm_params: {model: litellm_proxy/b}}
  - {model_name: c, litellm_params: {model: anthropic/c}}
`;
    expect(
      read(text, { OPENAI_BASE_URL: 'x', LITELLM_PROXY_API_BASE: 'http://neko:4000' }).deployments,
    ).toEqual([
      'config.yaml:3 a openai/a https://section.example.com none',
      'config.yaml:4 b litellm_proxy/b http://neko:4000 none',
      'config.yaml:5 c anthropic/c  none',
    ]);
  });

  it('of a fallback that one entry has of its own are asked for the same name', () => {
    const text = `model_list:
  - model_name: a
    litellm_params:
      model: openai/a
      fallbacks:
        - {model: openai/b, api_base: "http://neko:4000"}
`;
    expect(read(text).deployments.map(line => line.split(' ').slice(0, 4).join(' '))).toEqual([
      'config.yaml:2 a openai/a ',
      'config.yaml:6 a openai/b http://neko:4000',
    ]);
  });
});

describe('fallbacks', () => {
  it('of all kinds, in both sections', () => {
    const { fallbacks, aliases } = read(`router_settings:
  fallbacks:
    - a: [b, {model: c, messages: []}]
    - "*": [d]
  model_group_alias:
    best: a
    hidden: {model: b, hidden: true}
litellm_settings:
  default_fallbacks: [e]
  context_window_fallbacks: [{a: [big]}]
  content_policy_fallbacks:
    - a: [other]
`);
    expect(fallbacks).toEqual([
      'config.yaml:3 fallbacks a -> b c',
      'config.yaml:4 fallbacks  -> d',
      'config.yaml:9 default_fallbacks  -> e',
      'config.yaml:10 context_window_fallbacks a -> big',
      'config.yaml:12 content_policy_fallbacks a -> other',
    ]);
    expect(aliases.map(({ from, to }) => `${from} ${to}`)).toEqual(['best a', 'hidden b']);
  });

  it('of the router in place of the general ones', () => {
    const { fallbacks } = read(
      'router_settings: {fallbacks: [{a: [b]}]}\nlitellm_settings: {fallbacks: [{a: [c]}]}\n',
    );
    expect(fallbacks).toEqual(['config.yaml:1 fallbacks a -> b']);
  });
});

describe('files that are taken in', () => {
  it('let lists grow and take the place of all else, those that they name after them', () => {
    const { deployments, fallbacks, problems } = read({
      'config.yaml': `include: [more/models.yaml, settings.yaml]
model_list:
  - {model_name: a, litellm_params: {model: a}}
litellm_settings: {fallbacks: [{a: [x]}]}
`,
      // Beside the file that names it; beside the configuration where it is not there.
      'more/models.yaml':
        'include: [deeper.yaml, last.yaml]\nmodel_list:\n  - {model_name: b, litellm_params: {model: b}}\n',
      'more/deeper.yaml': 'model_list:\n  - {model_name: c, litellm_params: {model: c}}\n',
      'last.yaml': 'include: [config.yaml]\nmodel_list:\n  - {model_name: d, litellm_params: {model: d}}\n',
      'settings.yaml': 'litellm_settings: {fallbacks: [{a: [b]}]}\n',
    });
    expect(problems).toEqual([]);
    expect(deployments.map(line => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'config.yaml:3 a',
      'more/models.yaml:3 b',
      'more/deeper.yaml:2 c',
      'last.yaml:3 d',
    ]);
    expect(fallbacks).toEqual(['settings.yaml:1 fallbacks a -> b']);
  });

  it.each<readonly [string, Tree, string]>([
    [
      'one that is missing',
      { 'config.yaml': 'a: 1\ninclude: [gone.yaml]\n' },
      'config.yaml:2 missing-file gone.yaml',
    ],
    ['no list', { 'config.yaml': 'include: gone.yaml\n' }, 'config.yaml:1 bad-value '],
    [
      'no YAML',
      { 'config.yaml': 'include: [b.yaml]', 'b.yaml': 'a:\n  - b: [sk-secret\n' },
      'b.yaml:2 bad-syntax 18',
    ],
    ['no mapping', { 'config.yaml': '- a\n' }, 'config.yaml:1 bad-value '],
    ['nothing', { 'config.yaml': '# later\n' }, 'config.yaml:1 bad-value '],
  ])('%s', (_, files, expected) => {
    const { problems, isComplete } = read(files);
    expect(problems).toEqual([expected]);
    expect(isComplete).toBe(false);
  });
});

describe('what it does not say', () => {
  it.each<readonly [string, Readonly<Record<string, string>>]>([
    ['general_settings: {database_url: os.environ/DATABASE_URL}\n', {}],
    ['general_settings: {store_model_in_db: true}\n', {}],
    ['model_list: []\n', { DATABASE_URL: 'postgres://' }],
  ])('may stand in a database: %s', (text, variables) => {
    expect(read(text, variables).isComplete).toBe(false);
  });

  it('is told of a file that is not there', () => {
    expect(read({})).toMatchObject({ state: 'missing', isComplete: false, deployments: [] });
  });

  it('ends where aliases would never end', () => {
    const level = (index: number) =>
      `a${index}: &a${index} [${Array.from({ length: 9 }, () => `*a${index - 1}`).join()}]`;
    const bomb = ['a0: &a0 [x]', ...Array.from({ length: 9 }, (_, index) => level(index + 1))].join('\n');
    expect(read(`${bomb}\nmodel_list: *a9\n`).deployments).toEqual([]);
  });
});

describe('values with which LiteLLM does not start', () => {
  const list = 'model_list: [{model_name: a, litellm_params: {model: openai/a}}]\n';

  it.each([
    ['model_list: [{litellm_params: {model: openai/a}}]', 'model_list'],
    ['model_list: [{model_name: a}]', 'model_list'],
    ['model_list: [{model_name: a, litellm_params: {api_base: "http://a"}}]', 'model_list'],
    ['model_list: [{model_name: 4, litellm_params: {model: openai/a}}]', 'model_list'],
    ['model_list: {model_name: a}', 'model_list'],
    [`${list}router_settings: {fallbacks: {a: [b]}}`, 'fallbacks'],
    [`${list}litellm_settings: {fallbacks: [{a: b}]}`, 'fallbacks'],
    [`${list}litellm_settings: {fallbacks: [{a: [b], b: [a]}]}`, 'fallbacks'],
    [`${list}litellm_settings: {fallbacks: [b]}\nrouter_settings: {fallbacks: []}`, 'fallbacks'],
    [`${list}litellm_settings: {content_policy_fallbacks: [{}]}`, 'content_policy_fallbacks'],
    [`${list}litellm_settings: {default_fallbacks: b}`, 'default_fallbacks'],
    [`${list}router_settings: {model_group_alias: [a]}`, 'model_group_alias'],
    [`${list}credential_list: [{credential_name: c, credential_values: {}}]`, 'credential_list'],
    [`${list}credential_list: {c: {}}`, 'credential_list'],
    [`${list}litellm_settings: [a]`, 'litellm_settings'],
    [`${list}environment_variables: [A=b]`, 'environment_variables'],
  ])('%s', (text, key) => {
    const folder = unpackedRoot({ 'config.yaml': text });
    const file = path.join(folder, 'config.yaml');
    const files = ownFilesAmong(localFiles(), () => true);
    const { problems } = readLitellmConfig(file, { files, variable: () => undefined, isComplete: true });
    expect(problems).toMatchObject([{ code: 'bad-value', key }]);
  });

  it.each([
    `${list}router_settings: {fallbacks: {}, default_fallbacks: null}`,
    `${list}router_settings: {fallbacks: [{a: [b]}]}\nlitellm_settings: {fallbacks: [b]}`,
    `${list}router_settings: {fallbacks: [{model: b}], context_window_fallbacks: {a: [b]}}`,
    'model_list:\n',
  ])('and others with which it does: %s', text => {
    expect(read(text).problems).toEqual([]);
  });
});
