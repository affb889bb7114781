/**
 * Which models OpenClaw asks, as daruma understands its configuration, against what the real program made of the same files:
 * `openclaw-models.jsonl` was recorded by `lab/openclaw-models/main.ts`.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Asked, Configuration, Resolved } from '../../lab/openclaw-models/case.ts';
import { nodeAt } from '../../src/services/config-node.ts';
import { type OpenclawConfig, readOpenclawConfig } from '../../src/services/openclaw-config.ts';
import {
  agentModels,
  type ModelChain,
  type SettingModels,
  settingModels,
} from '../../src/services/openclaw-models.ts';

const folder = '/home/neko/.openclaw';

function read({ files, variables }: Configuration): OpenclawConfig {
  return readOpenclawConfig(
    { file: `${folder}/openclaw.json`, stateFolder: folder },
    {
      files: {
        read: file => {
          const text = files[path.posix.basename(file)];
          return text === undefined ? { state: 'missing' } : { state: 'read', text };
        },
        readScript: () => ({ state: 'missing' }),
        list: () => [],
        resolve: file => file,
      },
      variable: name => variables[name],
      isComplete: true,
    },
  );
}

/** `PROVIDER/MODEL`, in the order in which they are asked. */
function chain({ primary, fallbacks }: ModelChain): readonly string[] {
  return [...(primary === undefined ? [] : [primary]), ...fallbacks].map(
    ({ provider, model }) => `${provider}/${model}`,
  );
}

describe('the models of an agent', () => {
  const providers = `models: { providers: {
    litellm: { baseUrl: 'http://127.0.0.1:4000/v1', api: 'openai-completions', models: [{ id: 'claude-a' }, { id: 'own' }] },
    Kuma: { baseUrl: 'https://kuma.example.com/v1', api: 'openai-completions', models: [{ id: 'claude-a' }, { id: 'google/gemma' }] },
  } }`;
  const of = (agents: string, variables: Configuration['variables'] = {}) => {
    const config = read({ files: { 'openclaw.json': `{ ${providers}, agents: ${agents} }` }, variables });
    return {
      agents: Object.fromEntries(agentModels(config).map(each => [each.id ?? '', chain(each)])),
      settings: Object.fromEntries(settingModels(config).map(each => [each.path.join('.'), chain(each)])),
      unclear: agentModels(config).flatMap(({ unclear }) =>
        unclear.map(({ written, reason }) => `${written} ${reason}`),
      ),
    };
  };
  const defaults = (model: string, models = '{}') => `{ defaults: { model: ${model}, models: ${models} } }`;

  it.each([
    ['a provider in another case', '"LiteLLM/claude-a"', ['litellm/claude-a']],
    ['a provider that is declared in another case', '"kuma/claude-a"', ['Kuma/claude-a']],
    ['a bare name that one provider declares', '"own"', ['litellm/own']],
    ['a bare name that several declare is asked of openai', '"claude-a"', ['openai/claude-a']],
    [
      'a bare fallback belongs to the provider of the primary',
      '{ primary: "kuma/claude-a", fallbacks: ["own"] }',
      ['Kuma/claude-a', 'Kuma/own'],
    ],
    ['a name with a slash is one of another provider', '"google/gemma"', ['google/gemma']],
    ['a name with a slash behind its provider', '"kuma/google/gemma"', ['Kuma/google/gemma']],
    ['an auth profile at its end', '"litellm/claude-a@work"', ['litellm/claude-a']],
    ['a quantization at its end', '"litellm/qwen@q4_k"', ['litellm/qwen@q4_k']],
    [
      'what is named twice is asked once',
      '{ primary: "litellm/own", fallbacks: ["LITELLM/own", "kuma/claude-a"] }',
      ['litellm/own', 'Kuma/claude-a'],
    ],
  ])('%s', (_, model, expected) => {
    expect(of(defaults(model)).agents).toEqual({ '': expected });
  });

  it('aliases, in any case', () => {
    const models = '{ "litellm/claude-a": { alias: "main" }, "kuma/claude-a": { alias: "Spare" } }';
    const model = '{ primary: "Main", fallbacks: ["spare"] }';
    expect(of(defaults(model, models)).agents).toEqual({ '': ['litellm/claude-a', 'Kuma/claude-a'] });
  });

  it('of an agent: its own, and what it leaves to the defaults', () => {
    const { agents } = of(`{
      defaults: { model: { primary: 'litellm/own', fallbacks: ['kuma/claude-a'] } },
      entries: {
        all: {}, blank: { model: {} }, text: { model: 'kuma/claude-a' }, primary: { model: { primary: 'kuma/claude-a' } },
        fallbacks: { model: { fallbacks: ['litellm/claude-a'] } }, none: { model: { fallbacks: [] } },
      },
    }`);
    expect(agents).toEqual({
      '': ['litellm/own', 'Kuma/claude-a'],
      text: ['Kuma/claude-a'],
      primary: ['Kuma/claude-a'],
      fallbacks: ['litellm/own', 'litellm/claude-a'],
      none: ['litellm/own'],
    });
  });

  it('without any, the first that a provider declares', () => {
    expect(of('{}').agents).toEqual({ '': ['litellm/claude-a'] });
  });

  it('of subagents and heartbeats, where a setting names them', () => {
    const { settings } = of(`{ defaults: {
      model: { primary: 'litellm/own', fallbacks: ['kuma/claude-a'] },
      subagents: { model: 'kuma/claude-a' }, heartbeat: { model: 'litellm/claude-a' }, imageModel: { primary: 'kuma/google/gemma' },
    } }`);
    expect(settings).toEqual({
      'agents.defaults.subagents.model': ['Kuma/claude-a'],
      'agents.defaults.heartbeat.model': ['litellm/claude-a', 'Kuma/claude-a', 'litellm/own'],
      'agents.defaults.imageModel': ['Kuma/google/gemma'],
    });
  });

  it('blanks around the slash, also where that is an alias', () => {
    const models = '{ "litellm/claude-a": { alias: "kuma/spare" } }';
    const model = '{ primary: "litellm/own", fallbacks: [" kuma / spare "] }';
    expect(of(defaults(model, models)).agents).toEqual({ '': ['litellm/own', 'litellm/claude-a'] });
  });

  it('of providers that differ by case alone, it is not said where', () => {
    const config = read({
      files: {
        'openclaw.json': `{ models: { providers: { Kuma: { models: [{ id: 'a' }] }, kuma: { models: [{ id: 'b' }] } } },
          agents: { defaults: { model: 'kuma/a' } } }`,
      },
      variables: {},
    });
    expect(agentModels(config)[0]?.unclear).toMatchObject([{ written: 'kuma/a', reason: 'alike' }]);
  });

  it('what is not understood is named, and belongs to no chain', () => {
    const { agents, unclear } = of(
      defaults('{ primary: "litellm/${A}", fallbacks: ["kuma/", "kuma/claude-a"] }'),
    );
    expect(agents).toEqual({ '': ['Kuma/claude-a'] });
    expect(unclear).toEqual(['litellm/${A} variable', 'kuma/ form']);
  });
});

