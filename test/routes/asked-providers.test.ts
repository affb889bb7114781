/** A provider that only a setting asks, such as `heartbeat.model`, is asked like those of agents. */
import { expect, it } from 'vitest';
import { askedOfAll } from '../../src/cli/in-force.ts';
import { takeInventory } from '../../src/inventory/inventory.ts';
import { askedProviders } from '../../src/routes/asked-providers.ts';
import { readPicture } from '../../src/routes/read-picture.ts';
import { unreadKeys } from '../../src/routes/unread-keys.ts';
import { notLoadable } from '../../src/systemd/host/manager-answer.ts';
import { hostOf } from '../support/root.ts';

const provider = (key: string) =>
  `{ baseUrl: "https://a.example/v1", apiKey: "\${${key}}", models: [{ id: "m", name: "m" }] }`;

const files = {
  'etc/hostname': 'kuma\n',
  'home/kuma/.config/systemd/user/openclaw-gateway.service':
    '[Service]\nExecStart=/usr/bin/openclaw gateway\n[Install]\nWantedBy=default.target\n',
  'home/kuma/.openclaw/.env': 'OWN_KEY=a\nHEARTBEAT_KEY=b\nNOBODY_KEY=c\n',
  'home/kuma/.openclaw/openclaw.json': `{
    gateway: { mode: "local" },
    models: { providers: { own: ${provider('OWN_KEY')}, beat: ${provider('HEARTBEAT_KEY')}, spare: ${provider('NOBODY_KEY')} } },
    agents: { defaults: { model: { primary: "own/m" }, heartbeat: { model: "beat/m" } } },
  }`,
  // As proc_pid_environ(5) shows it: the process had none of the keys.
  'proc/4242/environ': 'HOME=/home/kuma\0',
};

it('for the keys that a running gateway has not read, and for what a gateway is asked', async () => {
  const host = hostOf(files);
  const { gateways } = await readPicture(await takeInventory(host), []);
  const [gateway] = gateways;
  if (gateway === undefined) throw new Error('there is no gateway');
  expect([...askedProviders(gateway)]).toEqual(['own', 'beat']);
  expect(askedOfAll(gateways).map(({ providers }) => providers)).toEqual([['own', 'beat']]);
  const running = { ...notLoadable('openclaw-gateway.service'), mainPid: 4242, mainStartedSeconds: 1 };
  expect(unreadKeys(gateway, running, host).inFile).toEqual(['OWN_KEY', 'HEARTBEAT_KEY']);
});
