/** Requests that go another way in LiteLLM 1.108.7 than one would think; `litellm-models.test.ts` holds all of them against it. */
import { describe, expect, it } from 'vitest';
import { readLitellmConfig } from '../../src/services/litellm-config.ts';
import { litellmRouter } from '../../src/services/litellm-router.ts';
import { textFiles } from '../support/text-files.ts';

function routerOf(text: string, variables: Readonly<Record<string, string>> = {}) {
  const config = readLitellmConfig('/c.yaml', {
    files: textFiles(() => text),
    variable: name => variables[name],
    isComplete: true,
  });
  const router = litellmRouter(config);
  /** The models that are asked, a level in each text, and behind them what follows. */
  const asked = (name: string) => {
    const route = router.route(name);
    if (route === undefined) return 'refused';
    const levels = route.levels.map(level => level.map(({ model }) => model).join(' '));
    const fallbacks = route.fallbacks.map(({ kind, to }) => `${kind}: ${to.join(' ')}`);
    return [...levels, ...fallbacks];
  };
  return { asked, router, config };
}

/** A row of `model_list`. */
const row = (name: string, model: string, more = '') =>
  `  - {model_name: "${name}", litellm_params: {model: "${model}"${more}}}\n`;

describe('a name', () => {
  it('that an entry has goes to no pattern, and one that several patterns fit to the most specific one', () => {
    const { asked } = routerOf(
      `model_list:\n${row('*', 'openai/any')}${row('kuma/*', 'openai/kuma')}${row('kuma/a', 'openai/own')}`,
    );
    expect(asked('kuma/a')).toEqual(['own']);
    expect(asked('kuma/b')).toEqual(['kuma']);
    expect(asked('b')).toEqual(['any']);
  });

  it('may go on behind a pattern, which may have several stars', () => {
    const { asked, router } = routerOf(
      `model_list:\n${row('kuma/*-a', 'openai/*')}${row('x-*-*-y', 'openai/*/*')}${row('z-*-*', 'openai/*')}`,
    );
    expect(asked('kuma/b-a-c')).toEqual(['b']);
    expect(asked('kuma/b-a-c-a')).toEqual(['b-a-c']);
    expect(asked('x-1-2-3-y')).toEqual(['1-2/3']);
    // Too many texts for the stars of the model: it is the name as it is, and has to have a provider.
    expect(asked('z-1-2')).toEqual(['z-1-2']);
    expect(router.route('z-1-2')?.isCertain).toBe(false);
    expect(asked('kuma/b')).toEqual([]);
  });

  it('without a provider fits a pattern with it', () => {
    const { asked } = routerOf(`model_list:\n${row('openai/*', 'openai/*')}`);
    expect(asked('gpt-5')).toEqual(['gpt-5']);
    expect(asked('claude-a')).toEqual([]);
  });

  it('may be the model of an entry, or its id', () => {
    const text = `model_list:
  - {model_name: a, litellm_params: {model: openai/real}, model_info: {id: the-id}}
`;
    const { asked } = routerOf(text);
    expect(asked('openai/real')).toEqual(['real']);
    expect(asked('the-id')).toEqual(['real']);
    expect(asked('real')).toBe('refused');
  });

  it('is followed through one alias, and has the fallbacks of its own, not those of the model behind it', () => {
    const { asked } = routerOf(`model_list:
${row('a', 'openai/a')}${row('b', 'openai/b')}router_settings:
  model_group_alias: {best: {model: a, hidden: true}, better: best, a: b}
  fallbacks: [{a: [b]}, {best: [a]}]
`);
    expect(asked('best')).toEqual(['a', 'fallbacks: a']);
    expect(asked('better')).toEqual([]);
    // An alias counts before an entry.
    expect(asked('a')).toEqual(['b', 'fallbacks: b']);
  });

  it('that nothing has goes to the first of default_fallbacks where it gets to the router', () => {
    const list = `model_list:\n${row('a', 'openai/a')}`;
    const settings = 'litellm_settings: {default_fallbacks: [a]}\n';
    expect(routerOf(list + settings).asked('other')).toBe('refused');
    const pattern = row('kuma/*', 'openai/kuma');
    expect(routerOf(list + pattern + settings).asked('other')).toEqual(['a', 'default_fallbacks: a']);
  });
});

describe('a name that nothing has', () => {
  it('is not replaced by a fallback that is written as a mapping, though that is fallen back to', () => {
    const { asked } = routerOf(
      `model_list:\n${row('a', 'openai/a')}${row('kuma/*', 'openai/kuma')}router_settings: {fallbacks: [{"*": [{model: a}]}]}\n`,
    );
    expect(asked('other')).toEqual(['fallbacks: a']);
  });
});

