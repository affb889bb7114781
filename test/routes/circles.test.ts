/** Circles among proxies, held against what a plain search for ways says. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { circlesOf as search, proxiesAt, serves, waysOut } from '../../src/routes/circles.ts';
import type { MetLimit } from '../../src/systemd/host/limit.ts';
import type { Destination, Picture, Proxy } from '../../src/routes/picture.ts';

const source = { file: 'config.yaml', line: 1 };
const machines = ['a', 'b', 'c', 'd'] as const;
const nodes = machines.map(name => ({
  name,
  url: `https://${name}.example.com`,
  key: undefined,
  source: null,
}));

function toNode(node: string, port = 443): Destination {
  return { kind: 'node', node, by: 'address', host: `${node}.example.com`, port, path: '' };
}

function proxyWith(parts: Partial<Proxy>): Proxy {
  return {
    name: 'litellm.service',
    unit: parts.name ?? 'litellm.service',
    service: 'litellm',
    port: 4000,
    address: '127.0.0.1',
    file: 'config.yaml',
    problems: [],
    deployments: [],
    fallbacks: [],
    aliases: [],
    mostFallbacks: 5,
    isComplete: true,
    ...parts,
  };
}

let entries = 0;

function deployment(
  name: string,
  model: string,
  leadsTo: Destination,
  parts: Partial<Proxy['deployments'][number]> = {},
): Proxy['deployments'][number] {
  entries += 1;
  return {
    entry: entries,
    isOwnFallback: false,
    name,
    model,
    provider: undefined,
    apiBase: undefined,
    key: 'none',
    order: undefined,
    id: undefined,
    isBlocked: false,
    isLoaded: true,
    team: undefined,
    source,
    leadsTo,
    ...parts,
  };
}

function pictureOf(hostName: string, proxies: readonly Proxy[]): Picture {
  return {
    hostName,
    node: nodes.find(({ name }) => name === hostName),
    nodes,
    gateways: [],
    proxies,
    entrances: [],
    remoteForwards: [],
  };
}

/** None of these networks is too large to be looked through. */
function circlesOf(own: Picture, others: readonly Picture[]) {
  return search(own, others, met => expect.unreachable(JSON.stringify(met.limit)));
}

