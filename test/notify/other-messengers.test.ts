/** Commands that send messages by themselves, beside the hooks. */
import { expect, it } from 'vitest';
import { takeInventory } from '../../src/inventory/inventory.ts';
import { planInstallation } from '../../src/notify/installation.ts';
import { findMessengers } from '../../src/notify/other-messengers.ts';
import { hostOf } from '../support/root.ts';

const folder = '/home/kuma/.config/systemd/user';
const script = `#!/bin/bash
for i in $(seq 1 30); do
  if curl -s -o /dev/null -w "%{http_code}" http://127.0.0.1:18789/ 2>/dev/null | grep -q "200"; then
    break
  fi
  sleep 1
done
TOKEN=$(python3 -c "import json; print(json.load(open('/x.json'))['token'])")
NAME=$(hostname)
curl -s -X POST "https://api.telegram.org/bot\${TOKEN}/sendMessage" -d text="\${NAME} is back" > /dev/null 2>&1
`;

function inventoryOf(post: readonly string[], file = script) {
  const lines = post.map(line => `ExecStartPost=${line}\n`).join('');
  return takeInventory(
    hostOf({
      [`${folder.slice(1)}/gateway.service`]: `[Service]\nExecStart=/bin/sleep 9\n${lines}`,
      'home/kuma/tell.sh': file,
    }),
  );
}

const found = async (post: readonly string[], file?: string) =>
  (await findMessengers(await inventoryOf(post, file), ['gateway.service'])).messengers.map(
    ({ receiver, isOnlyMessage }) => [receiver, isOnlyMessage],
  );

it('a script that waits and sends a message is understood', async () => {
  expect(await found(['/bin/bash /home/kuma/tell.sh'])).toEqual([['api.telegram.org', true]]);
  expect(await found(['-/usr/bin/curl -s -d up https://ntfy.sh/mine'])).toEqual([['ntfy.sh', true]]);
});

it('one that does more is only named, and one that sends nothing is not', async () => {
  expect(await found(['/bin/bash /home/kuma/tell.sh'], `${script}rm -rf /home/kuma/cache\n`)).toEqual([
    ['api.telegram.org', false],
  ]);
  expect(await found(['/bin/bash /home/kuma/tell.sh'], `${script}echo up >> /home/kuma/log\n`)).toEqual([
    ['api.telegram.org', false],
  ]);
  expect(await found(['/usr/bin/curl -s http://127.0.0.1:18789/', '/bin/true'])).toEqual([]);
  expect(await found(['/usr/bin/curl https://api.telegram.org.example.org/bot1/x'])).toEqual([]);
});

it('the hooks take it out of the list and keep the others', async () => {
  const inventory = await inventoryOf(['/bin/true first', '/bin/bash /home/kuma/tell.sh', '-/bin/true last']);
  const { kept } = await findMessengers(inventory, ['gateway.service']);
  const texts = { head: 'h', started: 's', ended: 'e', failed: 'f' };
  const options = {
    command: ['/usr/bin/daruma'],
    stateFolder: '/home/kuma/state',
    texts,
    kept,
    timeout: '/usr/bin/timeout',
  } as const;
  const plan = await planInstallation(inventory, ['gateway.service'], options);
  const state = plan?.files.get(`${folder}/gateway.service.d/zz-daruma.notify.conf`);
  const text = state?.kind === 'file' ? state.content.toString() : '';
  expect(text).toContain(
    'ExecStartPost=\nExecStartPost=/bin/true first\nExecStartPost=-/bin/true last\nExecStartPost=-+',
  );
  expect(text).not.toContain('tell.sh');
});
