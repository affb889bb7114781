/** `daruma undo` of several fixes that changed the same files, and of fixes that changed none. */
import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { stateFolder } from '../../src/store/state-folder.ts';
import { openOfflineHost } from '../../src/systemd/host/offline-host.ts';
import { type FixRecord, Journal } from '../../src/transaction/journal.ts';
import { unpackedRoot } from '../support/root.ts';
import { begin, gone } from '../transaction/begun-fix.ts';
import { exampleRecord } from '../transaction/example-fix.ts';
import { daruma } from './daruma.ts';

const unit = 'home/kuma/.config/systemd/user/a.service';

/** An unpacked system with one service, and a state folder of its own. */
let root: string;
let env: { readonly XDG_STATE_HOME: string };
let dropIn: string;

beforeEach(() => {
  root = unpackedRoot({
    'etc/passwd': 'kuma:x:1000:1000::/home/kuma:/bin/bash\n',
    [unit]:
      '[Service]\nExecStart=/bin/a\nRestart=on-failure\nEnvironment=KEY=a\n[Install]\nWantedBy=default.target\n',
  });
  env = { XDG_STATE_HOME: unpackedRoot({}) };
  dropIn = path.join(root, `${unit}.d/zz-daruma.conf`);
});

const run = (...args: readonly string[]) => daruma([...args, '--root', root], { env });

async function fixed(...args: readonly string[]): Promise<string> {
  const { stdout } = await run('fix', '--yes', '--json', ...args);
  return JSON.parse(stdout).applied.id;
}

const textOf = (file: string) => (fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : undefined);

/** Two fixes of one drop-in, and its text after each of them. */
async function fixedTwice() {
  const first = await fixed('--only', 'restart-blind-spot');
  const afterFirst = textOf(dropIn);
  const second = await fixed();
  const afterSecond = textOf(dropIn);
  expect(afterFirst).toBeDefined();
  expect(afterSecond).not.toBe(afterFirst);
  return { first, afterFirst, second, afterSecond };
}

async function phases(): Promise<Readonly<Record<string, string>>> {
  const { fixes } = JSON.parse((await run('undo', '--list', '--json')).stdout);
  return Object.fromEntries(
    fixes.map(({ id, phase }: { readonly id: string; readonly phase: string }) => [id, phase]),
  );
}

describe('an undo of a fix whose files a later fix changed', { timeout: 60_000 }, () => {
  it('is refused before anything is touched, and names the later fix', async () => {
    const { first, second, afterSecond } = await fixedTwice();
    const list = await phases();
    expect(await run('undo', first)).toEqual({
      code: 3,
      stdout: '',
      stderr: `daruma: the fix ${second} changed ${dropIn} after the fix ${first}; nothing was done ("daruma undo ${second} --root ${root}" comes first)\n`,
    });
    expect(textOf(dropIn)).toBe(afterSecond);
    expect(await phases()).toEqual(list);
    const inChinese = await run('undo', first, '--lang', 'zh-CN');
    expect(inChinese.stderr).toContain(`请先运行“daruma undo ${second} --root ${root}”`);
    const { code, stdout } = await run('undo', first, '--json');
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 3, error: { code: 'later-fix-stands' } });
  });

  it('gives way to the word of an interrupted fix', async () => {
    const { first, second } = await fixedTwice();
    const state = stateFolder(openOfflineHost({ root, scope: 'user' }), env) ?? '';
    const record = new Journal(state).record(second);
    if (record === undefined) throw new Error('no record');
    begin(state, record, gone[0][1]);
    const { code, stderr } = await run('undo', first);
    expect({ code, stderr }).toMatchObject({
      code: 3,
      stderr: expect.stringContaining(`the fix ${second} was interrupted and comes first; nothing was done`),
    });
  });

  it('is done once the later fix is taken back: one after the other leads to the start', async () => {
    const { first, afterFirst, second } = await fixedTwice();
    await run('undo', first);
    expect(await run('undo')).toMatchObject({ code: 0, stdout: expect.stringContaining(second) });
    expect(textOf(dropIn)).toBe(afterFirst);
    expect(await run('undo')).toMatchObject({ code: 0, stdout: expect.stringContaining(first) });
    expect(fs.existsSync(path.dirname(dropIn))).toBe(false);
    expect(await run('undo')).toMatchObject({ code: 0, stdout: 'There is no fix to take back.\n' });
  });

  it('is refused also where the later fix was changed by hand, until that one was tried', async () => {
    const { first, second } = await fixedTwice();
    fs.appendFileSync(dropIn, '# mine\n');
    expect((await run('undo', first)).stderr).toContain(`daruma undo ${second}`);
    expect((await run('undo', second)).code).toBe(3);
    const { code, stdout } = await run('undo', first);
    expect({ code, stdout }).toMatchObject({
      code: 3,
      stdout: expect.stringContaining(`${dropIn} was changed since, and is left as it is.`),
    });
    expect(textOf(dropIn)).toContain('# mine\n');
  });
});

