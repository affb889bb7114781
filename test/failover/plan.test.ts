/** The planner, on unpacked systems: the seed's two machines, seen from one of them. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseJson5, valueOf } from '../../src/services/json5.ts';
import { timeoutSeconds } from '../../src/failover/gateway-edits.ts';
import { otherMachines, servedModels } from '../../src/failover/other-machine.ts';
import { type FailoverPlan, FailoverRefused, planFailover } from '../../src/failover/plan.ts';
import { applyPreparedFix, ChangedMeanwhile, prepareFix } from '../../src/transaction/apply.ts';
import { Journal } from '../../src/transaction/journal.ts';
import { takeInventory } from '../../src/inventory/inventory.ts';
import { readPicture } from '../../src/routes/read-picture.ts';
import { fieldOf, isMapping } from '../../src/json/value.ts';
import type { Node } from '../../src/routes/node.ts';
import { openOfflineHost } from '../../src/systemd/host/offline-host.ts';
import { type Tree, unpackedRoot } from '../support/root.ts';
import { alone, seed, squad } from './squad.ts';

const kumaKey = 'sk-the-key-of-kuma';

function node(name: string, url = `https://${name}.example.com/litellm`): Node {
  return { name, url, key: `${name}-key`, source: null };
}

const two = [node('neko'), node('kuma')];

/** What OpenClaw's configuration says of the file with kuma's key. */
const kumaFile = { source: 'file', path: '/home/neko/.openclaw/kuma-litellm.key', mode: 'singleValue' };

interface Planned extends FailoverPlan {
  /** What the files become, by name. */
  readonly texts: Readonly<Record<string, string>>;
  readonly root: string;
}

async function planned(
  tree: Tree,
  nodes: readonly Node[] = two,
  keyOf = (reference: string): string | undefined => (reference === 'kuma-key' ? kumaKey : 'sk-of-others'),
): Promise<Planned> {
  return plannedIn(unpackedRoot(tree), nodes, keyOf);
}

async function plannedIn(
  root: string,
  nodes: readonly Node[] = two,
  keyOf = (reference: string): string | undefined => (reference === 'kuma-key' ? kumaKey : 'sk-of-others'),
): Promise<Planned> {
  const host = openOfflineHost({ root, scope: 'user' });
  const picture = await readPicture(await takeInventory(host), nodes);
  const plan = await planFailover(picture, keyOf, host, journalIn(root));
  const texts = new Map<string, string>();
  for (const [file, state] of plan.plan.files) {
    if (state.kind === 'file')
      texts.set(file.replace('/home/neko/.openclaw/', ''), state.content.toString('utf8'));
  }
  return { ...plan, texts: Object.fromEntries(texts), root };
}

function journalIn(root: string): Journal {
  return new Journal(path.join(root, 'state'));
}

/** Carries a plan out with its record, as an apply does; @returns the id of the record */
async function apply({ plan, root }: Planned): Promise<string> {
  const host = openOfflineHost({ root, scope: 'user' });
  const fix = prepareFix(plan, { units: [], restarted: [] }, host);
  return (await applyPreparedFix(fix, host, journalIn(root), new Date())).id;
}

/** Writes a plan down, as somebody would by hand. */
function write({ plan, root }: Planned): void {
  for (const [file, state] of plan.files) {
    if (state.kind === 'file') fs.writeFileSync(path.join(root, file), state.content);
  }
}

describe('from the snippet of the seed', () => {
  it('what OpenClaw of today asks for is added, and the key goes', async () => {
    const { texts, plan } = await planned(squad(seed), [
      node('neko'),
      node('kuma', 'https://remote-host.example.com/litellm'),
    ]);
    expect([...plan.files.keys()].map(file => path.basename(file))).toEqual([
      'remote-litellm.key',
      'openclaw.json',
    ]);
    expect(texts['remote-litellm.key']).toBe('sk-remote-key\n');
    expect(texts['openclaw.json']).toBe(
      seed
        .replace('"sk-local-key"\n', '"sk-local-key",\n        "timeoutSeconds": 60\n')
        .replace(
          '"sk-remote-key"\n',
          `{ "source": "file", "provider": "remote-litellm", "id": "value" },
        "api": "openai-completions",
        "timeoutSeconds": 60,
        "models": [
          { "id": "claude-opus-4.6", "name": "claude-opus-4.6" },
          { "id": "claude-sonnet-4", "name": "claude-sonnet-4" }
        ]
`,
        )
        .replace(
          /\n {2}\}\n\}\n$/,
          `
  },
  "secrets": {
    "providers": {
      "remote-litellm": {
        "source": "file",
        "path": "/home/neko/.openclaw/remote-litellm.key",
        "mode": "singleValue"
      }
    }
  }
}
`,
        ),
    );
  });
});

