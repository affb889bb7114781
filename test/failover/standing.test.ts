/** Who is alive, asked of real servers on loopback. */
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { linkSeverity } from '../../src/failover/live/link-fault.ts';
import { linksOf } from '../../src/failover/live/links-of.ts';
import { askAll, type Answers, chainOf, nobodyAsked } from '../../src/failover/standing.ts';
import { type Inventory, type ServiceEntry, takeInventory } from '../../src/inventory/inventory.ts';
import type { Picture } from '../../src/routes/picture.ts';
import { readPicture } from '../../src/routes/read-picture.ts';
import { knownServices } from '../../src/services/index.ts';
import { openOfflineHost } from '../../src/systemd/host/offline-host.ts';
import { unpackedRoot } from '../support/root.ts';
import { squad } from './squad.ts';

/** A server that answers as it is told, and the paths that it was asked for. */
async function serving(
  status: (path: string, key: string | undefined) => number,
  address = '127.0.0.1',
  says = '"I\'m alive!"',
): Promise<{ readonly port: number; readonly asked: string[] }> {
  const asked: string[] = [];
  const server = http.createServer((request, response) => {
    const { url = '', headers } = request;
    asked.push(url);
    const models = JSON.stringify({ data: [{ id: 'a' }] });
    response.writeHead(status(url, headers.authorization)).end(url.endsWith('/models') ? models : says);
  });
  return { port: await listening(server, address), asked };
}

