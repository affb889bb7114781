/** Draws configurations of LiteLLM that route requests in every way that daruma reads, with some that LiteLLM does not accept. */
import fc from 'fast-check';
import { stringify } from 'yaml';
import type { Question } from './case.ts';

const plainNames = ['opus', 'claude-a', 'remote', 'openai/opus', 'kuma/claude-a', 'gpt-4o'];
const patterns = [
  '*',
  'openai/*',
  'kuma/*',
  'claude-*',
  '*/opus',
  'kuma/*-a',
  '*-*',
  'o*s',
  'litellm_proxy/*',
];
const aliases = ['best', 'opus', 'kuma/best', 'gpt-4o'];
/** Names that nothing is called, but that a pattern may be for. */
const strangers = [
  'nothing',
  'kuma/other',
  'openai/other-a-x',
  'openai/gpt-4o',
  'claude-a-b',
  'opuses',
  'litellm_proxy/opus',
  'the-id',
];

const models = [
  'openai/claude-a',
  'openai/claude-a',
  'openai/opus',
  'openai/kuma/opus',
  'openai/*',
  'openai/*',
  'openai/x-*-*',
  'openai/kuma/*',
  'litellm_proxy/opus',
  'litellm_proxy/*',
  'hosted_vllm/qwen',
  'custom_openai/qwen',
  'deepseek/deepseek-x',
  'ollama_chat/qwen',
  'lm_studio/qwen',
  'anthropic/claude-x',
  'mistral/mistral-x',
];
/** Whether LiteLLM takes them depends on the models and providers that it knows. */
const unclearModels = ['gpt-4o', 'nobody-knows-it', 'nobody/knows-it', '*'];

const some = <T>(...values: readonly T[]) => fc.constantFrom(...values);

const address = fc.oneof(
  {
    weight: 6,
    arbitrary: some(
      'http://127.0.0.1:4000/v1',
      'http://127.0.0.1:4001',
      'https://kuma.example.com/litellm/v1',
    ),
  },
  { weight: 2, arbitrary: some('os.environ/BASE') },
  { weight: 1, arbitrary: some('os.environ/SECTION', 'os.environ/UNSET', '', null) },
);
const key = fc.oneof(
  { weight: 6, arbitrary: some('sk-literal-1', 'sk-literal-2') },
  { weight: 3, arbitrary: some('os.environ/KEY') },
  { weight: 1, arbitrary: some('os.environ/UNSET', '') },
);

const ownFallbacks = fc.array(
  fc.oneof(
    fc.record(
      { model: some('openai/own', 'litellm_proxy/own'), api_base: address, api_key: key },
      { requiredKeys: ['model'] },
    ),
    some('openai/own'),
  ),
  { minLength: 1, maxLength: 2 },
);

/** Something in a number of hundred cases, else nothing. */
const at = <T>(percent: number, arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 100 - percent, arbitrary: fc.constant(undefined) }, { weight: percent, arbitrary });

const params = fc.record({
  model: fc.oneof(
    { weight: 20, arbitrary: some(...models) },
    { weight: 1, arbitrary: some(...unclearModels) },
  ),
  api_base: at(75, address),
  base_url: at(10, address),
  api_key: at(83, key),
  custom_llm_provider: at(7, some('openai', 'litellm_proxy')),
  litellm_credential_name: at(20, some('mine', 'other', 'nobody')),
  order: at(33, some(1, 2, 3)),
  weight: at(20, some(0, 1, 2)),
  fallbacks: at(8, ownFallbacks),
});

const info = fc.record({
  id: at(8, some('the-id')),
  blocked: at(8, some(true, false)),
  order: at(9, some(1, 2)),
  access_groups: at(10, some(['group'])),
  mode: at(10, some('chat')),
  team: at(7, some({ team_id: 'team', team_public_model_name: 'team-model' }, { team_id: 'team' })),
  supported_environments: at(5, some(['production'], ['development'])),
});

const row = fc
  .record({
    model_name: fc.oneof(
      { weight: 4, arbitrary: some('opus', 'claude-a', 'remote') },
      { weight: 3, arbitrary: some(...plainNames) },
      { weight: 3, arbitrary: some(...patterns) },
    ),
    litellm_params: params,
    model_info: at(50, info),
  })
  .map(({ model_info, ...rest }) => {
    if (model_info === undefined) return rest;
    const { team, ...others } = model_info;
    return { ...rest, model_info: { ...others, ...team } };
  });

