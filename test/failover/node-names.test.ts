import { expect, it } from 'vitest';
import { otherMachines } from '../../src/failover/other-machine.ts';
import type { Node } from '../../src/routes/node.ts';

const node = (name: string): Node => ({
  name,
  url: 'https://proxy.example.com',
  key: 'env:KEY',
  source: null,
});

it('gives each machine a provider and a key of its own, whatever they are called', () => {
  const own = node('own');
  const machines = otherMachines([own, node('猫'), node('熊'), node('a.b'), node('a-b')], own, ['m']);
  for (const { openclaw, keyFiles } of machines) {
    // Of a key that comes twice JSON keeps one.
    expect(openclaw.match(/baseUrl/g)).toHaveLength(4);
    expect(openclaw.match(/singleValue/g)).toHaveLength(4);
    expect(new Set(keyFiles.map(({ file }) => file)).size).toBe(4);
  }
});
