import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { unpackedRoot } from '../support/root.ts';
import { checkout, daruma } from './daruma.ts';

/** A copy of an example that may be changed. */
function copyOf(example: string): string {
  const root = unpackedRoot({});
  fs.cpSync(path.join(checkout, 'examples', example), root, { recursive: true, verbatimSymlinks: true });
  return root;
}

/** Every file below a folder with its content, permissions and target. */
function snapshot(root: string): readonly string[] {
  return fs
    .readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map(name => {
      const file = path.join(root, name);
      const status = fs.lstatSync(file);
      if (status.isSymbolicLink()) return `${name} -> ${fs.readlinkSync(file)}`;
      if (status.isDirectory()) return `${name}/`;
      return `${name} ${status.mode.toString(8)} ${fs.readFileSync(file, 'utf8')}`;
    })
    .sort();
}

const statusDocument = z.object({
  units: z.array(
    z.object({
      unit: z.string(),
      falls: z.record(z.string(), z.object({ getsUp: z.union([z.boolean(), z.literal('on-demand')]) })),
    }),
  ),
});

/** The services and falls that stay down: `litellm.service exit0`. */
async function fallsThatStayDown(root: string): Promise<readonly string[]> {
  const { units } = statusDocument.parse(
    JSON.parse((await daruma(['status', '--root', root, '--json'])).stdout),
  );
  return units.flatMap(({ unit, falls }) =>
    Object.entries(falls)
      .filter(([name, { getsUp }]) => getsUp === false && !beyondUnitFiles.has(name))
      .map(([name]) => `${unit} ${name}`),
  );
}

/** What a unit file can do nothing about: a hang takes a probe, the user manager's own unit an administrator. */
const beyondUnitFiles = new Set(['hang', 'managerKill']);

/** Several processes one after the other: on a busy machine each takes seconds. */
const timeout = 120_000;

