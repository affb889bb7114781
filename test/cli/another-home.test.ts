/** Root looks at what belongs to another user: nothing of theirs leads to what they could not read, or keeps the rest from being done. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { Journal } from '../../src/transaction/journal.ts';
import { unpackedRoot, type Tree } from '../support/root.ts';
import { daruma } from './daruma.ts';

const isRoot = process.getuid?.() === 0;
const other = 4321;
const units = '.config/systemd/user';
const records = '.local/state/daruma/fixes';
const plain = '[Service]\nExecStart=/bin/true\nRestart=on-failure\n[Install]\nWantedBy=default.target\n';
const longest = `${'a'.repeat(255 - '.service'.length)}.service`;

interface Theirs {
  readonly home: string;
  /** Root's own, for nobody else. */
  readonly priv: string;
  readonly open: string;
}

function theirs(tree: (folders: Omit<Theirs, 'home'>) => Tree): Theirs {
  const priv = unpackedRoot({ 'a.conf': '[Service]\nFrobnicate=topsecret\n' });
  const open = unpackedRoot({ 'o.conf': '[Service]\nFrobnicate=known\n' });
  fs.chmodSync(priv, 0o700);
  fs.chmodSync(open, 0o755);
  const home = unpackedRoot(tree({ priv, open }));
  if (isRoot) chownAll(home);
  return { home, priv, open };
}

function chownAll(folder: string, uid = other): void {
  fs.lchownSync(folder, uid, uid);
  for (const name of fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    fs.lchownSync(path.join(folder, name), uid, uid);
}

describe.runIf(isRoot)('a link out of the home of another user', () => {
  const linked = ({ priv, open }: Omit<Theirs, 'home'>): Tree => ({
    [`${units}/web.service`]: plain,
    [`${units}/web.service.d`]: { link: priv },
    [`${units}/rr.service`]: { link: `${priv}/a.conf` },
    [`${units}/named.service`]: `${plain}[Service]\nEnvironmentFile=${priv}/a.conf\n`,
    [`${units}/ok.service`]: plain,
    [`${units}/ok.service.d`]: { link: open },
    units: { link: priv },
  });

  it.each([
    ['--home', (home: string) => ['--home', home]],
    ['a folder', (home: string) => [home]],
    ['a folder of units', (home: string) => [path.join(home, units)]],
    ['files', (home: string) => ['web', 'rr', 'ok'].map(name => path.join(home, units, `${name}.service`))],
  ])('leads to nothing that they could not read: %s', async (_, words) => {
    const { home } = theirs(linked);
    const { stdout, stderr } = await daruma(['check', ...words(home)]);
    expect(stdout + stderr).not.toContain('topsecret');
    expect(stdout).toContain('Frobnicate=known');
    expect(stdout).toContain('cannot be read (EACCES)');
  });

  it('does not lead an account of this machine to what the group of root may read', async () => {
    // `daemon` of every distribution (Linux Standard Base).
    const daemon = 1;
    const shared = unpackedRoot({ 'a.conf': '[Service]\nFrobnicate=topsecret\n' });
    fs.chmodSync(shared, 0o755);
    fs.chmodSync(`${shared}/a.conf`, 0o640);
    const home = unpackedRoot({ [`${units}/rr.service`]: { link: `${shared}/a.conf` } });
    chownAll(home, daemon);
    const { stdout, stderr } = await daruma(['check', '--home', home]);
    expect(stdout + stderr).toContain('EACCES');
    expect(stdout + stderr).not.toContain('topsecret');
  });

  it('is theirs in a folder of root, too', async () => {
    const { priv, open } = theirs(() => ({}));
    const folder = unpackedRoot({
      'web.service': plain,
      'web.service.d/a.conf': { link: `${priv}/a.conf` },
      'ok.service': plain,
      'ok.service.d': { link: open },
    });
    chownAll(`${folder}/web.service.d`);
    fs.lchownSync(`${folder}/ok.service.d`, other, other);
    const { stdout, stderr } = await daruma(['check', folder]);
    expect(stdout + stderr).not.toContain('topsecret');
    expect(stdout).toContain('Frobnicate=known');
  });

  it('is named as it is called in the home', async () => {
    const { home } = theirs(({ priv }) => ({
      [`${units}/web.service`]: plain,
      '.config/daruma/config.yaml': { link: `${priv}/a.conf` },
    }));
    const { code, stderr } = await daruma(['check', '--home', home]);
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: `daruma: ${home}/.config/daruma/config.yaml cannot be read (EACCES)\n`,
    });
  });

  it('makes no folder of theirs out of one of root', async () => {
    const { home } = theirs(linked);
    fs.writeFileSync(
      path.join(fs.realpathSync(`${home}/units`), 's.service'),
      `${plain}[Service]\nFrobnicate=topsecret\n`,
    );
    const { stdout, stderr } = await daruma(['check', `${home}/units`]);
    expect(stdout + stderr).not.toContain('topsecret');
  });

  it('is left out of a fix and named, and all others are fixed', async () => {
    const { home, priv } = theirs(linked);
    const { code, stdout } = await daruma(['fix', '--yes', '--home', home]);
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/web\.service:\s+\S*web\.service\.d\/zz-daruma\.conf\s+leads\s+out of/),
    });
    expect(fs.readdirSync(priv)).toEqual(['a.conf']);
    expect(fs.existsSync(path.join(home, units, 'named.service.d/zz-daruma.conf'))).toBe(true);
  });
});