describe('where there is no second machine yet', () => {
  it('a provider, fallbacks for all agents of the local proxy, in the style of the file', async () => {
    const { texts, gateways } = await planned(squad());
    const after = texts['openclaw.json'] ?? '';
    expect(valueOf(parseJson5(after))).toMatchObject({
      models: {
        providers: {
          litellm: { timeoutSeconds: 60 },
          'kuma-litellm': {
            baseUrl: 'https://kuma.example.com/litellm/v1',
            apiKey: { source: 'file', provider: 'kuma-litellm', id: 'value' },
            api: 'openai-completions',
            timeoutSeconds: 60,
            models: [
              { id: 'claude-opus-4.6', name: 'Claude Opus 4.6', contextWindow: 200_000 },
              { id: 'claude-sonnet-4', name: 'Claude Sonnet 4' },
            ],
          },
        },
      },
      agents: {
        defaults: {
          model: {
            primary: 'litellm/claude-opus-4.6',
            fallbacks: ['kuma-litellm/claude-opus-4.6', 'kuma-litellm/claude-sonnet-4'],
          },
        },
        entries: {
          writer: {
            model: {
              primary: 'litellm/claude-sonnet-4',
              fallbacks: ['kuma-litellm/claude-sonnet-4', 'kuma-litellm/claude-opus-4.6'],
            },
          },
          // Its own fallback stays where it is.
          own: {
            model: {
              fallbacks: [
                'litellm/claude-sonnet-4',
                'kuma-litellm/claude-opus-4.6',
                'kuma-litellm/claude-sonnet-4',
              ],
            },
          },
          // This one does not ask the local proxy.
          cloud: { model: 'anthropic/claude-opus-4.6' },
        },
      },
      secrets: { providers: { 'kuma-litellm': kumaFile } },
    });
    expect(after).toContain("apiKey: '${LITELLM_MASTER_KEY}', // of LiteLLM\n");
    expect(after).toContain("      'kuma-litellm': {\n        baseUrl: 'https:");
    expect(texts['kuma-litellm.key']).toBe(`${kumaKey}\n`);
    expect(gateways).toMatchObject([
      { variables: [], keyFiles: [kumaFile.path], notes: [], isChanged: true },
    ]);
  });

  it.each([
    ['the snippet', seed],
    ['one machine alone', alone],
    [
      'a list of agents',
      alone.replace('entries: {', 'list: [{ id: "x", model: "litellm/claude-sonnet-4" }], entries: {'),
    ],
  ])('planned anew there is nothing left to do: %s', async (_, openclaw) => {
    const first = await planned(squad(openclaw));
    write(first);
    const again = await plannedIn(first.root);
    expect([...again.plan.files]).toEqual([]);
    expect(again.gateways).toMatchObject([{ isChanged: false, notes: [] }]);
  });

  it('three machines: first the same model on each, then the others', async () => {
    const { texts } = await planned(squad(), [...two, node('panda')]);
    const value = valueOf(parseJson5(texts['openclaw.json'] ?? ''));
    expect(value).toMatchObject({
      agents: {
        defaults: {
          model: {
            fallbacks: [
              'kuma-litellm/claude-opus-4.6',
              'panda-litellm/claude-opus-4.6',
              'kuma-litellm/claude-sonnet-4',
              'panda-litellm/claude-sonnet-4',
            ],
          },
        },
      },
    });
  });

  it('a section in a file of its own is edited there', async () => {
    const files = {
      'openclaw.json':
        "{ models: { $include: './models.json5' }, agents: { defaults: { model: 'litellm/a' } } }\n",
      'models.json5':
        "{ // mine\n  providers: { litellm: { baseUrl: 'http://127.0.0.1:4000/v1', models: [{ id: 'a', name: 'A' }] } },\n}\n",
    };
    const { texts } = await planned(squad(files));
    expect(Object.keys(texts).toSorted()).toEqual(['kuma-litellm.key', 'models.json5', 'openclaw.json']);
    expect(texts['openclaw.json']).not.toContain('baseUrl');
    expect(texts['models.json5']).toMatch(/^\{ \/\/ mine\n/);
  });
});

describe('references of every form', () => {
  const file = '/home/neko/.openclaw/openclaw.json';
  const providers = `models: { providers: {
    LiteLLM: { baseUrl: 'http://127.0.0.1:4000/v1', apiKey: '\${A}', api: 'openai-completions', timeoutSeconds: 60, models: [{ id: 'a', name: 'A' }] },
    'Kuma-LiteLLM': { baseUrl: 'https://kuma.example.com/litellm/v1', apiKey: '\${B}', api: 'openai-completions', timeoutSeconds: 60, models: [{ id: 'a', name: 'A' }] },
  } }`;
  const withAgents = (agents: string) =>
    planned({
      ...squad(`{ ${providers}, agents: ${agents} }\n`),
      'home/neko/.openclaw/.env': 'A=1\nB=2\n',
    });
  const agentsIn = ({ texts }: Planned) =>
    fieldOf(valueOf(parseJson5(texts['openclaw.json'] ?? '{}')), 'agents');

  it.each([
    ['in another case', `{ defaults: { model: { primary: 'litellm/a', fallbacks: ['kuma-litellm/a'] } } }`],
    [
      'by alias',
      `{ defaults: { model: { primary: 'main', fallbacks: ['spare'] }, models: { 'litellm/a': { alias: 'main' }, 'kuma-litellm/a': { alias: 'spare' } } } }`,
    ],
    [
      'inherited',
      `{ defaults: { model: { primary: 'litellm/a', fallbacks: ['kuma-litellm/a'] } }, entries: { coder: { model: { fallbacks: ['kuma-litellm/a'] } }, all: { model: {} } } }`,
    ],
  ])('%s: there is nothing to add', async (_, agents) => {
    const { texts, gateways } = await withAgents(agents);
    expect(texts).toEqual({});
    expect(gateways).toMatchObject([{ isChanged: false, notes: [] }]);
  });

  it('an alias stays one, and the provider in another case is no second one', async () => {
    const plan = await withAgents(
      `{ defaults: { model: 'main', models: { 'litellm/a': { alias: 'main' } } } }`,
    );
    expect(agentsIn(plan)).toMatchObject({
      defaults: { model: { primary: 'main', fallbacks: ['Kuma-LiteLLM/a'] } },
    });
    expect(Object.keys(plan.texts)).toEqual(['openclaw.json']);
  });

  it('an agent with fallbacks alone gets those that it lacks, subagents with a model of their own as well', async () => {
    const plan = await withAgents(
      `{ defaults: { model: 'litellm/a', subagents: { model: 'LITELLM/a' } }, entries: { coder: { model: { fallbacks: ['openai/b'] } } } }`,
    );
    expect(agentsIn(plan)).toMatchObject({
      defaults: { subagents: { model: { primary: 'LITELLM/a', fallbacks: ['Kuma-LiteLLM/a'] } } },
      entries: { coder: { model: { fallbacks: ['openai/b', 'Kuma-LiteLLM/a'] } } },
    });
  });

  it('what several agents inherit is made longer once', async () => {
    const plan = await withAgents(
      `{ defaults: { model: { primary: 'litellm/a', fallbacks: ['kuma-litellm/a'] }, subagents: { model: { primary: 'a', fallbacks: ['openai/b'] } } },
         entries: { one: { models: { 'litellm/a': { alias: 'openai/b' } } }, two: {} } }`,
    );
    expect(agentsIn(plan)).toMatchObject({
      defaults: { subagents: { model: { fallbacks: ['openai/b', 'Kuma-LiteLLM/a'] } } },
    });
  });

  it('an empty list stays empty, and that is said', async () => {
    const { texts, gateways } = await withAgents(
      `{ defaults: { model: { primary: 'litellm/a', fallbacks: [] } }, entries: { strict: { model: { fallbacks: [] } } } }`,
    );
    expect(texts).toEqual({});
    expect(gateways[0]?.notes).toEqual([
      { code: 'no-fallbacks-wanted', file, setting: 'agents.defaults.model' },
      { code: 'no-fallbacks-wanted', file, setting: 'agents.entries.strict.model' },
    ]);
  });

  it('with empty lists alone, nothing is written that nobody would ask', async () => {
    const bare = `models: { providers: { litellm: { baseUrl: 'http://127.0.0.1:4000/v1', models: [{ id: 'a' }] } } }`;
    const of = (agents: string) => planned(squad(`{ ${bare}, agents: ${agents} }\n`));
    const none = await of(`{ defaults: { model: { primary: 'litellm/a', fallbacks: [] } } }`);
    expect(none.texts).toEqual({});
    expect(none.gateways[0]?.notes).toMatchObject([{ code: 'no-fallbacks-wanted' }]);
    const one = await of(
      `{ defaults: { model: { primary: 'litellm/a', fallbacks: [] } }, entries: { coder: { model: 'litellm/a' } } }`,
    );
    expect(Object.keys(one.texts)).toEqual(['kuma-litellm.key', 'openclaw.json']);
  });

  it('what is not understood is named', async () => {
    const { gateways } = await withAgents(
      `{ defaults: { model: { primary: 'litellm/a', fallbacks: ['kuma-litellm/a', '\${C}', 'x/'] } } }`,
    );
    expect(gateways[0]?.notes).toEqual([
      { code: 'unclear-reference', file, reference: '${C}', reason: 'variable' },
      { code: 'unclear-reference', file, reference: 'x/', reason: 'form' },
    ]);
  });

  it('other machines are told of models that LiteLLM has here, and not of those of another server', async () => {
    const openclaw = `{ models: { providers: {
      litellm: { baseUrl: 'http://127.0.0.1:4000/v1', models: [{ id: 'a', name: 'A' }] },
      endpoint: { baseUrl: 'http://127.0.0.1:8000/v1', models: [{ id: 'google/gemma', name: 'G' }] },
    } }, agents: { defaults: { model: 'endpoint/google/gemma' } } }`;
    const host = openOfflineHost({ root: unpackedRoot(squad(openclaw)), scope: 'user' });
    expect(servedModels(await readPicture(await takeInventory(host), two))).toEqual(['a']);
  });
});

describe('what would change whom OpenClaw asks already', () => {
  const config = (model: string, more = '') => `{
    models: { providers: { litellm: {
      baseUrl: 'http://127.0.0.1:4000/v1', apiKey: '\${A}', api: 'openai-completions', timeoutSeconds: 60,
      models: [{ id: 'own', name: 'own', baseUrl: 'http://127.0.0.1:4000/v1', headers: { 'X-Team': 'sk-team' } }],
    }${more} } },
    agents: { defaults: { model: ${model} } },
  }`;
  const after = async (text: string) => {
    const { texts } = await planned(squad({ 'openclaw.json': text, '.env': 'A=sk-own\n' }));
    return valueOf(parseJson5(texts['openclaw.json'] ?? ''));
  };

  it('a model with an address and headers of its own has none of these at the other machine', async () => {
    expect(await after(config("'litellm/own'"))).toMatchObject({
      models: { providers: { 'kuma-litellm': { models: [{ id: 'own', name: 'own' }] } } },
    });
    expect(JSON.stringify(await after(config("'litellm/own'"))).split('X-Team')).toHaveLength(2);
  });

  it('a bare name, which would mean none or the other one, gets its provider', async () => {
    const bare = await after(config("{ primary: 'own', fallbacks: [] }").replace(', fallbacks: []', ''));
    expect(bare).toMatchObject({
      agents: { defaults: { model: { primary: 'litellm/own', fallbacks: ['kuma-litellm/own'] } } },
    });
    expect(await after(config("'Own'"))).toMatchObject({
      agents: { defaults: { model: { primary: 'litellm/Own' } } },
    });
  });

  it('a provider of the other machine without an API keeps that by which it is asked', async () => {
    const more = ", kuma: { baseUrl: 'https://kuma.example.com/litellm/v1', apiKey: '${A}', models: [] }";
    const text = config("'litellm/own'", more).replace('openai-completions', 'openai-responses');
    expect(await after(text)).toMatchObject({
      models: { providers: { kuma: { api: 'openai-completions' } } },
    });
  });
});

describe('keys', () => {
  const withKey = (apiKey: string) => squad(seed.replace('"sk-remote-key"', () => apiKey));
  const at = [node('neko'), node('kuma', 'https://remote-host.example.com/litellm')];

  // Each of them was sent by OpenClaw 2026.9.6 with another key than this text.
  it.each([
    ['{ "source": "env", "provider": "default", "id": "LITELLM_API_KEY" }'],
    ['{ "source": "exec", "provider": "vault", "id": "kuma" }'],
    ['{ "source": "store", "provider": "default", "id": "KUMA" }'],
    ['"${A}${B}"'],
    ['"$${KUMA}"'],
    ['"LITELLM_API_KEY"'],
    ['"ollama-local"'],
    ['"remote-litellm:manual"'],
  ])('%s stays', async apiKey => {
    const env = { 'home/neko/.openclaw/.env': 'LITELLM_API_KEY=mine\n' };
    const { texts } = await planned({ ...withKey(apiKey), ...env }, at);
    expect(texts['openclaw.json']).toContain(`"apiKey": ${apiKey}`);
    expect(Object.keys(texts)).toEqual(['openclaw.json']);
  });

  it('the name of an auth profile is no key: it stays, and that is said', async () => {
    const profiles = '  "auth": { "profiles": { "my-kuma": { "provider": "kuma", "mode": "api_key" } } },\n';
    const text = seed.replace('"sk-remote-key"', '"my-kuma"').replace('{\n', `{\n${profiles}`);
    const { texts, gateways } = await planned(squad(text), at);
    expect(texts['openclaw.json']).toContain('"apiKey": "my-kuma"');
    expect(Object.keys(texts)).toEqual(['openclaw.json']);
    expect(gateways[0]?.notes).toEqual([
      {
        code: 'key-in-store',
        file: '/home/neko/.openclaw/openclaw.json',
        provider: 'remote-litellm',
        profile: 'my-kuma',
      },
    ]);
  });

  it.each(['${KUMA:-b}', '${kuma}'])('%s is no variable for OpenClaw, and no key', async text => {
    const { texts } = await planned(withKey(`"${text}"`), at);
    expect(texts['remote-litellm.key']).toBe(`${kumaKey}\n`);
    expect(texts['openclaw.json']).not.toContain(text);
    const unknown = await planned(withKey(`"${text}"`), at, () => undefined);
    expect(unknown.texts['openclaw.json']).toContain(`"apiKey": "${text}"`);
    expect(unknown.gateways[0]?.notes).toMatchObject([{ code: 'no-variable', provider: 'remote-litellm' }]);
  });

  it.each(['', '/'])('an address that lacks /v1 gets it, and that is said: "%s"', async end => {
    const url = 'https://kuma.example.com/litellm';
    const written = squad(seed.replace(/"baseUrl": "https:[^"]*"/, `"baseUrl": "${url}${end}"`));
    const { texts, gateways } = await planned(written, [node('neko'), node('kuma', url)]);
    expect(texts['openclaw.json']).toContain(`"baseUrl": "${url}/v1"`);
    expect(gateways[0]?.notes.filter(({ code }) => code === 'version-missing')).toMatchObject([
      { provider: 'remote-litellm', better: `${url}/v1` },
    ]);
  });

  describe('a machine that has another name under nodes:', () => {
    const tiger = [node('neko'), node('tiger')];

    it('gets the provider that daruma has made for it, with the fallbacks to that, and its key', async () => {
      const first = await planned(squad());
      await apply(first);
      const again = await plannedIn(first.root, tiger);
      expect(again.texts).toEqual({
        'kuma-litellm.key': 'sk-of-others\n',
        'openclaw.json': first.texts['openclaw.json']?.replace(
          'https://kuma.example.com/litellm/v1',
          'https://tiger.example.com/litellm/v1',
        ),
      });
      await apply(again);
      expect((await plannedIn(first.root, tiger)).texts).toEqual({});
    });

    it.each([
      ['somebody else has made it', (first: Planned) => Promise.resolve(write(first)), tiger],
      ['there are two new ones', apply, [...tiger, node('panda')]],
      ['its key is not known', apply, [node('neko'), { ...node('tiger'), key: 'nowhere' }]],
    ])('gets a provider of its own where %s', async (_, carryOut, nodes) => {
      const first = await planned(squad());
      await carryOut(first);
      const keyOf = (reference: string) => (reference === 'nowhere' ? undefined : 'sk-of-others');
      const { texts } = await plannedIn(first.root, nodes, keyOf);
      expect(texts['openclaw.json']).toContain('https://kuma.example.com/litellm/v1');
      expect(texts['openclaw.json']).toContain('tiger-litellm');
    });
  });

  describe('a file with another key than nodes: names', () => {
    const note = {
      code: 'other-key',
      file: '/home/neko/.openclaw/openclaw.json',
      node: 'kuma',
      keyFile: kumaFile.path,
    };

    it('is left where daruma has not written it, and that is said without either key', async () => {
      const first = await planned(squad());
      write(first);
      const again = await plannedIn(first.root, two, () => 'sk-rotated-key');
      expect(again.plan.files.size).toBe(0);
      expect(again.gateways[0]?.notes).toEqual([note]);
      expect((await plannedIn(first.root)).gateways[0]?.notes).toEqual([]);
    });

    it('gets the present key where daruma has written the older one, time after time', async () => {
      const first = await planned(squad());
      await apply(first);
      for (const key of ['sk-rotated-once', 'sk-rotated-twice']) {
        const again = await plannedIn(first.root, two, () => key);
        expect(again.texts).toEqual({ 'kuma-litellm.key': `${key}\n` });
        expect(again.gateways).toMatchObject([{ isChanged: true, notes: [], keyFiles: [kumaFile.path] }]);
        await apply(again);
      }
    });

    it('is left where somebody has changed it since', async () => {
      const first = await planned(squad());
      await apply(first);
      const file = path.join(first.root, kumaFile.path);
      fs.writeFileSync(file, 'sk-by-hand\n');
      const again = await plannedIn(first.root, two, () => 'sk-rotated-key');
      expect(again).toMatchObject({ texts: {}, gateways: [{ notes: [note] }] });
    });

    it.each(['sk-of-the-user', String.raw`sk-of\u002dthe-user`])(
      'is left where the key stood in the configuration before: %s',
      async literal => {
        const remote = [node('neko'), node('kuma', 'https://remote-host.example.com/litellm')];
        const first = await planned(squad(seed.replace('sk-remote-key', literal)), remote);
        await apply(first);
        const again = await plannedIn(first.root, remote, () => 'sk-rotated-key');
        expect(again).toMatchObject({ texts: {}, gateways: [{ notes: [{ code: 'other-key' }] }] });
      },
    );

    it('is left where two providers have it', async () => {
      const first = await planned(squad());
      await apply(first);
      const file = path.join(first.root, 'home/neko/.openclaw/openclaw.json');
      const twin = `"twin": { "baseUrl": "https://twin.example.com/v1", "apiKey": { "source": "file", "provider": "kuma-litellm", "id": "value" } },`;
      fs.writeFileSync(
        file,
        fs.readFileSync(file, 'utf8').replace(/(["']?)kuma-litellm\1: \{\s+baseUrl/, `${twin} $&`),
      );
      expect(fs.readFileSync(file, 'utf8')).toContain('twin');
      const again = await plannedIn(first.root, two, () => 'sk-rotated-key');
      expect(again).toMatchObject({ texts: {}, gateways: [{ notes: [note] }] });
    });
  });

  it('a variable without a value gets it, a variable with one is left', async () => {
    const unset = await planned(withKey('"${KUMA}"'), at);
    expect(unset.texts['.env']).toBe(`KUMA=${kumaKey}\n`);
    const set = await planned({ ...withKey('"${KUMA}"'), 'home/neko/.openclaw/.env': 'KUMA=mine\n' }, at);
    expect(set.texts['.env']).toBeUndefined();
  });

  it('a file and a name that stand for something else are left to that', async () => {
    const others = "\n  secrets: { providers: { 'kuma-litellm-2': { source: 'env' } } },\n}\n";
    const files = {
      'openclaw.json': alone.replace(/\}\n$/, others),
      'kuma-litellm.key': 'mine\n',
    };
    const { texts } = await planned(squad(files));
    expect(texts).toMatchObject({ 'kuma-litellm-3.key': `${kumaKey}\n` });
    expect(texts['openclaw.json']).toContain("provider: 'kuma-litellm-3'");
  });

  it('a file that has this very key is used', async () => {
    const files = { 'openclaw.json': alone, 'kuma-litellm.key': kumaKey };
    const { texts } = await planned(squad(files));
    expect(Object.keys(texts).filter(name => name.endsWith('.key'))).toEqual(['kuma-litellm.key']);
  });

  it('one that is not there is said', async () => {
    const { texts, gateways } = await planned(squad(), two, () => undefined);
    expect(texts['openclaw.json']).toContain("provider: 'kuma-litellm'");
    expect(texts['kuma-litellm.key']).toBeUndefined();
    expect(gateways[0]?.notes).toEqual([
      {
        code: 'no-key',
        file: '/home/neko/.openclaw/openclaw.json',
        node: 'kuma',
        reference: 'kuma-key',
        keyFile: kumaFile.path,
      },
    ]);
  });

  it('are their owner’s alone, also in a file that others could read', async () => {
    const { plan } = await planned({ ...withKey('"${KUMA}"'), 'home/neko/.openclaw/.env': '# all\n' }, at);
    expect(plan.files.get('/home/neko/.openclaw/.env')).toMatchObject({ mode: 0o600 });
    const { plan: anew } = await planned({ ...squad(), 'home/neko/.openclaw/kuma-litellm.key': kumaKey });
    expect(anew.files.get(kumaFile.path)).toMatchObject({ mode: 0o600 });
  });

  it.each(['猫', '2neko', 'A/B', `a${'b'.repeat(90)}`])(
    'have a name that OpenClaw takes, whatever the provider is called: %s',
    async id => {
      const { texts } = await planned(squad(seed.replaceAll('remote-litellm', id)), at);
      const value = valueOf(parseJson5(texts['openclaw.json'] ?? ''));
      const aliases = Object.keys(Object(fieldOf(fieldOf(value, 'secrets'), 'providers')));
      expect(aliases).toEqual([expect.stringMatching(/^[a-z][a-z0-9_-]{0,63}$/)]);
    },
  );

  describe('for an OpenClaw that does not know files of keys', () => {
    const older = (openclaw = alone) => squad(openclaw, undefined, '2026.2.25');
    const file = '/home/neko/.openclaw/openclaw.json';

    it('a variable in its .env, no setting that it refuses, and that is said', async () => {
      const { texts, gateways } = await planned(older());
      expect(texts['.env']).toBe(`KUMA_LITELLM_KEY=${kumaKey}\n`);
      expect(texts['openclaw.json']).toContain("apiKey: '${KUMA_LITELLM_KEY}'");
      expect(texts['openclaw.json']).not.toMatch(/timeoutSeconds|secrets/);
      expect(gateways[0]?.notes).toEqual([
        { code: 'older-version', file, version: '2026.2.25', setting: 'keyFiles', since: '2026.2.26' },
        { code: 'older-version', file, version: '2026.2.25', setting: 'timeoutSeconds', since: '2026.4.26' },
      ]);
    });

    it('a variable that stands for another key is left to that', async () => {
      const taken = { 'home/neko/.openclaw/.env': 'KUMA_LITELLM_KEY=mine\n' };
      const { texts } = await planned({ ...older(), ...taken });
      expect(texts['.env']).toBe(`KUMA_LITELLM_KEY=mine\nKUMA_LITELLM_KEY_2=${kumaKey}\n`);
    });

    it('a key that it has stays where it is', async () => {
      const { texts } = await planned(older(seed), at);
      expect(texts['openclaw.json']).toContain('"apiKey": "sk-remote-key"');
      expect(Object.keys(texts)).toEqual(['openclaw.json']);
    });

    it('planned anew there is nothing left to do', async () => {
      const first = await planned(older());
      write(first);
      const again = await plannedIn(first.root);
      expect([...again.plan.files]).toEqual([]);
      expect(again.gateways).toMatchObject([{ isChanged: false, notes: [] }]);
    });
  });

  it('one that knows them, and no timeoutSeconds yet, gets a file', async () => {
    const { texts, gateways } = await planned(squad(alone, undefined, '2026.4.25'));
    expect(texts['kuma-litellm.key']).toBe(`${kumaKey}\n`);
    expect(texts['openclaw.json']).not.toContain('timeoutSeconds');
    expect(gateways[0]?.notes).toMatchObject([{ code: 'older-version', setting: 'timeoutSeconds' }]);
  });

  it.each(['', 'newest', '2026.4.260'])('a version that is not known is said: %j', async version => {
    const { texts, gateways } = await planned(squad(alone, undefined, version));
    expect(texts['kuma-litellm.key']).toBe(`${kumaKey}\n`);
    expect(gateways[0]?.notes).toMatchObject([{ code: 'unknown-version', since: '2026.4.26' }]);
  });

  it('a proxy that asks for none gets none', async () => {
    const open = two.map(each => ({ ...each, key: undefined }));
    const { texts, gateways } = await planned(squad(), open);
    expect(texts['openclaw.json']).not.toContain('secrets');
    expect(gateways[0]?.notes).toEqual([]);
  });
});

describe('what is shown for another machine', () => {
  const openclaw = {
    models: {
      providers: {
        litellm: {
          baseUrl: 'http://127.0.0.1:4000/v1',
          apiKey: '${LITELLM_MASTER_KEY}',
          api: 'openai-completions',
          models: ['claude-opus-4.6', 'claude-sonnet-4'].map(id => ({ id, name: id })),
        },
      },
    },
    agents: { defaults: { model: { primary: 'litellm/claude-opus-4.6' } } },
  };

  it.each([[two], [[...two, node('panda')]], [[...two, { ...node('panda'), key: undefined }]]])(
    'is what its own plan does there, and leaves it nothing to do',
    async nodes => {
      const tree = squad(JSON.stringify(openclaw));
      const applied = await planned(tree, nodes);
      const picture = await readPicture(
        await takeInventory(openOfflineHost({ root: applied.root, scope: 'user' })),
        nodes,
      );
      const [, kuma] = two;
      const shown = otherMachines(nodes, kuma ?? node('kuma'), servedModels(picture)).find(
        each => each.node.name === 'neko',
      );
      const local = { models: { providers: { litellm: { timeoutSeconds } } } };
      const meant = [valueOf(parseJson5(shown?.openclaw ?? '')), local].reduce<unknown>(added, openclaw);
      const text = JSON.stringify(meant).replaceAll('~/', '/home/neko/');
      expect(JSON.parse(text)).toEqual(valueOf(parseJson5(applied.texts['openclaw.json'] ?? '')));
      const keys = (shown?.keyFiles ?? []).map(({ file, node: of }) => [
        file.replace('~/.openclaw/', ''),
        `${of === 'kuma' ? kumaKey : 'sk-of-others'}\n`,
      ]);
      expect(Object.fromEntries(keys)).toEqual(
        Object.fromEntries(Object.entries(applied.texts).filter(([name]) => name.endsWith('.key'))),
      );
      const carriedOut = { 'openclaw.json': JSON.stringify(meant), ...Object.fromEntries(keys) };
      const again = await planned(squad(carriedOut), nodes);
      expect([...again.plan.files]).toEqual([]);
      expect(again.gateways).toMatchObject([{ notes: [] }]);
    },
  );

  /** A text of JSON put into another, key by key. */
  function added(below: unknown, above: unknown): unknown {
    if (!isMapping(below) || !isMapping(above)) return above;
    const entries = Object.entries(above).map(([key, value]) => [key, added(below[key], value)]);
    return { ...below, ...Object.fromEntries(entries) };
  }
});

it('a file that somebody has changed since is not overwritten, and nothing else is left', async () => {
  const { plan, root } = await planned(squad());
  const file = path.join(root, 'home/neko/.openclaw/openclaw.json');
  fs.appendFileSync(file, '// mine\n');
  const host = openOfflineHost({ root, scope: 'user' });
  const journal = new Journal(path.join(root, 'state'));
  await expect(
    applyPreparedFix(prepareFix(plan, { units: [], restarted: [] }, host), host, journal, new Date()),
  ).rejects.toThrow(ChangedMeanwhile);
  expect(fs.readFileSync(file, 'utf8')).toBe(`${alone}// mine\n`);
  expect(fs.existsSync(path.join(root, kumaFile.path))).toBe(false);
});

describe('nothing is planned', () => {
  const refusal = async (tree: Tree) => {
    const error: unknown = await planned(tree).catch((reason: unknown) => reason);
    return error instanceof FailoverRefused ? error.reason : error;
  };

  it('for what is no JSON5', async () => {
    expect(await refusal(squad('{ models: '))).toMatchObject({
      code: 'broken',
      problem: { code: 'bad-syntax' },
    });
  });

  it('for an include that is not there', async () => {
    expect(await refusal(squad('{ models: { $include: "./m.json5" } }'))).toMatchObject({
      code: 'broken',
      problem: { code: 'missing-file' },
    });
  });

  it('for a link', async () => {
    const { 'home/neko/.openclaw/openclaw.json': text = '', ...rest } = squad();
    const tree: Tree = {
      ...rest,
      'home/neko/dotfiles/openclaw.json': text,
      'home/neko/.openclaw/openclaw.json': { link: '../dotfiles/openclaw.json' },
    };
    expect(await refusal(tree)).toEqual({
      code: 'link',
      file: '/home/neko/.openclaw/openclaw.json',
      target: '../dotfiles/openclaw.json',
    });
  });

  it('for a list that two files make up', async () => {
    const files = {
      'openclaw.json':
        "{ $include: './agents.json5', models: { providers: { litellm: { baseUrl: 'http://127.0.0.1:4000/v1', models: [{ id: 'a', name: 'A' }] } } },\n  agents: { defaults: { model: { primary: 'litellm/a', fallbacks: ['litellm/b'] } } } }",
      'agents.json5': "{ agents: { defaults: { model: { fallbacks: ['litellm/c'] } } } }",
    };
    expect(await refusal(squad(files))).toMatchObject({ code: 'scattered' });
  });

  it('where the local proxy is not asked', async () => {
    const { plan, gateways } = await planned(
      squad("{ agents: { defaults: { model: 'anthropic/claude-opus-4.6' } } }"),
    );
    expect(plan.files.size).toBe(0);
    expect(gateways).toMatchObject([{ notes: [{ code: 'no-local-primary' }] }]);
  });
});
