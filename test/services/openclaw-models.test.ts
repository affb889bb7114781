/**
 * Which models OpenClaw asks, where and with what, as daruma understands its configuration, against what the real program made of
 * the same files, before and after `daruma failover apply`: `openclaw-models.jsonl` was recorded by `lab/openclaw-models/main.ts`.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Asked, Chains, Configuration, Recorded } from '../../lab/openclaw-models/case.ts';
import { appliedFiles, digestOf, machineWith, other } from '../../lab/openclaw-models/machine.ts';
import { linksOf } from '../../src/failover/live/links-of.ts';
import type { Gateway } from '../../src/routes/picture.ts';
import { type OpenclawConfig, readOpenclawConfig } from '../../src/services/openclaw-config.ts';
import {
  agentModels,
  type ModelChain,
  type ModelReference,
  settingModels,
} from '../../src/services/openclaw-models.ts';
import { openclawRefusals } from '../../src/services/openclaw-schema.ts';
import { textFiles } from '../support/text-files.ts';

const folder = '/home/neko/.openclaw';

function read({ files, variables }: Configuration): OpenclawConfig {
  return readOpenclawConfig(
    { file: `${folder}/openclaw.json`, stateFolder: folder },
    {
      files: textFiles(file => files[path.posix.basename(file)]),
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

  it('aliases that are variables', () => {
    const models = '{ "litellm/claude-a": { alias: "${FAST}" } }';
    expect(of(defaults('"quick"', models), { FAST: 'quick' }).agents).toEqual({ '': ['litellm/claude-a'] });
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

const recording: readonly Recorded[] = readFileSync(
  path.join(import.meta.dirname, 'openclaw-models.jsonl'),
  'utf8',
)
  .split('\n')
  .filter(Boolean)
  .map((line): Recorded => JSON.parse(line));

const uses = ['replies', 'heartbeat', 'subagents'] as const;

/** One thing that is said of it: by daruma, and by the real program. */
interface Compared {
  /** The place of the case in the recording. */
  readonly index: number;
  readonly said: unknown;
  readonly real: unknown;
}

describe('what OpenClaw 2026.9.6 makes of a configuration is what daruma says of it', () => {
  const compared = {
    refusals: new Array<Compared>(),
    chains: new Array<Compared>(),
    requests: new Array<Compared>(),
    edits: new Array<Compared>(),
  };
  const notCompared = { undeclared: 0, alike: 0, withheld: 0, notAsked: 0 };

  beforeAll(async () => {
    for (const [index, recorded] of recording.entries()) await compare(index, recorded);
  }, 300_000);

  async function compare(index: number, recorded: Recorded): Promise<void> {
    using machine = await machineWith(recorded);
    const [gateway] = machine.picture.gateways;
    if (gateway === undefined) throw new Error('it has no gateway');
    const { before } = recorded;
    const refusals = openclawRefusals(gateway.config, recorded.version);
    // Which keys a newer version has is not known: one that resembles no free key is not reported.
    const isKeyAlone = before.refused?.includes('Unrecognized key') === true && refusals.length === 0;
    if (!isKeyAlone)
      compared.refusals.push({ index, said: refusals.length > 0, real: before.refused !== null });
    const { links } = linksOf(machine.picture, {
      host: machine.host,
      environmentOf: () => undefined,
      authoritiesOf: () => [],
      probeOf: () => 'openclaw',
      environment: {},
    });
    const requestOf = (reference: ModelReference) =>
      links.find(
        each =>
          each.kind === 'provider' &&
          each.name === reference.provider &&
          each.models.includes(reference.model),
      );
    for (const agent of before.agents) {
      for (const use of uses) {
        const asked = askedBy(agent, use, before)?.filter(({ model }) => !model.includes('${'));
        if (asked === undefined) continue;
        const models = modelsOf(agent.id, use, gateway);
        const references = [models?.primary ?? [], ...(models?.fallbacks ?? [])]
          .flat()
          .filter(({ model }) => !model.includes('${'));
        const nameOf = (each: { readonly provider: string; readonly model: string }) =>
          `${each.provider.trim().toLowerCase()}/${each.model}`;
        compared.chains.push({ index, said: references.map(nameOf), real: asked.map(nameOf) });
        for (const reference of references) {
          const real = asked.find(each => nameOf(each) === nameOf(reference));
          const link = requestOf(reference);
          if (!gateway.providers.some(({ id }) => id === reference.provider)) notCompared.undeclared += 1;
          else if (models?.unclear.some(({ written }) => written.trim() === reference.written))
            notCompared.alike += 1;
          else if (link === undefined || real === undefined) notCompared.notAsked += 1;
          else if (link.key.kind === 'withheld') notCompared.withheld += 1;
          else {
            const { baseUrl, api, headers, key } = link;
            const said = { baseUrl, api, headers, key: key.kind === 'known' ? key.value : undefined };
            compared.requests.push({ index, said: plain(said), real: plain(real) });
          }
        }
      }
    }
    // A plan reads the whole machine again: every second one, which is enough to see that nothing changes.
    if (before.refused !== null || index % 2 === 1) return;
    const files = await appliedFiles(machine, recorded);
    compared.edits.push({
      index,
      said: files === null ? undefined : digestOf(files),
      real: recorded.after?.digest,
    });
  }

  it('has more than a thousand cases of it', () => {
    expect(recording).toHaveLength(1240);
    expect(new Set(recording.map(({ version }) => version))).toEqual(new Set(['2026.9.6']));
    const counts = Object.entries(compared).map(([what, each]) => [what, each.length]);
    expect({ ...Object.fromEntries(counts), notCompared }).toEqual({
      refusals: 1211,
      chains: 5020,
      requests: 2362,
      edits: 552,
      notCompared: { undeclared: 5947, alike: 269, withheld: 89, notAsked: 285 },
    });
  });

  it.each([
    ['whether it takes it', 'refusals'],
    ['the models, in their order', 'chains'],
    ['where, by which API, with which key and which headers they are asked for', 'requests'],
    ['the files after failover apply, by the byte', 'edits'],
  ] as const)('%s', (_, what) => {
    expect(compared[what].filter(({ said, real }) => !isDeepStrictEqual(said, real))).toEqual([]);
  });
});