describe.each(['neko', 'kuma'])('daruma fix on %s', { timeout }, example => {
  it('makes every service get up after every fall that a unit file can cover', async () => {
    const root = copyOf(example);
    const { code, stderr } = await daruma(['fix', '--root', root, '--yes']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(await fallsThatStayDown(root)).toEqual([]);
  });

  it.each([252, 257])('writes what systemd %s allows: from 254 on waits that grow', async systemd => {
    const root = copyOf(example);
    const { stdout } = await daruma(['fix', '--root', root, '--dry-run', '--systemd', String(systemd)]);
    expect(stdout).toContain('+RestartSec=5');
    expect(stdout.includes('+RestartSteps=10') && stdout.includes('+RestartMaxDelaySec=30')).toBe(
      systemd >= 254,
    );
  });

  it('shows the table before and after', async () => {
    const { stdout } = await daruma(['fix', '--root', copyOf(example), '--yes']);
    expect(stdout.match(/^service +exit 0 +exit 1/gm)).toHaveLength(2);
  });

  it.each(['en', 'zh-CN'])('gives each reason in one short line (%s)', async language => {
    const root = copyOf(example);
    const { stdout } = await daruma([
      'fix',
      '--root',
      root,
      '--dry-run',
      '--systemd',
      '257',
      '--lang',
      language,
    ]);
    const comments = stdout.split('\n').filter(line => line.startsWith('+#'));
    expect(comments.filter(line => line.length > 100)).toEqual([]);
    expect(comments.filter(line => /^\+# [a-z-]+: ./.test(line)).length).toBeGreaterThan(0);
    expect(stdout).not.toMatch(/^(\+# .*)\n\+[^#\n]*\n\1$/m);
  });

  it('changes nothing with --dry-run', async () => {
    const root = copyOf(example);
    const before = snapshot(root);
    const { code, stdout } = await daruma(['fix', '--root', root, '--dry-run']);
    expect(code).toBe(0);
    expect(stdout).toContain('+Restart=always');
    expect(snapshot(root)).toEqual(before);
  });

  it('shows each file as it was before in the document, also once it is changed', async () => {
    const root = copyOf(example);
    const files = async (...words: readonly string[]) => {
      const { stdout } = await daruma(['fix', '--root', root, '--json', ...words]);
      return JSON.parse(stdout).plan.files;
    };
    const planned = await files('--dry-run');
    expect(planned.length).toBeGreaterThan(0);
    expect(await files('--yes')).toEqual(planned);
  });

  it('has nothing left to do the second time', async () => {
    const root = copyOf(example);
    await daruma(['fix', '--root', root, '--yes']);
    const after = snapshot(root);
    const again = await daruma(['fix', '--root', root, '--yes']);
    expect(again.stdout).toContain('There is nothing that daruma can put right by itself.');
    expect(snapshot(root)).toEqual(after);
  });

  it('is taken back to the byte', async () => {
    const root = copyOf(example);
    const before = snapshot(root);
    await daruma(['fix', '--root', root, '--yes']);
    expect(snapshot(root)).not.toEqual(before);
    const undone = await daruma(['undo', '--root', root]);
    expect({ code: undone.code, stderr: undone.stderr }).toEqual({ code: 0, stderr: '' });
    expect(snapshot(root)).toEqual(before);
    expect((await daruma(['undo', '--root', root])).stdout).toBe('There is no fix to take back.\n');
  });
});

describe('a fix that cannot be taken back whole', { timeout }, () => {
  it('is said to be taken back in part: what is as before, and what is not', async () => {
    const root = copyOf('neko');
    const before = snapshot(root);
    const planned = await daruma(['fix', '--root', root, '--yes', '--json']);
    const id = String(JSON.parse(planned.stdout).applied.id);
    const ours = fs
      .readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter(file => file.endsWith('zz-daruma.conf'))
      .map(file => path.join(root, file))
      .toSorted();
    const [changed = '', ...others] = ours;
    const text = fs.readFileSync(changed, 'utf8');
    fs.appendFileSync(changed, '# mine\n');

    const { code, stdout } = await daruma(['undo', '--root', root]);
    expect(code).toBe(3);
    const [head, ...lines] = stdout.trimEnd().split('\n');
    expect(head).toBe(`Fix ${id} taken back in part only:`);
    expect(lines).toContain(`${changed} was changed since, and is left as it is.`);
    for (const other of others) expect(lines).toContain(`${other} is as before.`);
    const list = async () => (await daruma(['undo', '--root', root, '--list'])).stdout;
    expect(await list()).toMatch(new RegExp(`^${id}  taken back as far as possible  `));
    // It does not stand before other fixes. Asked for by its number, it names each file again.
    expect((await daruma(['undo', '--root', root])).stdout).toBe('There is no fix to take back.\n');
    const again = (await daruma(['undo', id, '--root', root])).stdout;
    expect(again.trimEnd().split('\n').toSorted()).toEqual(stdout.trimEnd().split('\n').toSorted());
    fs.writeFileSync(changed, text);
    expect(await daruma(['undo', id, '--root', root])).toMatchObject({
      code: 0,
      stdout: `Fix ${id} taken back: 1 file as before.\n`,
    });
    expect(snapshot(root)).toEqual(before);
    expect(await list()).toMatch(new RegExp(`^${id}  taken back  `));
  });
});

describe('special permission bits', { timeout }, () => {
  const unit = 'home/kuma/.config/systemd/user/a.service';
  const dropIn = `${unit}.d/zz-daruma.conf`;

  /** A unit with a secret, and a drop-in, both with all the bits that there are. */
  function special(): string {
    const root = unpackedRoot({
      'etc/passwd': 'kuma:x:1000:1000::/home/kuma:/bin/bash\n',
      [unit]:
        '[Service]\nExecStart=/bin/a\nEnvironment=API_KEY=sk-0123456789abcdef0123456789abcdef\n[Install]\nWantedBy=default.target\n',
      [dropIn]: '[Service]\nNice=5\n',
    });
    for (const file of [unit, dropIn]) fs.chmodSync(path.join(root, file), 0o6777);
    return root;
  }

  it('are not set again by an undo, which names the files that had them', async () => {
    const root = special();
    await daruma(['fix', '--root', root, '--yes']);
    const files = [unit, dropIn].map(file => path.join(root, file));
    const modes = () => files.map(file => fs.statSync(file).mode & 0o7777);
    expect(modes().filter(mode => mode > 0o777)).toEqual([]);
    const { code, stdout } = await daruma(['undo', '--root', root]);
    expect(code).toBe(3);
    expect(modes()).toEqual([0o777, 0o777]);
    for (const file of files) expect(stdout).toContain(`${file} is as before, but not set-user-ID`);
    expect(fs.readFileSync(files[1] ?? '', 'utf8')).toBe('[Service]\nNice=5\n');
    // No undo sets them, so it is not tried again.
    expect(await daruma(['undo', '--root', root])).toMatchObject({
      code: 0,
      stdout: 'There is no fix to take back.\n',
    });
  });

  it('are told of in JSON', async () => {
    const root = special();
    await daruma(['fix', '--root', root, '--yes']);
    const { stdout } = await daruma(['undo', '--root', root, '--json']);
    expect(JSON.parse(stdout).masked.toSorted()).toEqual(
      [dropIn, unit].map(file => path.join(root, file)).toSorted(),
    );
  });
});

describe('daruma fix', { timeout }, () => {
  it('asks somebody, or is told not to', async () => {
    const root = copyOf('neko');
    const before = snapshot(root);
    const { code, stderr } = await daruma(['fix', '--root', root]);
    expect(code).toBe(2);
    expect(stderr).toContain('--yes');
    expect(snapshot(root)).toEqual(before);
  });

  it('names the command for what it could settle and was not asked for', async () => {
    const root = unpackedRoot({
      'etc/passwd': 'kuma:x:1000:1000::/home/kuma:/bin/bash\n',
      'home/kuma/.config/systemd/user/a.service':
        '[Service]\nExecStart=/bin/a\nRestart=always\nRestartSec=5\n[Install]\nWantedBy=default.target\n',
    });
    const { stdout } = await daruma(['fix', '--root', root, '--yes']);
    const command = `fix --only restart-backoff-available --root ${root}`;
    expect(stdout).toMatch(/^Left as it is, unless you ask for it\n {2}a\.service:4 /m);
    expect(stdout).toContain(`\n  $ daruma ${command}\n`);
    expect((await daruma(['fix', '--root', root, '--dry-run', '--lang', 'zh-CN'])).stdout).toContain(
      '保持现状，需要时可让 daruma 处理\n',
    );
    // A command beside "nothing to do" would be a contradiction.
    const again = (await daruma(['fix', '--root', root, '--dry-run'])).stdout;
    expect(again).toContain(`\n  $ daruma ${command}\n`);
    expect(again).not.toMatch(/There is nothing that daruma can put right|This settles/);
    expect(again).toMatch(/^3 findings are left\.$/m);
    expect((await daruma([...command.split(' '), '--yes'])).stdout).toContain('+RestartSteps=10\n');
    expect((await daruma(['fix', '--root', root, '--dry-run'])).stdout).not.toContain('--only');
  });

  it('says of what it changes and does not settle that it is otherwise then', async () => {
    const root = copyOf('kuma');
    const { stdout } = await daruma(['fix', '--root', root, '--dry-run', '--only', 'no-hang-detection']);
    expect(stdout).toMatch(/^\d+ findings are left, 3 of them changed by it\.$/m);
    const said = stdout.replaceAll(/\s+/g, ' ');
    expect(said).toContain('New or different with this change');
    expect(said).toContain('Nothing notices when LiteLLM hangs: nothing asks its probe yet');
  });

  it('shows on a terminal what it waits for, and takes the line away again', async () => {
    const root = copyOf('kuma');
    const watched = await daruma(['fix', '--root', root, '--yes'], { isWatched: true });
    const lines = watched.stderr.split('\r\u001b[K');
    expect(lines).toContain('checking the services, and what each change would do to them, 0 s ...');
    expect(lines.at(-1)).toBe('');
    const quiet = ['--quiet', '--json'].map(option =>
      daruma(['fix', '--root', root, '--dry-run', option], { isWatched: true }),
    );
    for (const { stderr } of await Promise.all(quiet)) expect(stderr).toBe('');
  });

  it('keeps to one rule', async () => {
    const root = copyOf('kuma');
    const { stdout } = await daruma(['fix', '--root', root, '--only', 'linger-off', '--dry-run', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      plan: {
        files: [{ path: '/var/lib/systemd/linger/kuma', kind: 'write', before: null, after: '' }],
        steps: [{ kind: 'enable-linger', user: 'kuma' }],
      },
      applied: null,
    });
  });

  it('knows no other rules', async () => {
    const { code, stderr } = await daruma([
      'fix',
      '--root',
      'examples/neko',
      '--only',
      'linger-of',
      '--dry-run',
    ]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'daruma: there is no rule "linger-of" (did you mean linger-off?)\n',
    });
  });

  it('writes the drop-ins elsewhere', async () => {
    const root = copyOf('neko');
    const before = snapshot(root);
    const folder = path.join(unpackedRoot({}), 'drop-ins');
    const { code } = await daruma(['fix', '--root', root, '--to', folder]);
    expect(code).toBe(0);
    expect(fs.readFileSync(path.join(folder, 'litellm.service.d/zz-daruma.conf'), 'utf8')).toContain(
      'Restart=always',
    );
    expect(fs.readdirSync(folder).every(name => name.endsWith('.service.d'))).toBe(true);
    expect(snapshot(root)).toEqual(before);
  });

  it('writes elsewhere only what is shown and wanted', async () => {
    const root = copyOf('neko');
    const folder = path.join(unpackedRoot({}), 'drop-ins');
    const args = ['fix', 'litellm', '--root', root, '--to', folder];
    const file = path.join(folder, 'litellm.service.d/zz-daruma.conf');
    const shown = await daruma([...args, '--dry-run']);
    expect(shown).toMatchObject({ code: 0, stdout: expect.stringContaining(`+++ ${file}\n`) });
    expect(fs.existsSync(folder)).toBe(false);

    expect((await daruma(args)).stdout).toBe(`wrote ${file}\n`);
    expect(await daruma(args)).toMatchObject({ code: 0, stdout: expect.not.stringContaining('wrote') });
    const text = fs.readFileSync(file, 'utf8');
    fs.writeFileSync(file, '# mine\n');
    expect(await daruma(args)).toMatchObject({ code: 2, stdout: expect.stringContaining('-# mine') });
    expect(fs.readFileSync(file, 'utf8')).toBe('# mine\n');
    expect((await daruma([...args, '--yes'])).code).toBe(0);
    expect(fs.readFileSync(file, 'utf8')).toBe(text);

    const blocked = await daruma([...args.slice(0, -1), `${file}/below`]);
    expect(blocked).toMatchObject({ code: 3, stderr: expect.stringContaining('could not be written') });
  });

  it('is taken back where the system lies elsewhere by then', async () => {
    const root = copyOf('neko');
    const before = snapshot(root);
    const { stdout } = await daruma(['fix', '--root', root, '--yes']);
    expect(stdout).toMatch(new RegExp(`"daruma undo \\S+ --root ${root}" takes it back`));
    const elsewhere = unpackedRoot({});
    fs.cpSync(root, elsewhere, { recursive: true, verbatimSymlinks: true });
    const after = snapshot(root);
    expect(await daruma(['undo', '--root', elsewhere])).toMatchObject({ code: 0, stderr: '' });
    expect(snapshot(elsewhere)).toEqual(before);
    expect(snapshot(root)).toEqual(after);
  });

  it('writes the probes that it knows into the configuration, unless that is a link', async () => {
    const root = copyOf('kuma');
    const file = path.join(root, 'home/kuma/.config/daruma/config.yaml');
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, '# mine\nunits:\n  litellm: { critical: true } # the proxy\n');
    await daruma(['fix', '--root', root, '--yes', '--only', 'no-hang-detection']);
    expect(fs.readFileSync(file, 'utf8')).toBe(
      '# mine\nunits:\n  litellm: { critical: true, probe: auto } # the proxy\n  copilot-api:\n    probe: auto\n  openclaw-gateway:\n    probe: auto\n',
    );
    await daruma(['undo', '--root', root]);
    fs.renameSync(file, `${file}.kept`);
    fs.symlinkSync('config.yaml.kept', file);
    const { stdout } = await daruma([
      'fix',
      '--root',
      root,
      '--dry-run',
      '--json',
      '--only',
      'no-hang-detection',
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ plan: { files: [] } });
  });

  it('gives a file its permissions together with its new content', async () => {
    const root = copyOf('kuma');
    const file = path.join(root, 'home/kuma/.config/daruma/config.yaml');
    fs.mkdirSync(path.dirname(file), { recursive: true });
    const channel = 'type: webhook, url: "https://hub.example.com/hook?token=0123456789abcdefghijklmn"';
    fs.writeFileSync(file, `notify: { channels: [{ ${channel} }] }\n`, { mode: 0o644 });
    const before = snapshot(root);
    expect(await daruma(['fix', '--root', root, '--yes'])).toMatchObject({ code: 0 });
    expect(fs.readFileSync(file, 'utf8')).toMatch(/^notify: .*\nunits:\n[^]*probe: auto/);
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
    expect((await daruma(['undo', '--root', root])).code).toBe(0);
    expect(snapshot(root)).toEqual(before);
  });

  it('lists what was done', async () => {
    const root = copyOf('neko');
    await daruma(['fix', '--root', root, '--yes']);
    const { stdout } = await daruma(['undo', '--root', root, '--list']);
    expect(stdout).toMatch(/^\d{8}T\d{6}Z {2}done {2}/);
    const unknown = await daruma(['undo', 'yesterday', '--root', root]);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('there is no fix yesterday');
  });
});

describe('the figures of a plan', () => {
  /** Many services with several findings of one rule each, of which a fix settles some, and more than are listed. */
  function manyServices(): string {
    const ignored = Array.from({ length: 60 }, (_, index) => `Wrong${index}=1\n`).join('\n');
    const unit = `[Service]\nExecStart=/bin/a\nExecStartPost=/bin/tell up\nExecStartPost=/bin/tell all\nRestart=on-failure\n${ignored}[Install]\nWantedBy=default.target\n`;
    const units = Array.from({ length: 26 }, (_, index) => [
      `home/kuma/.config/systemd/user/s${index}.service`,
      unit,
    ]);
    return unpackedRoot({
      'etc/passwd': 'kuma:x:1000:1000::/home/kuma:/bin/bash\n',
      ...Object.fromEntries(units),
    });
  }
  const sum = (counts: Record<string, number>) =>
    ['critical', 'warning', 'info', 'alike'].reduce((all, key) => all + (counts[key] ?? 0), 0);

  it.each([[[]], [['--only', 'restart-blind-spot']], [['--only', 'start-post-can-kill']]])(
    'are those of a check before and after it: fix %j',
    { timeout: 60_000 },
    async only => {
      const root = manyServices();
      const checked = async () => {
        const { stdout } = await daruma(['check', '--json', '--root', root]);
        return sum(JSON.parse(stdout).summary);
      };
      const before = await checked();
      const { stdout } = await daruma(['fix', '--yes', '--root', root, ...only]);
      const figures = /This settles (\d+) findings? and leaves (\d+)(?:, and (\d+) more)?/.exec(
        stdout.replaceAll(/\s+/g, ' '),
      );
      const [settles = 0, leaves = 0, notListed = 0] =
        figures?.slice(1).map(figure => Number(figure ?? 0)) ?? [];
      expect(notListed).toBeGreaterThan(0);
      expect(leaves + notListed).toBe(await checked());
      // What a plan brings is counted among what it leaves.
      const brought =
        /New or different with this change([\s\S]*?)\n\n/.exec(stdout)?.[1]?.match(/^ {2}\S/gm) ?? [];
      expect(settles + leaves + notListed - before).toBeGreaterThanOrEqual(0);
      expect(settles + leaves + notListed - before).toBeLessThanOrEqual(brought.length);
    },
  );
});
