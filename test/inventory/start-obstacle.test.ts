import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { takeInventory } from '../../src/inventory/inventory.ts';
import { survivalRow } from '../../src/restart/survival.ts';
import { hostOf, type RootOptions, type Tree } from '../support/root.ts';

const folder = 'home/kuma/.config/systemd/user';
const enabled = (name: string): Tree => ({
  [`${folder}/default.target.wants/${name}`]: { link: `../${name}` },
  'var/lib/systemd/linger/kuma': '',
});

/** The row of a service that restarts always and is enabled, with the reason that decides the reboot. */
async function rowOf(lines: string, tree: Tree = {}, options: RootOptions = { version: 257 }) {
  const text = `${lines}\n[Service]\nRestart=always\nRestartSec=5\n`;
  const files = { [`${folder}/a.service`]: text, 'opt/run': 'ELF', ...enabled('a.service'), ...tree };
  const host = hostOf(files, options);
  const program = host.files.physicalPath('/opt/run');
  if (fs.statSync(program).isFile()) fs.chmodSync(program, 0o755);
  const inventory = await takeInventory(host);
  const { factsNow, facts } = inventory.service('a.service');
  if (factsNow === undefined || facts === undefined) throw new Error('not loaded');
  const row = survivalRow(factsNow, inventory.machine);
  const marks = (['exit1', 'sigkill', 'crashLoop', 'reboot'] as const).map(name =>
    row[name].undetermined ? '?' : row[name].getsUp,
  );
  // What the rules about restarts judge is not changed by it.
  expect(facts.startObstacle).toBeUndefined();
  return { marks, reason: row.reboot.because.at(-1), logout: row.logout.getsUp };
}

const runs = '[Service]\nExecStart=/opt/run\n';

describe('a service that cannot start stays down after each fall, and at boot', () => {
  it.each<[string, string, string, string, Tree?]>([
    ['program', '[Service]\nExecStart=/opt/none', 'ExecStart', 'file'],
    [
      'file that is not executable',
      '[Service]\nExecStart=/opt/text',
      'ExecStart',
      'file',
      { 'opt/text': 'x' },
    ],
    ['folder', '[Service]\nExecStart=/opt/dir', 'ExecStart', 'file', { 'opt/dir/': '' }],
    ['interpreter', runs, 'ExecStart', 'file', { 'opt/run': '#!/opt/none\n' }],
    ['hook', `${runs}ExecStartPre=/opt/none`, 'ExecStartPre', 'file'],
    ['working directory', `${runs}WorkingDirectory=/none`, 'WorkingDirectory', 'working-directory'],
    [
      'working directory that is a file',
      `${runs}WorkingDirectory=/opt/run`,
      'WorkingDirectory',
      'working-directory',
    ],
    ['environment file', `${runs}EnvironmentFile=/none`, 'EnvironmentFile', 'environment-file'],
    [
      'pattern of environment files',
      `${runs}EnvironmentFile=/etc/*.env`,
      'EnvironmentFile',
      'environment-file',
    ],
    ['other user', `${runs}User=root`, 'User', 'privileges'],
    ['other group', `${runs}Group=nosuchgrp`, 'Group', 'privileges'],
    ['capability', `${runs}AmbientCapabilities=CAP_NET_ADMIN`, 'AmbientCapabilities', 'privileges'],
    ['condition', `[Unit]\nConditionPathExists=/none\n${runs}`, 'ConditionPathExists', 'condition'],
    [
      'inverted condition',
      `[Unit]\nConditionPathExists=!/opt/run\n${runs}`,
      'ConditionPathExists',
      'condition',
    ],
    [
      'one of two conditions',
      `[Unit]\nConditionPathExists=/opt/run\nConditionFileNotEmpty=/none\n${runs}`,
      'ConditionFileNotEmpty',
      'condition',
    ],
    [
      'all alternatives',
      `[Unit]\nConditionPathExists=|/none\nConditionUser=|root\n${runs}`,
      'ConditionPathExists',
      'condition',
    ],
    ['condition about the user', `[Unit]\nConditionUser=root\n${runs}`, 'ConditionUser', 'condition'],
    ['assertion', `[Unit]\nAssertPathIsDirectory=/opt/run\n${runs}`, 'AssertPathIsDirectory', 'assertion'],
  ])('%s', async (_, lines, setting, kind, tree = {}) => {
    const { marks, reason, logout } = await rowOf(lines, tree);
    expect(marks).toEqual([false, false, false, false]);
    expect(reason).toMatchObject({ code: 'cannot-start', setting, fault: { kind } });
    expect(reason?.source).not.toBeNull();
    // It is not started then.
    expect(logout).toBe(true);
  });
});

