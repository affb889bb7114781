/** Trees that somebody else has made: nothing in them says what is written outside of them, and nobody waits for them. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { defaultPolicy } from '../../src/check/policy.ts';
import { journalFor } from '../../src/cli/state.ts';
import {
  type Applied,
  applyPreparedFix,
  prepareFix,
  type Undone,
  undoFix,
} from '../../src/transaction/apply.ts';
import { FixFailed } from '../../src/transaction/carry-out.ts';
import { obstacleTo } from '../../src/transaction/obstacle.ts';
import { type Plan, planFix, unitsOf } from '../../src/fix/plan.ts';
import { loadCatalogue } from '../../src/i18n/index.ts';
import { takeInventory } from '../../src/inventory/inventory.ts';
import type { Host } from '../../src/systemd/host/host.ts';
import { openFolder, openOfflineHost } from '../../src/systemd/host/offline-host.ts';
import { daruma } from '../cli/daruma.ts';
import { type Tree, unpackedRoot } from '../support/root.ts';
import { type Fault, underFault } from './faults.ts';

const isRoot = process.getuid?.() === 0;

/** Of whoever looks at the trees. */
const own = fs.mkdtempSync(path.join(os.tmpdir(), 'daruma-own-'));
const whoever = { environment: { XDG_STATE_HOME: own }, catalogue: await loadCatalogue('en') };
afterAll(() => fs.rmSync(own, { recursive: true }));

const passwd = 'root:x:0:0:root:/root:/bin/bash\nkuma:x:1000:1000::/home/kuma:/bin/bash\n';
const units = 'home/kuma/.config/systemd/user';
const records = 'home/kuma/.local/state/daruma/fixes';
const blind = '[Service]\nExecStart=/bin/a\nRestart=on-failure\n[Install]\nWantedBy=default.target\n';
const id = '20260101T000000Z';

function treeWith(more: Tree = {}): string {
  return unpackedRoot({ 'etc/passwd': passwd, 'bin/a': '', [`${units}/a.service`]: blind, ...more });
}

function hostOf(root: string): Host {
  return openOfflineHost({ root, scope: 'user', systemdVersion: 252 });
}

const rootsOnly = { skip: !isRoot };

/** What somebody writes down for others to take back. */
function planted(root: string, more: object): string {
  return JSON.stringify({
    version: 1,
    id,
    phase: 'done',
    process: { pid: 1, started: null },
    scope: 'user',
    root,
    units: ['a.service'],
    operations: [],
    folders: [],
    lingering: null,
    isReloaded: false,
    started: [],
    stopped: [],
    restarted: [],
    ...more,
  });
}

function file(text: string, mode: number): object {
  return { kind: 'file', content: Buffer.from(text).toString('base64'), mode };
}

function plant(root: string, record: string): string {
  const place = path.join(root, records, `${id}.json`);
  fs.mkdirSync(path.dirname(place), { recursive: true });
  fs.writeFileSync(place, record, { mode: 0o600 });
  return place;
}

async function undo(host: Host): Promise<Undone | undefined> {
  const journal = journalFor(host, whoever);
  const record = journal.record(journal.ids().at(-1) ?? '');
  return record && undoFix(record, host, journal);
}

async function plan(host: Host, rule = 'restart-blind-spot'): Promise<Plan> {
  const inventory = await takeInventory(host);
  return planFix(inventory, inventory.ownServices(), defaultPolicy, {
    isWanted: finding => finding.rule === rule,
    commentOn: finding => finding.rule,
    configuration: undefined,
    head: [],
  });
}

async function fix(host: Host, rule?: string): Promise<Applied> {
  const planned = await plan(host, rule);
  const prepared = prepareFix(planned, { units: unitsOf(planned), restarted: [] }, host);
  return applyPreparedFix(prepared, host, journalFor(host, whoever), new Date());
}