describe('after failover apply', () => {
  const applied = recording.flatMap(({ before, after }, index) =>
    after === null ? [] : [{ index, before, after }],
  );

  it('the configuration is taken', () => {
    expect(applied.filter(({ after }) => after.refused !== null)).toEqual([]);
  });

  it('OpenClaw asks everybody whom it asked, in the same order and manner', () => {
    const lost = applied.flatMap(({ index, before, after }) =>
      chainsIn(before, after).flatMap(([was, is]) => {
        // What it could not ask was nobody.
        const known = was.filter(({ baseUrl }) => baseUrl !== undefined);
        const kept = is.filter(each => known.some(one => isSameRequest(one, each)));
        return isDeepStrictEqual(known.map(nameAndApi), kept.map(nameAndApi)) ? [] : [{ index, known, is }];
      }),
    );
    expect(lost).toEqual([]);
  });

  it('and beside them the other machine alone', () => {
    const added = applied.flatMap(({ before, after }) =>
      chainsIn(before, after).flatMap(([was, is]) =>
        is
          .filter(({ baseUrl }) => baseUrl !== undefined)
          .filter(each => !was.some(one => isSameRequest(one, each))),
      ),
    );
    expect(added.length).toBeGreaterThan(1000);
    expect(added.filter(({ baseUrl }) => bare(baseUrl) !== other.url)).toEqual([]);
  });
});

function askedBy(agent: Chains, use: (typeof uses)[number], { asked }: Answer): readonly Asked[] | undefined {
  return agent[use]?.flatMap(place => asked[place] ?? []);
}

/** The chains of an answer, each with that of another one. */
function chainsIn(before: Answer, after: Answer): readonly (readonly [readonly Asked[], readonly Asked[]])[] {
  return before.agents.flatMap((agent, index) =>
    uses.flatMap(use => {
      const was = askedBy(agent, use, before);
      const same = after.agents[index];
      const is = same && askedBy(same, use, after);
      return was === undefined ? [] : [[was, is ?? []] as const];
    }),
  );
}

function bare(url: string | undefined): string | undefined {
  return url?.replace(/\/+$/, '').replace(/\/v1$/, '');
}

function nameAndApi({ provider, model, api }: Asked) {
  return { provider, model, api };
}

/** A provider of the other machine is asked at the address, and with the key, that the list of nodes has. */
function isSameRequest(one: Asked, each: Asked): boolean {
  const isElsewhere = one.baseUrl?.startsWith(new URL(other.url).origin) === true;
  const isSamePlace =
    bare(one.baseUrl) === bare(each.baseUrl) || (isElsewhere && bare(each.baseUrl) === other.url);
  const key = ownKey(one);
  return (
    isDeepStrictEqual(nameAndApi(one), nameAndApi(each)) &&
    isSamePlace &&
    isDeepStrictEqual(one.headers, each.headers) &&
    (key === undefined || key === each.key || (isElsewhere && each.key === other.key))
  );
}

/** For a server of the machine itself OpenClaw has a word that says that it asks for no key. */
function ownKey({ key }: { readonly key?: string | undefined }): string | undefined {
  return key === 'custom-local' ? undefined : key;
}

/** A request as far as it is compared. */
function plain(
  request: {
    readonly [name in 'baseUrl' | 'api' | 'key']?: string | undefined;
  } & { readonly headers?: Readonly<Record<string, string>> },
) {
  const { baseUrl, api, headers = {} } = request;
  return { baseUrl: bare(baseUrl), api, headers, key: ownKey(request) };
}

/** The models of an agent: its own, or those of the defaults. */
function modelsOf(id: string, use: (typeof uses)[number], gateway: Gateway): ModelChain | undefined {
  const own = (of: string | null) => of?.trim().toLowerCase() === id;
  if (use === 'replies')
    return gateway.agents.find(each => own(each.id)) ?? gateway.agents.find(each => each.id === null);
  const settings = gateway.settings.filter(each => each.use === use);
  return settings.find(each => own(each.agent)) ?? settings.find(({ agent }) => agent === null);
}
