/** The tables that people photograph, kept as text: see golden/. Run vitest with `-u` after a change that was meant. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { unpackedRoot } from '../support/root.ts';
import { daruma, type RunOptions } from './daruma.ts';

const examples = ['neko', 'kuma', 'neko-fixed'] as const;
// oxlint-disable-next-line no-control-regex -- that is what a colour is
const ansi = /\u001b\[[\d;]*m/g;

async function shown(args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await daruma(args, options);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

describe('daruma status', () => {
  it.each(examples)('of examples/%s in 80 columns', async name => {
    const text = await shown(['status', `examples/${name}`]);
    await expect(text).toMatchFileSnapshot(`golden/status-${name}.txt`);
    expect(widest(text)).toBeLessThanOrEqual(80);
  });

  it.each([
    ['en', '[Install] WantedBy=default.target, then systemctl --user enable a.service'],
    ['zh-CN', '写上 [Install] WantedBy=default.target，再运行 systemctl --user enable a.service'],
  ])('names what [Install] needs before a unit can be enabled (%s)', async (lang, remedy) => {
    const root = unpackedRoot({
      'etc/passwd': 'kuma:x:1000:1000::/home/kuma:/bin/bash\n',
      'home/kuma/.config/systemd/user/a.service': '[Service]\nExecStart=/bin/sleep 1h\nRestart=always\n',
      'bin/sleep': '',
      'var/lib/systemd/linger/kuma': '',
    });
    fs.chmodSync(path.join(root, 'bin/sleep'), 0o755);
    const text = await shown(['status', '--root', root, '--lang', lang], { env: { COLUMNS: '200' } });
    expect(text).toContain(`→ ${remedy}`);
  });

  it('turns the table into lists where 80 columns are not there', async () => {
    const text = await shown(['status', 'examples/kuma'], { env: { COLUMNS: '40' } });
    await expect(text).toMatchFileSnapshot('golden/status-kuma-40-columns.txt');
    expect(widest(text)).toBeLessThanOrEqual(40);
  });

  it('explains the marks of its cells, all of them and no others', async () => {
    const steady =
      '[Unit]\nStartLimitIntervalSec=0\n[Service]\nExecStart=/bin/sleep 1\nRestart=always\nRestartSec=5\n';
    const trees = [
      { 'steady.service': steady, 'refused.service': '[Service]\nRestart=always\n' },
      { 'steady.service': steady, 'job.service': '[Service]\nType=oneshot\nExecStart=/bin/true\n' },
      { 'refused.service': '[Service]\nRestart=always\n' },
    ];
    for (const tree of trees) {
      const text = await shown(['status', unpackedRoot(tree)], { env: { COLUMNS: '120' } });
      const [, table = '', legend = ''] = text.split('\n\n');
      const inCells =
        table
          .split('\n')
          .slice(1)
          .join('\n')
          .match(/[✓✗◌?–]/g) ?? [];
      const explained = legend.match(/(?<=^|   )[✓✗◌?–](?= )/gm) ?? [];
      expect(new Set(explained)).toEqual(new Set(inCells));
    }
  });

  it('keeps to 120 columns where they are there', async () => {
    const text = await shown(['status', 'examples/kuma'], { env: { COLUMNS: '120' } });
    expect(widest(text)).toBeLessThanOrEqual(120);
    expect(text.split('\n').length).toBeLessThan(
      (await shown(['status', 'examples/kuma'])).split('\n').length,
    );
  });

  it('keeps to ASCII in the C locale', async () => {
    const text = await shown(['status', 'examples/kuma'], { env: { LANG: 'C' } });
    await expect(text).toMatchFileSnapshot('golden/status-kuma-ascii.txt');
    expect(text).toMatch(/^\p{ASCII}*$/u);
  });

  it.each([
    ['LANG', 'zh_CN.UTF-8'],
    ['LC_MESSAGES', 'zh_CN.UTF-8'],
    ['LC_ALL', 'zh_CN'],
  ])('speaks Chinese under %s=%s', async (name, locale) => {
    expect(await shown(['status', 'examples/neko'], { env: { [name]: locale } })).toMatch(/\p{Script=Han}/u);
  });

  it('says the same in colours as without', async () => {
    const env = { NO_COLOR: undefined, FORCE_COLOR: '1' };
    const text = await shown(['status', 'examples/kuma'], { env });
    expect(text).toMatch(ansi);
    expect(text.replaceAll(ansi, '')).toBe(await shown(['status', 'examples/kuma']));
  });

  it.each([
    ['NO_COLOR', { FORCE_COLOR: '1', NO_COLOR: '1' }, []],
    ['--no-color', { FORCE_COLOR: '1', NO_COLOR: undefined }, ['--no-color']],
    ['an empty FORCE_COLOR off a terminal', { FORCE_COLOR: '', NO_COLOR: undefined }, []],
    ['FORCE_COLOR=0', { FORCE_COLOR: '0', NO_COLOR: undefined }, []],
  ] as const)('has no colours with %s', async (_, env, args) => {
    // Node itself warns on stderr when it finds both variables.
    expect((await daruma(['status', 'examples/kuma', ...args], { env })).stdout).not.toMatch(ansi);
  });
});

describe('daruma explain', () => {
  it.each([80, 40])('of the LiteLLM that stayed down, in %i columns', async columns => {
    const text = await shown(['explain', 'litellm', '--root', 'examples/neko'], {
      env: { COLUMNS: String(columns) },
    });
    await expect(text).toMatchFileSnapshot(`golden/explain-litellm-${columns}-columns.txt`);
  });

  it('of two endings and their loops', async () => {
    const args = ['explain', 'litellm', '--root', 'examples/neko', '--on', 'signal:TERM', '--on', 'exit:143'];
    await expect(await shown([...args, '--lifetime', '3s'])).toMatchFileSnapshot(
      'golden/explain-two-endings.txt',
    );
  });

  it('keeps to ASCII in the C locale', async () => {
    expect(await shown(['explain', 'examples/neko'], { env: { LANG: 'C' } })).toMatch(/^\p{ASCII}*$/u);
  });
});

function widest(text: string): number {
  return Math.max(...text.split('\n').map(line => line.length));
}
