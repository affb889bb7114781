import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../src/check/finding.ts';
import { defaultPolicy } from '../../src/check/policy.ts';
import type { DraftOptions } from '../../src/fix/draft.ts';
import { type Plan, planFix, wanted } from '../../src/fix/plan.ts';
import { takeInventory } from '../../src/inventory/inventory.ts';
import { hostOf, type RootOptions, type Tree } from '../support/root.ts';

const units = 'home/kuma/.config/systemd/user';
const ownDropIn = `/${units}/a.service.d/zz-daruma.conf`;
const options: DraftOptions = {
  isWanted: () => true,
  commentOn: finding => finding.rule,
  configuration: undefined,
  head: ['By daruma.'],
};

async function planFor(tree: Tree, isWanted?: DraftOptions['isWanted'], root?: RootOptions): Promise<Plan> {
  const inventory = await takeInventory(hostOf(tree, root));
  return planFix(inventory, inventory.ownServices(), defaultPolicy, {
    ...options,
    ...(isWanted && { isWanted }),
  });
}

function textOf(plan: Plan, path: string): string | undefined {
  const state = plan.files.get(path);
  return state?.kind === 'file' ? state.content.toString() : undefined;
}

const blind = '[Service]\nExecStart=/usr/bin/a\nRestart=on-failure\n[Install]\nWantedBy=default.target\n';
const isBlind = ({ rule }: Finding) => rule === 'restart-blind-spot';