describe('an undo of what has been taken back', { timeout: 60_000 }, () => {
  it('says so, whatever was taken back afterwards', async () => {
    const { first, second } = await fixedTwice();
    await run('undo');
    const already = { code: 0, stdout: `Fix ${second} is taken back already.\n`, stderr: '' };
    expect(await run('undo', second)).toEqual(already);
    await run('undo');
    expect(textOf(dropIn)).toBeUndefined();
    for (const _ of [1, 2]) expect(await run('undo', second)).toEqual(already);
    expect(await run('undo', first)).toMatchObject({ code: 0, stdout: expect.stringContaining('already') });
    const { stdout } = await run('undo', second, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ undone: second, restored: [], untouched: [], refused: [] });
    expect((await run('undo', second, '--lang', 'zh-CN')).stdout).toBe(`修复 ${second} 已经撤销过了。\n`);
  });

  it('leaves a fix alone that did the same again', async () => {
    const first = await fixed('--only', 'restart-blind-spot');
    await run('undo');
    const again = await fixed('--only', 'restart-blind-spot');
    const text = textOf(dropIn);
    expect(await run('undo', first)).toMatchObject({ code: 0, stdout: expect.stringContaining('already') });
    expect(textOf(dropIn)).toBe(text);
    expect(await phases()).toEqual({ [first]: 'undone', [again]: 'done' });
  });

  it('says so also where it was done by hand', async () => {
    const id = await fixed('--only', 'restart-blind-spot');
    fs.rmSync(dropIn);
    expect(await run('undo', id)).toMatchObject({ code: 0, stdout: `Fix ${id} is taken back already.\n` });
    expect(await run('undo')).toMatchObject({ code: 0, stdout: 'There is no fix to take back.\n' });
  });

  it('takes back what was put there again as the fix had made it', async () => {
    const id = await fixed('--only', 'restart-blind-spot');
    const text = textOf(dropIn) ?? '';
    await run('undo');
    fs.mkdirSync(path.dirname(dropIn));
    fs.writeFileSync(dropIn, text, { mode: 0o644 });
    expect(await run('undo', id)).toMatchObject({
      code: 0,
      stdout: `Fix ${id} taken back: 1 file as before.\n`,
    });
    expect(textOf(dropIn)).toBeUndefined();
  });
});

describe('daruma undo without a number', { timeout: 60_000 }, () => {
  it('goes on with one that was taken back in part, and points to the one before', async () => {
    const { first, second } = await fixedTwice();
    const changed = textOf(dropIn) ?? '';
    fs.appendFileSync(dropIn, '# mine\n');
    const before = `"daruma undo ${first} --root ${root}" takes back the fix before it.`;
    const once = await run('undo');
    expect(once).toMatchObject({ code: 3, stdout: expect.stringContaining(second) });
    expect(once.stdout).not.toContain(before);
    const again = await run('undo');
    expect(again).toMatchObject({ code: 3, stderr: '' });
    expect(again.stdout.trimEnd().split('\n')).toEqual([
      `Fix ${second} taken back in part only:`,
      `${path.join(root, 'var/lib/systemd/linger/kuma')} is as before.`,
      `${dropIn} was changed since, and is left as it is.`,
      before,
    ]);
    fs.writeFileSync(dropIn, changed);
    expect(await run('undo')).toMatchObject({ code: 0, stdout: expect.stringContaining(second) });
    expect(await run('undo')).toMatchObject({ code: 0, stdout: expect.stringContaining(first) });
  });

  it('says of a file that is not there any more that it is gone', async () => {
    const { second } = await fixedTwice();
    fs.rmSync(dropIn);
    const { code, stdout } = await run('undo', '--json');
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({
      code: 3,
      undone: second,
      untouched: [dropIn],
      gone: [dropIn],
    });
    expect((await run('undo')).stdout).toContain(`${dropIn} is not there any more, and is left so.\n`);
    expect((await run('undo', '--lang', 'zh-CN')).stdout).toContain(`${dropIn} 已经不存在，保持现状。\n`);
  });
});

