/** Draws configurations of OpenClaw whose references have every form that OpenClaw takes, and some that it does not. */
import fc from 'fast-check';
import { isMapping } from '../../src/json/value.ts';
import type { Configuration } from './case.ts';

const providerIds = [
  'litellm',
  'kuma',
  'MyProxy',
  'Kuma-LiteLLM',
  'endpoint',
  'google',
  'openai',
  'anthropic',
  'openrouter',
  'xai',
];
const modelIds = [
  'claude-a',
  'claude-b',
  'Claude-A',
  'google/gemma-x',
  'kuma/claude-a',
  'gemini-3-pro',
  'opus',
  'a/b:free',
  'qwen@q4_k',
  'grok-4.3-latest',
];
const aliases = ['main', 'Spare', 'opus', 'claude-a', 'litellm', 'kuma/claude-a'];

const cased = (text: fc.Arbitrary<string>) =>
  fc
    .tuple(text, fc.constantFrom('as it is', 'as it is', 'as it is', 'lower', 'upper', 'spaces'))
    .map(([each, how]) => {
      switch (how) {
        case 'lower':
          return each.toLowerCase();
        case 'upper':
          return each.toUpperCase();
        case 'spaces':
          return ` ${each} `;
        default:
          return each;
      }
    });

/** The first ones are there more often: of a reference to a provider that is not declared little can be said. */
const providerId = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...providerIds.slice(0, 4)) },
  { weight: 2, arbitrary: fc.constantFrom(...providerIds) },
);
const modelId = fc.constantFrom(...modelIds);

const pair = fc.tuple(cased(providerId), cased(modelId)).map(([provider, model]) => `${provider}/${model}`);

const reference = fc.oneof(
  { weight: 6, arbitrary: pair },
  { weight: 3, arbitrary: cased(fc.constantFrom(...aliases)) },
  { weight: 2, arbitrary: cased(modelId) },
  {
    weight: 1,
    arbitrary: fc.tuple(cased(providerId), cased(fc.constantFrom(...aliases))).map(([a, b]) => `${a}/${b}`),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(pair, fc.constantFrom('@work', '@20260901', '@20260901@work', '@q8_0', '@'))
      .map(([a, b]) => a + b),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '${REFERENCE}',
      'litellm/${NAME}',
      'none/claude-a',
      'litellm/',
      '/claude-a',
      'openrouter:auto',
      'litellm/litellm/claude-a',
    ),
  },
);

const model = fc.oneof(
  { weight: 3, arbitrary: reference },
  {
    weight: 5,
    arbitrary: fc.record(
      { primary: reference, fallbacks: fc.array(reference, { maxLength: 3 }) },
      { requiredKeys: [] },
    ),
  },
);

const headers = fc.dictionary(
  fc.constantFrom('X-Team', 'x-team', 'X-Key', 'Cookie'),
  fc.constantFrom('cats', '${KEY}', '${UNSET:-none}', '$${KEY}', '${key}'),
  { minKeys: 1, maxKeys: 2 },
);

const row = fc.record(
  {
    id: fc.oneof({ weight: 12, arbitrary: modelId }, { weight: 1, arbitrary: fc.constantFrom('${NAME}') }),
    baseUrl: fc.constantFrom('http://127.0.0.1:4999/v1', '${BASE}', 'https://kuma.example.com/litellm/v1/'),
    api: fc.constantFrom('openai-completions', 'anthropic-messages'),
    headers,
  },
  { requiredKeys: ['id'] },
);

/** What is not often there. */
const seldom = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

const apiKey = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('sk-none', ' sk-none ') },
  {
    weight: 4,
    arbitrary: fc.constantFrom('${KEY}', '$KEY', '${UNSET}', '$UNSET', 'a-${KEY}', '${KEY}${KEY}'),
  },
  { weight: 3, arbitrary: fc.constantFrom('${key}', '${KEY:-sk-none}', '$${KEY}', '$key', '${}') },
  { weight: 2, arbitrary: fc.constantFrom('LITELLM_API_KEY', 'OPENAI_API_KEY', 'KEY') },
  { weight: 1, arbitrary: fc.constantFrom('custom-local', 'litellm:work', 'kuma:work') },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      { source: 'env', provider: 'default', id: 'KEY' },
      { source: 'env', provider: 'default', id: 'UNSET' },
    ),
  },
);