describe('a plan', () => {
  it('puts a setting into a drop-in, says why, and leaves the file alone', async () => {
    const plan = await planFor({ [`${units}/a.service`]: blind }, isBlind);
    expect([...plan.files.keys()]).toEqual([ownDropIn]);
    expect(textOf(plan, ownDropIn)).toBe('# By daruma.\n\n[Service]\n# restart-blind-spot\nRestart=always\n');
    expect(plan.steps).toEqual([{ kind: 'daemon-reload' }]);
    expect(plan.settled.map(({ rule }) => rule)).toEqual(['restart-blind-spot']);
    expect(plan.prevented).toEqual([]);
  });

  it('writes nothing for one connection of a socket', async () => {
    const instance = 'a@0-127.0.0.1:7782-127.0.0.1:46092.service';
    const tree = {
      [`${units}/a@.service`]: blind,
      [`${units}/a.socket`]: '[Socket]\nListenStream=7782\nAccept=yes\n',
    };
    const inventory = await takeInventory(hostOf(tree));
    const plan = await planFix(inventory, [instance], defaultPolicy, {
      ...options,
      isWanted: ({ unit }) => unit !== null,
    });
    expect(plan).toMatchObject({ files: new Map(), steps: [], restarts: [], starts: [] });
  });

  it('tells what is otherwise with it: an alarm that then never fires', async () => {
    const alarmed =
      '[Unit]\nOnFailure=alarm.service\n[Service]\nExecStart=/usr/bin/a\nRestart=on-failure\n[Install]\nWantedBy=default.target\n';
    const tree = { [`${units}/a.service`]: alarmed, [`${units}/alarm.service`]: blind };
    const { left, brought = [] } = await planFor(tree, ({ rule }) => rule === 'start-limit-gives-up', {
      version: 252,
    });
    expect(brought).toMatchObject([{ rule: 'on-failure-fires-late', details: { fires: 'never' } }]);
    expect(left).toEqual(expect.arrayContaining([...brought]));
    expect(left.length).toBeGreaterThan(brought.length);
  });

  it('knows which of the findings that it leaves it could settle', async () => {
    const steady = blind.replace('on-failure', 'always\nRestartSec=5');
    const at = { version: 257 } as const;
    const only = (rule: string) => (finding: Finding) => finding.rule === rule;
    const { left, onRequest = [] } = await planFor({ [`${units}/a.service`]: steady }, wanted(undefined), at);
    expect(onRequest.map(({ rule }) => rule)).toEqual(['restart-backoff-available']);
    expect(left).toEqual(expect.arrayContaining([...onRequest]));
    const done = await planFor({ [`${units}/a.service`]: steady }, only('restart-backoff-available'), at);
    expect(done.settled.map(({ rule }) => rule)).toEqual(['restart-backoff-available']);

    const named = await planFor({ [`${units}/a.service`]: blind }, only('linger-off'));
    expect(named.onRequest?.map(({ rule }) => rule)).toContain('restart-blind-spot');
    // What would have no effect is nothing to ask for.
    const prevented = await planFor(
      {
        [`${units}/a.service`]: steady,
        [`${units}/a.service.d/${'~'.repeat(250)}.conf`]: '[Service]\nRestartMaxDelaySec=infinity\n',
      },
      wanted(undefined),
      at,
    );
    expect(prevented.left.map(({ rule }) => rule)).toContain('restart-backoff-available');
    expect(prevented.onRequest).toEqual([]);
  });

  it('writes no restart for what has ended well, in no round, though only the first one knows a manager', async () => {
    const job = '[Service]\nExecStart=/usr/bin/a\n';
    const typo = '[Service]\nExecStart=/usr/bin/b\nRestart=onfailure\n';
    const host = hostOf({
      [`${units}/a.service`]: `${job}[Install]\nWantedBy=multi-user.target\n`,
      [`${units}/b.service`]: typo,
    });
    const plans = await Promise.all(
      [[], ['a.service', 'b.service']].map(async ended => {
        const inventory = await takeInventory(host, new Set(ended));
        return planFix(inventory, inventory.ownServices(), defaultPolicy, options);
      }),
    );
    const written = plans.map(plan => [...plan.files.keys()].map(file => textOf(plan, file) ?? '').join(''));
    expect(written[0]?.match(/^Restart=.*$/gm)).toEqual(['Restart=always', 'Restart=always']);
    expect(written[1]?.match(/^Restart=.*$/gm)).toEqual(['Restart=on-failure']);
    expect(plans[1]?.files.size).toBeGreaterThan(0);
    expect(plans[1]?.left.find(isBlind)).toMatchObject({ severity: 'warning', changes: [] });
  });

  it('comes behind every other drop-in', async () => {
    const tree = {
      [`${units}/a.service`]: blind,
      [`${units}/a.service.d/zz-own.conf`]: '[Service]\nRestart=no\n',
      [`${units}/service.d/zzz.conf`]: '[Service]\nRestart=no\n',
    };
    const plan = await planFor(tree, isBlind);
    expect([...plan.files.keys()]).toEqual([`/${units}/a.service.d/zzz.zz-daruma.conf`]);
    expect(plan.settled).toHaveLength(1);
  });

  it('writes for a unit under its own name, whatever alias it is given by', async () => {
    const inventory = await takeInventory(
      hostOf({ [`${units}/a.service`]: blind, [`${units}/alias.service`]: { link: 'a.service' } }),
    );
    const plan = await planFix(inventory, ['alias.service'], defaultPolicy, {
      ...options,
      isWanted: isBlind,
    });
    expect([...plan.files.keys()]).toEqual([ownDropIn]);
    expect(plan.settled.map(({ rule }) => rule)).toEqual(['restart-blind-spot']);
  });

  it('takes the place of no drop-in of that name that an administrator has put into another folder', async () => {
    for (const folder of ['etc/systemd/user', 'home/kuma/.config/systemd/user.control']) {
      const tree = {
        [`${units}/a.service`]: blind,
        [`${folder}/a.service.d/zz-daruma.conf`]: '[Service]\nMemoryMax=1G\nRestart=no\n',
      };
      const plan = await planFor(tree, isBlind);
      expect([...plan.files.keys()]).toEqual([`/${units}/a.service.d/zz-daruma.zz-daruma.conf`]);
      expect(plan.settled).toHaveLength(1);
    }
  });

  it('adds to what it wrote before, and to what somebody has written there since', async () => {
    const before = '# By daruma.\n\n[Service]\nOOMPolicy=continue\nMemoryMax=1G \\\n';
    const plan = await planFor({ [`${units}/a.service`]: blind, [ownDropIn.slice(1)]: before }, isBlind);
    expect(textOf(plan, ownDropIn)).toBe(`${before}\n[Service]\n# restart-blind-spot\nRestart=always\n`);
    expect(plan.settled.map(({ rule }) => rule)).toEqual(['restart-blind-spot']);
  });

  it('leaves it to the owner who may read a file that is there', async () => {
    const config = '/home/kuma/.config/daruma/config.yaml';
    const host = hostOf({
      [`${units}/litellm.service`]: blind.replace('/a', '/litellm'),
      [`${units}/litellm.service.d/zz-daruma.conf`]: '',
      [config.slice(1)]: 'notify: {}\n',
    });
    const files = [config, `/${units}/litellm.service.d/zz-daruma.conf`];
    for (const file of files) fs.chmodSync(host.files.physicalPath(file), 0o600);
    const inventory = await takeInventory(host);
    const configuration = { path: config, text: 'notify: {}\n' };
    const plan = await planFix(inventory, ['litellm.service'], defaultPolicy, { ...options, configuration });
    for (const file of files) expect(plan.files.get(file)).toMatchObject({ kind: 'file', mode: 0o600 });
  });

  it('says what keeps a setting from taking effect, and does not write it', async () => {
    const control = `home/kuma/.config/systemd/user.control/a.service.d/${'~'.repeat(245)}.conf`;
    const plan = await planFor(
      { [`${units}/a.service`]: blind, [control]: '[Service]\nRestart=no\n' },
      isBlind,
    );
    expect(plan.files.size).toBe(0);
    expect(plan.settled).toEqual([]);
    expect(plan.prevented).toEqual([
      {
        unit: 'a.service',
        section: 'Service',
        key: 'Restart',
        by: { file: `/${control}`, line: 2 },
      },
    ]);
  });

  it('writes nothing about restarts around a command that goes into the background', async () => {
    const lines = 'ExecStart=/usr/bin/screen -dmS bot /srv/bot\nRestart=on-failure\n';
    const plan = await planFor({ [`${units}/a.service`]: `[Service]\n${lines}` });
    const written = textOf(plan, ownDropIn) ?? '';
    expect(written).not.toMatch(/^(?:Restart|RestartSec|StartLimit\w+)=/m);
    expect(plan.left.map(({ rule }) => rule)).toContain('goes-to-background');
  });

  it('turns lingering on', async () => {
    const plan = await planFor({ [`${units}/a.service`]: blind }, ({ rule }) => rule === 'linger-off');
    expect(plan.steps).toEqual([{ kind: 'enable-linger', user: 'kuma' }]);
    expect(plan.settled.map(({ rule }) => rule)).toEqual(['linger-off']);
  });

  it('has nothing to do where it has been done', async () => {
    const plan = await planFor({ [`${units}/a.service`]: blind }, isBlind);
    const again = await planFor(
      { [`${units}/a.service`]: blind, [ownDropIn.slice(1)]: textOf(plan, ownDropIn) ?? '' },
      isBlind,
    );
    expect(again.files.size).toBe(0);
    expect(again.steps).toEqual([]);
  });

  it('puts a hook of the start right beside the hooks of daruma, which stay as they are', async () => {
    const hook = '-+/usr/bin/timeout -k 1 5 /usr/bin/daruma notify hook -- %n';
    const canKill = ({ rule }: Finding) => rule === 'start-post-can-kill';
    const tree = {
      [`${units}/a.service`]: blind.replace('Restart=', 'ExecStartPost=/usr/bin/tell up\nRestart='),
      [`${units}/a.service.d/zz-daruma.notify.conf`]: `[Service]\nExecStartPost=${hook}\n`,
    };
    const plan = await planFor(tree, canKill);
    expect(plan.prevented).toEqual([]);
    expect([...plan.files.keys()]).toEqual([ownDropIn]);
    expect(textOf(plan, ownDropIn)).toContain('\nExecStartPost=\nExecStartPost=-/usr/bin/tell up\n');
    expect(textOf(plan, ownDropIn)).not.toContain('notify hook');
    // With the "-" a program that is missing is no fault any more.
    expect(plan.settled.map(({ rule }) => rule)).toEqual(['start-post-can-kill', 'exec-missing']);
    const again = await planFor({ ...tree, [ownDropIn.slice(1)]: textOf(plan, ownDropIn) ?? '' }, canKill);
    expect(again.files.size).toBe(0);
  });

  it('keeps the hooks of daruma where its list comes behind them', async () => {
    const hook = '-+/usr/bin/timeout -k 1 5 /usr/bin/daruma notify hook -- %n';
    const tree = {
      [`${units}/a.service`]: blind.replace('Restart=', 'ExecStartPost=/usr/bin/tell up\nRestart='),
      [`${units}/a.service.d/zz-daruma.notify.conf`]: `[Service]\nExecStartPost=${hook}\n`,
      [`${units}/a.service.d/zz-own.conf`]: '[Service]\nNice=5\n',
    };
    const plan = await planFor(tree, ({ rule }) => rule === 'start-post-can-kill');
    const file = `/${units}/a.service.d/zz-own.zz-daruma.conf`;
    expect(textOf(plan, file)).toContain(`\nExecStartPost=-/usr/bin/tell up\nExecStartPost=${hook}\n`);
  });
});