const target = fc.oneof(
  { weight: 6, arbitrary: some('opus', 'claude-a', 'remote') },
  { weight: 4, arbitrary: some(...plainNames, 'best') },
  { weight: 2, arbitrary: some(...strangers) },
);
const from = fc.oneof(
  { weight: 6, arbitrary: some('opus', 'claude-a', 'remote') },
  { weight: 4, arbitrary: some(...plainNames, ...aliases) },
  { weight: 2, arbitrary: some('*', 'other', 'opus', 'openai/gpt-4o') },
  { weight: 1, arbitrary: some(...strangers, ...patterns) },
);
const targets = fc.oneof(
  { weight: 12, arbitrary: fc.array(target, { minLength: 1, maxLength: 2 }) },
  { weight: 1, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: target.map(model => [{ model }]) },
);
const fallbacks = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.array(
      fc.tuple(from, targets).map(([name, to]) => ({ [name]: to })),
      { maxLength: 3 },
    ),
  },
  {
    weight: 1,
    arbitrary: some<unknown>(
      [{ opus: 'remote' }],
      [{ opus: ['remote'], remote: ['opus'] }],
      ['remote'],
      null,
    ),
  },
);
/** LiteLLM looks at the form of these at no start: what it makes of another one shows when it falls back. */
const uncheckedFallbacks = fc.oneof(
  { weight: 8, arbitrary: fallbacks },
  {
    weight: 3,
    arbitrary: fc
      .array(fc.tuple(from, targets), { minLength: 1, maxLength: 3 })
      .map(entries => Object.fromEntries(entries)),
  },
  {
    weight: 1,
    arbitrary: some<unknown>(
      ['remote', { opus: ['claude-a'] }, { '*': ['opus'] }],
      [{ '*': ['opus'] }, 'remote', 'claude-a'],
      'remote',
      { opus: ['remote'], 7: ['claude-a'] },
      [{ opus: 'remote' }, {}],
      5,
      {},
    ),
  },
);
const defaults = fc.oneof(
  { weight: 12, arbitrary: fc.array(target, { minLength: 1, maxLength: 2 }) },
  { weight: 1, arbitrary: some<unknown>([], 'remote', null) },
);

const fallbackSettings = {
  fallbacks: at(70, fallbacks),
  default_fallbacks: at(20, defaults),
  context_window_fallbacks: at(35, uncheckedFallbacks),
  content_policy_fallbacks: at(30, fallbacks),
  max_fallbacks: at(
    20,
    fc.oneof(
      { weight: 6, arbitrary: some<unknown>(0, 1, 2) },
      { weight: 1, arbitrary: some<unknown>(10, null, '3', true, -1) },
    ),
  ),
};

const alias = fc.oneof(
  { weight: 3, arbitrary: target },
  { weight: 2, arbitrary: fc.record({ model: target, hidden: fc.boolean() }) },
);

const routerSettings = fc.record({
  ...fallbackSettings,
  model_group_alias: at(
    50,
    fc
      .array(fc.tuple(some(...aliases), alias), { minLength: 1, maxLength: 3 })
      .map(entries => Object.fromEntries(entries)),
  ),
});

const keys = ['sk-key-1', 'sk-key-2', 'sk-1234', ' sk-1234 ', '', '  '];
const generalSettings = fc.record({
  master_key: fc.oneof(
    { weight: 30, arbitrary: some<unknown>('sk-key-1') },
    { weight: 15, arbitrary: some<unknown>('os.environ/LITELLM_MASTER_KEY', 'os.environ/UNSET', undefined) },
    { weight: 10, arbitrary: some<unknown>(...keys, null) },
    // It takes no number: a rare one, since nothing else is learned of such a configuration.
    { weight: 1, arbitrary: some<unknown>(12345, 0) },
  ),
  dangerously_permit_weak_or_unset_master_key: at(14, some<unknown>(true, false, 'true')),
});

const credential = fc.record({
  credential_name: some('mine', 'other'),
  credential_info: fc.constant({}),
  credential_values: fc.record({
    api_base: at(67, address),
    base_url: at(10, address),
    api_key: at(77, some('sk-credential', 'os.environ/KEY', 'os.environ/UNSET')),
  }),
});
const credentials = fc.oneof(
  { weight: 25, arbitrary: fc.array(credential, { minLength: 1, maxLength: 3 }) },
  {
    weight: 1,
    arbitrary: fc.array(
      credential.map(({ credential_name, credential_values }) => ({ credential_name, credential_values })),
      { minLength: 1, maxLength: 1 },
    ),
  },
);

