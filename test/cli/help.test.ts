import { describe, expect, it } from 'vitest';
import { checkout, daruma } from './daruma.ts';

const commands = [
  '',
  'status',
  'explain',
  'check',
  'fix',
  'undo',
  'new',
  'rules',
  'config',
  'notify',
  'failover',
  'completion',
] as const;

async function help(command: string, ...options: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await daruma([
    ...command.split(' ').filter(Boolean),
    '--help',
    ...options,
  ]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

describe.each(commands)('help of daruma %s', command => {
  it('as people see it', async () => {
    await expect(await help(command)).toMatchFileSnapshot(
      `golden/help-${command === '' ? 'daruma' : command}.txt`,
    );
  });

  it('begins with what it is for and examples, and fits in 80 columns', async () => {
    const lines = (await help(command)).split('\n');
    expect(lines[2]).toBe('Examples:');
    expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(80);
  });

  it('is there in Chinese', async () => {
    expect(await help(command, '--lang', 'zh-CN')).toMatch(/\p{Script=Han}/u);
  });

  it('is the same under -h', async () => {
    const args = command === '' ? ['-h'] : [command, '-h'];
    expect((await daruma(args)).stdout).toBe(await help(command));
  });
});

const values: Readonly<Record<string, string>> = {
  '--root': 'examples/neko',
  '--home': '/home/azureuser',
  '--config': 'examples/neko-fixed/home/azureuser/.config/daruma/config.yaml',
  '--systemd': '257',
  '--format': 'json',
  '--lang': 'zh-CN',
  '--on': 'exit:1',
  '--lifetime': '2s',
};

describe('everything that the help names works', () => {
  it('commands', async () => {
    const listed = /^Commands:\n((?: {2}.*\n)+)/m.exec(await help(''))?.[1] ?? '';
    const named = [...listed.matchAll(/^ {2}([a-z]+)/gm)].map(([, name]) => name);
    expect(named).toEqual(commands.slice(1));
  });

  it.each(['status', 'explain'])('options of %s', async command => {
    const named = [...(await help(command)).matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)( [A-Z]+)?/gm)];
    expect(named.length).toBeGreaterThan(10);
    for (const [, option = '', value] of named) {
      if (option === '--version' || option === '--help') continue;
      const root = option === '--root' ? [] : ['--root', 'examples/neko'];
      const given = value === undefined ? [option] : [option, values[option] ?? ''];
      const { code, stderr } = await daruma([command, ...root, ...given]);
      expect({ option, code, stderr }).toEqual({ option, code: 0, stderr: '' });
    }
  });

  it('nothing that is promised for later', async () => {
    const text = (await Promise.all(commands.map(command => help(command)))).join('\n');
    for (const later of ['drill', 'watch'])
      expect(text).not.toMatch(new RegExp(`(?<![\\w-])${later}(?![\\w-])`));
  });

  it('examples', async () => {
    const pages = await Promise.all(commands.map(command => help(command)));
    const examples = pages
      .flatMap(page => [...page.matchAll(/^ {2}(daruma\b.*?)(?: {2,}.*)?$/gm)].map(([, line = '']) => line))
      // These change something, or ask whether they may.
      .filter(line => !/^daruma (?:fix|new|undo|notify|failover \w+)\b(?!.*--(?:dry-run|list))/.test(line));
    const runnable = examples.filter(line => !/[>[(]|litellm|\.\/|UNIT|SHELL/.test(line));
    expect(runnable).toContain('daruma status examples/neko');
    for (const line of new Set(runnable)) {
      // Without a system manager, and without units of the administrator's own, there is nothing to show.
      const allowed = line.includes('--system') ? [0, 3] : [0, ...foundSomething(line)];
      const { code } = await daruma(line.split(' ').slice(1));
      expect({ line, isFine: allowed.includes(code ?? -1) }).toEqual({ line, isFine: true });
    }
    for (const line of examples.filter(example => example.includes('litellm') && !example.includes('./'))) {
      const { code } = await daruma([...line.split(' ').slice(1), '--root', `${checkout}/examples/neko`]);
      expect({ line, isFine: [0, ...foundSomething(line)].includes(code ?? -1) }).toEqual({
        line,
        isFine: true,
      });
    }
  });
});

/** A check that finds something says so by its exit code. */
function foundSomething(line: string): readonly number[] {
  return line.startsWith('daruma check') ? [1] : [];
}

describe('--version', () => {
  it.each([['--version'], ['-V'], ['--version', '--json'], ['status', '--version']])(
    '%s',
    async (...args) => {
      expect(await daruma(args)).toMatchObject({
        code: 0,
        stderr: '',
        stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      });
    },
  );
});
