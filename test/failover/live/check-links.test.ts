/** Links that are asked together: what their proxies have behind their models, held against each other. */
import { describe, expect, it } from 'vitest';
import { checkLinks, type LinkContext } from '../../../src/failover/live/check-links.ts';
import { type Crossing, crossingFaults } from '../../../src/failover/live/crossings.ts';
import { usualLimits } from '../../../src/failover/live/ask-link.ts';
import type { Link } from '../../../src/failover/live/link.ts';
import { machineAt } from '../../../src/failover/live/machine-at.ts';
import { serve } from '../../support/http-server.ts';

/** A proxy that has this behind its models. */
function proxy(...deployments: readonly (readonly [model: string, apiBase: string])[]): Promise<string> {
  const entries = deployments.map(([model_name, api_base]) => ({ model_name, litellm_params: { api_base } }));
  return serve(({ path }) =>
    path === '/model/info'
      ? { status: 200, body: { data: entries } }
      : { status: 200, body: { data: deployments.map(([id]) => ({ id })) } },
  );
}

function link(name: string, baseUrl: string): Link {
  return {
    kind: 'node',
    name,
    unit: null,
    source: null,
    baseUrl,
    api: 'openai-completions',
    models: [],
    key: { kind: 'none', place: '' },
    leadsTo: 'loopback',
    behind: [],
    authorities: [],
    headers: {},
  };
}

const machines: Readonly<Record<string, string>> = {
  'https://neko.example.com/litellm': 'neko',
  'https://kuma.example.com/litellm': 'kuma',
  'https://tora.example.com/litellm': 'tora',
};
const context: LinkContext = {
  machineAuthorities: [],
  ownCrossings: [],
  machineAt: address => Promise.resolve(machines[address]),
  machineOf: ({ name }) => Promise.resolve(name),
};

async function crossings(links: readonly Link[], more: Partial<LinkContext> = {}) {
  const reports = await checkLinks(links, { ...context, ...more }, usualLimits);
  return reports.flatMap(({ faults }) => faults);
}

describe('proxies', () => {
  it('that go to their own upstreams alone are told apart', async () => {
    const links = [
      link('neko', await proxy(['claude', 'http://127.0.0.1:4141'], ['gpt', 'https://api.example.com'])),
    ];
    expect(await crossings(links)).toEqual([]);
  });

  it('that lead to each other are shown as the circle that they are', async () => {
    const links = [
      link('neko', await proxy(['claude', 'https://kuma.example.com/litellm'])),
      link(
        'kuma',
        await proxy(['gpt', 'http://127.0.0.1:4141'], ['claude', 'https://neko.example.com/litellm']),
      ),
    ];
    expect(await crossings(links)).toEqual([
      { code: 'proxy-crosses', from: 'neko', model: 'claude', to: 'kuma', circle: ['neko', 'kuma', 'neko'] },
      { code: 'proxy-crosses', from: 'kuma', model: 'claude', to: 'neko', circle: ['kuma', 'neko', 'kuma'] },
    ]);
  });

  it('whose way round leads over what the files of this machine say', async () => {
    const links = [link('kuma', await proxy(['claude', 'https://neko.example.com/litellm']))];
    const own = [{ from: 'neko', model: 'claude', to: 'kuma' }];
    expect(await crossings(links, { ownCrossings: own })).toMatchObject([
      { circle: ['kuma', 'neko', 'kuma'] },
    ]);
    expect(await crossings(links)).toMatchObject([{ from: 'kuma', to: 'neko', circle: null }]);
  });
});

describe('a circle', () => {
  const way = (from: string, to: string): Crossing => ({ from, model: 'm', to });

  it('may have three machines, or one', () => {
    const all = [way('a', 'b'), way('b', 'c'), way('c', 'a'), way('b', 'b')];
    expect(crossingFaults(all, all).map(({ circle }) => circle)).toEqual([
      ['a', 'b', 'c', 'a'],
      ['b', 'c', 'a', 'b'],
      ['c', 'a', 'b', 'c'],
      ['b', 'b'],
    ]);
  });

  it('is not looked for without end', () => {
    const all = [way('a', 'b'), way('b', 'c'), way('c', 'b')];
    expect(crossingFaults(all, all).map(({ circle }) => circle)).toEqual([
      null,
      ['b', 'c', 'b'],
      ['c', 'b', 'c'],
    ]);
  });
});

describe('an address', () => {
  const nodes = [
    { name: 'kuma', url: 'https://kuma.example.com/litellm', key: undefined, source: null },
    { name: 'tora', url: 'https://localhost:8443', key: undefined, source: null },
  ];

  it.each([
    ['https://kuma.example.com/litellm/v1', 'kuma'],
    ['http://kuma.example.com:4000', 'kuma'],
    ['http://kuma:4000/v1', 'kuma'],
    ['http://kuma.example.com:11434', undefined],
    ['http://127.0.0.1:4141', undefined],
    ['http://localhost:4000', undefined],
    ['https://api.daruma.invalid/v1', undefined],
    ['no address', undefined],
  ])('%s leads to %s', async (address, machine) => {
    expect(await machineAt(address, nodes)).toBe(machine);
  });
});

describe('a provider whose key a machine refuses', () => {
  const file = { file: '/home/neko/.openclaw/kuma-litellm.key', mode: 0o600, isOpenToOthers: false };
  const known = (value: string) => ({ kind: 'known', value, files: [file] }) as const;
  const alone: LinkContext = {
    machineAuthorities: [],
    ownCrossings: [],
    machineAt: () => Promise.resolve(undefined),
    machineOf: () => Promise.resolve(undefined),
  };

  it.each([
    ['sk-new-0123456789', { node: 'kuma', files: [file.file] }],
    ['sk-also-old-012345', undefined],
  ])('is told whether it takes the one under nodes: %s', async (nodeKey, accepted) => {
    const url = await serve(({ path, headers }) => {
      if (headers.authorization !== 'Bearer sk-new-0123456789') return { status: 401 };
      return path === '/v1/models' ? { status: 200, body: { data: [{ id: 'a' }] } } : { status: 404 };
    });
    const provider: Link = {
      ...link('kuma-litellm', `${url}/v1`),
      kind: 'provider',
      key: known('sk-old-0123456789'),
    };
    const node: Link = { ...link('kuma', `${url}/v1`), key: known(nodeKey) };
    const [report] = await checkLinks([provider, node], alone, usualLimits);
    const fault = report?.faults.find(({ code }) => code === 'key-refused');
    expect(fault).toEqual({
      code: 'key-refused',
      host: new URL(url).host,
      status: 401,
      ...(accepted && { accepted }),
    });
  });
});