describe('changes through links that lead to nothing', () => {
  it.each([
    ['the folder of units', '.config/systemd', 'home/kuma/elsewhere/units', '../elsewhere/units'],
    ['a folder of drop-ins', '.config/systemd/user/a.service.d', 'home/kuma/more/d', '../../../more/d'],
    ['an absolute one', '.config/systemd/user/a.service.d', 'srv/of/kuma', '/srv/of/kuma'],
  ])('are taken back with the folders that they have made: %s', async (_, link, made, target) => {
    const root = unpackedRoot({ 'etc/passwd': passwd, [`home/kuma/${link}`]: { link: target } });
    const all = () =>
      fs
        .readdirSync(root, { recursive: true, encoding: 'utf8' })
        .filter(name => !/^home\/kuma\/\.local(?:\/|$)/.test(name))
        .toSorted();
    const before = all();
    const host = hostOf(root);
    const files = new Map([
      [`/${units}/a.service.d/new.conf`, { kind: 'link', target: '/dev/null' } as const],
    ]);
    const prepared = prepareFix({ files, steps: [] }, { units: [], restarted: [] }, host);
    await applyPreparedFix(prepared, host, journalFor(host, whoever), new Date());
    expect(all()).toContain(made);
    await undo(host);
    expect(all()).toEqual(before);
  });
});

describe('a record that lies in the tree that it is about', () => {
  it('is refused where it is about anything outside', async () => {
    const outside = unpackedRoot({ dir: '' });
    const root = treeWith();
    for (const victim of [`${outside}/victim`, `${root}/../${path.basename(outside)}/victim`]) {
      plant(
        root,
        planted(root, {
          operations: [{ path: victim, before: file('#!/bin/sh\n', 0o4755), after: { kind: 'absent' } }],
        }),
      );
      await expect(undo(hostOf(root))).rejects.toThrow(expect.objectContaining({ name: 'UntrustedRecord' }));
      await expect(undo(hostOf(root))).rejects.toMatchObject({ reason: { kind: 'outside', path: victim } });
    }
    expect(fs.readdirSync(outside)).toEqual(['dir']);
    expect(fs.readdirSync(root).toSorted()).toEqual(['bin', 'etc', 'home']);
  });

  it('makes nothing that runs as another user', async () => {
    const root = treeWith();
    const made = path.join(root, 'bin/shell');
    plant(
      root,
      planted(root, {
        operations: [{ path: made, before: file('#!/bin/sh\n', 0o6755), after: { kind: 'absent' } }],
      }),
    );
    expect(await undo(hostOf(root))).toMatchObject({ restored: [], masked: [made] });
    expect(fs.statSync(made).mode & 0o7777).toBe(0o755);
  });

  it('does not lead out by a link in the tree', async () => {
    const outside = unpackedRoot({ kept: 'kept' });
    const root = treeWith({ out: { link: outside }, up: { link: '../../../../../../../..' } });
    plant(
      root,
      planted(root, {
        operations: ['out', `up${outside}`].map(name => ({
          path: path.join(root, name, 'victim'),
          before: file('x', 0o644),
          after: { kind: 'absent' },
        })),
        folders: [path.join(root, 'out')],
      }),
    );
    await undo(hostOf(root)).catch(() => {});
    expect(fs.readdirSync(outside)).toEqual(['kept']);
  });

  it('is refused where another user has written it', rootsOnly, async () => {
    const root = treeWith();
    fs.chownSync(plant(root, planted(root, {})), 1000, 1000);
    await expect(undo(hostOf(root))).rejects.toMatchObject({ reason: { kind: 'owner', uid: 1000 } });
  });

  it.each<[string, (place: string) => void]>([
    ['half of one', place => fs.writeFileSync(place, '{"version": 1')],
    ['of another shape', place => fs.writeFileSync(place, planted('/', { units: 7 }))],
    ['of another fix', place => fs.writeFileSync(place, planted('/', { id: '20250101T000000Z' }))],
    [
      'with a mode that is none',
      place => {
        const operation = { path: '/a', before: { kind: 'mode', mode: 0o777777 }, after: { kind: 'absent' } };
        fs.writeFileSync(place, planted('/', { operations: [operation] }));
      },
    ],
    [
      'with a path that is none',
      place => {
        const operation = { path: 'a/b', before: { kind: 'absent' }, after: { kind: 'absent' } };
        fs.writeFileSync(place, planted('/', { operations: [operation] }));
      },
    ],
    [
      'a link',
      place => {
        fs.renameSync(place, `${place}.kept`);
        fs.symlinkSync(`${path.basename(place)}.kept`, place);
      },
    ],
    [
      'a folder',
      place => {
        fs.rmSync(place);
        fs.mkdirSync(place);
      },
    ],
    [
      'a pipe',
      place => {
        fs.rmSync(place);
        execFileSync('bash', ['-c', 'mkfifo "$1"', 'bash', place]);
      },
    ],
    ['longer than any', place => fs.truncateSync(place, 2 ** 40)],
  ])('is damaged where it is %s, and that is said in one line', async (_, damage) => {
    const root = treeWith();
    const place = plant(root, planted(root, {}));
    damage(place);
    await expect(undo(hostOf(root))).rejects.toMatchObject({ name: 'DamagedRecord', file: place });
  });

  it('shows its paths before anything is written, and is told of in one line where it is refused', async () => {
    const root = treeWith();
    const made = path.join(root, 'home/kuma/made');
    const operation = { path: made, before: file('x', 0o644), after: { kind: 'absent' } };
    plant(root, planted(root, { operations: [operation] }));
    const { code, stdout } = await daruma(['undo', '--root', root]);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining(`\n  ${made}\n`) });
    plant(root, planted(root, { operations: [{ ...operation, path: '/etc/cron.d/x' }] }));
    const refused = await daruma([
      'undo',
      id,
      '--root',
      treeWith({ [`${records}/${id}.json`]: fs.readFileSync(path.join(root, records, `${id}.json`)) }),
    ]);
    expect(refused).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/^daruma: [^\n]*\/etc\/cron\.d\/x[^\n]*\n$/),
    });
  });

  it('interrupts nobody: a mark in the tree is not looked at', async () => {
    const root = treeWith({ [`${records}/begun`]: `${id} 1` });
    plant(root, planted(root, { phase: 'begun' }));
    expect(journalFor(hostOf(root), whoever).begun()).toBeUndefined();
    await expect(fix(hostOf(root))).resolves.toMatchObject({ untouched: [] });
  });
});

