/** What a remedy says in words settles the finding, and leads into no other: tried as a person would carry it out. */
import { expect, test } from 'vitest';
import { checkInventory } from '../../src/check/engine.ts';
import { defaultPolicy } from '../../src/check/policy.ts';
import type { RuleId } from '../../src/check/finding.ts';
import { takeInventory } from '../../src/inventory/inventory.ts';
import { openFolder } from '../../src/systemd/host/offline-host.ts';
import { unpackedRoot } from '../support/root.ts';

/** It applies to whatever is restarted without an end, and is no fault. */
const hint = 'restart-backoff-available a.service';

type Units = Readonly<Record<string, string>>;

async function findingsOf(units: Units, systemdVersion: number): Promise<readonly string[]> {
  const files = Object.entries(units).map(([name, text]) => [`${name}.service`, text] as const);
  const folder = unpackedRoot(Object.fromEntries(files));
  await using host = openFolder(folder, { scope: 'user', systemdVersion });
  const inventory = await takeInventory(host);
  const found: string[] = [];
  for await (const { findings } of checkInventory(inventory, inventory.servicesIn(folder), defaultPolicy)) {
    found.push(...findings.map(({ rule, unit }) => `${rule} ${unit}`));
  }
  return found;
}

const endless = 'Restart=always\nRestartSec=5\n[Unit]\nStartLimitIntervalSec=0\n';
const service = (lines: string, rest = '') =>
  `[Service]\n${lines}\n${rest}[Install]\nWantedBy=default.target\n`;
const b = service('ExecStart=/usr/bin/b', endless);

const remaining = 'RemainAfterExit=yes\nExecStart=/usr/bin/up\nExecStop=/usr/bin/down';
const forShell = (line: string) => service(`ExecStart=${line}`, endless);

test.each<readonly [advice: string, rule: RuleId, before: Units, after: Units]>([
  [
    'Type=oneshot and Restart=no',
    'remain-after-exit-hides-death',
    { a: service(remaining, endless) },
    { a: service(`Type=oneshot\n${remaining}\nRestart=no`) },
  ],
  [
    'remove RemainAfterExit=yes, and set Restart=always',
    'remain-after-exit-hides-death',
    { a: service(`${remaining}\nRestart=on-failure`) },
    { a: service(remaining.replace('RemainAfterExit=yes\n', ''), endless) },
  ],
  [
    'Requires= in place of BindsTo=, and Wants= in the other',
    'binds-to-stays-down',
    { a: service('ExecStart=/usr/bin/a', `${endless}BindsTo=b.service\nAfter=b.service\n`), b },
    {
      a: service('ExecStart=/usr/bin/a', `${endless}Requires=b.service\nAfter=b.service\n`),
      b: b.replace('[Unit]', '[Unit]\nWants=a.service'),
    },
  ],
  [
    'Wants= in the other',
    'stop-propagates',
    { a: service('ExecStart=/usr/bin/a', `${endless}Requires=b.service\nAfter=b.service\n`), b },
    {
      a: service('ExecStart=/usr/bin/a', `${endless}Requires=b.service\nAfter=b.service\n`),
      b: b.replace('[Unit]', '[Unit]\nWants=a.service'),
    },
  ],
  [
    'RestartMode=direct',
    'on-failure-fires-late',
    { a: service('ExecStart=/usr/bin/a\nRestart=on-failure', '[Unit]\nOnFailure=b.service\n'), b },
    {
      a: service(
        'ExecStart=/usr/bin/a\nRestart=on-failure\nRestartMode=direct',
        '[Unit]\nOnFailure=b.service\n',
      ),
      b,
    },
  ],
  [
    'RestartSec=1min, StartLimitBurst= and StartLimitIntervalSec=',
    'restart-oneshot',
    {
      a: service(
        'Type=oneshot\nExecStart=/usr/bin/a\nRestart=on-failure\nRestartSec=5',
        '[Unit]\nStartLimitIntervalSec=0\n',
      ),
    },
    {
      a: service(
        'Type=oneshot\nExecStart=/usr/bin/a\nRestart=on-failure\nRestartSec=1min',
        '[Unit]\nStartLimitIntervalSec=1h\nStartLimitBurst=5\n',
      ),
    },
  ],
  [
    'the foreground, with Restart=always',
    'goes-to-background',
    { a: service('ExecStart=/usr/bin/screen -dmS x /usr/bin/a\nRestart=on-failure') },
    { a: service('ExecStart=/usr/bin/screen -DmS x /usr/bin/a', endless) },
  ],
  [
    'docker without -d, and with --rm',
    'goes-to-background',
    { a: service('ExecStart=/usr/bin/docker run -d --name x y\nExecStop=/usr/bin/docker stop x', endless) },
    { a: service('ExecStart=/usr/bin/docker run --rm --name x y\nExecStop=/usr/bin/docker stop x', endless) },
  ],
  ...(
    [
      ['cd /srv && /usr/bin/a', '/usr/bin/a\nWorkingDirectory=/srv'],
      ['PORT=1 /usr/bin/a', '/usr/bin/a\nEnvironment=PORT=1'],
      ['/usr/bin/a >> /srv/log 2>&1', '/usr/bin/a\nStandardOutput=append:/srv/log'],
      ['/usr/bin/a < /srv/in', '/usr/bin/a\nStandardInput=file:/srv/in'],
      ['/usr/bin/a &', '/usr/bin/a'],
      ['/usr/bin/a | /usr/bin/b', "/bin/sh -c '/usr/bin/a | /usr/bin/b'"],
      ['/usr/bin/a | /usr/bin/b &', "/bin/sh -c '/usr/bin/a | /usr/bin/b'"],
      ['/usr/bin/a $(date +%%s)', "/bin/sh -c '/usr/bin/a $$(date +%%s)'"],
      ['/usr/bin/a $HOME/x', '/usr/bin/a ${HOME}/x'],
      ["/bin/sh -c '$HOME/a'", "/bin/sh -c '$$HOME/a'"],
      ['/usr/bin/a ${PORT:-1}', '/usr/bin/a ${PORT}\nEnvironment=PORT=1'],
      ['/usr/bin/node ~/a.js', '/usr/bin/node %h/a.js'],
      ['/usr/bin/a # first', '/usr/bin/a'],
    ] as const
  ).map(
    ([before, after]) => [after, 'shell-syntax', { a: forShell(before) }, { a: forShell(after) }] as const,
  ),
])('%s', async (advice, rule, before, after) => {
  // RestartMode= is for 254 and newer, and advised there alone.
  for (const version of advice.startsWith('RestartMode') ? [254, 257] : [247, 257]) {
    const found = await findingsOf(before, version);
    expect(found).toContain(`${rule} a.service`);
    const left = await findingsOf(after, version);
    expect(left).not.toContain(`${rule} a.service`);
    expect(left.filter(finding => !found.includes(finding) && finding !== hint)).toEqual([]);
  }
});
