import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { knownServices } from '../../src/services/index.ts';
import { mostFileBytes } from '../../src/systemd/host/files.ts';
import { unpackedRoot } from '../support/root.ts';
import { daruma } from './daruma.ts';

const unitFolder = 'home/kuma/.config/systemd/user';
const passwd = 'root:x:0:0:root:/root:/bin/bash\nkuma:x:1000:1000::/home/kuma:/bin/bash\n';
const recommended = knownServices.filter(({ recommended: unit }) => unit !== undefined);

/** A machine with a program in one folder, as an installer leaves it there. */
function machineWith(program: string, folder: string): string {
  const root = unpackedRoot({
    'etc/passwd': passwd,
    'bin/sh': '',
    'usr/lib/systemd/user/default.target': '[Unit]\nDescription=Main\n',
    'home/kuma/models/some.gguf': '',
    'home/kuma/.cache/huggingface/hub/models--org--some-model/': '',
    'home/kuma/.config/litellm/config.yaml': 'model_list: []\n',
    [`${folder}/${program}`]: '#!/bin/sh\n',
  });
  for (const file of [`${folder}/${program}`, 'bin/sh']) fs.chmodSync(path.join(root, file), 0o755);
  return root;
}

/** The rules that still find something. */
async function findings(root: string, unit: string, systemd: number): Promise<readonly string[]> {
  const args = ['check', unit, '--root', root, '--systemd', String(systemd), '--json'];
  const document: { findings: readonly { rule: string }[] } = JSON.parse((await daruma(args)).stdout);
  return document.findings.map(({ rule }) => rule);
}

const programs: Readonly<Record<string, string>> = {
  'openclaw-gateway': 'openclaw',
  'hermes-gateway': 'hermes',
};

