/** `daruma config`, and what a configuration changes for the other commands. */
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { unpackedRoot } from '../support/root.ts';
import { checkout, daruma, type RunOptions } from '../cli/daruma.ts';

const golden = (name: string) => path.join(checkout, 'test/cli/golden', name);

/** With paths of this checkout and of this test made the same everywhere. */
async function shown(args: readonly string[], root = checkout, options: RunOptions = {}) {
  const { code, stdout, stderr } = await daruma(args, options);
  const same = (text: string) => text.replaceAll(root, '/somewhere');
  return { code, stdout: same(stdout), stderr: same(stderr) };
}

const bad = `rules:
  linger-of: info
  restart-blind-spot: warn
units:
  litellm:
    critical: yes
    probe: {htp: "http://127.0.0.1:4000/"}
  copilot-api:
    probe: {http: "http://127.0.0.1:4141/", status: [20]}
notfy: {}
`;

describe('daruma config show', () => {
  it('gives every value of the example with its line', async () => {
    const { code, stdout, stderr } = await shown(['config', '--root', 'examples/neko-fixed']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    // The rules there are have a reference of their own.
    const units = stdout.replace(/^rules\n(?: {2}.*\n)+\n/m, '');
    await expect(units).toMatchFileSnapshot(golden('config-show.txt'));
    expect(stdout).toMatch(
      /\nDefaults:\n\nrules\n {2}goes-to-background +warning\n {2}restart-blind-spot +critical\n/,
    );
  });

  it('is what comes without an action', async () => {
    const args = ['--root', 'examples/neko-fixed'];
    expect(await daruma(['config', 'show', ...args])).toEqual(await daruma(['config', ...args]));
  });

  it('says where it looked when there is nothing', async () => {
    const { code, stdout } = await shown(['config', '--root', 'examples/neko']);
    expect(code).toBe(0);
    // Each path whole, on whatever line.
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'Looked for: /somewhere/examples/neko/home/azureuser/.config/daruma/config.yaml, /somewhere/examples/neko/etc/daruma/config.yaml ',
    );
  });

  it('shows what was set, and the defaults behind it, lists as one writes them', async () => {
    const root = unpackedRoot({
      'c.yaml':
        'rules: {linger-off: off}\nunits:\n  x.service:\n    critical: false\n    probe: {command: [/bin/check, -q]}\n    ignore: {linger-off: a reason}\n  y: {probe: auto}\n',
    });
    const { stdout } = await shown(['config', '--config', `${root}/c.yaml`, '--lang', 'zh-CN']);
    const [, own = '', defaults = ''] = /你设置的值：\n\n([^]*)\n默认值：\n\n([^]*)/.exec(stdout) ?? [];
    expect(own).toBe(
      `rules
  linger-off  off  第 1 行

units.x
  critical           false             第 4 行
  probe.command      [/bin/check, -q]  第 5 行
  ignore.linger-off  a reason          第 6 行

units.y
  probe  auto  第 7 行
`,
    );
    expect(defaults).not.toContain('行');
    expect(defaults).toMatch(/^ {2}restart-blind-spot +critical$/m);
    expect(defaults).toContain(
      `units.x
  probe.interval  30s
  probe.timeout   10s
  probe.failures  3
  probe.grace     60s

units.y
  critical  true
`,
    );
  });

  it('has nothing but defaults without a file', async () => {
    const { stdout } = await shown(['config', '--root', 'examples/neko']);
    expect(stdout).toMatch(/\nDefaults:\n\nrules\n/);
    expect(stdout).not.toContain('What you have set');
  });
});

