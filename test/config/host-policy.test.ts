import { describe, expect, it } from 'vitest';
import { hostPolicy, type HostPolicy } from '../../src/config/host-policy.ts';
import { readConfiguration } from '../../src/config/read.ts';
import { takeInventory } from '../../src/inventory/inventory.ts';
import { hostOf, type Tree } from '../support/root.ts';

const units = 'home/kuma/.config/systemd/user';
const tree: Tree = {
  [`${units}/litellm.service`]: '[Service]\nExecStart=/usr/bin/litellm --config /etc/litellm.yaml\n',
  [`${units}/llm.service`]: { link: 'litellm.service' },
  [`${units}/unheard-of.service`]: '[Service]\nExecStart=/usr/bin/unheard-of\n',
  [`${units}/no-unit.service`]: '[Service\n',
  [`${units}/masked.service`]: { link: '/dev/null' },
  'usr/lib/systemd/user/tpl@.service': '[Service]\nExecStart=/bin/%i\n',
};

async function policyOf(text: string): Promise<HostPolicy> {
  const configuration = readConfiguration(Buffer.from(text), 'config.yaml');
  if (!('written' in configuration)) throw new Error(JSON.stringify(configuration));
  return hostPolicy(configuration, await takeInventory(hostOf(tree)));
}

describe('the policy of a host', () => {
  it('is empty where the file says nothing', async () => {
    expect(await policyOf('')).toEqual({
      policy: { rules: new Map(), units: new Map(), nodes: [], hasChannels: false, secretFiles: [] },
      units: [],
      notes: [],
    });
  });

  it('has rules, and units by their full names', async () => {
    const { policy } = await policyOf(
      'rules: {linger-off: off}\nunits:\n  litellm:\n    critical: false\n    ignore: {restart-blind-spot: fine}\n  masked.service:\n',
    );
    expect(policy).toEqual({
      rules: new Map([['linger-off', 'off']]),
      units: new Map([
        [
          'litellm.service',
          { critical: false, isProbed: false, ignored: new Map([['restart-blind-spot', 'fine']]) },
        ],
        ['masked.service', { critical: true, isProbed: false, ignored: new Map() }],
      ]),
      nodes: [],
      hasChannels: false,
      secretFiles: [],
    });
  });

  it('has the files in which secrets stand, and no reference to another place', async () => {
    const { policy } = await policyOf(
      'notify:\n  channels:\n    - {type: telegram, chat: 1, token: "openclaw:channels.telegram"}\n    - {type: gotify, server: "https://kuma.example.com", token: "file:~/gotify"}\nnodes:\n  - {name: neko, url: "https://neko.example.com", key: "env:NEKO"}\n',
    );
    const source = { file: 'config.yaml', line: 4 };
    expect(policy.secretFiles).toEqual([
      { file: '/home/kuma/gotify', format: 'named', keys: ['notify.channels.1.token'], source },
    ]);
  });

  it('has nodes, by addresses without what every client puts behind them', async () => {
    const { policy } = await policyOf(
      'nodes:\n  - {name: neko, url: "https://neko.example.com/litellm/v1/", key: "env:NEKO"}\n  - {name: kuma, url: "http://10.0.0.2:4000"}\n',
    );
    expect(policy.nodes).toEqual([
      {
        name: 'neko',
        url: 'https://neko.example.com/litellm',
        key: 'env:NEKO',
        source: { file: 'config.yaml', line: 2 },
      },
      {
        name: 'kuma',
        url: 'http://10.0.0.2:4000',
        key: undefined,
        source: { file: 'config.yaml', line: 3 },
      },
    ]);
  });

  it('takes an alias for its unit, and an instance for one of its template', async () => {
    const { units: names, notes } = await policyOf('units: {llm: , tpl@a: }');
    expect(names).toEqual(['litellm.service', 'tpl@a.service']);
    expect(notes).toEqual([]);
  });

  it('tells of a unit that is not there, with what may have been meant, and goes on', async () => {
    const { units: names, notes } = await policyOf(
      'units:\n  litelm: {critical: false}\n  gone:\n  litellm:\n',
    );
    expect(names).toEqual(['litellm.service']);
    const source = (line: number) => ({ file: 'config.yaml', line });
    expect(notes).toEqual([
      { code: 'no-such-unit', unit: 'litelm.service', suggestion: 'litellm.service', source: source(2) },
      { code: 'no-such-unit', unit: 'gone.service', suggestion: undefined, source: source(3) },
    ]);
  });
});

describe('a probe', () => {
  it.each(['{tcp: "127.0.0.1:4000"}', '{http: "http://127.0.0.1/"}', '{unix: /x}', '{command: [x]}'])(
    '%s is one, whatever the service',
    async probe => {
      const { policy, notes } = await policyOf(`units: {unheard-of: {probe: ${probe}}}`);
      expect(policy.units.get('unheard-of.service')?.isProbed).toBe(true);
      expect(notes).toEqual([]);
    },
  );

  it.each(['unheard-of', 'no-unit'])('auto is none for %s, and that is said', async name => {
    const { policy, notes } = await policyOf(`units:\n  ${name}:\n    probe: auto\n`);
    expect(policy.units.get(`${name}.service`)?.isProbed).toBe(false);
    expect(notes).toEqual([
      { code: 'no-known-probe', unit: `${name}.service`, source: { file: 'config.yaml', line: 3 } },
    ]);
  });

  it('says nothing of the probe of a masked unit, of which nobody knows what it runs', async () => {
    expect((await policyOf('units: {masked: {probe: auto}}')).notes).toEqual([]);
  });

  it('auto is one for a service that daruma knows', async () => {
    const { policy, notes } = await policyOf('units: {litellm: {probe: auto}}');
    expect(policy.units.get('litellm.service')?.isProbed).toBe(true);
    expect(notes).toEqual([]);
  });

  it('tells of the first of thousands of names that nobody has, and how many more there are', async () => {
    const names = Array.from({ length: 8000 }, (_, n) => `  unheard-of${n}: {critical: false}\n`).join('');
    const { notes } = await policyOf(`units:\n${names}`);
    expect(notes).toHaveLength(20);
    expect(notes.at(0)).toMatchObject({ unit: 'unheard-of0.service', suggestion: 'unheard-of.service' });
    expect(notes.at(-1)).toMatchObject({ unit: 'unheard-of19.service', alike: 7980 });
  });
});