describe('a fix of a tree', () => {
  it('is written down by whoever makes it, and taken back by that, whatever the tree says', async () => {
    const root = treeWith();
    const { id: made } = await fix(hostOf(root));
    const copy = path.join(root, records, `${made}.json`);
    fs.writeFileSync(copy, '{}');
    expect(await undo(hostOf(root))).toMatchObject({ untouched: [] });
    expect(fs.existsSync(path.join(root, units, 'a.service.d'))).toBe(false);
  });

  it('is known again by the tree, not by its place alone', async () => {
    const root = treeWith();
    await fix(hostOf(root));
    fs.renameSync(root, `${root}-old`);
    fs.cpSync(`${root}-old`, root, { recursive: true });
    fs.rmSync(path.join(root, records), { recursive: true });
    fs.rmSync(`${root}-old`, { recursive: true });
    expect(journalFor(hostOf(root), whoever).ids()).toEqual([]);
  });

  it('changes the mode of what a link means inside, not of what is called so outside', async () => {
    const outside = unpackedRoot({ tool: '#!/bin/sh\n' });
    fs.chmodSync(`${outside}/tool`, 0o644);
    const root = treeWith({
      [`${outside}/tool`.slice(1)]: '#!/bin/sh\n',
      [`${units}/b.service`]: '[Service]\nExecStart=/home/kuma/tool\n',
      'home/kuma/tool': { link: `${outside}/tool` },
    });
    fs.chmodSync(path.join(root, outside, 'tool'), 0o644);
    await fix(hostOf(root), 'exec-not-executable');
    expect(fs.statSync(`${outside}/tool`).mode & 0o777).toBe(0o644);
    expect(fs.statSync(path.join(root, outside, 'tool')).mode & 0o777).toBe(0o755);
    await undo(hostOf(root));
    expect(fs.statSync(path.join(root, outside, 'tool')).mode & 0o777).toBe(0o644);
  });

  it('does not leave a home by a link to a folder of this machine', async () => {
    const outside = unpackedRoot({ kept: '' });
    const home = unpackedRoot({
      '.config/systemd/user/a.service': blind,
      '.config/systemd/user/a.service.d': { link: outside },
    });
    const host = openFolder(home, { scope: 'user', systemdVersion: 252 });
    expect(await plan(host)).toMatchObject({ leftOut: [{ unit: 'a.service', why: 'leads-out' }] });
    await fix(host);
    expect(fs.readdirSync(outside)).toEqual(['kept']);
  });

  it('is made with the longest name that a drop-in can have', async () => {
    for (const bytes of [247, 248, 255]) {
      const last = `${'z'.repeat(bytes - '.zz-daruma.conf'.length)}.conf`;
      const root = treeWith({ [`etc/systemd/user/a.service.d/${last}`]: '[Service]\nRestart=no\n' });
      await fix(hostOf(root));
      const [name = ''] = fs.readdirSync(path.join(root, units, 'a.service.d'));
      expect(Buffer.byteLength(name)).toBe(bytes);
      await undo(hostOf(root));
      expect(fs.existsSync(path.join(root, units, 'a.service.d'))).toBe(false);
    }
  });

  it('writes through a link to a drop-in that is kept elsewhere in the tree', async () => {
    const before = '[Service]\nNice=5\n';
    const root = treeWith({
      'home/kuma/dotfiles/a.conf': before,
      [`${units}/a.service.d/zz-daruma.conf`]: { link: '/home/kuma/dotfiles/a.conf' },
    });
    const link = path.join(root, units, 'a.service.d/zz-daruma.conf');
    const kept = path.join(root, 'home/kuma/dotfiles/a.conf');
    await fix(hostOf(root));
    expect(fs.readlinkSync(link)).toBe('/home/kuma/dotfiles/a.conf');
    expect(fs.readFileSync(kept, 'utf8')).toContain('Restart=always');
    await undo(hostOf(root));
    expect(fs.readlinkSync(link)).toBe('/home/kuma/dotfiles/a.conf');
    expect(fs.readFileSync(kept, 'utf8')).toBe(before);
  });

  it.each(['/nowhere/at/all', '/dev/null'])(
    'leaves a link to %s in the place of its drop-in alone, and says so',
    async target => {
      const root = treeWith({ [`${units}/a.service.d/zz-daruma.conf`]: { link: target } });
      const link = path.join(root, units, 'a.service.d/zz-daruma.conf');
      expect(await plan(hostOf(root))).toMatchObject({
        leftOut: [{ unit: 'a.service', why: 'not-writable' }],
      });
      await fix(hostOf(root));
      expect(fs.readlinkSync(link)).toBe(target);
    },
  );

  it('is made where the folder of drop-ins is a link inside the tree', async () => {
    const root = treeWith({
      'home/kuma/dotfiles/a.d/': '',
      [`${units}/a.service.d`]: { link: '/home/kuma/dotfiles/a.d' },
    });
    await fix(hostOf(root));
    const kept = path.join(root, 'home/kuma/dotfiles/a.d/zz-daruma.conf');
    expect(fs.readFileSync(kept, 'utf8')).toContain('Restart=always');
    await undo(hostOf(root));
    expect(fs.readdirSync(path.dirname(kept))).toEqual([]);
  });

  it('does not write a drop-in that systemd does not look at', async () => {
    // From 250 on, a relative link to a folder is followed from the root.
    const root = treeWith({
      'home/kuma/dotfiles/a.d/': '',
      [`${units}/a.service.d`]: { link: '../../../dotfiles/a.d' },
    });
    const { files, prevented } = await plan(hostOf(root), 'start-limit-gives-up');
    expect([...files.keys()]).toEqual([]);
    expect(prevented.map(({ key }) => key)).toContain('StartLimitIntervalSec');
  });
});