describe('what keeps one unit from being written', () => {
  it.each<[string, Tree, string]>([
    ['a link to nowhere', { [`${units}/web.service.d`]: { link: '/nowhere' } }, 'not-writable'],
    ['a link out', { [`${units}/web.service.d`]: { link: '/etc' } }, 'leads-out'],
    ['a file in the place of its folder', { [`${units}/web.service.d`]: 'x' }, 'not-writable'],
    [
      'a drop-in that is a link to nowhere',
      { [`${units}/web.service.d/zz-daruma.conf`]: { link: '/no' } },
      'not-writable',
    ],
    [
      'a drop-in of sixty-four megabytes',
      { [`${units}/web.service.d/zz-daruma.conf`]: Buffer.alloc(64 * 2 ** 20) },
      'too-large',
    ],
  ])('keeps no other from it: %s', async (_, more, why) => {
    const home = unpackedRoot({ [`${units}/web.service`]: plain, [`${units}/b.service`]: plain, ...more });
    const { code, stdout } = await daruma(['fix', '--yes', '--json', '--home', home]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ plan: { leftOut: [{ unit: 'web.service', why }] } });
    expect(fs.existsSync(path.join(home, units, 'b.service.d/zz-daruma.conf'))).toBe(true);
  });

  it('keeps nothing from being written elsewhere, but for a name that is too long', async () => {
    const more = { [`${units}/${longest}`]: plain, [`${units}/web.service.d`]: { link: '/etc' } };
    const home = unpackedRoot({ [`${units}/web.service`]: plain, 'to/': '', ...more });
    const { code, stdout } = await daruma(['fix', '--to', path.join(home, 'to'), '--home', home]);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('left out') });
    expect(fs.readdirSync(path.join(home, 'to'))).toEqual(['web.service.d']);
  });

  it('is a name for whose drop-ins there can be no folder', async () => {
    const home = unpackedRoot({ [`${units}/${longest}`]: plain, [`${units}/b.service`]: plain });
    const { code, stdout } = await daruma(['fix', '--yes', '--json', '--home', home]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      plan: { leftOut: [{ unit: longest, why: 'name-too-long' }] },
    });
    expect(fs.existsSync(path.join(home, units, 'b.service.d/zz-daruma.conf'))).toBe(true);
  });
});