const provider = (index: number) =>
  fc
    .record({
      baseUrl: fc.oneof(
        { weight: 6, arbitrary: fc.constant(`http://127.0.0.1:${4000 + index}/v1`) },
        {
          weight: 3,
          arbitrary: fc.constantFrom(
            '${BASE}',
            ` http://127.0.0.1:${4000 + index}/v1/ `,
            '${PROTOCOL}://127.0.0.1:4000',
            'https://kuma.example.com/litellm/v1',
            'https://kuma.example.com/other',
          ),
        },
      ),
      apiKey: fc.option(apiKey, { nil: undefined, freq: 6 }),
      api: fc.option(fc.constantFrom('openai-completions', 'openai-responses', 'anthropic-messages'), {
        nil: undefined,
      }),
      auth: seldom(fc.constantFrom('api-key', 'token')),
      headers: seldom(headers),
      request: seldom(
        fc.record(
          {
            headers,
            auth: fc.constantFrom(
              { mode: 'provider-default' },
              { mode: 'authorization-bearer', token: 'sk-bearer' },
              { mode: 'header', headerName: 'X-Api', value: '${KEY}' },
            ),
          },
          { requiredKeys: [] },
        ),
      ),
      authHeader: seldom(fc.boolean()),
      timeoutSeconds: seldom(fc.constantFrom(30, 600)),
      models: fc
        .uniqueArray(row, { minLength: 1, maxLength: 3, selector: ({ id }) => id })
        .map(rows => rows.map(each => ({ ...each, name: each.id }))),
    })
    .map(present);

/** Without what is not there. */
function present<T extends object>(entries: T): Partial<T> {
  return JSON.parse(JSON.stringify(entries));
}

const providers = fc
  .uniqueArray(
    cased(providerId).filter(id => id.trim() === id),
    { minLength: 1, maxLength: 4, selector: id => id },
  )
  .chain(ids => fc.tuple(...ids.map((id, index) => provider(index).map(each => [id, each] as const))))
  .map(entries => Object.fromEntries(entries));

const modelMap = fc
  .array(
    fc.tuple(
      fc.oneof(
        pair,
        pair,
        modelId,
        fc.constantFrom('anthropic/claude-opus-5', 'openai/gpt-5.4', 'litellm/*'),
      ),
      fc.record({ alias: fc.constantFrom(...aliases, '') }, { requiredKeys: [] }),
    ),
    { maxLength: 4 },
  )
  .map(entries => Object.fromEntries(entries));

const extras = {
  models: modelMap,
  heartbeat: fc.record({ model: reference }),
  subagents: fc.record({ model }),
};

const agent = fc.record({ model, ...extras }, { requiredKeys: [] });

const defaults = fc.record(
  {
    model,
    ...extras,
    modelPolicy: fc.record({
      allow: fc.array(
        pair.map(each => each.trim()),
        { minLength: 1, maxLength: 2 },
      ),
    }),
  },
  { requiredKeys: [] },
);

const agents = fc.oneof(
  fc.record({ defaults }),
  fc.record({
    defaults,
    entries: fc.oneof(
      fc.record({ main: agent, coder: agent }),
      fc.record({ Coder: agent, main: agent, third: agent }),
    ),
    ownership: fc.constant('explicit'),
  }),
  fc.record({ defaults, entries: fc.record({ coder: agent }) }),
  fc.record({
    defaults,
    list: fc.tuple(agent, agent).map(([a, b]) => [
      { id: 'main', default: true, ...a },
      { id: 'coder', ...b },
    ]),
  }),
);

type Whole = Readonly<Record<string, unknown>>;

/** One thing that OpenClaw may refuse, at its place. */
const spoilt = fc
  .constantFrom<readonly [readonly string[], unknown]>(
    [['agents', 'defaults', 'model'], { primary: 'litellm/claude-a', fallback: [] }],
    [['agents', 'defaults', 'model'], { primary: 4 }],
    [['agents', 'defaults', 'model'], { primary: 'litellm/claude-a', fallbacks: 'kuma/claude-a' }],
    [['agents', 'default'], {}],
    [['agents', 'ownership'], 'shared'],
    [
      ['agents', 'list'],
      [{ id: 'main' }, { id: 'coder' }],
    ],
    [
      ['agents', 'list'],
      [{ id: 'main' }, { id: 'MAIN' }],
    ],
    [
      ['models', 'providers', 'spoilt'],
      { baseUrl: 'http://127.0.0.1:4000', api: 'openai-completion', models: [] },
    ],
    [['models', 'providers', 'spoilt'], { models: [{ id: 'a', name: 'a' }] }],
    [['models', 'providers', 'spoilt'], { baseUrl: '', models: [] }],
    [['models', 'providers', 'spoilt'], { baseUrl: 'http://127.0.0.1:4000' }],
    [['models', 'providers', 'spoilt'], { baseUrl: 'http://127.0.0.1:4000', models: [{ id: 'a' }] }],
    [['models', 'providers', 'spoilt'], { baseUrl: 'http://127.0.0.1:4000', models: [], timeoutSeconds: 0 }],
    [['models', 'providers', 'spoilt'], { baseURL: 'http://127.0.0.1:4000', models: [] }],
    [['models', 'provider'], {}],
    [['$include'], './missing.json5'],
    [['$include'], '../outside.json5'],
    [['models', '$include'], './openclaw.json'],
    // These it takes.
    [['models', 'providers', 'litellm'], { models: [] }],
    [['agents', 'list'], []],
  )
  .map(
    ([path, value]) =>
      (config: Whole) =>
        withPut(config, path, value),
  );

function withPut(config: Whole, [step = '', ...rest]: readonly string[], value: unknown): Whole {
  if (rest.length === 0) return { ...config, [step]: value };
  const below = config[step];
  return { ...config, [step]: withPut(isMapping(below) ? below : {}, rest, value) };
}

