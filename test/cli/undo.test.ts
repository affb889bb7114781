/** `daruma undo` of several fixes that changed the same files, and of fixes that changed none. */
import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { stateFolder } from '../../src/store/state-folder.ts';
import type { FileState } from '../../src/systemd/host/overlay-files.ts';
import { applyPreparedFix, finishFix, prepareFix, undoFix } from '../../src/transaction/apply.ts';
import { openOfflineHost } from '../../src/systemd/host/offline-host.ts';
import { type FixRecord, Journal } from '../../src/transaction/journal.ts';
import { unpackedRoot } from '../support/root.ts';
import { begin, gone } from '../transaction/begun-fix.ts';
import { exampleRecord } from '../transaction/example-fix.ts';
import { widthOf } from '../../src/report/width.ts';
import { schemaErrors } from '../report/schema-errors.ts';
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
  it('leaves what was edited since to the user, and goes on with the fix before', async () => {
    const { first, second } = await fixedTwice();
    const changed = textOf(dropIn) ?? '';
    fs.appendFileSync(dropIn, '# mine\n');
    const once = await run('undo');
    expect(once).toMatchObject({ code: 3, stderr: '' });
    expect(once.stdout.trimEnd().split('\n')).toEqual([
      `Fix ${second} taken back in part only:`,
      `${path.join(root, 'var/lib/systemd/linger/kuma')} is as before.`,
      `${dropIn} was changed since, and is left as it is.`,
      `"daruma undo --root ${root}" takes back the fix before it.`,
    ]);
    expect(await phases()).toEqual({ [first]: 'done', [second]: 'partly-undone' });
    const again = await run('undo');
    expect(again.stdout.trimEnd().split('\n')).toEqual([
      `Nothing of fix ${first} was taken back:`,
      `${dropIn} was changed since, and is left as it is.`,
    ]);
    expect(await run('undo')).toMatchObject({ code: 0, stdout: 'There is no fix to take back.\n' });
    fs.writeFileSync(dropIn, changed);
    expect(await run('undo')).toMatchObject({ code: 0, stdout: expect.stringContaining(second) });
    expect(await run('undo')).toMatchObject({ code: 0, stdout: expect.stringContaining(first) });
  });

  it('says of a file that is not there any more that it is gone', async () => {
    const { second } = await fixedTwice();
    fs.rmSync(dropIn);
    const asGone = { code: 3, undone: second, untouched: [dropIn], gone: [dropIn] };
    for (const words of [['undo'], ['undo', second]]) {
      const { code, stdout } = await run(...words, '--json');
      expect({ code, ...JSON.parse(stdout) }).toMatchObject(asGone);
    }
    const { stdout } = await run('undo', second);
    expect(stdout).toContain(`${dropIn} is not there any more, and is left so.\n`);
    const inChinese = await run('undo', second, '--lang', 'zh-CN');
    expect(inChinese.stdout).toContain(`${dropIn} 已经不存在，保持现状。\n`);
  });

  it('has nothing left to say of one that an earlier version left unfinished', async () => {
    const { first, second } = await fixedTwice();
    fs.appendFileSync(dropIn, '# mine\n');
    const journal = new Journal(stateFolder(openOfflineHost({ root, scope: 'user' }), env) ?? '');
    const record = journal.record(second);
    if (record === undefined) throw new Error('no record');
    fs.rmSync(path.join(root, 'var/lib/systemd/linger/kuma'));
    journal.end(record, 'partly-undone');
    expect((await run('undo')).stdout).toContain(`fix ${first} `);
  });
});