describe('two fixes at once', () => {
  it('do not undo each other: what was planned from an older file is not written', async () => {
    const root = treeWith({ [`${units}/a.service.d/zz-daruma.conf`]: '[Service]\nNice=5\n' });
    const host = hostOf(root);
    const planned = await plan(host);
    const dropIn = path.join(root, units, 'a.service.d/zz-daruma.conf');
    fs.writeFileSync(dropIn, '[Service]\nNice=5\nTimeoutStopSec=7\n');
    const announce = vi.fn<() => Promise<void>>(() => Promise.resolve());
    const apply = async () =>
      applyPreparedFix(
        prepareFix(planned, { units: unitsOf(planned), restarted: [] }, host),
        host,
        journalFor(host, whoever),
        new Date(),
        announce,
      );
    await expect(apply()).rejects.toMatchObject({ name: 'ChangedMeanwhile' });
    expect(announce).not.toHaveBeenCalled();
    expect(fs.readFileSync(dropIn, 'utf8')).toContain('TimeoutStopSec=7');
  });

  it('are one after the other: the second is told who is at it', async () => {
    const root = treeWith();
    const host = hostOf(root);
    const now = new Date();
    const planned = await plan(host);
    const apply = () =>
      applyPreparedFix(
        prepareFix(planned, { units: unitsOf(planned), restarted: [] }, host),
        host,
        journalFor(host, whoever),
        now,
      );
    const outcomes = await Promise.allSettled([apply(), apply(), apply()]);
    const failures = outcomes.flatMap(each => (each.status === 'rejected' ? [String(each.reason)] : []));
    expect(failures).toHaveLength(2);
    expect(failures.filter(text => !/^(?:FixInTheWay|ChangedMeanwhile)/.test(text))).toEqual([]);
  });
});