const variables = fc.record({
  BASE: fc.constant('http://127.0.0.1:4900/v1'),
  KEY: fc.constant('sk-of-a-variable'),
  OPENAI_API_KEY: fc.constant('sk-of-openai'),
  ANTHROPIC_API_KEY: fc.constant('sk-of-anthropic'),
  DEEPSEEK_API_KEY: fc.constant('sk-of-deepseek'),
  MISTRAL_API_KEY: fc.constant('sk-of-mistral'),
  LITELLM_MASTER_KEY: at(33, some(...keys)),
  LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY: at(8, some('true', 'True', '1', 'false')),
  ROUTER_MAX_FALLBACKS: at(15, some('0', '1', ' 2 ', '7', 'two', '')),
  LITELLM_ENVIRONMENT: at(25, some('production')),
  OPENAI_BASE_URL: at(25, some('http://127.0.0.1:4901/v1')),
  OPENAI_API_BASE: at(25, some('http://127.0.0.1:4902/v1')),
  LITELLM_PROXY_API_BASE: at(33, some('http://127.0.0.1:4903')),
  HOSTED_VLLM_API_BASE: at(33, some('http://127.0.0.1:4904/v1')),
  LM_STUDIO_API_BASE: at(33, some('http://127.0.0.1:4905/v1')),
  OLLAMA_API_BASE: at(33, some('http://127.0.0.1:4906')),
  ANTHROPIC_BASE_URL: at(33, some('http://127.0.0.1:4907')),
  ANTHROPIC_API_BASE: at(33, some('http://127.0.0.1:4908')),
  DEEPSEEK_API_BASE: at(33, some('http://127.0.0.1:4909')),
  MISTRAL_API_BASE: at(33, some('http://127.0.0.1:4910/v1')),
  MISTRAL_AZURE_API_BASE: at(25, some('http://127.0.0.1:4911/v1')),
});

const section = fc.record({
  SECTION: at(77, some('http://127.0.0.1:4950/v1')),
  BASE: at(33, some('http://127.0.0.1:4951/v1')),
  KEY: at(33, some('sk-of-the-section')),
  OPENAI_BASE_URL: at(33, some('http://127.0.0.1:4952/v1', 'os.environ/BASE', 'os.environ/UNSET')),
  LITELLM_MASTER_KEY: at(33, some('sk-key-3', 'sk-1234', 'os.environ/KEY')),
});

const document = fc.record({
  model_list: fc.array(row, { minLength: 1, maxLength: 7 }),
  router_settings: at(59, routerSettings),
  litellm_settings: at(59, fc.record({ ...fallbackSettings, master_key: at(10, some('sk-unread')) })),
  general_settings: fc.oneof(
    { weight: 9, arbitrary: generalSettings },
    { weight: 1, arbitrary: some(undefined, {}, null) },
  ),
  credential_list: at(59, credentials),
  environment_variables: at(25, section),
});

/** Without what is undefined, which YAML would write down. */
function defined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(defined);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, each]) => (each === undefined ? [] : [[name, defined(each)]])),
  );
}

const yaml = (value: unknown) =>
  stringify(defined(value), { version: '1.1', aliasDuplicateObjects: false, lineWidth: 0 });

const included = fc.record({
  rows: fc.array(row, { maxLength: 2 }),
  router_settings: at(10, routerSettings),
  litellm_settings: at(10, fc.record(fallbackSettings)),
  include: at(8, some(['config.yaml'], ['more.yaml'], ['gone.yaml'])),
});

export const questions: fc.Arbitrary<Question> = fc
  .record({
    document,
    included: at(33, included),
    variables,
    others: fc.uniqueArray(some(...strangers, ...plainNames, ...aliases, 'team-model', 'x/opus'), {
      minLength: 3,
      maxLength: 3,
    }),
    picks: fc.array(fc.nat(), { minLength: 4, maxLength: 4 }),
  })
  .map(({ document: main, included: more, variables: set, others, picks }): Question => {
    const written = [
      ...main.model_list.map(({ model_name }) => model_name.replaceAll('*', 'a-b')),
      ...Object.keys(main.router_settings?.model_group_alias ?? {}),
    ];
    const names = [...new Set([...picks.map(pick => written[pick % written.length] ?? ''), ...others])];
    const files: Record<string, string> = {
      'config.yaml': yaml(more === undefined ? main : { include: ['sub/models.yaml'], ...main }),
    };
    if (more !== undefined) {
      const { rows, ...rest } = more;
      files['sub/models.yaml'] = yaml({ ...rest, model_list: rows });
      if (more.include?.includes('more.yaml'))
        files['more.yaml'] = yaml({ litellm_settings: { fallbacks: [{ opus: ['remote'] }] } });
    }
    const kept = Object.entries(set).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    );
    return { files, variables: Object.fromEntries(kept), names };
  });
