/** Commands that only look write nothing, and work where nothing can be written. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { muteUnit } from '../../src/store/mutes.ts';
import { openStore } from '../../src/store/database.ts';
import { seedHomeWithChannel } from '../failover/squad.ts';
import { unpackedRoot } from '../support/root.ts';
import { checkout, darumaProcess } from './daruma.ts';

const timeout = 300_000;
const isRoot = process.getuid?.() === 0;

interface Person {
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
}

function person(): Person {
  const home = unpackedRoot({
    ...seedHomeWithChannel(),
    '.config/systemd/user/litellm.service': '[Service]\nExecStart=/bin/sleep 100\nRestart=on-failure\n',
  });
  // OpenClaw gets a copy of a configuration there to judge, which is gone afterwards.
  return { home, env: { HOME: home, XDG_RUNTIME_DIR: unpackedRoot({}) } };
}

/** A person who has used what writes. */
function oldHand(): Person {
  const whoever = person();
  for (const line of [
    'fix --yes --only restart-blind-spot',
    'notify install litellm --yes',
    'notify mute 1h',
  ]) {
    const { code } = darumaProcess(line.split(' '), { env: whoever.env, cwd: whoever.home });
    expect([line, code]).toEqual([line, 0]);
  }
  return whoever;
}

/** All that is there: names, kinds, permissions, times and contents. */
function treeOf(folder: string): readonly string[] {
  return fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .toSorted()
    .map(name => {
      const file = path.join(folder, name);
      const stat = fs.lstatSync(file);
      const content = stat.isFile() ? createHash('sha256').update(fs.readFileSync(file)).digest('hex') : '';
      return `${name} ${stat.mode.toString(8)} ${stat.mtimeMs} ${stat.ino} ${content}`;
    });
}

/** @param before commands of a shell, in a mount namespace that ends with it */
function look({ env }: Person, before: string) {
  const script = path.join(import.meta.dirname, 'reading-commands.ts');
  const { stdout, stderr } = spawnSync(
    'unshare',
    ['--mount', '/bin/sh', '-c', `${before} && exec "$@"`, 'sh', process.execPath, script],
    {
      cwd: checkout,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], NO_COLOR: '1', COLUMNS: '80', ...env },
      maxBuffer: 2 ** 26,
    },
  );
  expect(stderr).toBe('');
  const ends: unknown = JSON.parse(stdout);
  return ends;
}

describe.skipIf(!isRoot).each([
  ['of somebody new', person],
  ['of somebody who has used daruma', oldHand],
])('commands that only look, in a home %s,', (_, make) => {
  it('change nothing, and say the same where nothing can be written', { timeout }, () => {
    const whoever = make();
    const before = treeOf(whoever.home);
    const ends = look(whoever, ':');
    expect(treeOf(whoever.home)).toEqual(before);
    expect(fs.readdirSync(whoever.env['XDG_RUNTIME_DIR'] ?? '')).toEqual([]);
    const readOnly = 'mount --bind "$HOME" "$HOME" && mount -o remount,ro,bind "$HOME"';
    expect(look(whoever, readOnly)).toEqual(ends);
  });
});

describe.skipIf(!isRoot)('a store of messages', () => {
  it('is read with what others have written and still hold', { timeout }, () => {
    const { home, env } = person();
    const folder = path.join(home, '.local/state/daruma');
    using database = openStore(folder);
    muteUnit(database, 'litellm.service', Date.now() + 3_600_000);
    const before = fs.readdirSync(folder);
    expect(before).toContain('daruma.db-wal');
    expect(darumaProcess(['notify', 'status'], { env }).stdout).toContain('litellm.service: muted until');
    expect(fs.readdirSync(folder)).toEqual(before);
  });

  it.each([
    { damage: 'another text', text: 'no database' },
    { damage: 'cut off', text: 'SQLite format 3\0 and nothing of it' },
  ])('is not touched where it is damaged: $damage', { timeout }, ({ text }) => {
    const { home, env } = person();
    const file = path.join(home, '.local/state/daruma/daruma.db');
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
    const { code, stderr } = darumaProcess(['notify', 'status'], { env });
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^daruma: the store of messages in .* is damaged/),
    });
    expect(fs.readFileSync(file, 'utf8')).toBe(text);
    expect(fs.readdirSync(path.dirname(file))).toEqual(['daruma.db']);
  });
});