describe('as root, over a tree of somebody else', rootsOnly, () => {
  /** Owned by a user, but for the folders above. */
  function theirs(more: Tree = {}): string {
    const root = treeWith(more);
    execFileSync('chown', ['-hR', '1000:1000', path.join(root, 'home/kuma')]);
    fs.chmodSync(root, 0o755);
    return root;
  }

  it('what is made is theirs', async () => {
    const root = theirs();
    await fix(hostOf(root));
    const folder = path.join(root, units, 'a.service.d');
    for (const made of [folder, path.join(folder, 'zz-daruma.conf')]) {
      expect(fs.statSync(made)).toMatchObject({ uid: 1000, gid: 1000 });
    }
    expect([process.geteuid?.(), process.getegid?.(), process.getgroups?.()]).toEqual([
      0,
      0,
      expect.anything(),
    ]);
    await undo(hostOf(root));
    expect(fs.existsSync(folder)).toBe(false);
  });

  it('nothing is given away that they have put in the place of a new folder', async () => {
    const victim = unpackedRoot({ kept: '' });
    const root = theirs();
    const folder = path.join(root, units, 'a.service.d');
    const { mkdirSync } = fs;
    const swap = vi.spyOn(fs, 'mkdirSync').mockImplementation((made, options) => {
      const result = mkdirSync(made, options);
      if (String(made).endsWith('a.service.d')) {
        fs.rmdirSync(folder);
        fs.symlinkSync(victim, folder);
      }
      return result;
    });
    await fix(hostOf(root)).catch(() => {});
    swap.mockRestore();
    expect(fs.lstatSync(folder).isSymbolicLink()).toBe(true);
    expect(fs.statSync(victim).uid).toBe(0);
    expect(fs.readdirSync(victim)).toEqual(['kept']);
  });

  it('a link of theirs in the place of a drop-in leads to nothing that is not theirs', async () => {
    const root = theirs();
    const folder = path.join(root, units, 'a.service.d');
    fs.mkdirSync(folder);
    fs.symlinkSync('/etc/passwd', path.join(folder, 'zz-daruma.conf'));
    for (const each of [folder, path.join(folder, 'zz-daruma.conf')]) fs.lchownSync(each, 1000, 1000);
    expect(await plan(hostOf(root))).toMatchObject({ leftOut: [{ why: 'not-writable' }] });
    await fix(hostOf(root));
    expect(fs.readFileSync(path.join(root, 'etc/passwd'), 'utf8')).toBe(passwd);
  });

  it('a link of theirs opens no folder to them that is not theirs', async () => {
    const root = theirs({ 'etc/cron.d/': '' });
    const folder = path.join(root, units, 'a.service.d');
    fs.symlinkSync('/etc/cron.d', folder);
    fs.lchownSync(folder, 1000, 1000);
    expect(await plan(hostOf(root))).toMatchObject({
      leftOut: [{ unit: 'a.service', why: 'not-permitted' }],
    });
    const files = new Map([[`/${units}/a.service.d/x`, { kind: 'link', target: '/dev/null' } as const]]);
    const prepared = prepareFix({ files, steps: [] }, { units: [], restarted: [] }, hostOf(root));
    const applied = applyPreparedFix(prepared, hostOf(root), journalFor(hostOf(root), whoever), new Date());
    await expect(applied).rejects.toMatchObject({ cause: { code: 'EACCES' } });
    expect(fs.readdirSync(path.join(root, 'etc/cron.d'))).toEqual([]);
  });

  it("a link of theirs leads into no other user's folder, though anybody may write it", async () => {
    const root = theirs({ 'srv/shared/': '', 'srv/own/': '' });
    fs.chownSync(path.join(root, 'srv/shared'), 1001, 1001);
    fs.chmodSync(path.join(root, 'srv/shared'), 0o777);
    fs.chownSync(path.join(root, 'srv/own'), 1000, 1000);
    const folder = path.join(root, units, 'a.service.d');
    const linkTo = (target: string) => {
      fs.rmSync(folder, { force: true });
      fs.symlinkSync(target, folder);
      fs.lchownSync(folder, 1000, 1000);
    };
    linkTo('/srv/shared');
    expect(await plan(hostOf(root))).toMatchObject({ leftOut: [{ unit: 'a.service', why: 'not-yours' }] });
    linkTo('/srv/own');
    expect(await plan(hostOf(root))).toMatchObject({ leftOut: [] });
  });

  it('a file of theirs that may not be read is written and taken back', async () => {
    const root = theirs();
    const dropIn = `/${units}/a.service.d/zz-daruma.conf`;
    const before = pathsBelow(root);
    const content = Buffer.from('[Service]\nRestart=always\n');
    const files = new Map([[dropIn, { kind: 'file', content, mode: 0 } as const]]);
    const prepared = prepareFix({ files, steps: [] }, { units: [], restarted: [] }, hostOf(root));
    await applyPreparedFix(prepared, hostOf(root), journalFor(hostOf(root), whoever), new Date());
    expect(fs.statSync(path.join(root, dropIn)).mode & 0o777).toBe(0);
    expect(await undo(hostOf(root))).toMatchObject({ restored: [path.join(root, dropIn)], untouched: [] });
    expect(pathsBelow(root)).toEqual(before);
  });

  it('permissions of what is not theirs are not changed', () => {
    const root = theirs({ 'home/kuma/tool': '', 'home/kuma/other': '' });
    fs.chownSync(path.join(root, 'home/kuma/tool'), 0, 0);
    expect(obstacleTo('/home/kuma/tool', 'mode', hostOf(root))).toBe('not-permitted');
    expect(obstacleTo('/home/kuma/other', 'mode', hostOf(root))).toBeUndefined();
  });
});