describe('circles', () => {
  it('are looked for among a hundred thousand names, and as many aliases', () => {
    const names = Array.from({ length: 100_000 }, (_, n) => `m${n}`);
    const proxy = proxyWith({
      deployments: names.map(name => deployment(name, `openai/${name}`, { kind: 'unknown' })),
      aliases: names.map(name => ({ from: `a${name}`, to: name, source })),
    });
    expect(circlesOf(pictureOf('a', [proxy]), [])).toEqual([]);
    expect(serves(proxy, 'am99999')).toBe(true);
  });

  it('are looked for among thousands of models that fall back to each other, up to a limit that is told', () => {
    const names = Array.from({ length: 10_000 }, (_, n) => `m${n}`);
    const proxy = proxyWith({
      deployments: names.map(name => deployment(name, `openai/${name}`, { kind: 'unknown' })),
      fallbacks: names.map((from, n) => ({
        kind: 'fallbacks',
        from,
        to: [names[(n + 1) % names.length] ?? ''],
        source,
      })),
      mostFallbacks: names.length,
    });
    const met: MetLimit[] = [];
    const [circle, ...others] = search(pictureOf('a', [proxy]), [], limit => met.push(limit));
    expect(circle?.steps).toHaveLength(names.length);
    expect(others).toEqual([]);
    expect(met).toEqual([
      { source: { file: 'config.yaml', line: null }, limit: { of: 'steps', most: 1_000_000 } },
    ]);
  });

  it('may go through a name that one of thousands of patterns is for', { timeout: 120_000 }, () => {
    const patterns = Array.from({ length: 20_000 }, (_, n) => `*-${n}-*`);
    const proxy = proxyWith({
      deployments: patterns.map(name => deployment(name, 'openai/m', { kind: 'unknown' })),
      fallbacks: patterns.map((_, n) => ({ kind: 'fallbacks', from: `a-${n}-b`, to: [`b-${n}-*`], source })),
    });
    expect(circlesOf(pictureOf('a', [proxy]), [])).toEqual([]);
    expect(serves(proxy, 'x-7-*')).toBe(true);
    expect(serves(proxy, 'x-7-')).toBe(true);
    expect(serves(proxy, 'x-7')).toBe(false);
  });

  it('have no more fallbacks in one request than LiteLLM goes through', () => {
    const names = ['a', 'b', 'c'];
    const ring = (mostFallbacks: number) =>
      proxyWith({
        // The last one leads back to the first by another request.
        deployments: [
          ...names.map(name => deployment(name, `openai/${name}`, { kind: 'unknown' })),
          deployment('d', 'openai/a', { kind: 'proxy', name: 'litellm.service' }),
        ],
        fallbacks: [...names.entries()].map(([n, from]) => ({
          kind: 'fallbacks',
          from,
          to: [names[n + 1] ?? 'd'],
          source,
        })),
        mostFallbacks,
      });
    const lengths = (mostFallbacks: number) =>
      circlesOf(pictureOf('a', [ring(mostFallbacks)]), []).map(({ steps }) => steps.length);
    expect(lengths(3)).toEqual([4]);
    expect(lengths(2)).toEqual([]);
    expect(lengths(0)).toEqual([]);
  });

  it.each<readonly [Readonly<Record<string, readonly string[]>>, number, boolean]>([
    // The second of a list counts two, and the one behind it three.
    [{ a: ['b', 'c'], c: ['d'] }, 2, false],
    [{ a: ['b', 'c'], c: ['d'] }, 3, true],
    // The last entry of a list is tried, however long that is.
    [{ a: ['b', 'c', 'e', 'd'] }, 1, true],
    // What the request has tried does not count.
    [{ a: ['b'], b: ['a', 'c'], c: ['d'] }, 2, false],
    [{ a: ['b'], b: ['a', 'c'], c: ['d'] }, 3, true],
    [{ a: ['b', 'c'], b: ['e'], c: ['b', 'e', 'd'] }, 3, false],
    [{ a: ['b', 'c'], b: ['e'], c: ['b', 'e', 'd'] }, 4, true],
  ])(
    'count a fallback by its place in the list, as LiteLLM does: %j, at most %i',
    (lists, most, isCircle) => {
      const proxy = proxyWith({
        deployments: [
          ...['a', 'b', 'c', 'e'].map(name => deployment(name, `openai/${name}`, { kind: 'unknown' })),
          deployment('d', 'openai/a', { kind: 'proxy', name: 'litellm.service' }),
        ],
        fallbacks: Object.entries(lists).map(([from, to]) => ({ kind: 'fallbacks', from, to, source })),
        mostFallbacks: most,
      });
      const ways = circlesOf(pictureOf('a', [proxy]), []).filter(({ leavesProxy }) => leavesProxy);
      expect(ways.length > 0).toBe(isCircle);
    },
  );

  it('are found where there is a way back, and nowhere else', () => {
    const models = ['m', 'n'] as const;
    const oneDeployment = fc.record({
      name: fc.constantFrom(...models),
      model: fc.constantFrom(...models),
      to: fc.constantFrom(...machines, undefined),
    });
    const network = fc.array(fc.array(oneDeployment, { maxLength: 3 }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(network, lists => {
        const pictures = machines.map((machine, index) =>
          pictureOf(machine, [
            proxyWith({
              deployments: (lists[index] ?? []).map(({ name, model, to }) =>
                deployment(name, `openai/${model}`, to === undefined ? { kind: 'unknown' } : toNode(to)),
              ),
            }),
          ]),
        );
        const [own, ...others] = pictures;
        if (own === undefined) return;
        const next = (place: string) =>
          machines.flatMap((machine, index) =>
            (lists[index] ?? []).flatMap(({ name, model, to }) =>
              place === `${machine} ${name}` && to !== undefined ? [`${to} ${model}`] : [],
            ),
          );
        const comesBack = (start: string) => {
          const seen = new Set<string>();
          const queue = next(start);
          for (const place of queue) {
            if (place === start) return true;
            if (seen.has(place)) continue;
            seen.add(place);
            queue.push(...next(place));
          }
          return false;
        };
        const expected = models.filter(model => comesBack(`a ${model}`));
        const found = circlesOf(own, others);
        // A circle through both models is one circle.
        expect(found.length > 0).toBe(expected.length > 0);
        for (const { steps } of found) {
          for (const [index, step] of steps.entries()) {
            const after = steps[(index + 1) % steps.length];
            expect(next(`${step.machine} ${step.model}`)).toContain(`${after?.machine} ${after?.model}`);
          }
          expect(steps[0].machine).toBe('a');
        }
        const through = new Set(
          found.flatMap(({ steps }) =>
            steps.filter(({ machine }) => machine === 'a').map(({ model }) => model),
          ),
        );
        expect(expected.every(model => through.has(model))).toBe(true);
      }),
    );
  });

  it('may go through a tunnel that another machine holds', () => {
    const asks = (to: Destination) => [proxyWith({ deployments: [deployment('m', 'openai/m', to)] })];
    const own = pictureOf('a', asks({ kind: 'own-port', port: 4001 }));
    const tunnel = { host: 'a', port: 4001, leadsTo: { kind: 'proxy', name: 'litellm.service' } } as const;
    const other = { ...pictureOf('b', asks(toNode('a'))), remoteForwards: [tunnel] };
    expect(circlesOf(own, [other]).map(({ steps }) => steps.map(({ machine }) => machine).join())).toEqual([
      'a,b',
    ]);
    expect(circlesOf(own, [pictureOf('b', asks(toNode('a')))])).toEqual([]);
  });

  it('do not go through a model that is not there, nor through another port', () => {
    const own = pictureOf('a', [proxyWith({ deployments: [deployment('m', 'openai/other', toNode('b'))] })]);
    const back = (name: string) =>
      pictureOf('b', [proxyWith({ deployments: [deployment(name, 'openai/m', toNode('a'))] })]);
    expect(circlesOf(own, [back('m')])).toEqual([]);
    expect(circlesOf(own, [back('other')])).toHaveLength(1);
    expect(circlesOf(own, [back('*')])).toHaveLength(1);
    const port = toNode('b', 4141);
    const elsewhere = pictureOf('a', [proxyWith({ deployments: [deployment('m', 'openai/other', port)] })]);
    expect(circlesOf(elsewhere, [back('other')])).toEqual([]);
  });
});

describe('names that LiteLLM sends another way than one would think', () => {
  const toB = toNode('b');
  const back = pictureOf('b', [proxyWith({ deployments: [deployment('m', 'openai/asked', toNode('a'))] })]);
  const isCircle = (parts: Partial<Proxy>) =>
    circlesOf(pictureOf('a', [proxyWith(parts)]), [back]).length > 0;
  const unknown = { kind: 'unknown' } as const;

  it('a fallback of the model behind an alias is none of the alias', () => {
    const deployments = [deployment('x', 'openai/x', unknown), deployment('m', 'openai/m', toB)];
    const aliases = [{ from: 'asked', to: 'x', source }];
    const from = (name: string) => [{ kind: 'fallbacks', from: name, to: ['m'], source } as const];
    expect(isCircle({ deployments, aliases, fallbacks: from('x') })).toBe(false);
    expect(isCircle({ deployments, aliases, fallbacks: from('asked') })).toBe(true);
  });

  it('a pattern is for nothing that a more specific one is for, and may be for more than it says', () => {
    const own = pictureOf('a', [proxyWith({ deployments: [deployment('m', 'openai/asked', toB)] })]);
    const isBack = (...deployments: Proxy['deployments']) =>
      circlesOf(own, [pictureOf('b', [proxyWith({ deployments })])]).length > 0;
    const all = deployment('*', 'openai/m', toNode('a'));
    expect(isBack(all)).toBe(true);
    expect(isBack(all, deployment('ask*', 'openai/x', unknown))).toBe(false);
    expect(isBack(deployment('*sk', 'openai/m', toNode('a')))).toBe(true);
  });

  it('a fallback for all is for none that has its own', () => {
    const names = ['asked', 'y'].map(name => deployment(name, 'openai/x', unknown));
    const deployments = [...names, deployment('m', 'openai/m', toB)];
    const forAll = { kind: 'default_fallbacks', from: null, to: ['m'], source } as const;
    const own = [
      { kind: 'fallbacks', from: 'asked', to: ['y'], source },
      { kind: 'fallbacks', from: 'y', to: ['asked'], source },
    ] as const;
    expect(isCircle({ deployments, fallbacks: [forAll] })).toBe(true);
    const circles = circlesOf(pictureOf('a', [proxyWith({ deployments, fallbacks: [...own, forAll] })]), [
      back,
    ]);
    expect(circles.map(({ leavesProxy }) => leavesProxy)).toEqual([false]);
  });

  it('a blocked entry is not asked', () => {
    const asked = (isBlocked: boolean) => [deployment('asked', 'openai/m', toB, { isBlocked })];
    expect(isCircle({ deployments: asked(false) })).toBe(true);
    expect(isCircle({ deployments: asked(true) })).toBe(false);
  });
});

describe('ways out', () => {
  const own = pictureOf('a', [proxyWith({ deployments: [deployment('m', 'openai/m', toNode('b'))] })]);

  it.each<readonly [string, readonly Picture[], number]>([
    ['whose files are not at hand', [], 1],
    ['that says not all', [pictureOf('b', [proxyWith({ isComplete: false })])], 1],
    ['that leads nowhere', [pictureOf('b', [proxyWith({})])], 0],
  ])('to a node %s', (_, others, count) => {
    expect(waysOut(own, others)).toHaveLength(count);
  });
});

describe('what a proxy has', () => {
  const proxy = proxyWith({
    deployments: [
      deployment('m', 'openai/m', { kind: 'unknown' }),
      deployment('claude-*', 'openai/claude-*', { kind: 'unknown' }),
    ],
    aliases: [{ from: 'best', to: 'm', source }],
  });

  it.each([
    ['m', true],
    ['claude-opus', true],
    ['best', true],
    ['gpt', false],
  ])('%s: %s', (model, expected) => {
    expect(serves(proxy, model)).toBe(expected);
    expect(serves({ ...proxy, isComplete: false }, model)).toBe(expected || undefined);
  });

  it('is reached by the entrance of its machine, by its port, or by the usual one', () => {
    const other = proxyWith({ name: 'other.service', port: 4001 });
    const machine = pictureOf('b', [proxy, other]);
    const units = (to: Destination, picture = machine) =>
      proxiesAt(to, pictureOf('a', []), [picture])?.map(({ unit }) => unit);
    expect(units(toNode('b', 4001))).toEqual(['other.service']);
    expect(units(toNode('b'))).toEqual(['litellm.service', 'other.service']);
    expect(units(toNode('b', 22))).toEqual([]);
    expect(units(toNode('c'))).toBeUndefined();
    const entrance = {
      hosts: ['b.example.com'],
      pace: undefined,
      port: 443,
      path: '',
      leadsTo: { kind: 'proxy', name: 'other.service' },
    } as const;
    expect(units(toNode('b'), { ...machine, entrances: [entrance] })).toEqual(['other.service']);
  });
});
