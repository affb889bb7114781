/** Folders that lead nowhere among those that are searched: whoever searches passes over them. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { unpackedRoot } from '../support/root.ts';
import { daruma } from './daruma.ts';

/** Root may look into the first; for everybody else it is the most usual of all. */
const folders: Readonly<Record<string, (root: string) => string>> = {
  'may not be looked into': root => {
    const folder = path.join(root, 'locked');
    fs.mkdirSync(folder, { mode: 0 });
    // Whoever may not look into it cannot take it away either.
    onTestFinished(() => fs.chmodSync(folder, 0o700));
    return folder;
  },
  'is below a file': root => {
    fs.writeFileSync(path.join(root, 'file'), '');
    return path.join(root, 'file/below');
  },
  'leads to itself': root => {
    const link = path.join(root, 'loop');
    fs.symlinkSync(link, link);
    return path.join(link, 'below');
  },
  'has too long a name': root => path.join(root, 'x'.repeat(256)),
};

const unit = '[Service]\nExecStart=/bin/sh -c true\nRestart=always\n';

describe.each(Object.entries(folders))('a folder that %s', (_, make) => {
  const place = () => {
    const root = unpackedRoot({ 'home/.config/systemd/user/a.service': unit });
    return { home: path.join(root, 'home'), folder: make(root) };
  };

  it.each([
    ['new', 'job', '--dry-run', '--', 'sh', '-c', 'true'],
    ['new', 'job', '--dry-run', '--', 'env', 'sh'],
  ])('in PATH is passed over by %s %s', async (...args) => {
    const { home, folder } = place();
    const { code, stderr, stdout } = await daruma(args, {
      env: { HOME: home, PATH: `${folder}:/usr/bin:/bin` },
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^\+ExecStart=\/(?:usr\/)?bin\//m);
  });

  it('in PATH is passed over when a known service is looked for', async () => {
    const { home, folder } = place();
    const env = { HOME: home, PATH: `${folder}:/usr/bin:/bin` };
    expect(await daruma(['new', 'llama-server', '--dry-run'], { env })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/llama-server/),
    });
  });

  it.each(['XDG_DATA_DIRS', 'XDG_CONFIG_DIRS', 'SYSTEMD_UNIT_PATH'])(
    'among those of %s is passed over when units are looked for',
    async variable => {
      const { home, folder } = place();
      const own = variable === 'SYSTEMD_UNIT_PATH' ? `:${home}/.config/systemd/user:` : '';
      const env = { HOME: home, [variable]: `${folder}${own}` };
      for (const args of [['status'], ['check']]) {
        const { code, stderr } = await daruma(args, { env });
        expect({ args, code, stderr }).toEqual({ args, code: args[0] === 'check' ? 1 : 0, stderr: '' });
      }
    },
  );

  it('at the end of a link ends nothing: the unit alone is not there', async () => {
    const { home, folder } = place();
    fs.symlinkSync(`${folder}/b.service`, `${home}/.config/systemd/user/b.service`);
    const { code, stdout } = await daruma(['status'], { env: { HOME: home } });
    expect(code).toBe(0);
    expect(stdout).toContain('✗ a: hang');
  });
});

it('a word that is too long for a name of a file is a word', async () => {
  const script = `: ${'x'.repeat(5000)}`;
  const { code, stdout, stderr } = await daruma(['new', 'job', '--dry-run', '--', 'sh', '-c', script]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain(script);
});