describe.runIf(isRoot)('records of another user in their home', () => {
  const theirId = '29990101T000000Z';

  async function fixed(phase: 'done' | 'undone'): Promise<{ readonly home: string; readonly id: string }> {
    const { home } = theirs(() => ({ [`${units}/web.service`]: plain, '.local/state/': '' }));
    const { stdout } = await daruma(['fix', '--yes', '--json', '--home', home]);
    const { id } = JSON.parse(stdout).applied;
    const record = JSON.parse(fs.readFileSync(path.join(home, records, `${id}.json`), 'utf8'));
    fs.writeFileSync(
      path.join(home, records, `${theirId}.json`),
      JSON.stringify({ ...record, id: theirId, phase }),
    );
    fs.writeFileSync(path.join(home, records, '29990102T000000Z.json'), '{');
    chownAll(home);
    return { home, id };
  }

  it('are marked in the list, and no part of the document', async () => {
    const { home, id } = await fixed('undone');
    const { code, stdout } = await daruma(['undo', '--list', '--home', home]);
    expect(code).toBe(0);
    expect(stdout.split('\n').filter(line => !line.startsWith(' '))).toEqual([
      `${id}  done  web.service`,
      `${theirId}  of user ${other}`,
      `29990102T000000Z  of user ${other}`,
      '',
    ]);
    const document = await daruma(['undo', '--list', '--json', '--home', home]);
    expect(JSON.parse(document.stdout)).toMatchObject({ fixes: [{ id, phase: 'done' }] });
  });

  it.each(['done', 'undone'] as const)(
    'do not keep one from taking back what is one’s own: %s',
    async phase => {
      const { home, id } = await fixed(phase);
      const { code, stdout } = await daruma(['undo', '--json', '--home', home]);
      expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 0, undone: id });
      expect(fs.existsSync(path.join(home, units, 'web.service.d'))).toBe(false);
    },
  );

  it.each(['done', 'undone'] as const)(
    'are theirs to take back where they live here, unless %s',
    async phase => {
      const { home } = await fixed(phase);
      const carried = (inhabitant: number | undefined) =>
        new Journal(path.join(home, 'none'), {
          tree: { root: '/', within: [home] },
          stateFolder: path.join(home, records, '..'),
          inhabitant,
        });
      for (const inhabitant of [other, other + 1, undefined]) {
        expect(carried(inhabitant).known(theirId)).toMatchObject({
          refusal: { reason: { uid: other, isForThem: inhabitant === other && phase === 'done' } },
        });
      }
    },
  );

  it('are refused by their number, with advice only where it leads somewhere', async () => {
    const { home } = await fixed('done');
    const { code, stderr } = await daruma(['undo', theirId, '--home', home]);
    expect({ code, stderr }).toMatchObject({ code: 3, stderr: expect.stringContaining(`user ${other}`) });
    // No account of this machine has that home.
    expect(stderr).not.toContain('sudo');
  });
});

describe('the environment of whoever looks', () => {
  it.each([
    ['--root', 'examples/kuma'],
    ['--root', 'examples/neko-fixed'],
    ['--home', 'examples/kuma/home/kuma'],
  ])('says nothing of a tree that is looked at: %s %s', { timeout: 60_000 }, async (...target) => {
    const trap = unpackedRoot({
      'systemd/user/litellm.service.d/zzz.conf': '[Service]\nRestart=no\nEnvironment=TRAP=1\n',
      'daruma/config.yaml': 'rules: {restart-blind-spot: off}\n',
      'dbus-1/services/x.y.service':
        '[D-BUS Service]\nName=x.y\nExec=/bin/true\nSystemdService=litellm.service\n',
      'openclaw.json': '{"agents":{"defaults":{"model":{"primary":"trap/trap"}}}}',
    });
    const folders =
      'XDG_CONFIG_HOME XDG_DATA_HOME XDG_CONFIG_DIRS XDG_DATA_DIRS XDG_RUNTIME_DIR XDG_CACHE_HOME OPENCLAW_HOME OPENCLAW_STATE_DIR';
    const env = {
      ...Object.fromEntries(folders.split(' ').map(name => [name, trap])),
      SYSTEMD_UNIT_PATH: `${trap}/systemd/user`,
      DARUMA_CONFIG: `${trap}/daruma/config.yaml`,
      OPENCLAW_CONFIG_PATH: `${trap}/openclaw.json`,
      OPENCLAW_PROFILE: 'trap',
      LITELLM_MASTER_KEY: 'sk-trap-0123456789abcdef',
    };
    for (const words of [
      'status',
      'explain',
      'check',
      'config',
      'config path',
      'failover status',
      'fix --dry-run',
    ]) {
      const args = [...words.split(' '), '--json', ...target];
      expect({ args, ...(await daruma(args, { env })) }).toEqual({ args, ...(await daruma(args)) });
    }
  });
});