describe('an undo of files that were edited since', { timeout: 60_000 }, () => {
  const home = '/home/kuma';
  const configuration = `${home}/.config/daruma/config.yaml`;
  const tokenFile = `${home}/.config/daruma/telegram-1.token`;
  const at = (file: string) => path.join(root, file);

  /** Carries out changes to files. */
  async function made(texts: Readonly<Record<string, string>>): Promise<string> {
    const host = openOfflineHost({ root, scope: 'user' });
    const files = Object.entries(texts).map(([file, text]): [string, FileState] => [
      file,
      { kind: 'file', content: Buffer.from(text), mode: 0o600 },
    ]);
    const prepared = prepareFix({ files: new Map(files), steps: [] }, { units: [], restarted: [] }, host);
    const journal = new Journal(stateFolder(host, env) ?? '');
    return (await applyPreparedFix(prepared, host, journal, new Date())).id;
  }

  it('takes out what the fix had written, and keeps the rest', async () => {
    const older = await fixed('--only', 'restart-blind-spot');
    const id = await made({ [configuration]: 'notify:\n  language: zh-CN\n' });
    const mine = '  channels:\n    - type: ntfy\n      topic: kuma # mine\n';
    fs.appendFileSync(at(configuration), mine);
    fs.chmodSync(at(configuration), 0o640);
    expect(await run('undo')).toEqual({
      code: 0,
      stdout: `Fix ${id} taken back:\n${at(configuration)} was changed since: that stays, and what the fix had written is out of it.\n`,
      stderr: '',
    });
    expect(textOf(at(configuration))).toBe(`notify:\n${mine}`);
    expect(fs.statSync(at(configuration)).mode & 0o777).toBe(0o640);
    expect((await run('undo')).stdout).toContain(`Fix ${older} taken back: 1 file as before.`);
    expect(textOf(at(configuration))).toBe(`notify:\n${mine}`);
  });

  it('removes a file of which nothing but the fix is left', async () => {
    const id = await made({ [configuration]: 'notify:\n  language: zh-CN\n' });
    fs.chmodSync(at(configuration), 0o644);
    fs.writeFileSync(at(configuration), 'notify: { language: zh-CN }\n');
    expect((await run('undo', '--lang', 'zh-CN')).stdout).toBe(`修复 ${id} 已撤销：1 个文件恢复原样。\n`);
    expect(fs.existsSync(at(path.dirname(configuration)))).toBe(false);
  });

  it('keeps what the edited file needs', async () => {
    const id = await made({
      [configuration]: `notify:\n  channels:\n    - type: telegram\n      token: file:${tokenFile}\n      chat: 1\n`,
      [tokenFile]: '1:a\n',
      [`${home}/other`]: 'x\n',
    });
    const text = (textOf(at(configuration)) ?? '').replace('chat: 1', 'chat: 2');
    fs.writeFileSync(at(configuration), text);
    const { stdout } = await run('undo');
    expect(stdout.trimEnd().split('\n')).toEqual([
      `Fix ${id} taken back in part only:`,
      `${at(`${home}/other`)} is as before.`,
      `${at(configuration)} was changed since, and is left as it is.`,
      `${at(tokenFile)} is left as well: ${at(configuration)} needs it.`,
    ]);
    expect([textOf(at(configuration)), textOf(at(tokenFile))]).toEqual([text, '1:a\n']);
    expect((await run('undo')).stdout).toBe('There is no fix to take back.\n');
    const again = await run('undo', id, '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({
      untouched: [at(configuration)],
      needed: [{ file: at(tokenFile), by: at(configuration) }],
    });
    expect((await run('undo', id, '--lang', 'zh-CN')).stdout).toContain(
      `${at(tokenFile)} 也保持现状：${at(configuration)} 还要用到它。`,
    );
    fs.rmSync(at(configuration));
    expect((await run('undo')).stdout).toBe(`Fix ${id} taken back: 1 file as before.\n`);
    expect(fs.existsSync(at(tokenFile))).toBe(false);
  });

  it('keeps the variables that an edited configuration names', async () => {
    const [openclaw, dotenv] = [`${home}/.openclaw/openclaw.json`, `${home}/.openclaw/.env`];
    fs.mkdirSync(at(path.dirname(openclaw)));
    fs.writeFileSync(at(openclaw), '{}\n');
    fs.writeFileSync(at(dotenv), 'A=1\n', { mode: 0o600 });
    await made({ [openclaw]: '{ "key": "${B_KEY}", "url": "http://b" }\n', [dotenv]: 'A=1\nB_KEY=b\n' });
    fs.writeFileSync(at(openclaw), '{ "key": "${B_KEY}", "url": "http://c" }\n');
    expect((await run('undo')).stdout).toContain(`${at(dotenv)} is left as well: ${at(openclaw)} needs it.`);
    expect(textOf(at(dotenv))).toBe('A=1\nB_KEY=b\n');
    fs.writeFileSync(at(openclaw), '{ "url": "http://c", "own": 1 }\n');
    fs.appendFileSync(at(dotenv), 'C=3\n');
    expect((await run('undo')).code).toBe(3);
    expect(textOf(at(dotenv))).toBe('A=1\nC=3\n');
  });

  it('does not undo again what another process has taken back meanwhile', async () => {
    const id = await made({ [tokenFile]: '1:a\n' });
    const host = openOfflineHost({ root, scope: 'user' });
    const journal = new Journal(stateFolder(host, env) ?? '');
    const record = journal.record(id);
    if (record === undefined) throw new Error('no record');
    expect(await undoFix(record, host, journal)).toMatchObject({ outcome: 'now' });
    expect(await undoFix(record, host, journal)).toMatchObject({ outcome: 'already', restored: [] });
    expect(await finishFix({ ...record, phase: 'begun' }, host, journal)).toBeUndefined();
    expect(fs.existsSync(at(tokenFile))).toBe(false);
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
    expect((await run('undo', '--list')).stdout).toBe(`${id}  done  restarted: a.service\n`);
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
    expect((await run('undo', '--list')).stdout).toBe(`${id}  done  lingering on for kuma\n`);
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

describe('daruma undo --dry-run', { timeout: 60_000 }, () => {
  it('shows what an undo would do, and changes nothing', async () => {
    const { second, afterSecond } = await fixedTwice();
    const list = await phases();
    const { code, stdout } = await run('undo', '--dry-run');
    expect(code).toBe(0);
    expect(stdout).toContain(`Fix ${second} would be taken back:\n`);
    expect(stdout).toContain(`${dropIn} would be as before.\n`);
    const json = JSON.parse((await run('undo', '--dry-run', '--json')).stdout);
    expect(schemaErrors('undo', json)).toEqual([]);
    expect(json).toMatchObject({
      undone: null,
      planned: {
        id: second,
        files: expect.arrayContaining([{ file: dropIn, becomes: 'restored' }]),
        commands: [],
      },
    });
    expect(textOf(dropIn)).toBe(afterSecond);
    expect(await phases()).toEqual(list);
  });

  it('says what would be removed, what stays as edited, and that a later fix stands before', async () => {
    const first = await fixed('--only', 'restart-blind-spot');
    expect((await run('undo', '--dry-run')).stdout).toContain(`${dropIn} would be removed.\n`);
    fs.appendFileSync(dropIn, '# mine\n');
    expect((await run('undo', '--dry-run')).stdout).toContain(`${dropIn} was changed since`);
    expect(textOf(dropIn)).toContain('# mine');
    await run('undo');
    const { stdout } = await run('undo', first, '--dry-run');
    expect(stdout).toContain(first);
    expect(await run('undo', '--list', '--dry-run')).toMatchObject({ code: 2 });
  });

  it('refuses as the undo does while a later fix stands', async () => {
    const { first } = await fixedTwice();
    expect(await run('undo', first, '--dry-run')).toMatchObject({ code: 3 });
  });
});

describe('daruma undo --list', { timeout: 60_000 }, () => {
  it('says in a few words what each fix did, in both languages and at each width', async () => {
    const { first, second } = await fixedTwice();
    const listed = async (columns: number, ...more: readonly string[]) =>
      (await daruma(['undo', '--list', '--root', root, ...more], { env: { ...env, COLUMNS: `${columns}` } }))
        .stdout;
    expect(await listed(80)).toBe(
      [
        `${first}  done  a.service`,
        `${' '.repeat(first.length)}  Restart=`,
        `${second}  done  a.service`,
        `${' '.repeat(second.length)}  StartLimitIntervalSec= RestartSec= RestartSteps=`,
        `${' '.repeat(second.length)}  RestartMaxDelaySec=; lingering on for kuma`,
        '',
      ].join('\n'),
    );
    for (const language of ['en', 'zh-CN']) {
      const lines = (await listed(60, '--lang', language)).split('\n');
      expect(lines.filter(line => widthOf(line) > 60)).toEqual([]);
    }
    expect(await listed(80, '--lang', 'zh-CN')).toContain('；为 kuma 开启 linger');
  });

  it('does not show the values of settings, and of many names the first ones', async () => {
    const files = Array.from({ length: 26 }, (_, index) => `/home/kuma/s${index}.env`);
    const host = openOfflineHost({ root, scope: 'user' });
    const state = (text: string): FileState => ({ kind: 'file', content: Buffer.from(text), mode: 0o600 });
    const changes = new Map([
      ['/home/kuma/.config/systemd/user/b.service', state('[Service]\nEnvironment=KEY=secret\n')],
      ...files.map(file => [file, state('KEY=secret\n')] as const),
    ]);
    const prepared = prepareFix({ files: changes, steps: [] }, { units: ['b.service'], restarted: [] }, host);
    await applyPreparedFix(prepared, host, new Journal(stateFolder(host, env) ?? ''), new Date());
    const { stdout } = await run('undo', '--list');
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('new: b.service; files:');
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('and 22 more');
    expect(stdout).not.toContain('secret');
    const json = await run('undo', '--list', '--json');
    expect(json.stdout).not.toContain('secret');
    expect(schemaErrors('undo-list', JSON.parse(json.stdout))).toEqual([]);
  });

  it('names the units whose files a fix changed, and not those of which it only settled a finding', async () => {
    const units = ['a.service', 'b.service', 'c@1.service', 'd.service'];
    const folder = '/home/kuma/.config/systemd/user';
    const host = openOfflineHost({ root, scope: 'user' });
    const state: FileState = {
      kind: 'file',
      content: Buffer.from('[Service]\nRestart=always\n'),
      mode: 0o644,
    };
    const listed = async (...files: readonly string[]) => {
      const changes = new Map(files.map(file => [`${folder}/${file}`, state] as const));
      const prepared = prepareFix({ files: changes, steps: [] }, { units, restarted: [] }, host);
      await applyPreparedFix(prepared, host, new Journal(stateFolder(host, env) ?? ''), new Date());
      const { fixes } = JSON.parse((await run('undo', '--list', '--json')).stdout);
      return fixes.at(-1).units;
    };
    expect(await listed('b.service.d/x.conf')).toEqual(['b.service']);
    expect(await listed('c@.service.d/x.conf', 'd.service')).toEqual(['c@1.service', 'd.service']);
    // It is about all of them.
    expect(await listed('service.d/x.conf')).toEqual(units);
  });

  it('names the files where a fix is about no unit, and all of them in JSON', async () => {
    const { first, second } = await fixedTwice();
    const { fixes } = JSON.parse((await run('undo', '--list', '--json')).stdout);
    expect(fixes).toMatchObject([
      { id: first, units: ['a.service'], files: [dropIn] },
      { id: second, units: ['a.service'], files: expect.arrayContaining([dropIn]) },
    ]);
  });
});
