/** daruma's own units are no services of the user's: no list has them. */
import { describe, expect, it } from 'vitest';
import { takeInventory } from '../../src/inventory/inventory.ts';
import { hostOf } from '../support/root.ts';

const folder = '/home/kuma/.config/systemd/user';
const own = [
  'daruma-outbox.service',
  'daruma-notify@.service',
  'daruma-await-web.service',
  'daruma-start-again-web.service',
];

/** They only look like it. */
const others = ['daruma-awaiting.service', 'daruma-outbox-copy.service', 'daruma.service', 'web.service'];

describe("daruma's own units", () => {
  it('are in no list of services, and are there when they are named', async () => {
    const tree = [...own, ...others].map(
      name => [`${folder.slice(1)}/${name}`, '[Service]\nExecStart=/bin/true\n'] as const,
    );
    const link = [
      `${folder.slice(1)}/default.target.wants/daruma-notify@web.service`,
      { link: `${folder}/daruma-notify@.service` },
    ] as const;
    const inventory = await takeInventory(hostOf(Object.fromEntries([...tree, link])));
    expect(inventory.ownServices()).toEqual(others);
    expect(inventory.servicesIn(folder)).toEqual(others);
    expect(inventory.service('daruma-outbox.service').service.unit.load).toBe('loaded');
  });
});
