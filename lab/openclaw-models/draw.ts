/** Draws configurations of OpenClaw whose references have every form that OpenClaw takes, and some that it does not. */
import fc from 'fast-check';
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

const providerId = fc.constantFrom(...providerIds);
const modelId = fc.constantFrom(...modelIds);

const pair = fc.tuple(cased(providerId), cased(modelId)).map(([provider, model]) => `${provider}/${model}`);

const reference = fc.oneof(
  { weight: 6, arbitrary: pair },
  { weight: 3, arbitrary: cased(fc.constantFrom(...aliases)) },
  { weight: 3, arbitrary: cased(modelId) },
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
      { primary: reference, fallbacks: fc.array(reference, { maxLength: 4 }) },
      { requiredKeys: [] },
    ),
  },
);

const row = fc.record(
  {
    id: modelId,
    baseUrl: fc.constantFrom('http://127.0.0.1:4999/v1', '${BASE}'),
    api: fc.constantFrom('openai-completions'),
  },
  { requiredKeys: ['id'] },
);

const provider = (index: number) =>
  fc.record(
    {
      baseUrl: fc.constantFrom(
        `http://127.0.0.1:${4000 + index}/v1`,
        `http://127.0.0.1:${4000 + index}/v1`,
        '${BASE}',
      ),
      apiKey: fc.constant('sk-none'),
      api: fc.constantFrom('openai-completions', 'openai-responses', 'anthropic-messages'),
      models: fc
        .uniqueArray(row, { minLength: 1, maxLength: 3, selector: ({ id }) => id })
        .map(rows => rows.map(each => ({ ...each, name: each.id }))),
    },
    { requiredKeys: ['baseUrl', 'apiKey', 'models'] },
  );

const providers = fc
  .uniqueArray(
    cased(providerId).filter(id => id.trim() === id),
    { minLength: 1, maxLength: 4 },
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
    entries: fc.record({ main: agent, coder: agent }),
    ownership: fc.constant('explicit'),
  }),
  fc.record({
    defaults,
    list: fc.tuple(agent, agent).map(([a, b]) => [
      { id: 'main', default: true, ...a },
      { id: 'coder', ...b },
    ]),
  }),
);

export const configurations: fc.Arbitrary<Configuration> = fc
  .record({ providers, agents, isSplit: fc.boolean(), hasVariables: fc.boolean() })
  .map(({ providers: all, agents: some, isSplit, hasVariables }) => {
    const whole = (models: unknown) =>
      JSON.stringify({ gateway: { mode: 'local' }, models, agents: some }, null, 1);
    return {
      files: isSplit
        ? {
            'openclaw.json': whole({ $include: './models.json5' }),
            'models.json5': JSON.stringify({ providers: all }, null, 1),
          }
        : { 'openclaw.json': whole({ providers: all }) },
      variables: {
        BASE: 'http://127.0.0.1:4900/v1',
        ...(hasVariables ? { REFERENCE: 'kuma/claude-a', NAME: 'claude-b' } : {}),
      },
    };
  });