describe('a service of which it is not certain whether it starts', () => {
  it.each<[string, string, string, Tree?]>([
    [
      'a command before may make the program',
      '[Service]\nExecStartPre=/opt/run\nExecStart=/opt/none',
      'made-before',
    ],
    [
      'a file system of /etc/fstab may bring it',
      '[Service]\nExecStart=/data/x/run',
      'volatile',
      { 'etc/fstab': '# c\n/dev/sdb1 /data ext4 defaults 0 2\n' },
    ],
    [
      'a mount unit may bring it',
      `${runs}EnvironmentFile=/big disk/env`,
      'volatile',
      { 'etc/systemd/system/big\\x20disk.mount': '[Mount]\nWhat=x\n' },
    ],
    [
      'a mount unit of the user may bring the condition',
      `[Unit]\nConditionPathExists=/home/kuma/cloud/x\n${runs}`,
      'volatile',
      { [`${folder}/home-kuma-cloud.mount`]: '[Mount]\nWhat=x\n' },
    ],
  ])('%s', async (_, lines, doubt, tree = {}) => {
    const { marks, reason } = await rowOf(lines, tree);
    expect(marks).toEqual(['?', '?', '?', '?']);
    expect(reason).toMatchObject({ code: 'may-not-start', doubt });
  });
});

describe('a service that starts', () => {
  it.each<[string, string, Tree?]>([
    ['with all it needs', `${runs}WorkingDirectory=/opt\nEnvironmentFile=/etc/passwd`],
    ['without what it can do without', `${runs}WorkingDirectory=-/none\nEnvironmentFile=-/none`],
    ['with a hook that may fail', `${runs}ExecStartPre=-/opt/none\nExecStop=/opt/none`],
    ['in a root of its own', `${runs}RootDirectory=/none\nWorkingDirectory=/none`],
    ['in a folder that systemd makes', `${runs}StateDirectory=app\nWorkingDirectory=%S/app`],
    ['in its home', `${runs}WorkingDirectory=%h`],
    ['with a program that systemd searches for', '[Service]\nExecSearchPath=/opt\nExecStart=run'],
    [
      'with conditions that are met',
      `[Unit]\nConditionPathExists=!/none\nConditionUser=kuma\nAssertPathExists=%h\n${runs}`,
    ],
    [
      'with one alternative that is met',
      `[Unit]\nConditionPathExists=|/none\nConditionPathExists=|/opt\n${runs}`,
    ],
    [
      'with an alternative that is not known',
      `[Unit]\nConditionPathExists=|/none\nConditionACPower=|true\n${runs}`,
    ],
    [
      'with conditions that a later line resets',
      `[Unit]\nConditionPathExists=/none\nConditionUser=\n${runs}`,
    ],
    ['with a condition on what only a running machine has', `[Unit]\nConditionPathExists=/run/x\n${runs}`],
    ['with its own user', `${runs}User=kuma`],
  ])('%s', async (_, lines, tree = {}) => {
    expect((await rowOf(lines, tree)).marks).toEqual([true, true, true, true]);
  });

  it('loses no condition to an assertion that resets only assertions', async () => {
    const lines = `[Unit]\nConditionPathExists=/none\nAssertPathExists=/none\nAssertPathExists=\n${runs}`;
    expect((await rowOf(lines)).reason).toMatchObject({ setting: 'ConditionPathExists' });
  });
});

describe('other units', () => {
  it('keep it from being restarted when it requires one that is missing, whatever the boot does', async () => {
    const lines = `[Unit]\nRequires=none.service\n${runs}`;
    const { marks, reason } = await rowOf(lines);
    expect(marks).toEqual([false, false, false, false]);
    expect(reason).toMatchObject({ code: 'requires-missing-unit', target: 'none.service' });
    // Up to 253, the boot starts it nevertheless.
    expect((await rowOf(lines, {}, { version: 252 })).marks).toEqual([false, false, false, true]);
  });

  const rival = (lines: string) => ({
    [`${folder}/b.service`]: `[Unit]\n${lines}\n${runs}`,
    ...enabled('b.service'),
  });

  it('are started in its place at boot when they conflict with it', async () => {
    const { marks, reason } = await rowOf(runs, rival('Conflicts=a.service'));
    expect(marks).toEqual([true, true, true, false]);
    expect(reason).toMatchObject({ code: 'gives-way-at-boot', target: 'b.service', setting: 'Conflicts' });
  });

  it('give way to it at boot when it conflicts with them', async () => {
    expect((await rowOf(`[Unit]\nConflicts=b.service\n${runs}`, rival(''))).marks).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });

  it('may be started in its place when both conflict with each other', async () => {
    const { marks, reason } = await rowOf(
      `[Unit]\nConflicts=b.service\n${runs}`,
      rival('Conflicts=a.service'),
    );
    expect(marks).toEqual([true, true, true, '?']);
    expect(reason).toMatchObject({ code: 'one-starts-at-boot', target: 'b.service' });
  });

  it('do not matter at boot when nothing starts them', async () => {
    const idle = { [`${folder}/b.service`]: `[Unit]\nConflicts=a.service\n${runs}` };
    expect((await rowOf(runs, idle)).marks).toEqual([true, true, true, true]);
  });
});