/** Every path below a folder. */
function pathsBelow(folder: string): readonly string[] {
  return fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();
}

describe('the copy of the record in a tree', () => {
  it.each<[string, Tree, string[]]>([
    ['with all its folders', {}, []],
    ['with the folders that it took, not those of others', { 'home/kuma/.local/state/x': '' }, []],
    ['but not the folders where somebody has put something since', {}, ['home/kuma/.local/state/daruma/x']],
  ])('goes with the fix, once that is undone: %s', async (_, more, since) => {
    const root = treeWith(more);
    const before = pathsBelow(root);
    const { id: made } = await fix(hostOf(root));
    expect(pathsBelow(root)).toContain(`${records}/${made}.json`);
    for (const each of since) fs.writeFileSync(path.join(root, each), '');
    await undo(hostOf(root));
    const kept = since.flatMap(each => [
      each,
      path.dirname(each),
      'home/kuma/.local/state',
      'home/kuma/.local',
    ]);
    expect(pathsBelow(root)).toEqual([...before, ...kept].toSorted());
  });

  it('of the first of two fixes leaves nothing behind when both are undone, in either order', async () => {
    for (const order of ['first', 'last']) {
      const root = treeWith({ [`${units}/b.service`]: '[Service]\nExecStart=/bin/none\n' });
      const before = pathsBelow(root);
      const changed = (name: string) => {
        const files = new Map([[`/${units}/${name}`, { kind: 'link', target: '/dev/null' } as const]]);
        const prepared = prepareFix({ files, steps: [] }, { units: [], restarted: [] }, hostOf(root));
        return applyPreparedFix(prepared, hostOf(root), journalFor(hostOf(root), whoever), new Date());
      };
      const ids = [(await changed('x')).id, (await changed('y')).id];
      const journal = journalFor(hostOf(root), whoever);
      for (const each of order === 'first' ? ids : ids.toReversed()) {
        const record = journal.record(each);
        if (record !== undefined) await undoFix(record, hostOf(root), journal);
      }
      expect(pathsBelow(root)).toEqual(before);
    }
  });

  it.each<Fault>(['fail', 'full'])(
    'and its folders are not there after a fix that was taken back: %s',
    { timeout: 120_000 },
    async fault => {
      const root = treeWith();
      const before = pathsBelow(root);
      for (let at = 1; ; at += 1) {
        const { changes, thrown } = await underFault(at, fault, () => fix(hostOf(root)));
        if (thrown === undefined) await undo(hostOf(root));
        const isTakenBack = !(thrown instanceof FixFailed) || thrown.isTakenBack;
        expect({ at, isTakenBack, paths: pathsBelow(root) }).toEqual({
          at,
          isTakenBack: true,
          paths: before,
        });
        if (changes < at) return;
      }
    },
  );
});
