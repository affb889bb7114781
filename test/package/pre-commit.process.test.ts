/** .pre-commit-hooks.yaml: the hook as pre-commit runs it, with the package as published. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { version } from '../../src/cli/version.ts';
import { unpackedRoot } from '../support/root.ts';
import { checkout, npmEnvironment, pack, type Packed } from './packed.ts';

const [hook] = z
  .tuple([
    z.strictObject({
      id: z.string(),
      name: z.string(),
      description: z.string(),
      entry: z.string(),
      language: z.literal('system'),
      files: z.string(),
      require_serial: z.literal(true),
    }),
  ])
  .parse(parse(fs.readFileSync(path.join(checkout, '.pre-commit-hooks.yaml'), 'utf8')));

let packed: Packed;

beforeAll(() => {
  packed = pack();
  return () => fs.rmSync(packed.folder, { recursive: true });
});

/** Runs the hook on what of the staged files is its business. */
function commit(cwd: string, staged: readonly string[]) {
  const files = staged.filter(file => new RegExp(hook.files).test(file));
  const entry = hook.entry.replace(`daruma@${version}`, `daruma@file:${packed.tarball}`);
  const [command = '', ...args] = entry.split(' ');
  const { status, stdout, stderr } = spawnSync(command, [...args, ...files], {
    cwd,
    encoding: 'utf8',
    timeout: 50_000,
    env: { ...npmEnvironment(packed), LANG: 'C.UTF-8' },
  });
  return { files, code: status, stdout, stderr };
}

const blind = '[Service]\nExecStart=/bin/a\nRestart=on-failure\n';

describe('the hook', () => {
  it('runs the version that it belongs to', () => {
    expect(hook.entry).toContain(`daruma@${version} `);
  });

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
  }, 60_000);

  it('passes a drop-in that puts it right', () => {
    const cwd = unpackedRoot({
      'a.service': '[Service]\nExecStart=/bin/a\nRestart=no\n',
      'a.service.d/10.conf': '[Service]\nRestart=always\nRestartSec=5\n',
    });
    const { stdout } = commit(cwd, ['a.service.d/10.conf']);
    expect(stdout).not.toContain('[restart-blind-spot]');
    expect(stdout).toContain('1 service');
  }, 60_000);

  it('lets drop-ins of units that are elsewhere pass', () => {
    const cwd = unpackedRoot({ 'gone.service.d/10.conf': '[Service]\nRestart=always\n' });
    expect(commit(cwd, ['gone.service.d/10.conf'])).toMatchObject({ code: 0, stdout: '' });
  }, 60_000);
});
