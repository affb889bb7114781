/** What keeps one file from being read or written keeps nothing else from being put right, and nothing from being taken back. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { unpackedRoot, type Tree } from '../support/root.ts';
import { darumaProcess } from './daruma.ts';

const isRoot = process.getuid?.() === 0;
const timeout = 120_000;

const uid = 4321;
const units = '.config/systemd/user';
const blind = '[Service]\nExecStart=/bin/true\nRestart=on-failure\n[Install]\nWantedBy=default.target\n';

/** The home of a user with two services. */
function theirs(more: Tree = {}): string {
  const home = unpackedRoot({ [`${units}/a.service`]: blind, [`${units}/b.service`]: blind, ...more });
  execFileSync('chown', ['-hR', `${uid}:${uid}`, home]);
  fs.chmodSync(home, 0o755);
  return home;
}

/** Everything below a folder with its permissions, contents and targets. */
function snapshot(folder: string): readonly string[] {
  return fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map(name => {
      const file = path.join(folder, name);
      const status = fs.lstatSync(file);
      const content = status.isFile() ? fs.readFileSync(file, 'utf8') : '';
      return `${name} ${status.mode.toString(8)} ${status.uid} ${content}`;
    })
    .toSorted();
}

interface LeftOut {
  readonly unit: string | null;
  readonly path: string;
  readonly why: string;
}

interface FixDocument {
  readonly plan: {
    readonly leftOut: readonly LeftOut[];
    readonly left: readonly { readonly rule: string }[];
  };
  readonly applied: { readonly id: string } | null;
}

function documentOf(stdout: string): FixDocument {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- test/report/schema.test.ts holds it to its schema
  return JSON.parse(stdout) as FixDocument;
}

/** Root, with a state folder for one test. */
function rootsOwn() {
  return { env: { XDG_STATE_HOME: unpackedRoot({}) } };
}

/** The user, at their own home. */
function asThem(home: string) {
  return { uid, cwd: '/', env: { HOME: home } };
}

describe.runIf(isRoot)('a unit file that the manager of its user cannot read', { timeout }, () => {
  it.each<[string, number, number]>([
    ['nobody may read', uid, 0],
    ['others may read, and its owner not', uid, 0o044],
    ['only root may read', 0, 0o600],
  ])('%s: root names it, leaves it out and puts the rest right', (_, owner, mode) => {
    const home = theirs();
    const closed = path.join(home, units, 'a.service');
    fs.chownSync(closed, owner, owner);
    fs.chmodSync(closed, mode);
    const before = snapshot(home);
    const root = rootsOwn();
    const fixed = darumaProcess(['fix', '--yes', '--json', '--home', home], root);
    expect(fixed.code).toBe(0);
    expect(documentOf(fixed.stdout).plan.left.map(({ rule }) => rule)).toContain('unit-unreadable');
    expect(fs.existsSync(`${closed}.d`)).toBe(false);
    expect(fs.existsSync(path.join(home, units, 'b.service.d/zz-daruma.conf'))).toBe(true);
    expect(darumaProcess(['undo', '--home', home], root).code).toBe(0);
    expect(snapshot(home)).toEqual(before);
  });

  it.each<[string, number, number]>([
    ['its owner', uid, 0o400],
    ['everybody', 0, 0o644],
    ['a group that may be theirs', 0, 0o640],
  ])('is none that may be read by %s', (_, owner, mode) => {
    const home = theirs();
    const open = path.join(home, units, 'a.service');
    fs.chownSync(open, owner, owner);
    fs.chmodSync(open, mode);
    const { stdout } = darumaProcess(['check', '--home', home], rootsOwn());
    expect(stdout).not.toContain('unit-unreadable');
  });

  it('gets no drop-in that its own manager cannot read', () => {
    const home = theirs({ [`${units}/a.service.d/closed.conf`]: '[Service]\nNice=5\n' });
    const folder = path.join(home, units, 'a.service.d');
    fs.chmodSync(path.join(folder, 'closed.conf'), 0);
    expect(darumaProcess(['fix', '--yes', '--home', home], rootsOwn()).code).toBe(0);
    expect(fs.statSync(path.join(folder, 'zz-daruma.conf')).mode & 0o777).toBe(0o400);
  });
});