it('what follows the name of a model alone is looked for among the models alone', () => {
  const { asked, router } = routerOf(
    `model_list:\n${row('a', 'openai/x')}${row('b', 'openai/y')}${row('openai/y', 'openai/z')}router_settings: {fallbacks: [{x: [b, openai/y]}]}\n`,
  );
  expect(asked('openai/x')).toEqual(['x', 'fallbacks: openai/y']);
  expect(
    router
      .continued('openai/y', true)
      .levels.flat()
      .map(({ model }) => model),
  ).toEqual(['y']);
  expect(
    router
      .continued('openai/y')
      .levels.flat()
      .map(({ model }) => model),
  ).toEqual(['z']);
});

it('a deployment of a team is asked for by its id', () => {
  const { asked } = routerOf(
    'model_list:\n  - {model_name: a, litellm_params: {model: openai/a}, model_info: {id: the-id, team_id: t}}\n',
  );
  expect(asked('the-id')).toEqual(['a']);
});

describe('entries of one name', () => {
  it('with an order are asked one after the other, and those without are not', () => {
    const { asked } = routerOf(
      `model_list:\n${row('a', 'openai/2', ', order: 2')}${row('a', 'openai/1', ', order: 1')}${row('a', 'openai/none')}`,
    );
    expect(asked('a')).toEqual(['1', '2']);
  });

  it('that are blocked, or for another environment, are left out', () => {
    const text = `model_list:
  - {model_name: a, litellm_params: {model: openai/blocked}, model_info: {blocked: true}}
  - {model_name: a, litellm_params: {model: openai/other}, model_info: {supported_environments: [staging]}}
  - {model_name: a, litellm_params: {model: openai/here}, model_info: {supported_environments: [production]}}
  - {model_name: b, litellm_params: {model: openai/blocked}, model_info: {blocked: true}}
`;
    const { asked, router } = routerOf(text, { LITELLM_ENVIRONMENT: 'production' });
    expect(asked('a')).toEqual(['here']);
    expect(asked('b')).toBe('refused');
    expect(router.knows('b')).toBe(true);
  });

  it('of a team are asked for the administrator where nothing else has the name', () => {
    const text = `model_list:
  - {model_name: a, litellm_params: {model: openai/a}, model_info: {team_id: t, team_public_model_name: public}}
  - {model_name: b, litellm_params: {model: openai/b}, model_info: {team_id: t}}
  - {model_name: b, litellm_params: {model: openai/open}}
`;
    const { asked } = routerOf(text);
    expect(asked('public')).toEqual(['a']);
    expect(asked('b')).toEqual(['open']);
  });

  it('have what they fall back to by themselves behind them, with their address and key unless it has others', () => {
    const { config, asked } = routerOf(`model_list:
  - model_name: a
    litellm_params:
      model: openai/a
      api_base: http://neko:4000
      api_key: sk-a
      fallbacks: [openai/b, {model: openai/c, api_base: "http://kuma:4000"}]
`);
    expect(asked('a')).toEqual(['a b c']);
    expect(config.deployments.map(({ apiBase, key }) => `${apiBase} ${key}`)).toEqual([
      'http://neko:4000 literal',
      'http://neko:4000 literal',
      'http://kuma:4000 literal',
    ]);
  });
});

describe('fallbacks', () => {
  it('of the very name count before those with or without its provider, and these before those for all', () => {
    const fallbacks =
      'fallbacks: [{"*": [all]}, {a: [bare]}, {openai/a: [exact]}, {openai/gpt-5: [prefixed]}]';
    const { asked } = routerOf(
      `model_list:\n${['openai/a', 'azure/a', 'kuma/a', 'gpt-5'].map(name => row(name, 'openai/x')).join('')}router_settings: {${fallbacks}}\n`,
    );
    expect(asked('openai/a')).toEqual(['x', 'fallbacks: exact']);
    expect(asked('azure/a')).toEqual(['x', 'fallbacks: bare']);
    // Nothing that LiteLLM knows as a provider.
    expect(asked('kuma/a')).toEqual(['x', 'fallbacks: all']);
    expect(asked('gpt-5')).toEqual(['x', 'fallbacks: prefixed']);
  });

  it('of a name come once; default_fallbacks are for those that have none', () => {
    const { asked } = routerOf(
      `model_list:\n${row('a', 'openai/a')}${row('b', 'openai/b')}litellm_settings: {fallbacks: [{a: [b]}, {a: [c]}], default_fallbacks: [d]}\n`,
    );
    expect(asked('a')).toEqual(['a', 'fallbacks: b']);
    expect(asked('b')).toEqual(['b', 'default_fallbacks: d']);
  });
});

describe('fallbacks that LiteLLM reads otherwise than they are meant', () => {
  const list = `model_list:\n${row('a', 'openai/a')}${row('openai/b', 'openai/b')}`;
  const routes = (settings: string, variables?: Readonly<Record<string, string>>) =>
    routerOf(`${list}router_settings: {${settings}}\n`, variables);

  it('are for all models, with the last name of a mapping, and the last letter of a text', () => {
    const mapping = routes('context_window_fallbacks: {a: [c], d: [e]}');
    expect(mapping.asked('a')).toEqual(['a', 'context_window_fallbacks: d']);
    expect(mapping.asked('openai/b')).toEqual(['b', 'context_window_fallbacks: d']);
    expect(routes('context_window_fallbacks: cd').asked('a')).toEqual(['a', 'context_window_fallbacks: d']);
  });

  it('count as bare names before those of a name without its provider and those for all, not before those of the very name', () => {
    const { asked } = routes('context_window_fallbacks: [c, {a: [x]}, {b: [y]}, {"*": [z]}]');
    expect(asked('a')).toEqual(['a', 'context_window_fallbacks: x']);
    expect(asked('openai/b')).toEqual(['b', 'context_window_fallbacks: c']);
  });
});

