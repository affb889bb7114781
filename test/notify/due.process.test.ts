/** The condition under which daruma is started at all, run by the real sh: it may only hold daruma back when nothing is due. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { hooksDropInName } from '../../src/check/own-drop-ins.ts';
import { takeInventory } from '../../src/inventory/inventory.ts';
import { planInstallation } from '../../src/notify/installation.ts';
import { makeSpool } from '../../src/notify/spool.ts';
import { knownStates, newStates } from '../../src/notify/unnoticed.ts';
import { openStore } from '../../src/store/database.ts';
import { setWaitingMark, updateWaitingMark, waitingMark } from '../../src/store/waiting-mark.ts';
import { parseCommandLines } from '../../src/systemd/values/command-line.ts';
import { hostOf, unpackedRoot } from '../support/root.ts';

const units = 'home/kuma/.config/systemd/user';

async function condition(stateFolder: string, runtime: string): Promise<readonly string[]> {
  const texts = { head: '', started: '', ended: '', failed: '' };
  const options = { command: ['/usr/bin/node', '/usr/bin/daruma'], timeout: '/usr/bin/timeout' } as const;
  const inventory = await takeInventory(hostOf({ [`${units}/a.service`]: '[Service]\nExecStart=/bin/a\n' }));
  const plan = await planInstallation(inventory, ['a.service'], { ...options, stateFolder, texts });
  const file = plan?.files.get(`/${units}/daruma-outbox.service`);
  const text = file?.kind === 'file' ? file.content.toString() : '';
  const [, line = ''] = /^ExecCondition=(.*)$/m.exec(text) ?? [];
  const [parsed] = parseCommandLines(line, { version: 257 }).commands;
  return (parsed?.argv ?? []).map(word =>
    word.replaceAll('$$', '$').replaceAll(/%([%t])/g, (_, what) => (what === 't' ? runtime : '%')),
  );
}

async function place() {
  const folder = path.join(unpackedRoot({}), `it's 100% "here"`);
  const spool = makeSpool(folder);
  const runtime = unpackedRoot({ 'daruma-seen': '' });
  const [program = '', ...words] = await condition(folder, runtime);
  const hooks = unpackedRoot({});
  const args = words.map(word => (word === `/${units}` ? hooks : word));
  const hook = (unit: string) => {
    fs.mkdirSync(path.join(hooks, `${unit}.d`));
    fs.writeFileSync(path.join(hooks, `${unit}.d`, hooksDropInName), '');
  };
  // The manager answers with the services that are not well, and with how assertions went.
  const show = `shift 4; printf '%s\\n' "$@" >"${runtime}/asked"; cat "${runtime}/asserts"`;
  const tools = unpackedRoot({
    systemctl: `#!/bin/sh\nif [ "$2" = show ]; then ${show}; else cat "${runtime}/unwell"; fi 2>/dev/null\n`,
  });
  const tellAsserts = (asserts: string) => fs.writeFileSync(path.join(runtime, 'asserts'), asserts);
  const asked = () => fs.readFileSync(path.join(runtime, 'asked'), 'utf8').trimEnd().split('\n');
  fs.chmodSync(path.join(tools, 'systemctl'), 0o755);
  const tell = (states: string | undefined) =>
    states === undefined
      ? fs.rmSync(path.join(runtime, 'unwell'))
      : fs.writeFileSync(path.join(runtime, 'unwell'), states);
  tell('');
  const env = { ...process.env, PATH: `${tools}:${process.env['PATH']}` };
  const isStarted = () => {
    const { status, stderr } = spawnSync(program, args, { encoding: 'utf8', env });
    expect(stderr).toBe('');
    return status === 0;
  };
  return { folder, spool, runtime, tell, hook, tellAsserts, asked, isStarted };
}

function put(folder: string, nextMs: number | undefined): void {
  const database = openStore(folder);
  updateWaitingMark(folder, database, () => nextMs);
  database.close();
}

it('starts daruma for what is due, and for no message that is due later', async () => {
  const { folder, isStarted } = await place();
  setWaitingMark(folder);
  expect(isStarted()).toBe(true);
  put(folder, Date.now() - 1_000);
  expect(isStarted()).toBe(true);
  put(folder, Date.now() + 60_000);
  expect(isStarted()).toBe(false);
  // Who writes what waits brings it forward.
  setWaitingMark(folder);
  expect(isStarted()).toBe(true);
});

it('starts daruma for a sign, and once after a boot, whatever else is due', async () => {
  const { folder, spool, runtime, isStarted } = await place();
  put(folder, Date.now() + 60_000);
  fs.writeFileSync(path.join(spool, 'a sign'), '');
  expect(isStarted()).toBe(true);
  fs.rmSync(path.join(spool, 'a sign'));
  expect(isStarted()).toBe(false);
  fs.rmSync(path.join(runtime, 'daruma-seen'));
  expect(isStarted()).toBe(true);
});

it('starts daruma for services that are not well as soon as they are others, until it has looked, and not while nobody tells', async () => {
  const { folder, tell, isStarted } = await place();
  expect(isStarted()).toBe(false);
  tell('a.service loaded failed failed A\n');
  expect([isStarted(), isStarted()]).toEqual([true, true]);
  fs.renameSync(newStates(folder), knownStates(folder));
  expect(isStarted()).toBe(false);
  tell(undefined);
  expect(isStarted()).toBe(false);
  tell('');
  expect(isStarted()).toBe(true);
});

it('starts daruma for a service whose start an assertion has refused, and for none that was not started', async () => {
  const { folder, hook, tellAsserts, asked, isStarted } = await place();
  hook('a.service');
  hook(String.raw`b\x2d1@x.service`);
  tellAsserts(
    'AssertResult=no\nAssertTimestampMonotonic=0\nId=a.service\n\nAssertResult=yes\nAssertTimestampMonotonic=7\nId=b.service\n',
  );
  expect(isStarted()).toBe(false);
  tellAsserts('AssertResult=no\nAssertTimestampMonotonic=9\nId=a.service\n');
  expect([isStarted(), isStarted()]).toEqual([true, true]);
  expect(fs.readFileSync(newStates(folder), 'utf8')).toBe('a.service loaded refused\n');
  fs.renameSync(newStates(folder), knownStates(folder));
  expect(isStarted()).toBe(false);
  expect(asked()).toEqual(['a.service', String.raw`b\x2d1@x.service`]);
});

it('starts no daruma where there is no mark, and one that waits too long for any reason is looked at in ten minutes', async () => {
  const { folder, isStarted } = await place();
  expect(isStarted()).toBe(false);
  put(folder, Infinity);
  expect(fs.statSync(waitingMark(folder)).mtimeMs).toBeLessThan(Date.now() + 601_000);
  put(folder, undefined);
  expect(fs.existsSync(waitingMark(folder))).toBe(false);
});