describe('daruma config path', () => {
  it('prints the file alone', async () => {
    expect(await shown(['config', 'path', '--root', 'examples/neko-fixed'])).toEqual({
      code: 0,
      stdout: '/somewhere/examples/neko-fixed/home/azureuser/.config/daruma/config.yaml\n',
      stderr: '',
    });
  });

  it('prints where it would be, with a note', async () => {
    const file = '/srv/kuma/daruma/config.yaml';
    const options = { env: { XDG_CONFIG_HOME: '/srv/kuma' } };
    expect(await daruma(['config', 'path'], options)).toEqual({
      code: 0,
      stdout: `${file}\n`,
      stderr: `${file} does not exist; none is needed\n`,
    });
    expect((await daruma(['config', 'path', '--quiet'], options)).stderr).toBe('');
  });

  it('has nothing to print for a folder of units', async () => {
    const { code, stdout, stderr } = await daruma([
      'config',
      'path',
      '--home',
      unpackedRoot({ 'x.service': '' }),
    ]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain('--config');
  });
});

describe('daruma config validate', () => {
  it.each(['en', 'zh-CN'] as const)('lists all that is wrong, each at its place (%s)', async language => {
    const root = unpackedRoot({ 'bad.yaml': bad });
    const { code, stdout, stderr } = await shown(
      ['config', 'validate', `${root}/bad.yaml`, '--lang', language],
      root,
    );
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    await expect(stderr).toMatchFileSnapshot(golden(`config-problems.${language}.txt`));
  });

  it('says the same to programs', async () => {
    const root = unpackedRoot({ 'bad.yaml': bad });
    const { stderr } = await daruma(['config', 'validate', `${root}/bad.yaml`]);
    const { code, stdout } = await daruma(['config', 'validate', `${root}/bad.yaml`, '--json']);
    expect(code).toBe(2);
    const { error } = JSON.parse(stdout);
    const lines = error.problems.map(
      (problem: {
        message: string;
        hint: string | null;
        source: { file: string; line: number; column: number };
      }) => {
        const { source, message, hint } = problem;
        return `${source.file}:${source.line}:${source.column}: ${message}${hint === null ? '' : ` (${hint})`}`;
      },
    );
    expect([`daruma: ${error.message}`, ...lines, ''].join('\n')).toBe(stderr);
  });

  it('never repeats a value: it may be a secret', async () => {
    const root = unpackedRoot({
      'c.yaml': 'units: {x: {probe: {http: "http://me:hunter2@a/"}, critical: hunter2}}\n',
    });
    for (const more of [[], ['--json'], ['--verbose']]) {
      const { code, stdout, stderr } = await daruma(['config', 'validate', `${root}/c.yaml`, ...more]);
      expect(code).toBe(2);
      expect(stdout + stderr).not.toContain('hunter2');
    }
  });

  it('is content with the example, and with no file at all', async () => {
    expect(await shown(['config', 'validate', '--root', 'examples/neko-fixed'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/config\.yaml:\s+no\s+problems\n$/),
    });
    expect((await daruma(['config', 'validate', '--root', 'examples/neko'])).code).toBe(0);
    expect((await daruma(['config', 'validate', '/dev/null'])).code).toBe(0);
  });
});

describe('a file that cannot be read as one', () => {
  it.each([
    ['--config', ['status', '--config', '/nonexistent/c.yaml'], {}, '/nonexistent/c.yaml does not exist'],
    [
      'DARUMA_CONFIG',
      ['check'],
      { DARUMA_CONFIG: '/nonexistent/c.yaml' },
      '/nonexistent/c.yaml does not exist',
    ],
    ['a folder', ['config', '--config', '/etc'], {}, '/etc is not a regular file'],
    [
      'an unknown action',
      ['config', 'vlidate'],
      {},
      'config does not take "vlidate"; it takes show, path, schema, validate (did you mean daruma config validate?)',
    ],
    [
      'a file for show',
      ['config', 'show', 'x.yaml'],
      {},
      'that is more than this command takes (run "daruma --help")',
    ],
    [
      'a file twice',
      ['config', 'validate', 'x.yaml', '--config', 'y.yaml'],
      {},
      '--config and x.yaml exclude each other',
    ],
  ])('%s', async (_, args, env, message) => {
    expect(await daruma(args, { env })).toEqual({ code: 2, stdout: '', stderr: `daruma: ${message}\n` });
  });

  it('spells control characters out', async () => {
    const root = unpackedRoot({ 'c.yaml': '"\\e[2J": 1\n' });
    const { stderr } = await daruma(['check', '--config', `${root}/c.yaml`]);
    expect(stderr).toContain('unknown key "\\x1b[2J"');
  });
});

describe('what it changes', () => {
  const unit = '[Service]\nExecStart=/bin/true\nRestart=no\n[Install]\nWantedBy=default.target\n';
  const machine = {
    'etc/passwd': 'kuma:x:1000:1000::/home/kuma:/bin/bash\n',
    'bin/true': '',
    'home/kuma/.config/systemd/user/mine.service': unit,
    'usr/lib/systemd/user/theirs.service': unit,
  };
  const config = 'home/kuma/.config/daruma/config.yaml';

  interface Found {
    readonly rule: string;
    readonly unit: string | null;
    readonly severity: string;
  }

  async function check(text: string, ...more: readonly string[]) {
    const root = unpackedRoot({ ...machine, [config]: text });
    const { stdout, stderr } = await daruma(['check', '--root', root, '--json', ...more]);
    const { findings, summary } = JSON.parse(stdout);
    const ofRule = (rule: string): readonly Found[] => findings.filter((found: Found) => found.rule === rule);
    return { blindSpots: ofRule('restart-blind-spot'), linger: ofRule('linger-off'), summary, stderr };
  }

  it('without a word, everything is as it was', async () => {
    const { blindSpots, linger } = await check('');
    expect(blindSpots).toMatchObject([{ unit: 'mine.service', severity: 'critical' }]);
    expect(linger).toHaveLength(1);
  });

  it('services named in it count as own ones, in check and status alike', async () => {
    const text = 'units:\n  theirs:\n';
    expect((await check(text)).blindSpots.map(found => found.unit)).toEqual([
      'mine.service',
      'theirs.service',
    ]);
    const root = unpackedRoot({ ...machine, [config]: text });
    for (const args of [
      ['status', '--root', root],
      ['status', root],
      ['explain', '--root', root],
    ]) {
      const { units } = JSON.parse((await daruma([...args, '--json'])).stdout);
      expect(units.map((each: { unit: string }) => each.unit)).toEqual(['mine.service', 'theirs.service']);
    }
  });

  it('but not where services are named one by one', async () => {
    expect((await check('units:\n  theirs:\n', 'mine')).blindSpots.map(found => found.unit)).toEqual([
      'mine.service',
    ]);
  });

  it('rules are silenced or weighed otherwise', async () => {
    const { blindSpots, linger } = await check('rules: {linger-off: off, restart-blind-spot: info}');
    expect(linger).toEqual([]);
    expect(blindSpots).toMatchObject([{ severity: 'info' }]);
  });

  it('nothing about a service that need not run is critical', async () => {
    expect((await check('units: {mine: {critical: false}}')).blindSpots).toMatchObject([
      { severity: 'warning' },
    ]);
  });

  it('accepted findings are counted', async () => {
    const { blindSpots, summary } = await check('units: {mine: {ignore: {restart-blind-spot: on purpose}}}');
    expect(blindSpots).toEqual([]);
    expect(summary).toMatchObject({ suppressed: 1 });
  });

  it('a unit that is not there is told of, unless quiet', async () => {
    const text = 'units:\n  mien:\n';
    const note = `/${config}:2: there is no mien.service here (did you mean mine.service?)\n`;
    expect((await check(text)).stderr).toContain(note);
    expect((await check(text, '--quiet')).stderr).not.toContain('mien');
  });

  it('of several machines each has its own', async () => {
    const silent = unpackedRoot({ ...machine, [config]: 'rules: {restart-blind-spot: off}' });
    const loud = unpackedRoot(machine);
    const { findings } = JSON.parse((await daruma(['check', silent, loud, '--json'])).stdout);
    const hosts = findings.filter((found: Found) => found.rule === 'restart-blind-spot');
    expect(hosts).toHaveLength(1);
  });

  it('--config counts for every machine', async () => {
    const root = unpackedRoot({
      ...machine,
      [config]: 'nonsense',
      'c.yaml': 'rules: {restart-blind-spot: off}',
    });
    const { code, stdout } = await daruma(['check', '--root', root, '--config', `${root}/c.yaml`, '--json']);
    expect(code).not.toBe(2);
    expect(stdout).not.toContain('restart-blind-spot');
  });
});