describe('a fix without files', { timeout: 60_000 }, () => {
  const restart: Partial<FixRecord> = { units: [], operations: [], folders: [], restarted: ['a.service'] };

  /** Puts the record of a fix there. */
  function recorded(parts: Partial<FixRecord>): string {
    const journal = new Journal(stateFolder(openOfflineHost({ root, scope: 'user' }), env) ?? '');
    const record = { ...exampleRecord(root), root, ...parts };
    journal.end(record, 'done');
    return record.id;
  }

  it('that restarted services is named by them, and nothing of it is taken back', async () => {
    const id = recorded(restart);
    expect((await run('undo', '--list')).stdout).toBe(`${id}  done  a.service\n`);
    expect((await run('undo')).stdout).toBe('There is no fix to take back.\n');
    const said = await run('undo', id);
    expect(said).toMatchObject({
      code: 0,
      stdout: `Fix ${id} only restarted a.service: there is nothing to take back.\n`,
    });
    recorded(restart);
    expect(JSON.parse((await run('undo', id, '--json')).stdout)).toMatchObject({
      undone: null,
      restored: [],
    });
  });

  it('that only reloaded the manager is named by the command', async () => {
    const id = recorded({ ...restart, restarted: [] });
    expect((await run('undo', '--list')).stdout).toBe(`${id}  done  systemctl --user daemon-reload\n`);
    expect((await run('undo', id)).stdout).toBe(`Fix ${id} changed nothing that could be taken back.\n`);
  });

  it('that turned lingering on is named by the command', async () => {
    const id = recorded({ ...restart, restarted: [], lingering: 'kuma' });
    expect((await run('undo', '--list')).stdout).toBe(`${id}  done  loginctl enable-linger kuma\n`);
    expect(await run('undo')).toMatchObject({ code: 0, stdout: expect.stringContaining(id) });
  });

  it('is not recorded, and no undo is promised', async () => {
    const state = stateFolder(openOfflineHost({ root, scope: 'user' }), env) ?? '';
    const record = { ...exampleRecord(root), root, ...restart };
    begin(state, record, gone[0][1]);
    expect(await run('fix', '--continue')).toMatchObject({
      code: 0,
      stdout: 'Done. There is nothing in it to take back.\n',
    });
    expect(new Journal(state).ids()).toEqual([]);
    expect((await run('undo', '--list')).stdout).toBe('There is no fix to take back.\n');
    begin(state, record, gone[0][1]);
    const { stdout } = await run('fix', '--continue', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ continued: record.id, untouched: [], refused: [] });
    begin(state, record, gone[0][1]);
    expect((await run('undo')).stdout).toBe(
      `Fix ${record.id} only restarted a.service: there is nothing to take back.\n`,
    );
    expect(new Journal(state).begun()).toBeUndefined();
  });

  it('does not keep a fix before it from being taken back', async () => {
    const first = await fixed('--only', 'restart-blind-spot');
    recorded({ ...restart, id: '29990101T000000Z' });
    expect(await run('undo')).toMatchObject({ code: 0, stdout: expect.stringContaining(first) });
  });
});

describe('daruma undo --list', { timeout: 60_000 }, () => {
  it('names the files where a fix is about no unit, and all of them in JSON', async () => {
    const { first, second } = await fixedTwice();
    const { fixes } = JSON.parse((await run('undo', '--list', '--json')).stdout);
    expect(fixes).toMatchObject([
      { id: first, units: ['a.service'], files: [dropIn] },
      { id: second, units: ['a.service'], files: expect.arrayContaining([dropIn]) },
    ]);
  });
});
