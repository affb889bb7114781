/** What a running gateway has of its variables, and what it would get if it were started now. */
import { expect, test } from 'vitest';
import { unreadKeys } from '../../src/routes/unread-keys.ts';
import { readPicture } from '../../src/routes/read-picture.ts';
import { takeInventory } from '../../src/inventory/inventory.ts';
import { notLoadable } from '../../src/systemd/host/manager-answer.ts';
import { hostOf } from '../support/root.ts';

const dotenv = 'home/kuma/.openclaw/.env';
/** Later than any change of the files, which are written now. */
const afterChanges = Date.now() / 1000 + 3600;
const beforeChanges = 1;

test.for([
  { what: 'the same', unit: 'KEY=a', process: 'KEY=a', started: afterChanges, expected: [[], []] },
  {
    what: 'another line of the unit',
    unit: 'KEY=b',
    process: 'KEY=a',
    started: afterChanges,
    expected: [[], ['KEY']],
  },
  {
    what: 'a line that came',
    unit: 'KEY=b',
    process: 'A=1',
    env: 'KEY=a',
    started: afterChanges,
    expected: [[], ['KEY']],
  },
  {
    what: 'a line that came, with the same value',
    unit: 'KEY=a',
    process: 'A=1',
    env: 'KEY=a',
    started: afterChanges,
    expected: [[], []],
  },
  {
    what: 'a line that went',
    unit: 'A=1',
    process: 'KEY=a',
    env: 'KEY=b',
    started: afterChanges,
    expected: [[], ['KEY']],
  },
  {
    what: 'a changed .env',
    unit: 'A=1',
    process: 'A=1',
    env: 'KEY=b',
    started: beforeChanges,
    expected: [['KEY'], []],
  },
  {
    what: 'a changed .env behind the same value',
    unit: 'KEY=a',
    process: 'KEY=a',
    env: 'KEY=b',
    started: beforeChanges,
    expected: [[], []],
  },
  {
    what: 'an empty value, which OpenClaw passes over',
    unit: 'A=1',
    process: 'KEY=',
    env: 'KEY=b',
    started: afterChanges,
    expected: [[], []],
  },
  {
    what: 'a value of a header',
    unit: 'KEY=a TOKEN=2',
    process: 'KEY=a\0TOKEN=1',
    started: afterChanges,
    expected: [[], ['TOKEN']],
  },
  {
    what: 'what no agent uses',
    unit: 'KEY=a OTHER=2',
    process: 'KEY=a\0OTHER=1',
    started: afterChanges,
    expected: [[], []],
  },
  {
    what: 'no value now: the finding is another',
    unit: 'A=1',
    process: 'KEY=a',
    started: afterChanges,
    expected: [[], []],
  },
])('$what', async ({ unit, process, env = '', started, expected }) => {
  const host = hostOf({
    'etc/hostname': 'kuma\n',
    'home/kuma/.config/systemd/user/openclaw-gateway.service': `[Service]\nEnvironment=${unit}\nExecStart=/usr/bin/openclaw gateway\n`,
    'home/kuma/.openclaw/openclaw.json': configuration,
    ...(env === '' ? {} : { [dotenv]: `${env}\n` }),
    'proc/4242/environ': `HOME=/home/kuma\0${process}\0`,
  });
  const { gateways } = await readPicture(await takeInventory(host), []);
  const [gateway] = gateways;
  if (gateway === undefined) throw new Error('there is no gateway');
  const running = {
    ...notLoadable('openclaw-gateway.service'),
    mainPid: 4242,
    mainStartedSeconds: started,
  };
  const { inFile, givenOtherwise } = unreadKeys(gateway, running, host);
  expect([inFile, givenOtherwise]).toEqual(expected);
});

const configuration = `{
  gateway: { mode: "local" },
  models: { providers: { own: {
    baseUrl: "http://127.0.0.1:4000/v1", apiKey: "\${KEY}", headers: { "x-token": "\${TOKEN}" },
    models: [{ id: "m", name: "m" }],
  } } },
  agents: { defaults: { model: { primary: "own/m" } } },
}`;
