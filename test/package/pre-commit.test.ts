/** .pre-commit-hooks.yaml: the hook as pre-commit runs it, with the package as published. */
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { unpackedRoot } from '../support/root.ts';
import { checkout, npmEnvironment, pack, type Packed } from './packed.ts';

const [hook] = z
  .tuple([
    z.strictObject({
      id: z.string(),
      name: z.string(),
      description: z.string(),
      entry: z.string(),
      language: z.literal('node'),
      files: z.string(),
      require_serial: z.literal(true),
    }),
  ])
  .parse(parse(fs.readFileSync(path.join(checkout, '.pre-commit-hooks.yaml'), 'utf8')));

let packed: Packed;

// pre-commit packs the repository and installs it for the hook alone.
beforeAll(() => {
  packed = pack();
  const args = [
    'install',
    '--silent',
    '--global',
    '--prefix',
    path.join(packed.folder, 'env'),
    packed.tarball,
  ];
  execFileSync('npm', args, { env: npmEnvironment(packed) });
  return () => fs.rmSync(packed.folder, { recursive: true });
}, 60_000);

/** Runs the hook on what of the staged files is its business. */
function commit(cwd: string, staged: readonly string[]) {
  const files = staged.filter(file => new RegExp(hook.files).test(file));
  const [command = '', ...args] = hook.entry.split(' ');
  const env = npmEnvironment(packed);
  const PATH = `${path.join(packed.folder, 'env/bin')}:${env['PATH']}`;
  const { status, stdout, stderr } = spawnSync(command, [...args, ...files], {
    cwd,
    encoding: 'utf8',
    env: { ...env, PATH, LANG: 'C.UTF-8' },
  });
  return { files, code: status, stdout, stderr };
}

const blind = '[Service]\nExecStart=/bin/a\nRestart=on-failure\n';

describe('the hook', () => {
  it('is called for services and their drop-ins', () => {
    const wanted = [
      'a.service',
      'units/a@.service',
      '.config/systemd/user/a.service.d/10.conf',
      'a.service.d/10.conf',
      'app-.service.d/10.conf',
      'service.d/10.conf',
      'units/service.d/10.conf',
    ];
    const others = [
      'a.service.bak',
      'a.timer',
      'nginx.conf',
      'a.timer.d/10.conf',
      'a.service.d/README',
      'xservice.d/1.conf',
    ];
    const isWanted = (file: string) => new RegExp(hook.files).test(file);
    expect([...wanted, ...others].filter(isWanted)).toEqual(wanted);
  });

  it('fails a commit that brings a fault, and names it', () => {
    const cwd = unpackedRoot({ 'a.service': blind, 'units/b.service': blind, 'README.md': '' });
    const { code, stdout, files } = commit(cwd, ['a.service', 'units/b.service', 'README.md']);
    expect(files).toHaveLength(2);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^a\.service$[\s\S]*^units\/b\.service$/m);
    expect(stdout).toContain('[restart-blind-spot]');
  });

  it('passes a drop-in that puts it right', () => {
    const cwd = unpackedRoot({
      'a.service': '[Service]\nExecStart=/bin/a\nRestart=no\n',
      'a.service.d/10.conf': '[Service]\nRestart=always\nRestartSec=5\n',
    });
    const { stdout } = commit(cwd, ['a.service.d/10.conf']);
    expect(stdout).not.toContain('[restart-blind-spot]');
    expect(stdout).toContain('1 service');
  });

  it('lets drop-ins of units that are elsewhere pass', () => {
    const cwd = unpackedRoot({ 'gone.service.d/10.conf': '[Service]\nRestart=always\n' });
    expect(commit(cwd, ['gone.service.d/10.conf'])).toMatchObject({ code: 0, stdout: '' });
  });
});
