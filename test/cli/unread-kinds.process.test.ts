/** What is there and cannot be looked at is told of: nothing is known of it, which is not the same as nothing being wrong. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Tree, unpackedRoot } from '../support/root.ts';
import { daruma } from './daruma.ts';

const units = 'home/kuma/.config/systemd/user';
const openclaw = 'home/kuma/.openclaw/openclaw.json';
const config = 'home/kuma/litellm/config.yaml';
const compose = 'home/kuma/docker-compose.yml';
const hook = 'home/kuma/bin/hook.sh';

const host: Tree = {
  'etc/passwd': 'kuma:x:1000:1000::/home/kuma:/bin/bash\n',
  'etc/hostname': 'kuma\n',
  'usr/bin/litellm': '#!/bin/sh\n',
  'usr/bin/openclaw': '#!/bin/sh\n',
  [`${units}/openclaw-gateway.service`]: '[Service]\nExecStart=/usr/bin/openclaw gateway --port 18789\n',
  [`${units}/litellm.service`]: `[Service]
ExecStart=/usr/bin/litellm --port 4000 --config /${config}
ExecStartPost=/bin/sh /${hook}
`,
  [openclaw]: '{}\n',
  [config]: 'model_list: []\n',
  [hook]: 'exit 0\n',
};

/** Files that are put in the place of others, as their names say. */
type Instead = 'pipe' | 'folder' | { readonly text: string | Uint8Array };

function rootWith(instead: Readonly<Record<string, Instead>> = {}): string {
  const root = unpackedRoot(host);
  for (const [name, what] of Object.entries(instead)) {
    const file = path.join(root, name);
    fs.rmSync(file, { force: true });
    if (what === 'pipe') execFileSync('mkfifo', [file]);
    else if (what === 'folder') fs.mkdirSync(file);
    else fs.writeFileSync(file, what.text);
  }
  return root;
}

const script = (length: number) => `${'# a line of a long script\n'.repeat(length / 26)}sleep 500\n`;
const long = script(300_000);

describe('check', () => {
  it('tells of nothing where all can be read', async () => {
    expect((await daruma(['check', '--root', rootWith()])).stderr).toBe('');
  });

  it.each<[what: string, file: string, instead: Instead, en: string, zh: string]>([
    ['a pipe', openclaw, 'pipe', 'not a regular file: not looked into', '不是普通文件，未查看'],
    ['a folder', config, 'folder', 'not a regular file: not looked into', '不是普通文件，未查看'],
    ['a pipe', hook, 'pipe', 'not a regular file: not looked into', '不是普通文件，未查看'],
    [
      'a long script',
      hook,
      { text: long },
      'larger than 262144 bytes: not looked into',
      '大于 262144 字节，未查看',
    ],
    [
      'YAML that is none',
      compose,
      { text: '- a: [unclosed\nb: 1\n' },
      'cannot be parsed (column 1): the file was not looked into',
      '无法解析（第 1 列），整个文件未查看',
    ],
    [
      'a list of nothing',
      compose,
      { text: '- a\n- b\n' },
      'does not consist of keys and values: the file was not looked into',
      '内容不是键和值，整个文件未查看',
    ],
  ])('tells once of %s in the place of %s', async (_, file, instead, en, zh) => {
    const root = rootWith({ [file]: instead });
    for (const [lang, said] of [
      ['en', en],
      ['zh-CN', zh],
    ] as const) {
      const { stderr, code } = await daruma(['check', '--root', root, '--lang', lang]);
      expect(stderr.split('\n').filter(line => line.includes(`/${file}`))).toEqual([
        expect.stringContaining(said),
      ]);
      expect(code).toBeLessThan(2);
    }
    expect((await daruma(['check', '--root', root, '--quiet'])).stderr).toBe('');
  });

  it('tells nothing of a program, which nobody expects it to read', async () => {
    const program = Buffer.concat([Buffer.from('\x7fELF\x02\x01\x01\0\0'), Buffer.alloc(300_000, 'a')]);
    expect((await daruma(['check', '--root', rootWith({ [hook]: { text: program } })])).stderr).toBe('');
  });

  it('tells nothing of what nginx does not read either', async () => {
    const root = rootWith();
    fs.mkdirSync(path.join(root, 'etc/nginx/conf.d/snippets'), { recursive: true });
    expect((await daruma(['check', '--root', root])).stderr).toBe('');
  });

  it('tells of a file beside the drop-ins that is too large to be one', async () => {
    const root = rootWith();
    const folder = path.join(root, units, 'litellm.service.d');
    fs.mkdirSync(folder);
    fs.writeFileSync(path.join(folder, 'override'), `[Service]\n${'# a comment\n'.repeat(6_000)}`);
    expect((await daruma(['check', '--root', root])).stderr).toContain(
      'litellm.service.d/override: larger than 65536 bytes: not looked into\n',
    );
  });
});

describe('failover', () => {
  it.each<[what: string, instead: Instead | undefined, en: string, zh: string]>([
    ['no file', undefined, 'there is no such file', '没有这个文件'],
    ['a pipe', 'pipe', 'this file could not be read, so its agents are not known', '无法读取这个文件'],
    [
      'text that is not JSON5',
      { text: '{ agents: [' },
      'this file cannot be parsed, so its agents are not known',
      '无法解析这个文件',
    ],
    [
      'a part that cannot be read',
      { text: '{ $include: "./more.json" }' },
      'parts of this configuration could not be read',
      '这份配置有一部分无法读取',
    ],
    ['a file without agents', { text: '{}' }, 'no agent has a model', '没有任何 agent 配置了模型'],
  ])('says of %s what is so', async (what, instead, en, zh) => {
    const root = rootWith(instead === undefined ? {} : { [openclaw]: instead });
    if (instead === undefined) fs.rmSync(path.join(root, openclaw));
    const english = await daruma(['failover', '--root', root, '--lang', 'en']);
    expect(english.stdout.replaceAll(/\s+/g, ' ')).toContain(en);
    expect((await daruma(['failover', '--root', root, '--lang', 'zh-CN'])).stdout).toContain(zh);
    expect(english.stdout.includes('no agent has a model')).toBe(what === 'a file without agents');
  });

  it('says of a proxy that its configuration could not be read completely, and not that nothing is missing', async () => {
    const { stdout, stderr } = await daruma(['failover', '--root', rootWith({ [config]: 'folder' })]);
    expect(stdout).toMatch(/litellm\.service :4000 .*its models may not all be known\n/);
    expect(stdout).not.toContain('Nothing is missing');
    expect(stderr).toContain('config.yaml: not a regular file: not looked into\n');
    const whole = await daruma(['failover', '--root', rootWith()]);
    expect(whole.stdout).not.toContain('may not all be known');
  });
});

describe('the configuration of daruma', () => {
  it('is no device, apart from the one that is always empty', async () => {
    expect(await daruma(['config', 'validate', '/dev/zero'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('/dev/zero is not a regular file'),
    });
    expect((await daruma(['config', 'validate', '/dev/null'])).code).toBe(0);
    const home = unpackedRoot({ '.config/daruma/config.yaml': { link: '/dev/zero' } });
    for (const words of [['config', 'validate'], ['config', 'show'], ['check']])
      expect(await daruma(words, { env: { HOME: home } })).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('config.yaml is not a regular file'),
      });
  });
});
