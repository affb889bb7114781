/** Units as they are recommended, written out and checked like anybody's. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { check } from '../../src/check/engine.ts';
import { defaultPolicy } from '../../src/check/policy.ts';
import { openInventory } from '../../src/inventory/inventory.ts';
import { knownServices, recogniseService } from '../../src/services/index.ts';
import { openUnitFolder } from '../../src/systemd/host/offline-host.ts';
import { programOf } from './program.ts';

type Known = (typeof knownServices)[number];
type Recommended = NonNullable<Known['recommended']>;

const recommended = knownServices.flatMap(service =>
  service.recommended === undefined ? [] : [[service.id, service, service.recommended] as const],
);

function lines(settings: Recommended['service']): readonly string[] {
  return Object.entries(settings).flatMap(([key, values]) => [values].flat().map(value => `${key}=${value}`));
}

function unitOf({ description, command, unit, service }: Recommended): string {
  return [
    '[Unit]',
    `Description=${description}`,
    ...lines(unit),
    '[Service]',
    `ExecStart=${command}`,
    ...lines(service),
    '[Install]',
    'WantedBy=default.target',
    '',
  ].join('\n');
}

it.each(recommended)('the unit of %s runs that very service, on loopback alone', (_, service, unit) => {
  const program = programOf([...lines(unit.service), `ExecStart=${unit.command}`]);
  expect(recogniseService(program)?.service.id).toBe(service.id);
  const addresses = service.listens(program).map(({ address }) => address);
  expect(addresses.filter(address => address !== '127.0.0.1')).toEqual([]);
});

it.each(recommended)('the unit of %s has no fault', async (id, _, unit) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'daruma-recommended-'));
  onTestFinished(() => fs.rmSync(folder, { recursive: true }));
  const name = `${id}.service`;
  fs.writeFileSync(path.join(folder, name), unitOf(unit));
  const inventory = await openInventory(openUnitFolder(folder, { scope: 'user', systemdVersion: 257 }));
  const found: string[] = [];
  for await (const { findings } of check(inventory, [name], defaultPolicy)) {
    found.push(...findings.map(({ rule }) => rule));
  }
  // No unit file can give a program what it does not do: that takes a probe.
  expect(found.filter(rule => rule !== 'no-hang-detection')).toEqual([]);
});
