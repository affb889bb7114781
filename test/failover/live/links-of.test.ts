/** Which links a machine has, from its files: addresses, ways of asking, keys and the files that hold them. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  gatewayEnvironment,
  type GatewayEnvironment,
} from '../../../src/failover/live/gateway-environment.ts';
import { linksBehindFront, linksOf } from '../../../src/failover/live/links-of.ts';
import { openclawCommand, openclawText } from '../../../src/failover/live/openclaw-command.ts';
import { takeInventory } from '../../../src/inventory/inventory.ts';
import type { Node } from '../../../src/routes/node.ts';
import { readPicture } from '../../../src/routes/read-picture.ts';
import { usualAgent } from '../../../src/services/openclaw-models.ts';
import { readProgram } from '../../../src/services/program.ts';
import { localFiles } from '../../../src/systemd/host/files.ts';
import { openOfflineHost } from '../../../src/systemd/host/offline-host.ts';
import { type Tree, unpackedRoot } from '../../support/root.ts';

const home = 'home/kuma';
const gateway = `[Service]
Environment=OPENCLAW_GATEWAY_PORT=19000 NODE_EXTRA_CA_CERTS=/etc/ca.pem
EnvironmentFile=-%h/.openclaw/gateway.env
ExecStart=/usr/bin/node /usr/lib/node_modules/openclaw/dist/index.js --profile work gateway --port 19000
`;

const usual = {
  models: {
    providers: {
      litellm: { baseUrl: 'http://127.0.0.1:4000/v1/', apiKey: '${LOCAL_KEY}', models: [{ id: 'claude' }] },
      'remote-litellm': {
        baseUrl: 'https://kuma.example.com/litellm/v1',
        apiKey: 'sk-written-down-0123',
        api: 'openai-completions',
        models: [{ id: 'claude' }, { id: 'opus', api: 'anthropic-messages' }],
      },
      other: { baseUrl: 'https://own.example.com', models: [{ id: 'm' }] },
      local: { baseUrl: 'http://127.0.0.1:11434', api: 'ollama', models: [{ id: 'qwen' }] },
      unset: { baseUrl: 'https://${NO_SUCH_HOST}/v1', models: [{ id: 'm' }] },
      idle: { baseUrl: 'https://idle.example.com/v1', models: [{ id: 'm' }] },
    },
  },
  agents: {
    defaults: {
      model: {
        primary: 'litellm/claude',
        fallbacks: [
          'remote-litellm/claude',
          'remote-litellm/opus',
          'other/m',
          'local/qwen',
          'unset/m',
          'openai/gpt',
        ],
      },
    },
    entries: { ops: { model: { primary: 'remote-litellm/claude', fallbacks: ['litellm/claude'] } } },
  },
};

async function machine(nodes: readonly Node[] = [], config: object = usual, more: Tree = {}) {
  const root = unpackedRoot({
    ...more,
    'etc/hostname': 'neko\n',
    'etc/passwd': 'kuma:x:1000:1000::/home/kuma:/bin/bash\n',
    [`${home}/.config/systemd/user/openclaw-gateway-work.service`]: gateway,
    [`${home}/.openclaw-work/openclaw.json`]: JSON.stringify(config),
    [`${home}/.openclaw/gateway.env`]: 'LOCAL_KEY=sk-local-0123\n',
  });
  const host = openOfflineHost({ root, scope: 'user' });
  const inventory = await takeInventory(host);
  const picture = await readPicture(inventory, nodes);
  const environment = await gatewayEnvironment('openclaw-gateway-work.service', inventory);
  const links = linksOf(picture, {
    host,
    environmentOf: () => environment,
    authoritiesOf: given => [given === undefined ? 'own' : "the gateway's"],
    probeOf: unit => `/opt/openclaw for ${unit}`,
    environment: { NODE_KEY: 'sk-node-0123' },
  });
  return { ...links, inventory, picture, environment };
}

describe('links', () => {
  it('are what some agent may ask, each as its API is', async () => {
    const { links } = await machine();
    expect(
      links.map(({ name, api, models, baseUrl, leadsTo }) => [name, api, models.join(), baseUrl, leadsTo]),
    ).toEqual([
      ['litellm', 'openai-completions', 'claude', 'http://127.0.0.1:4000/v1', 'loopback'],
      ['remote-litellm', 'openai-completions', 'claude', 'https://kuma.example.com/litellm/v1', 'elsewhere'],
      ['remote-litellm', 'anthropic-messages', 'opus', 'https://kuma.example.com/litellm/v1', 'elsewhere'],
      ['other', 'openai-completions', 'm', 'https://own.example.com', 'elsewhere'],
    ]);
    expect(links.every(({ authorities }) => authorities.join() === "the gateway's")).toBe(true);
  });

  it('know the copilot-api behind them, also through LiteLLM', async () => {
    const { links } = await machine([], usual, {
      [`${home}/.config/systemd/user/litellm.service`]:
        '[Service]\nExecStart=/usr/bin/litellm --config %h/c.yaml\n',
      [`${home}/c.yaml`]:
        'model_list: [{model_name: claude, litellm_params: {model: openai/c, api_base: "http://127.0.0.1:4141/v1"}}]\n',
      [`${home}/.config/systemd/user/copilot.service`]:
        '[Service]\nEnvironment=HOST=127.0.0.1\nExecStart=/usr/bin/copilot-api start\n',
    });
    const usage = { name: 'copilot.service', url: 'http://127.0.0.1:4141/usage', statuses: [200] };
    expect(links.map(({ name, behind }) => [name, behind])).toEqual([
      ['litellm', [usage]],
      ['remote-litellm', []],
      ['remote-litellm', []],
      ['other', []],
    ]);
  });

  it.each([
    ['general_settings: {master_key: sk-of-neko-0123}', undefined, true],
    ['general_settings: {master_key: sk-of-neko-0123}', 'localhost:4000', true],
    // Something else answers at the address.
    ['general_settings: {master_key: sk-of-neko-0123}', 'localhost:4141', undefined],
    ['general_settings: {master_key: os.environ/ELSEWHERE}', undefined, undefined],
    ['model_list: []', undefined, undefined],
  ])(
    'know whether all are asked for a key at the address of this machine: %s behind %s',
    async (text, to, known) => {
      const nodes = ['neko', 'kuma'].map(name => ({
        name,
        url: `https://${name}.example.com/litellm`,
        key: 'env:NODE_KEY',
        source: null,
      }));
      const { links } = await machine(nodes, usual, {
        [`${home}/.config/systemd/user/litellm.service`]:
          '[Service]\nExecStart=/usr/bin/litellm --config %h/c.yaml\n',
        [`${home}/c.yaml`]: `${text}\n`,
        ...(to === undefined
          ? {}
          : {
              'etc/caddy/Caddyfile': `neko.example.com {\n  handle_path /litellm/* {\n    reverse_proxy ${to}\n  }\n}\n`,
            }),
      });
      const ofNodes = links.filter(({ kind }) => kind === 'node');
      expect(ofNodes.find(({ name }) => name === 'neko')?.isGuarded).toBe(known);
      expect(
        ofNodes.filter(({ name }) => name !== 'neko').every(({ isGuarded }) => isGuarded === undefined),
      ).toBe(true);
    },
  );

  it('are not those that cannot be asked, and why', async () => {
    const { notAsked } = await machine();
    expect(notAsked).toEqual([
      { provider: 'local', reason: { code: 'unknown-api', api: 'ollama' } },
      { provider: 'unset', reason: { code: 'no-address' } },
      { provider: 'openai', reason: { code: 'not-declared' } },
    ]);
  });

  it('have a key that has a file of its own, with that file', async () => {
    const key = 'sk-in-a-file-0123';
    // Secrets are read on the machine itself, which the unpacked one stands for here.
    const file = path.join(unpackedRoot({ 'kuma.key': `${key}\n` }), 'kuma.key');
    const { litellm } = usual.models.providers;
    const config = {
      secrets: { providers: { kuma: { source: 'file', path: file, mode: 'singleValue' } } },
      models: {
        providers: { litellm: { ...litellm, apiKey: { source: 'file', provider: 'kuma', id: 'value' } } },
      },
      agents: { defaults: { model: 'litellm/claude' } },
    };
    const { links } = await machine([], config, { [file.slice(1)]: key });
    expect(links.map(each => each.key)).toMatchObject([{ kind: 'known', value: key, files: [{ file }] }]);
  });

  it.each([
    ['the name of an auth profile', 'remote-litellm:manual', 'withheld', 'openclaw'],
    ['the store', { source: 'store', provider: 'default', id: 'KUMA' }, 'withheld', 'openclaw'],
    ['a program', { source: 'exec', provider: 'vault', id: 'kuma' }, 'withheld', 'program'],
    ['a word for other credentials', 'oauth:kuma', 'withheld', 'openclaw'],
    ['a file that is not there', { source: 'file', provider: 'kuma', id: 'value' }, 'missing', undefined],
    ['a variable that is not set', '${KUMA}', 'missing', undefined],
    ['the bare name of one', 'LITELLM_API_KEY', 'missing', undefined],
    ['no variable for OpenClaw', '${KUMA:-b}', 'known', undefined],
  ])('have a key that is looked for where OpenClaw has it: %s', async (_, apiKey, kind, holder) => {
    const remote = { ...usual.models.providers['remote-litellm'], apiKey };
    const { links } = await machine([], {
      models: { providers: { 'remote-litellm': remote } },
      agents: { defaults: { model: 'remote-litellm/claude' } },
    });
    expect(links.map(({ key }) => key)).toMatchObject([
      holder === undefined
        ? { kind }
        : { kind, holder, command: '/opt/openclaw for openclaw-gateway-work.service' },
    ]);
  });

  it('have none for a word that says so of a server of this machine', async () => {
    const { litellm } = usual.models.providers;
    const { links } = await machine([], {
      models: { providers: { local: { ...litellm, apiKey: 'custom-local' } } },
      agents: { defaults: { model: 'local/claude' } },
    });
    expect(links.map(({ key }) => key)).toMatchObject([{ kind: 'none' }]);
  });

  describe('are asked as OpenClaw asks the provider', () => {
    const authority = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';
    const asked = async (more: object) => {
      const remote = { ...usual.models.providers['remote-litellm'], ...more };
      return machine([], {
        models: { providers: { 'remote-litellm': remote } },
        agents: { defaults: { model: 'remote-litellm/claude' } },
      });
    };

    it('with its headers and its authorities', async () => {
      const { links, notAsked } = await asked({
        headers: { 'CF-Access-Client-Id': 'id.access', 'CF-Access-Client-Secret': '${LOCAL_KEY}' },
        request: { headers: { 'X-Tenant': 'kuma' }, tls: { ca: `of ours\n${authority}\n` } },
      });
      expect(notAsked).toEqual([]);
      expect(links).toMatchObject([
        {
          headers: {
            'cf-access-client-id': 'id.access',
            'cf-access-client-secret': 'sk-local-0123',
            'x-tenant': 'kuma',
          },
          authorities: [authority],
        },
      ]);
    });

    it('each model with its own address and headers, and the key as a token where the provider says so', async () => {
      const { links } = await asked({
        authHeader: true,
        headers: { x: 'of the provider' },
        models: [{ id: 'claude', baseUrl: 'http://127.0.0.1:4999/v1', headers: { X: 'own' } }],
      });
      expect(links).toMatchObject([
        {
          baseUrl: 'http://127.0.0.1:4999/v1',
          leadsTo: 'loopback',
          headers: { x: 'own', authorization: 'Bearer sk-written-down-0123' },
        },
      ]);
    });

    it.each([
      ['headers.X', { headers: { X: { source: 'exec', provider: 'vault', id: 'x' } } }],
      ['headers.X', { headers: { X: '${NOT_SET}' } }],
      ['request.tls.ca', { request: { tls: { ca: { source: 'store', provider: 'default', id: 'x' } } } }],
      ['request.tls.insecureSkipVerify', { request: { tls: { insecureSkipVerify: true } } }],
      ['request.proxy', { request: { proxy: { mode: 'explicit-proxy', url: 'http://127.0.0.1:3128' } } }],
      ['request.auth', { request: { auth: { mode: 'header', headerName: 'x', value: 'y' } } }],
      ['models[].headers.x', { models: [{ id: 'claude', headers: { x: '${NOT_SET}' } }] }],
    ])('or not at all, where daruma cannot: %s', async (setting, more) => {
      const { links, notAsked } = await asked(more);
      expect(links).toEqual([]);
      expect(notAsked).toEqual([
        { provider: 'remote-litellm', reason: { code: 'not-followed', settings: [setting] } },
      ]);
    });

    it('also where such a setting says what is so anyway', async () => {
      const request = { auth: { mode: 'provider-default' }, tls: { insecureSkipVerify: false } };
      expect((await asked({ request })).links).toHaveLength(1);
    });
  });

  it('lead through a front to all other machines, with the models that it is asked for', async () => {
    const nodes = ['neko', 'kuma', 'tora'].map(name => ({
      name,
      url: `https://${name}.example.com/litellm`,
      key: 'env:NODE_KEY',
      source: null,
    }));
    const { links, picture } = await machine(nodes, usual, {
      [`${home}/.config/systemd/user/litellm.service`]: '[Service]\nExecStart=/usr/bin/litellm --port 4000\n',
    });
    const behind = linksBehindFront(links, picture, 'litellm.service');
    expect(behind.map(({ kind, name, baseUrl, models }) => [kind, name, baseUrl, models.join()])).toEqual([
      ['node', 'kuma', 'https://kuma.example.com/litellm/v1', 'claude'],
      ['node', 'tora', 'https://tora.example.com/litellm/v1', 'claude'],
    ]);
    expect(linksBehindFront(links, picture)).toEqual([]);
  });

  it('have the keys that their gateway has, with the files that they stand in', async () => {
    const { links } = await machine();
    expect(links.map(({ key }) => key)).toMatchObject([
      { kind: 'known', value: 'sk-local-0123', files: [{ file: '/home/kuma/.openclaw/gateway.env' }] },
      {
        kind: 'known',
        value: 'sk-written-down-0123',
        files: [{ file: '/home/kuma/.openclaw-work/openclaw.json' }],
      },
      { kind: 'known', value: 'sk-written-down-0123' },
      { kind: 'none', place: expect.stringMatching(/^models\.providers\.other\.apiKey \(.*:1\)$/) },
    ]);
  });

  it('take the key of a node from what the service manager passes on, as its services do', async () => {
    const node = { name: 'tora', url: 'https://tora.example.com', key: 'env:TORA_KEY', source: null };
    const { picture, inventory } = await machine([node]);
    const { links } = linksOf(picture, {
      host: { ...inventory.host, inherited: { TORA_KEY: 'sk-of-the-manager' } },
      environmentOf: () => undefined,
      authoritiesOf: () => [],
      probeOf: () => '',
      environment: {},
    });
    expect(links.find(({ name }) => name === 'tora')?.key).toEqual({
      kind: 'known',
      value: 'sk-of-the-manager',
      files: [],
    });
  });

  it('are the nodes as well where neither key is there: they are missing in two places', async () => {
    const { litellm } = usual.models.providers;
    const node = { name: 'kuma', url: 'http://127.0.0.1:4000', key: 'env:NO_SUCH_KEY', source: null };
    const config = {
      models: { providers: { litellm: { ...litellm, apiKey: '${NO_SUCH_KEY}' } } },
      agents: { defaults: { model: 'litellm/claude' } },
    };
    const { links } = await machine([node], config);
    expect(links.map(({ kind, key }) => [kind, key.kind])).toEqual([
      ['provider', 'missing'],
      ['node', 'missing'],
    ]);
  });

  it('are the nodes as well, unless the same is asked already', async () => {
    const node = (name: string, key: string | undefined): Node => ({
      name,
      url: `https://${name}.example.com/litellm`,
      key,
      source: null,
    });
    const same = { ...node('kuma', 'env:NODE_KEY'), url: 'https://kuma.example.com/litellm' };
    const { links } = await machine([node('neko', undefined), node('tora', 'env:NO_SUCH_KEY'), same]);
    expect(links.slice(4)).toMatchObject([
      { kind: 'node', name: 'neko', key: { kind: 'none' }, leadsTo: 'own-machine', authorities: ['own'] },
      {
        kind: 'node',
        name: 'tora',
        key: {
          kind: 'missing',
          place: 'env:NO_SUCH_KEY',
          home: { of: 'node', in: 'variable', name: 'NO_SUCH_KEY' },
        },
        leadsTo: 'elsewhere',
      },
      { kind: 'node', name: 'kuma', key: { kind: 'known', value: 'sk-node-0123' } },
    ]);
  });
});

describe('the command line of OpenClaw', () => {
  it('is that of the gateway, with its profile and its places', async () => {
    const { inventory, environment } = await machine();
    const command = openclawCommand(await given(inventory, environment), inventory.host, { PATH: '/bin' });
    expect(command).toEqual({
      argv: ['/usr/bin/node', '/usr/lib/node_modules/openclaw/dist/index.js', '--profile', 'work'],
      environment: {
        PATH: '/bin',
        HOME: '/home/kuma',
        OPENCLAW_GATEWAY_PORT: '19000',
        NODE_EXTRA_CA_CERTS: '/etc/ca.pem',
      },
    });
    expect(openclawCommand(undefined, inventory.host, {})).toEqual({ argv: ['openclaw'], environment: {} });
    // A script around it may do anything with `config validate`.
    const around = await given(inventory, environment);
    const script = around && { ...around.program, name: 'openclaw-start', path: '/opt/openclaw-start' };
    expect(
      openclawCommand(around && script && { ...around, program: script }, inventory.host, {}).argv,
    ).toEqual(['openclaw']);
  });

  it('is found where installers put it, and shown so that it works when it is pasted', async () => {
    const { inventory } = await machine();
    const own = fs.mkdtempSync(path.join(os.tmpdir(), 'daruma-it s-'));
    onTestFinished(() => fs.rmSync(own, { recursive: true }));
    const folder = `${own}/.npm-global/bin`;
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(`${folder}/openclaw`, '', { mode: 0o755 });
    const user = { name: 'kuma', uid: 1, gid: 1, shell: '', home: own };
    const host = { ...inventory.host, kind: 'live' as const, user, files: localFiles() };
    const found = openclawCommand(undefined, host, { PATH: '/nowhere' });
    expect(found.argv).toEqual([`${folder}/openclaw`]);
    expect(openclawText(found, ['config', 'validate'], {})).toBe(`'${folder}/openclaw' config validate`);
    const onPath = { PATH: `/nowhere:${folder}` };
    expect(openclawText(openclawCommand(undefined, host, onPath), ['config', 'validate'], onPath)).toBe(
      'openclaw config validate',
    );
    const places = { OPENCLAW_STATE_DIR: '/srv/a b', OPENCLAW_GATEWAY_TOKEN: 'secret', HOME: '/home/kuma' };
    expect(openclawText({ argv: ['openclaw'], environment: places }, ['doctor'], {})).toBe(
      "OPENCLAW_STATE_DIR='/srv/a b' openclaw doctor",
    );
  });

  async function given(
    inventory: Awaited<ReturnType<typeof machine>>['inventory'],
    environment: GatewayEnvironment | undefined,
  ) {
    for await (const { service } of inventory.services(['openclaw-gateway-work.service'])) {
      const program = service.settings && readProgram(service.unit, service.settings, inventory.host);
      return program && environment && { program, environment };
    }
    return undefined;
  }

  it.each([
    [{}, 'main'],
    [{ entries: { ops: {} } }, 'ops'],
    [{ entries: { ops: {}, main: {} } }, 'main'],
    [{ list: [{ id: 'a' }, { id: 'b', default: true }] }, 'b'],
  ])('asks the usual agent: %j', async (agents, agent) => {
    const { picture } = await machine([], {
      ...usual,
      agents: { ...usual.agents, entries: undefined, ...agents },
    });
    const [first] = picture.gateways;
    expect(first && usualAgent(first.config)).toBe(agent);
  });
});