async function listening(server: net.Server, on = '127.0.0.1'): Promise<number> {
  server.listen(0, on);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

interface Drawn extends Picture {
  readonly inventory: Inventory;
}

/** The picture of neko, whose LiteLLM listens on a port, with another machine at an address. */
async function picture(
  port: number,
  url: string,
  options = '',
  litellm = `baseUrl: 'http://127.0.0.1:${port}/v1'`,
): Promise<Drawn> {
  const root = unpackedRoot({
    ...squad(
      `{ models: { providers: {
        litellm: { ${litellm}, models: [{ id: 'a', name: 'A' }] },
        remote: { baseUrl: '${url}/v1', models: [{ id: 'a', name: 'A' }] },
        paid: { baseUrl: 'https://api.example.com/v1', models: [{ id: 'a', name: 'A' }] },
      } }, agents: { defaults: { model: { primary: 'litellm/a', fallbacks: ['remote/a', 'paid/a', 'gone/a'] } } } }`,
    ),
    'home/neko/.config/systemd/user/litellm.service': `[Service]\nExecStart=/usr/bin/litellm --port ${port} ${options}\n`,
  });
  const inventory = await takeInventory(openOfflineHost({ root, scope: 'user' }));
  const drawn = await readPicture(inventory, [{ name: 'kuma', url, key: undefined, source: null }]);
  // What stands in for the other machine is on loopback, which is taken for this one.
  const leadsTo = { kind: 'node', node: 'kuma', by: 'address', host: 'kuma', port: 443, path: '' } as const;
  const gateways = drawn.gateways.map(gateway => ({
    ...gateway,
    providers: gateway.providers.map(each => (each.id === 'remote' ? { ...each, leadsTo } : each)),
  }));
  return { ...drawn, gateways, inventory };
}

function ask(
  drawn: Drawn,
  inventory = drawn.inventory,
  environment: NodeJS.ProcessEnv = {},
): Promise<Answers> {
  const { links } = linksOf(drawn, {
    host: inventory.host,
    environmentOf: () => undefined,
    authoritiesOf: () => [],
    probeOf: () => 'openclaw models status --probe',
    environment,
  });
  return askAll(drawn, inventory, { links, authorities: [], machineAuthorities: [] });
}

/** The inventory of a picture, in which each unit is in such a state. */
function withLive(
  { inventory }: Drawn,
  live: object,
  elsewhere: object | undefined,
  port: number,
): Inventory {
  return {
    ...inventory,
    async *services(names) {
      for await (const entry of inventory.services(names)) {
        const downfallNow = elsewhere && { ...elsewhere, how: 'not-listening', port };
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of the state only what is looked at
        yield { ...entry, live, downfallNow } as ServiceEntry;
      }
    },
  };
}

function chain({ gateways }: Picture, answers: Answers) {
  const [gateway] = gateways;
  const agent = gateway?.agents[0];
  if (gateway === undefined || agent === undefined) throw new Error('no agent');
  return chainOf(agent, gateway, answers).map(({ provider, answering, role }) => ({
    provider,
    state: 'fault' in answering ? answering.fault.code : answering.kind,
    role,
  }));
}

describe('a copilot-api', () => {
  it.each([
    [500, { kind: 'answers', refused: { path: '/usage', status: 500 } }],
    [200, { kind: 'answers' }],
  ])('whose /usage answers %i', async (status, expected) => {
    const own = await serving(path => (path === '/usage' ? status : 200), '127.0.0.1', 'Server running');
    const root = unpackedRoot({
      'etc/hostname': 'neko\n',
      'etc/passwd': 'neko:x:1000:1000::/home/neko:/bin/bash\n',
      'home/neko/.config/systemd/user/copilot-api.service': `[Service]\nExecStart=/usr/bin/copilot-api start -p ${own.port}\n`,
    });
    const inventory = await takeInventory(openOfflineHost({ root, scope: 'user' }));
    const drawn = await readPicture(inventory, []);
    const answering = (await ask({ ...drawn, inventory })).proxies.get('copilot-api.service');
    expect(answering).toEqual({ ...expected, afterSeconds: expect.any(Number) });
    expect(own.asked).toEqual(['/', '/usage']);
  });
});

describe('a chain', () => {
  it('asks a proxy at the address that it listens on', async () => {
    const own = await serving(() => 200, '127.0.0.2');
    const drawn = await picture(own.port, 'http://localhost:1/litellm', '--host 127.0.0.2');
    const answers = await ask(drawn);
    expect(answers.proxies.get('litellm.service')?.kind).toBe('answers');
  });

  it('is asked by probes that cost nothing, and what is paid for is not asked', async () => {
    const own = await serving(() => 200);
    const other = await serving(() => 200);
    const drawn = await picture(own.port, `http://localhost:${other.port}/litellm`);
    const answers = await ask(drawn);
    expect(own.asked.toSorted()).toEqual(['/health/liveliness', '/v1/models']);
    expect(other.asked.toSorted()).toEqual(['/litellm/health/liveliness', '/litellm/v1/models']);
    expect(chain(drawn, answers)).toEqual([
      { provider: 'litellm', state: 'lists', role: 'now' },
      { provider: 'remote', state: 'lists', role: 'next' },
      { provider: 'paid', state: 'not-asked', role: null },
      { provider: 'gone', state: 'not-asked', role: null },
    ]);
  });

  it('goes on to the other machine', async () => {
    const other = await serving(path => (path.endsWith('/models') ? 200 : 404));
    const drawn = await picture(1, `http://localhost:${other.port}`);
    const answers = await ask(drawn);
    expect(answers.nodes.get('kuma')?.kind).toBe('answers');
    expect(chain(drawn, answers).slice(0, 2)).toEqual([
      { provider: 'litellm', state: 'unreachable', role: null },
      { provider: 'remote', state: 'lists', role: 'now' },
    ]);
  });

  it.each([
    ['file:/nonexistent', 'faulty', ['/health/liveliness', '/health/liveliness']],
    ['env:KUMA_KEY', 'answers', ['/health/liveliness', '/v1/models']],
  ])(
    'asks a machine whose probe is not passed on with its key, and never without: %s',
    async (key, kind, asked) => {
      const other = await serving((path, sent) =>
        path.endsWith('/models') ? (sent === undefined ? 500 : 200) : 404,
      );
      const url = `http://localhost:${other.port}`;
      const drawn = await picture(1, url);
      // A provider of another address, so that the machine is asked for itself.
      const gateways = drawn.gateways.map(gateway => ({ ...gateway, agents: [], settings: [] }));
      const nodes = [{ name: 'kuma', url, key, source: null }];
      const answers = await ask({ ...drawn, gateways, nodes }, drawn.inventory, { KUMA_KEY: 'sk-kuma' });
      expect(answers.nodes.get('kuma')?.kind).toBe(kind);
      expect(other.asked).toEqual(asked);
    },
  );

  it('is silent where the web server has nothing behind it, and where somebody hangs', async () => {
    const hanging = await listening(net.createServer(() => {}));
    const other = await serving(() => 502);
    const drawn = await picture(hanging, `http://localhost:${other.port}`);
    const answers = await ask(drawn);
    expect(answers.proxies.get('litellm.service')).toMatchObject({ kind: 'silent', code: 'timeout' });
    expect(answers.providers[0]?.faults).toMatchObject([
      { code: 'hangs', phase: 'headers', afterSeconds: 8 },
    ]);
    expect(chain(drawn, answers).slice(0, 2)).toEqual([
      { provider: 'litellm', state: 'hangs', role: null },
      { provider: 'remote', state: 'server-failed', role: null },
    ]);
  });

  it.each([
    ['another loopback address', (port: number) => `baseUrl: 'http://127.0.0.2:${port}/v1'`, 'unreachable'],
    [
      'another path',
      (port: number) => `baseUrl: 'http://127.0.0.1:${port}/nonsense/v1'`,
      'models-not-listed',
    ],
    [
      'another key',
      (port: number) => `baseUrl: 'http://127.0.0.1:${port}/v1', apiKey: 'sk-WRONG'`,
      'key-refused',
    ],
    [
      'a variable without a value',
      (port: number) => `baseUrl: 'http://127.0.0.1:${port}/v1', apiKey: '\${NO_SUCH_VAR}'`,
      'key-missing',
    ],
    [
      'a port of no unit, with its key',
      (_: number, foreign: number) => `baseUrl: 'http://127.0.0.1:${foreign}/v1', apiKey: 'sk-good'`,
      'lists',
    ],
  ])('has a provider asked as OpenClaw asks it: %s', async (_, provider, state) => {
    // A LiteLLM without a database, which has a 500 for whoever comes without a key.
    const litellm = (path: string, key: string | undefined) => {
      if (path === '/health/liveliness') return 200;
      if (path !== '/v1/models') return 404;
      return key === undefined ? 500 : key === 'Bearer sk-good' ? 200 : 401;
    };
    const own = await serving(litellm);
    const foreign = await serving(litellm);
    const drawn = await picture(own.port, 'http://localhost:1', '', provider(own.port, foreign.port));
    const answers = await ask(drawn);
    expect(answers.proxies.get('litellm.service')?.kind).toBe('answers');
    expect(chain(drawn, answers)[0]?.state).toBe(state);
    expect(own.asked.includes('/v1/models')).toBe(state === 'key-refused');
  });

  it.each([
    [{ mainPid: 0, activeState: 'inactive' }, undefined, { kind: 'not-running', isTaken: true }],
    [{ mainPid: 0, activeState: 'activating' }, undefined, { kind: 'not-running', isTaken: true }],
    [{ mainPid: 7, activeState: 'active' }, undefined, { kind: 'answers' }],
    [
      { mainPid: 7, activeState: 'active' },
      { listensOn: [4000], isPortTaken: true },
      { kind: 'other-port', listensOn: [4000], isTaken: true },
    ],
  ])('credits no unit with what another program answers: %j %j', async (live, elsewhere, expected) => {
    const own = await serving(() => 200);
    const drawn = await picture(own.port, 'http://localhost:1');
    const inventory = withLive(drawn, live, elsewhere, own.port);
    const answers = await ask(drawn, inventory);
    expect(answers.proxies.get('litellm.service')).toMatchObject(expected);
    expect(chain(drawn, answers)[0]?.state).toBe('lists');
  });

  it.each([
    [{ mainPid: 0, activeState: 'inactive' }, undefined, 'not-running'],
    [{ mainPid: 7, activeState: 'active' }, { listensOn: [], isPortTaken: true }, 'other-port'],
  ])(
    'names the service at whose address a program without models answers: %j',
    async (live, elsewhere, state) => {
      const foreign = await serving(() => 404, '127.0.0.1', '<!DOCTYPE HTML><title>Error response</title>');
      const drawn = await picture(foreign.port, 'http://localhost:1');
      const answers = await ask(drawn, withLive(drawn, live, elsewhere, foreign.port));
      expect(answers.proxies.get('litellm.service')).toMatchObject({ kind: state, isTaken: true });
      const [report] = answers.providers;
      expect(report?.faults).toMatchObject([
        { code: 'other-program', service: 'litellm.service', state, lists: false },
      ]);
      expect(report?.faults.map(linkSeverity)).toEqual(['critical']);
      expect(chain(drawn, answers)[0]).toMatchObject({ state: 'other-program', role: null });
    },
  );

  it('says what came in place of the text that a service is known by', async () => {
    const own = await serving(() => 200);
    const drawn = await picture(own.port, 'http://localhost:1');
    const proxies = drawn.proxies.map(proxy => ({ ...proxy, service: 'copilot-api' }) as const);
    const answers = await ask({ ...drawn, proxies });
    expect([...answers.proxies.values()]).toEqual([
      {
        kind: 'silent',
        code: 'unwell',
        status: 200,
        mismatch: { expected: 'Server running', came: { kind: 'json', said: '"I\'m alive!"' } },
      },
    ]);
  });

  it.each([
    ['inactive', true],
    ['failed', true],
    ['active', false],
    ['activating', false],
  ])('says of a gateway that is %s whether it is down: %s', async (activeState, isDown) => {
    const drawn = await picture(4000, 'http://localhost:1');
    const inventory: Inventory = {
      ...drawn.inventory,
      async *services(names) {
        for await (const entry of drawn.inventory.services(names)) {
          // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of the state only what is looked at
          yield { service: entry.service, live: { activeState, mainPid: 0 } } as ServiceEntry;
        }
      },
    };
    const { downGateways } = await ask(drawn, inventory);
    expect([...downGateways]).toEqual(isDown ? ['openclaw-gateway.service'] : []);
  });

  const login = '<!doctype html><title>Log in</title>';
  const page = { kind: 'page', said: 'Log in' };

  it('takes no web page for liveliness, whatever is asked', async () => {
    const everything = http.createServer((_, response) => void response.end(login));
    const port = await listening(everything);
    const url = `http://localhost:${port}/litellm`;
    const drawn = await picture(port, url);
    for (const node of [
      { key: undefined, expected: { kind: 'silent', status: 200, mismatch: { came: page } } },
      { key: 'env:KUMA_KEY', expected: { kind: 'faulty', fault: { code: 'wrong-service', came: page } } },
      { key: 'env:NO_SUCH_KEY', expected: { kind: 'faulty', fault: { code: 'key-missing' } } },
    ]) {
      const nodes = [{ name: 'kuma', url, key: node.key, source: null }];
      const answers = await ask({ ...drawn, nodes }, drawn.inventory, { KUMA_KEY: 'sk-kuma' });
      expect(answers.nodes.get('kuma')).toMatchObject(node.expected);
    }
    const answers = await ask(drawn);
    expect(chain(drawn, answers).map(({ role }) => role)).toEqual([null, null, null, null]);
  });

  it.each(knownServices.filter(({ probes }) => probes.liveness !== undefined))(
    'takes no web page for the liveliness of a service that it knows: $id',
    async ({ id }) => {
      const { port } = await serving(() => 200, '127.0.0.1', login);
      const drawn = await picture(port, 'http://localhost:1');
      const proxies = drawn.proxies.map(proxy => ({ ...proxy, service: id }));
      const answers = await ask({ ...drawn, proxies });
      expect([...answers.proxies.values()]).toMatchObject([{ kind: 'silent', mismatch: { came: page } }]);
    },
  );

  it('takes a machine for alive whose web server has a page for all but the paths of models', async () => {
    const other = await serving(() => 200, '127.0.0.1', login);
    const drawn = await picture(1, `http://localhost:${other.port}`);
    expect((await ask(drawn)).nodes.get('kuma')?.kind).toBe('answers');
  });

  it('of files alone says nothing of now', async () => {
    const drawn = await picture(4000, 'https://kuma.example.com');
    expect(chain(drawn, nobodyAsked).map(({ state }) => state)).toEqual(Array(4).fill('not-asked'));
  });
});