describe('how many fallbacks follow each other', () => {
  const limit = (text: string, variables: Readonly<Record<string, string>> = {}) =>
    routerOf(text, variables).config.mostFallbacks;

  it('is said by the router, else by the general settings, else by the environment, and is five else', () => {
    expect(limit('a: 1')).toBe(5);
    expect(limit('a: 1', { ROUTER_MAX_FALLBACKS: ' 7 ' })).toBe(7);
    expect(limit('a: 1', { ROUTER_MAX_FALLBACKS: 'many' })).toBe(5);
    expect(limit('litellm_settings: {max_fallbacks: 2}', { ROUTER_MAX_FALLBACKS: '7' })).toBe(2);
    expect(limit('{litellm_settings: {max_fallbacks: 2}, router_settings: {max_fallbacks: 0}}')).toBe(0);
    expect(limit('{litellm_settings: {max_fallbacks: 2}, router_settings: {max_fallbacks: null}}')).toBe(2);
    // LiteLLM cannot compare with a text, and falls back to nothing.
    expect(limit('router_settings: {max_fallbacks: "3"}')).toBe(0);
  });

  it('may be none, which is true of the entries with a higher order as well', () => {
    const rows = row('a', 'openai/1', ', order: 1') + row('a', 'openai/2', ', order: 2');
    const text = `model_list:\n${rows}router_settings: {fallbacks: [{a: [b]}], max_fallbacks: `;
    expect(routerOf(`${text}0}\n`).asked('a')).toEqual(['1']);
    expect(routerOf(`${text}1}\n`).asked('a')).toEqual(['1', '2', 'fallbacks: b']);
  });
});

describe('addresses', () => {
  const addresses = (text: string, variables: Readonly<Record<string, string>> = {}) =>
    routerOf(text, variables).config.deployments.map(({ apiBase }) => apiBase);

  it('of base_url count before those of api_base, also those of a credential', () => {
    expect(
      addresses(`credential_list:
  - {credential_name: c, credential_info: {}, credential_values: {base_url: "http://credential"}}
model_list:
${row('a', 'openai/a', ', api_base: "http://api", base_url: "http://base"')}${row('b', 'openai/b', ', api_base: "http://api", litellm_credential_name: c')}`),
    ).toEqual(['http://base', 'http://credential']);
  });

  it('do not have the variables of environment_variables, which are read after them', () => {
    const text = `environment_variables: {BASE: "http://section", OPENAI_BASE_URL: "http://openai"}
model_list:
${row('a', 'openai/a', ', api_base: os.environ/BASE')}${row('b', 'litellm_proxy/b')}`;
    expect(addresses(text)).toEqual(['http://openai', 'http://openai']);
    expect(addresses(text, { BASE: 'http://own' })).toEqual(['http://own', 'http://openai']);
  });

  it('of providers come from their variables, which are not always called like them', () => {
    const text = `model_list:\n${row('a', 'mistral/a')}${row('b', 'anthropic/b')}${row('c', 'hosted_vllm/c')}`;
    const variables = {
      MISTRAL_API_BASE: 'http://unread',
      ANTHROPIC_BASE_URL: 'http://anthropic',
      OPENAI_BASE_URL: 'http://unread',
    };
    expect(addresses(text, variables)).toEqual([undefined, 'http://anthropic', undefined]);
  });

  it('of providers on the same machine are known', () => {
    expect(addresses(`model_list:\n${row('a', 'ollama_chat/a')}${row('b', 'deepseek/b')}`)).toEqual([
      'http://localhost:11434',
      undefined,
    ]);
  });
});

it.each([
  ['a model without a provider', 'nobody-knows-it'],
  ['a provider that is none', 'nobody/knows-it'],
])('of %s it is not certain that LiteLLM takes it', (_, model) => {
  const { router } = routerOf(`model_list:\n${row('a', model)}${row('b', 'openai/b')}`);
  expect(router.knows('a')).toBeUndefined();
  expect(router.knows('b')).toBe(true);
  expect(router.knows('c')).toBe(false);
});

it.each([
  ['a: 1', false],
  ['litellm_settings: {num_retries: 0}', true],
  ['router_settings: {num_retries: 0}', true],
  ['router_settings: {num_retries: 1}', false],
])('knows whether an upstream that fails is asked again: %s', (text, isWithout) => {
  expect(routerOf(text).config.isWithoutRetries).toBe(isWithout);
});
