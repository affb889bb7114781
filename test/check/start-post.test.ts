/** The lines that the rules of `ExecStartPost=` offer in place of those at fault. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkInventory } from '../../src/check/engine.ts';
import { defaultPolicy } from '../../src/check/policy.ts';
import { takeInventory } from '../../src/inventory/inventory.ts';
import { openFolder } from '../../src/systemd/host/offline-host.ts';

async function offered(...lines: readonly string[]) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'daruma-start-post-'));
  onTestFinished(() => fs.rmSync(folder, { recursive: true }));
  const hooks = lines.map(line => `ExecStartPost=${line}`);
  const unit = ['[Service]', 'ExecStart=/usr/bin/agent', 'Restart=always', 'RestartSec=5', ...hooks, ''];
  fs.writeFileSync(path.join(folder, 'agent.service'), unit.join('\n'));
  const inventory = await takeInventory(openFolder(folder, { scope: 'user', systemdVersion: 258 }));
  const changes = new Map<string, unknown>();
  for await (const { findings } of checkInventory(inventory, ['agent.service'], defaultPolicy)) {
    for (const finding of findings) {
      if (finding.rule.startsWith('start-post-can')) changes.set(finding.rule, finding.changes);
    }
  }
  return changes;
}

const instead = (...values: readonly string[]) => [
  { kind: 'set', unit: 'agent.service', section: 'Service', key: 'ExecStartPost', values: ['', ...values] },
];

describe('the hooks behind the start, put right', () => {
  it('keep their order, and those without a fault stay as they are', async () => {
    const changes = await offered('-/usr/bin/logger up', '+/usr/bin/notify %n "$MAINPID"', '/bin/sleep 1');
    const values = ['-/usr/bin/logger up', '-+/usr/bin/notify %n "$MAINPID"', '/bin/sleep 1'];
    expect(changes.get('start-post-can-kill')).toEqual(instead(...values));
  });

  it('are the same lines whichever of the two rules is put right', async () => {
    const changes = await offered('/usr/bin/curl https://hooks.example.com/');
    const values = ['-/usr/bin/timeout -k 1 59 /usr/bin/curl https://hooks.example.com/'];
    expect(changes.get('start-post-can-kill')).toEqual(instead(...values));
    expect(changes.get('start-post-can-time-out')).toEqual(instead(...values));
  });

  it('do not fail for having been ended in time', async () => {
    const wait = "/bin/sh -c 'until curl -sf http://127.0.0.1:4000/; do sleep 1; done'";
    const changes = await offered(wait);
    expect(changes.get('start-post-can-kill')).toBeUndefined();
    expect(changes.get('start-post-can-time-out')).toEqual(instead(`-/usr/bin/timeout -k 1 59 ${wait}`));
  });

  it.each(['@/usr/bin/curl curl https://hooks.example.com/', '|curl https://hooks.example.com/'])(
    'are left to a person where timeout cannot stand in front: %s',
    async line => {
      const changes = await offered(line);
      expect([...changes.values()].flat()).toEqual([]);
    },
  );

  it('are left to a person where one line holds several', async () => {
    const changes = await offered('/usr/bin/notify a ; /usr/bin/notify b');
    expect([...changes.values()]).toEqual([[]]);
  });
});
