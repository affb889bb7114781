import { expect, test } from 'vitest';
import { secretValuesOf } from '../../src/check/secret-files.ts';
import { takeInventory } from '../../src/inventory/inventory.ts';
import { hostOf } from '../support/root.ts';

test('the secrets of a service are those of its unit, its environment files, its manager and its configuration', async () => {
  const home = 'home/kuma';
  const host = hostOf({
    [`${home}/.config/environment.d/keys.conf`]: 'MANAGERS_TOKEN=EXAMPLE-of-the-manager\n',
    [`${home}/.config/systemd/user/openclaw-gateway.service`]:
      '[Service]\nEnvironment=UNITS_TOKEN=EXAMPLE-of-the-unit PORT=18789 SHORT_TOKEN=a1\nEnvironmentFile=%h/secret.env\nExecStart=/usr/bin/node /usr/lib/node_modules/openclaw/dist/index.js gateway\n',
    [`${home}/secret.env`]: 'FILES_TOKEN=EXAMPLE-of-a-file\n',
    [`${home}/.openclaw/.env`]: 'KUMA_API_KEY=EXAMPLE-of-dotenv\n',
    [`${home}/.openclaw/openclaw.json`]: '{ gateway: { auth: { token: "EXAMPLE-of-the-gateway" } } }',
  });
  const entry = (await takeInventory(host)).service('openclaw-gateway.service');
  expect([...secretValuesOf(entry, host)].sort()).toEqual([
    'EXAMPLE-of-a-file',
    'EXAMPLE-of-dotenv',
    'EXAMPLE-of-the-gateway',
    'EXAMPLE-of-the-manager',
    'EXAMPLE-of-the-unit',
  ]);
});