const recording: readonly Resolved[] = readFileSync(
  path.join(import.meta.dirname, 'openclaw-models.jsonl'),
  'utf8',
)
  .split('\n')
  .filter(Boolean)
  .map((line): Resolved => JSON.parse(line));

describe('what OpenClaw would ask is what daruma says of it', () => {
  // A text with a variable that has no value is passed on as it is. daruma names it apart, since its value may be unknown here.
  const isKnown = ({ model }: Asked) => !model.includes('${');
  const asked = (all: readonly Asked[]) => [
    ...new Set(all.filter(isKnown).map(({ provider, model }) => `${provider}/${model}`)),
  ];
  const said = (models: ModelChain | undefined) =>
    models && chain(models).map(each => each.replace(/^[^/]*/, id => id.trim().toLowerCase()));

  it('has cases', () => {
    expect(recording.length).toBeGreaterThanOrEqual(400);
    expect(new Set(recording.map(({ version, isValid }) => `${version} ${isValid}`))).toEqual(
      new Set(['2026.9.6 true']),
    );
  });

  it('the models, in their order', () => {
    const compared = recording.flatMap(resolved => {
      const config = read(resolved);
      const settings = settingModels(config);
      const setting = (use: SettingModels['use'], agent: string) =>
        settings.find(each => each.use === use && each.agent === agent) ??
        settings.find(each => each.use === use && each.agent === null);
      return resolved.agents.flatMap(({ id, replies, heartbeat, subagents }) => [
        { resolved, said: said(modelsOf(id, config)), asked: asked(replies) },
        ...(heartbeat === null
          ? []
          : [{ resolved, said: said(setting('heartbeat', id)), asked: asked(heartbeat) }]),
        ...(subagents === null
          ? []
          : [{ resolved, said: said(setting('subagents', id)), asked: asked(subagents) }]),
      ]);
    });
    expect(compared.length).toBeGreaterThan(recording.length);
    expect(compared.filter(each => !isDeepStrictEqual(each.said, each.asked))).toEqual([]);
  });

  it('and where: at the address of the provider, unless that is said', () => {
    const bare = (url: string | null | undefined) => url?.replace(/\/v1$/, '');
    const compared = recording.flatMap(resolved => {
      const config = read(resolved);
      return resolved.agents.flatMap(({ id, replies }) => {
        const models = modelsOf(id, config);
        if (models === undefined || models.unclear.length > 0) return [];
        return [...(models.primary ? [models.primary] : []), ...models.fallbacks].flatMap(
          ({ provider, model }) => {
            const declared = nodeAt(config.root, 'models', 'providers', provider);
            const there = replies.find(
              each => each.model === model && each.provider === provider.trim().toLowerCase(),
            );
            const own = bare(config.text(nodeAt(declared, 'baseUrl')));
            return declared === undefined ? [] : [{ resolved, own, real: bare(there?.baseUrl) }];
          },
        );
      });
    });
    expect(compared.length).toBeGreaterThan(100);
    expect(compared.filter(each => each.own !== each.real)).toEqual([]);
  });
});

/** The models of an agent: its own, or those of the defaults. */
function modelsOf(id: string, config: OpenclawConfig): ModelChain | undefined {
  const agents = agentModels(config);
  return agents.find(each => each.id === id) ?? agents.find(each => each.id === null);
}