describe.runIf(isRoot)('what stands in the way of one unit', { timeout }, () => {
  const dropIn = `${units}/a.service.d/zz-daruma.conf`;

  it.each<[string, string, Tree, (place: string) => void]>([
    [
      'a folder of drop-ins of root',
      'not-permitted',
      { [`${units}/a.service.d/`]: '' },
      place => fs.chownSync(path.dirname(place), 0, 0),
    ],
    [
      'a folder of drop-ins that may not be written',
      'not-permitted',
      { [`${units}/a.service.d/`]: '' },
      place => fs.chmodSync(path.dirname(place), 0o555),
    ],
    ['a folder in the place of the drop-in', 'not-a-file', { [`${dropIn}/`]: '' }, () => {}],
    [
      'a pipe in the place of the drop-in',
      'not-a-file',
      { [`${units}/a.service.d/`]: '' },
      place => {
        execFileSync('mkfifo', [place]);
        fs.chownSync(place, uid, uid);
      },
    ],
    [
      'a drop-in that may not be read',
      'not-readable',
      { [dropIn]: '[Service]\nNice=5\n' },
      place => fs.chmodSync(place, 0),
    ],
    [
      'a folder of root behind a link in the place of the drop-in',
      'not-permitted',
      { [dropIn]: { link: '../kept/a.conf' }, [`${units}/kept/a.conf`]: '' },
      place => fs.chownSync(path.join(place, '../../kept'), 0, 0),
    ],
  ])('keeps no other from it, for them and for root: %s', (_, why, more, make) => {
    for (const who of ['them', 'root']) {
      const home = theirs(more);
      make(path.join(home, dropIn));
      const before = snapshot(home);
      const run = who === 'root' ? rootsOwn() : asThem(home);
      const words = ['--home', home];
      const { code, stdout, stderr } = darumaProcess(['fix', '--yes', '--json', ...words], run);
      expect({ who, code, stderr }).toEqual({ who, code: 0, stderr: '' });
      expect(documentOf(stdout).plan.leftOut).toMatchObject([{ unit: 'a.service', why }]);
      expect(fs.existsSync(path.join(home, units, 'b.service.d/zz-daruma.conf'))).toBe(true);
      const shown = darumaProcess(['fix', '--dry-run', ...words], run).stdout;
      expect(shown).toContain('Cannot be written, and therefore left out');
      expect(darumaProcess(['undo', ...words], run).code).toBe(0);
      const isState = (line: string) => line.startsWith('.local');
      expect(snapshot(home).filter(line => !isState(line))).toEqual(before);
    }
  });
});

describe.runIf(isRoot)('a folder of units that may not be written', { timeout }, () => {
  it('keeps nobody from looking at what would be done', () => {
    const home = theirs();
    fs.chownSync(path.join(home, units), 0, 0);
    const { env } = rootsOwn();
    const look = darumaProcess(['fix', '--dry-run', '--json', '--home', home], { uid, cwd: '/', env });
    expect({ code: look.code, plan: documentOf(look.stdout).plan.leftOut }).toEqual({ code: 0 });
    expect(look.stdout).toContain('a.service.d/zz-daruma.conf');
    const before = snapshot(home);
    const { code, stderr } = darumaProcess(['fix', '--yes', '--home', home], asThem(home));
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: expect.stringMatching(/everything is as it was before\n$/),
    });
    expect(snapshot(home).filter(line => !line.startsWith('.local'))).toEqual(before);
  });
});

describe.runIf(isRoot)('an undo', { timeout }, () => {
  it.each<[string, (place: string) => void]>([
    ['may not be read any more', place => fs.chmodSync(place, 0)],
    [
      'is a folder now',
      place => {
        fs.rmSync(place);
        fs.mkdirSync(place);
      },
    ],
    [
      'is a pipe now',
      place => {
        fs.rmSync(place);
        execFileSync('mkfifo', [place]);
      },
    ],
    ['is larger than any record', place => fs.truncateSync(place, 2 ** 40)],
  ])('goes on where one file %s, and names each', (_, change) => {
    for (const who of ['them', 'root']) {
      const home = theirs({ [`${units}/c.service`]: blind });
      const run = who === 'root' ? rootsOwn() : asThem(home);
      const { stdout } = darumaProcess(['fix', '--yes', '--json', '--home', home], run);
      expect(documentOf(stdout).applied?.id).toBeDefined();
      const place = (unit: string) => path.join(home, units, `${unit}.service.d/zz-daruma.conf`);
      change(place('a'));
      fs.rmSync(path.dirname(place('b')), { recursive: true });
      const undone = darumaProcess(['undo', '--home', home], run);
      expect({ who, code: undone.code, stderr: undone.stderr }).toEqual({ who, code: 3, stderr: '' });
      const lines = undone.stdout.split('\n');
      expect(lines).toContain(`${place('a')} was changed since, and is left as it is.`);
      for (const unit of ['b', 'c']) expect(lines).toContain(`${place(unit)} is as before.`);
      expect(fs.existsSync(place('c'))).toBe(false);
    }
  });
});