describe.each(recommended.map(service => service.id))('daruma new %s', id => {
  it.each([247, 252, 257, 262])('passes every check of systemd %i but for hangs', async systemd => {
    const root = machineWith(programs[id] ?? id, 'home/kuma/.local/bin');
    const { code, stderr } = await daruma(['new', id, '--root', root, '--yes', '--systemd', String(systemd)]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    // Nothing of daruma's asks a running service: a hang stays for a person.
    expect(await findings(root, id, systemd)).toEqual(['no-hang-detection']);
    const text = fs.readFileSync(path.join(root, unitFolder, `${id}.service`), 'utf8');
    expect(text.includes('RestartSteps=')).toBe(systemd >= 254);
  });
});

/** Several processes one after the other: on a busy machine each takes seconds. */
const timeout = 120_000;

describe('daruma new', { timeout }, () => {
  it.each(['home/kuma/.local/bin', 'home/kuma/.npm-global/bin', 'usr/local/bin', 'usr/bin'])(
    'finds the program in %s',
    async folder => {
      const root = machineWith('litellm', folder);
      expect((await daruma(['new', 'litellm', '--root', root, '--yes'])).code).toBe(0);
      const text = fs.readFileSync(path.join(root, unitFolder, 'litellm.service'), 'utf8');
      expect(text).toContain(
        `ExecStart=${folder.replace('home/kuma', '%h').replace(/^usr/, '/usr')}/litellm --config`,
      );
    },
  );

  it('enables the unit, and undo takes all of it back', async () => {
    const root = machineWith('litellm', 'home/kuma/.local/bin');
    await daruma(['new', 'litellm', '--root', root, '--yes']);
    const link = path.join(root, unitFolder, 'default.target.wants/litellm.service');
    expect(fs.readlinkSync(link)).toBe(`/${unitFolder}/litellm.service`);
    expect((await daruma(['undo', '--root', root])).code).toBe(0);
    expect(fs.readdirSync(path.join(root, 'home/kuma/.config'))).toEqual(['litellm']);
  });

  it('takes any command', async () => {
    const root = machineWith('relay', 'home/kuma/bin');
    const args = [
      'new',
      'relay',
      '--root',
      root,
      '--yes',
      '--',
      '/home/kuma/bin/relay',
      '--name',
      'two words',
    ];
    expect((await daruma(args)).code).toBe(0);
    const text = fs.readFileSync(path.join(root, unitFolder, 'relay.service'), 'utf8');
    expect(text).toContain('ExecStart=/home/kuma/bin/relay --name "two words"\n');
    expect(await findings(root, 'relay', 257)).toEqual(['no-hang-detection']);
  });

  it('runs a command as the shell it was typed in would', async () => {
    const folder = path.join(unpackedRoot({ 'my app/server.js': '', 'my app/run': '' }), 'my app');
    const unitOf = async (...command: readonly string[]) => {
      const { stdout, stderr } = await daruma(['new', 'job', '--dry-run', '--', ...command], { cwd: folder });
      expect(stderr).toBe('');
      return stdout.match(/^\+(?:ExecStart|WorkingDirectory)=.*$/gm);
    };
    // Neither a variable nor a specifier of systemd's.
    expect(await unitOf('sh', '-c', 'echo $HOME 100% "a\\n"\nexit')).toEqual([
      expect.stringMatching(/^\+ExecStart=\/\S*\/sh -c "echo \$\$HOME 100%% \\"a\\\\n\\"\\nexit"$/),
    ]);
    expect(await unitOf('./run', '--port', '9000')).toEqual([`+ExecStart="${folder}/run" --port 9000`]);
    expect(await unitOf('sh', 'server.js')).toEqual([
      expect.stringMatching(/^\+ExecStart=\/\S*\/sh server\.js$/),
      `+WorkingDirectory=${folder}`,
    ]);
    expect(await unitOf('./run', '--config=./server.js')).toContain(`+WorkingDirectory=${folder}`);
  });

  it('asks for what only a person can say, and takes what is there', async () => {
    const root = machineWith('llama-server', 'usr/local/bin');
    const models = path.join(root, 'home/kuma/models');
    const made = await daruma(['new', 'llama-server', '--root', root, '--dry-run']);
    expect(made.stdout).toContain('--model %h/models/some.gguf ');
    fs.writeFileSync(path.join(models, 'other.gguf'), '');
    const several = await daruma(['new', 'llama-server', '--root', root, '--dry-run']);
    expect(several).toMatchObject({ code: 2, stderr: expect.stringMatching(/several: .*other\.gguf/) });
    fs.rmSync(models, { recursive: true });
    const none = await daruma(['new', 'llama-server', '--root', root, '--dry-run']);
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('-- COMMAND') });
  });

  it('finds the configuration of LiteLLM, or says that it is to come', async () => {
    const root = machineWith('litellm', 'home/kuma/.local/bin');
    fs.rmSync(path.join(root, 'home/kuma/.config'), { recursive: true });
    const missing = await daruma(['new', 'litellm', '--root', root, '--dry-run']);
    expect(missing).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('.config/litellm/config.yaml'),
    });
    const file = path.join(root, 'home/kuma/.openclaw/litellm/config.yaml');
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, '');
    const found = await daruma(['new', 'litellm', '--root', root, '--dry-run']);
    expect(found).toMatchObject({ code: 0, stderr: '' });
    expect(found.stdout).toContain('--config %h/.openclaw/litellm/config.yaml ');
  });

  it('names the interpreter of a script where a manager would not find it', async () => {
    const root = machineWith('copilot-api', 'home/kuma/.local/bin');
    const bin = path.join(root, 'home/kuma/.local/bin');
    fs.writeFileSync(path.join(bin, 'copilot-api'), '#!/usr/bin/env node\n');
    fs.writeFileSync(path.join(bin, 'node'), '', { mode: 0o755 });
    const made = async () => (await daruma(['new', 'copilot-api', '--root', root, '--dry-run'])).stdout;
    expect(await made()).toContain('ExecStart=/home/kuma/.local/bin/node %h/.local/bin/copilot-api start');
    fs.mkdirSync(path.join(root, 'usr/bin'), { recursive: true });
    fs.writeFileSync(path.join(root, 'usr/bin/node'), '');
    expect(await made()).toContain('ExecStart=%h/.local/bin/copilot-api start');
  });

  it('refuses a command that goes into the background', async () => {
    const root = machineWith('litellm', 'usr/bin');
    const command = ['--', '/usr/bin/tmux', 'new-session', '-d', '/usr/bin/litellm'];
    const { code, stderr } = await daruma(['new', 'bot', '--root', root, '--yes', ...command]);
    expect(code).toBe(2);
    expect(stderr).toContain(
      'tmux new-session -d goes into the background: systemd ends it once the command has ended',
    );
    expect(fs.existsSync(path.join(root, unitFolder, 'bot.service'))).toBe(false);
  });

  it.each([
    ['cd', '/srv/bot', '&&', '/usr/bin/litellm'],
    ['PORT=4000', '/usr/bin/litellm'],
    ['/usr/bin/litellm', '>>', 'log'],
    ['litellm', '|', 'tee'],
  ])('refuses a command that is written for a shell: %s %s', async (...command) => {
    const root = machineWith('litellm', 'usr/bin');
    const { code, stderr } = await daruma(['new', 'bot', '--root', root, '--yes', '--', ...command]);
    expect(code).toBe(2);
    expect(stderr).toContain('ExecStart= uses shell syntax, which systemd does not understand: ');
    expect(fs.existsSync(path.join(root, unitFolder, 'bot.service'))).toBe(false);
  });

  it('takes a program that is too large to be read, as node is', async () => {
    const root = machineWith('node', 'usr/bin');
    fs.truncateSync(path.join(root, 'usr/bin/node'), mostFileBytes + 1);
    const made = await daruma(['new', 'bot', '--root', root, '--dry-run', '--', 'node', '/srv/bot.js']);
    expect(made).toMatchObject({ code: 0, stderr: '' });
  });

  it('overwrites nothing', async () => {
    const root = machineWith('litellm', 'home/kuma/.local/bin');
    await daruma(['new', 'litellm', '--root', root, '--yes']);
    const file = path.join(root, unitFolder, 'litellm.service');
    fs.appendFileSync(file, '# mine\n');
    const before = fs.readFileSync(file, 'utf8');
    const { code, stderr } = await daruma(['new', 'litellm', '--root', root, '--yes']);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining('there is a unit of that name'),
    });
    expect(fs.readFileSync(file, 'utf8')).toBe(before);
  });

  it('says what is not installed, and which services there are', async () => {
    const root = unpackedRoot({ 'etc/passwd': passwd, 'home/kuma/': '' });
    const missing = await daruma(['new', 'litellm', '--root', root, '--yes']);
    expect(missing).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('daruma new litellm -- COMMAND'),
    });
    expect((await daruma(['new', 'litelm', '--root', root, '--yes'])).stderr).toContain(
      'did you mean litellm?',
    );
  });
});
