/** A unit file that is wrong in each of thousands of lines is told in few words. */
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { unpackedRoot } from '../support/root.ts';
import { daruma } from './daruma.ts';

describe('a unit file that is wrong in each of its lines', () => {
  it.each(['human', 'json', 'github', 'markdown', 'sarif'])('is told in few words, as %s', async format => {
    const lines = Array.from({ length: 3000 }, (_, n) => `Unknown${n}=1\nNice=no${n}\n`).join('');
    const root = unpackedRoot({ 'a.service': `[Service]\nExecStart=/bin/true\n${lines}` });
    const { stdout } = await daruma(['check', '--format', format, path.join(root, 'a.service')]);
    expect(stdout).toMatch(/2980\s+more\s+like\s+it\s+are\s+not\s+listed/);
    // Of all of them together: 3,000 names and 3,000 values, of which the first twenty are listed.
    // SARIF has no place for a sum: there each of the last ones has its own.
    const sums = new Map([
      ['json', '"alike":5960'],
      ['sarif', '2980 more like it'],
    ]);
    const sum = sums.get(format) ?? '5960 more like these that are not listed';
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(sum);
    // Of the rules SARIF has the pages, too.
    expect(stdout.length).toBeLessThan(480_000);
  });

  it('says of lines in a row that are no assignments how many there are, as before', async () => {
    const root = unpackedRoot({ 'a.service': `[Service]\nExecStart=/bin/true\n${'nothing\n'.repeat(300)}` });
    const { stdout } = await daruma(['check', '--json', path.join(root, 'a.service')]);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as the schema says
    const { findings } = JSON.parse(stdout) as { findings: { rule: string; details: { more?: number } }[] };
    expect(
      findings.filter(({ rule }) => rule === 'value-invalid').map(({ details }) => details.more),
    ).toEqual([299]);
  });
});

describe('a unit file of a million lines and more', () => {
  it.each(['status', 'explain', 'check'])(
    'is read so far and no further, which %s says',
    { timeout: 60_000 },
    async command => {
      const file = `[Service]\nExecStart=/bin/true\n${'\0'.repeat(8_000_000)}Restart=always\n`;
      const root = unpackedRoot({ 'a.service': file });
      const { stdout, stderr } = await daruma([command, path.join(root, 'a.service')]);
      expect(stdout).not.toBe('');
      expect(stderr).toContain('a.service:1000001: not read beyond 1000000 lines, systemd goes on\n');
    },
  );
});

describe('a shell text of thousands of words', () => {
  it('is read so far and no further, which is said', { timeout: 60_000 }, async () => {
    const root = unpackedRoot({ 'a.service': `[Service]\nExecStart=/bin/sh -c '${'a;'.repeat(150_000)}'\n` });
    const { stderr } = await daruma(['check', path.join(root, 'a.service')]);
    expect(stderr).toContain(
      'a.service:2: a script of more than 200000 words: not looked into beyond them\n',
    );
  });

  it('is read to the end where it is no longer', async () => {
    const root = unpackedRoot({ 'a.service': `[Service]\nExecStart=/bin/sh -c '${'a;'.repeat(50_000)}'\n` });
    const { stderr } = await daruma(['check', path.join(root, 'a.service')]);
    expect(stderr).toBe('');
  });
});

describe('an openclaw.json with thousands of agents, fallbacks and models', () => {
  const providers = Object.fromEntries(
    Array.from({ length: 300 }, (_, n) => [
      `p${n}`,
      { baseUrl: `http://10.0.0.${n % 250}/v1`, apiKey: 'sk-1', models: [{ id: 'm', name: 'm' }] },
    ]),
  );
  const list = Array.from({ length: 3000 }, (_, n) => ({ id: `a${n}`, model: `p${n % 300}/gone${n}` }));
  const fallbacks = Array.from({ length: 3000 }, (_, n) => `p${n % 300}/n${n}`);
  const agents = { defaults: { model: { primary: 'p0/m', fallbacks } }, list };

  const home = () =>
    unpackedRoot({
      '.config/systemd/user/openclaw-gateway.service':
        '[Service]\nExecStart=/usr/bin/openclaw gateway --port 18789\n',
      '.openclaw/openclaw.json': JSON.stringify({ agents, models: { providers } }),
    });

  it.each(['human', 'json', 'github', 'markdown', 'sarif'])('is told in few words, as %s', async format => {
    const { stdout } = await daruma(['check', '--format', format, '--home', home()]);
    // Of 6000 models that nobody has, and of 3000 agents without fallbacks.
    expect(stdout).toMatch(/5950\s+more\s+like\s+it\s+are\s+not\s+listed/);
    expect(stdout).toMatch(/2950\s+more\s+like\s+it\s+are\s+not\s+listed/);
    expect(stdout).toMatch(/and\s+2980\s+more/);
    expect(stdout.length).toBeLessThan(700_000);
  });

  it('has the first links of its chains shown, and the others counted', async () => {
    const { stdout } = await daruma(['failover', '--home', home()]);
    expect(stdout).toMatch(/^ {4}\(2981 more like it are not listed\)$/m);
    expect(stdout).toMatch(/^ {2}\(2951 more like it are not listed\)$/m);
    expect(stdout.length).toBeLessThan(100_000);
  });
});

describe('a configuration of daruma that is wrong in each of its lines', () => {
  const keys = Array.from({ length: 3000 }, (_, n) => `key${n}: 1\n`).join('');

  it('is told in few words', async () => {
    const home = unpackedRoot({ '.config/systemd/user/': '', '.config/daruma/config.yaml': keys });
    const { stderr } = await daruma(['check', '--home', home]);
    expect(stderr).toContain('3000 problems');
    expect(stderr).toContain('(2980 more like it are not listed)');
    expect(stderr.split('\n')).toHaveLength(22);
    const { stdout } = await daruma(['check', '--json', '--home', home]);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as the schema says
    const { error } = JSON.parse(stdout) as { error: { problems: { alike?: number }[] } };
    expect(error.problems).toHaveLength(20);
    expect(error.problems.at(-1)?.alike).toBe(2980);
  });
});

describe('hundreds of services that want one port', () => {
  const count = 300;
  const home = (command: string) =>
    unpackedRoot(
      Object.fromEntries(
        Array.from({ length: count }, (_, n) => {
          const name = `proxy-${String(n).padStart(3, '0')}.service`;
          const unit = `[Service]\nExecStart=${command}\n[Install]\nWantedBy=default.target\n`;
          const units = '.config/systemd/user';
          return [
            [`${units}/${name}`, unit],
            [`${units}/default.target.wants/${name}`, { link: `../${name}` }],
          ] as const;
        }).flat(),
      ),
    );

  it.each([
    ['port-conflict', '/usr/bin/ollama serve'],
    ['port-silently-random', '/usr/bin/litellm'],
  ])('each name the first others and count the rest: %s', async (rule, command) => {
    const { stdout } = await daruma(['check', '--json', '--home', home(command)]);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as the schema says
    const { findings } = JSON.parse(stdout) as { findings: { rule: string; message: string }[] };
    const messages = findings.filter(each => each.rule === rule).map(({ message }) => message);
    expect(messages.length).toBeGreaterThanOrEqual(count - 1);
    expect(Math.max(...messages.map(({ length }) => length))).toBeLessThan(700);
    expect(messages.join('\n')).toContain(' and 279 more want');
  });
});