/** The whole in files, by how it is cut. */
const cut = fc.constantFrom<(config: Whole) => Configuration['files']>(
  config => inFiles({ 'openclaw.json': config }),
  config => {
    const { models, ...rest } = config;
    return inFiles({
      'openclaw.json': { ...rest, models: { $include: './models.json5' } },
      'models.json5': models,
    });
  },
  // What stands beside an included file comes before it, and a later file before an earlier one.
  config => {
    const { models, agents: some, ...rest } = config;
    return inFiles({
      'openclaw.json': { $include: ['./other.json5', './agents.json5'], ...rest, models },
      'other.json5': { agents: { defaults: { model: 'none/none' } }, gateway: { mode: 'remote' } },
      'agents.json5': { agents: some },
    });
  },
  config => {
    const { models, ...rest } = config;
    const { providers: all, ...others } = isMapping(models) ? models : {};
    return inFiles({
      'openclaw.json': { ...rest, models: { ...others, providers: { $include: 'parts/all.json5' } } },
      'parts/all.json5': { $include: ['./providers.json5'] },
      'parts/providers.json5': all,
    });
  },
);

function inFiles(files: Readonly<Record<string, unknown>>): Configuration['files'] {
  return Object.fromEntries(
    Object.entries(files).map(([name, each]) => [name, JSON.stringify(each, null, 1)]),
  );
}

const sectionValue = fc.constantFrom(
  'sk-vars',
  'sk-other',
  '${KEY}',
  '${OTHER}',
  '${ANOTHER}',
  'a-${OTHER}',
  '${OTHER}${ANOTHER}',
  '$${OTHER}',
  '${OTHER:-sk-none}',
  '${other}',
  '$OTHER',
  '${UNSET}',
  '',
);

/** Variables whose values name each other; those of an address take the place of the one of the environment. */
const section = fc.record({
  variables: fc.dictionary(
    fc.constantFrom('KEY', 'OTHER', 'ANOTHER', 'NAME', 'LITELLM_API_KEY'),
    sectionValue,
    { minKeys: 1, maxKeys: 4 },
  ),
  address: seldom(
    fc.constantFrom(
      { BASE: 'http://${HOST}/v1', HOST: '127.0.0.1:4910' },
      { HOST: '127.0.0.1:4911', BASE: 'http://${HOST}/v1' },
      { BASE: 'http://${HOST}/v1', HOST: '${PLACE}', PLACE: '127.0.0.1:4912' },
      { BASE: '${PROTOCOL}://127.0.0.1:4913/v1' },
      { BASE: '${HOST}', HOST: '${BASE}' },
    ),
  ),
  // Of the process, and of a name that the section has as well.
  outside: seldom(
    fc.constantFrom({ OTHER: 'sk-outside' }, { ANOTHER: 'sk-outside' }, { HOST: '127.0.0.1:4914' }),
  ),
  isBeside: fc.integer({ min: 0, max: 7 }).map(number => number === 0),
});

const somewhere = fc.constantFrom('environment', 'environment', '.env', 'env', 'both');

export const configurations: fc.Arbitrary<Configuration> = fc
  .record({
    providers,
    agents,
    cut,
    spoil: fc.oneof(
      { weight: 7, arbitrary: fc.constant((config: Whole) => config) },
      { weight: 1, arbitrary: spoilt },
    ),
    profiles: seldom(fc.constant({ profiles: { 'litellm:work': { provider: 'litellm', mode: 'api_key' } } })),
    key: somewhere,
    names: fc.boolean(),
    usual: seldom(fc.constantFrom('LITELLM_API_KEY', 'OPENAI_API_KEY')),
    // The last, so that what is drawn of the others stays as it was.
    section: fc.option(section, { nil: undefined, freq: 2 }),
  })
  .map(({ providers: all, agents: some, cut: inParts, spoil, profiles, key, names, usual, section: set }) => {
    const variables = {
      ...(key === 'env' ? { KEY: 'sk-section' } : {}),
      ...set?.variables,
      ...set?.address,
    };
    const config = {
      gateway: { mode: 'local' },
      ...(Object.keys(variables).length === 0
        ? {}
        : { env: set?.isBeside === true ? variables : { vars: variables } }),
      ...(profiles === undefined ? {} : { auth: profiles }),
      models: { providers: all },
      agents: some,
    };
    return {
      files: {
        ...inParts(spoil(config)),
        ...(key === '.env' || key === 'both' ? { '.env': 'KEY=sk-dotenv\n' } : {}),
      },
      variables: {
        ...(set?.address === undefined ? { BASE: 'http://127.0.0.1:4900/v1' } : {}),
        PROTOCOL: 'http',
        ...set?.outside,
        ...(key === 'environment' || key === 'both' ? { KEY: 'sk-environment' } : {}),
        ...(names ? { REFERENCE: 'kuma/claude-a', NAME: 'claude-b' } : {}),
        ...(usual === undefined ? {} : { [usual]: 'sk-usual' }),
      },
    };
  });
