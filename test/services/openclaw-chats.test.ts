/** Whom a bot of OpenClaw talks with, from files as OpenClaw 2026.9.6 and earlier ones wrote them, and from hostile ones. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type FoundChat, telegramChats } from '../../src/services/openclaw-chats.ts';
import { readOpenclawConfig } from '../../src/services/openclaw-config.ts';
import { ownFilesAmong } from '../../src/services/own-files.ts';
import { localFiles } from '../../src/systemd/host/files.ts';
import { openDatabase, writeState } from '../support/openclaw-state.ts';
import { type Tree, unpackedRoot } from '../support/root.ts';

function folderOf(config: string, tree: Tree = {}): string {
  const root = unpackedRoot({ 'openclaw/openclaw.json': config, ...tree });
  return path.join(root, 'openclaw');
}

interface Read {
  readonly chats: readonly FoundChat[];
  readonly notes: readonly string[];
}

function read(folder: string, account = 'default'): Read {
  const files = localFiles();
  const config = readOpenclawConfig(
    { file: `${folder}/openclaw.json`, stateFolder: folder },
    { files: ownFilesAmong(files, () => true), variable: () => undefined, isComplete: true },
  );
  const notes: string[] = [];
  const chats = telegramChats(config, account, files, (file, why) =>
    notes.push(`${path.relative(folder, file)} ${why.of}`),
  );
  return { chats, notes };
}

const inShort = ({ chats }: Read) => chats.map(({ id, origin }) => `${id} ${origin}`);

describe('the chats of a bot', () => {
  it('are those of its owners, of whom it lets in and of pairings, each once', () => {
    const folder = folderOf(`{
      commands: { ownerAllowFrom: ["telegram:1", "discord:99", "98", "tg:-5"] },
      accessGroups: { operators: { members: { telegram: ["3"], discord: ["97"] } } },
      channels: { telegram: { allowFrom: ["*", "@kuma", 2, "TG:1", "accessGroup:operators", "accessGroup:none"] } },
    }`);
    writeState(folder, {
      paired: { default: ['4', '2'], work: ['96'] },
      waiting: { 5: { username: 'neko' }, 6: { firstName: 'Tora' }, 4: { firstName: 'Kuma' } },
      direct: ['telegram:7'],
    });
    const found = read(folder);
    expect(inShort(found)).toEqual([
      '1 owner',
      '-5 owner',
      '2 allowed',
      '3 allowed',
      '4 paired',
      '5 waiting',
      '6 waiting',
    ]);
    expect(found.chats.flatMap(({ name }) => name ?? [])).toEqual(['Kuma', '@neko', 'Tora']);
    expect(found.notes).toEqual([]);
  });

  it('are those of conversations where nobody was let in', () => {
    const folder = folderOf('{}');
    writeState(folder, {
      paired: { work: ['4'] },
      waiting: { 7: { username: 'neko' } },
      direct: ['telegram:7', 'telegram:8'],
      groups: ['telegram:-100123', 'telegram:-100124:topic:9'],
    });
    expect(inShort(read(folder))).toEqual(['7 direct', '8 direct', '-100123 group', '-100124 group']);
  });

  it('are those of the account, whose own list replaces that of the channel', () => {
    const folder = folderOf(
      '{ channels: { telegram: { allowFrom: [1], accounts: { Work: { allowFrom: [2] }, home: {} } } } }',
    );
    writeState(folder, { paired: { default: ['3'], work: ['4'] } });
    expect(inShort(read(folder, 'Work'))).toEqual(['2 allowed', '4 paired']);
    expect(inShort(read(folder, 'home'))).toEqual(['1 allowed']);
  });

  it('are in files of JSON where an earlier OpenClaw has been', () => {
    const session = { lastChannel: 'telegram', lastTo: 'telegram:12' };
    const folder = folderOf('{}', {
      'openclaw/credentials/telegram-allowFrom.json': '{"version": 1, "allowFrom": ["10"]}',
      'openclaw/credentials/telegram-default-allowFrom.json': '{"version": 1, "allowFrom": ["11"]}',
      'openclaw/agents/main/sessions/sessions.json': JSON.stringify({
        a: session,
        b: { ...session, lastTo: 'telegram:-13' },
        c: { ...session, lastChannel: 'discord', lastTo: '14' },
        d: { ...session, lastAccountId: 'work', lastTo: 'telegram:15' },
        e: null,
      }),
    });
    expect(inShort(read(folder))).toEqual(['11 paired', '10 paired']);
    fs.rmSync(path.join(folder, 'credentials'), { recursive: true });
    expect(inShort(read(folder))).toEqual(['12 direct', '-13 group']);
  });

  it('are read while OpenClaw writes, and its files stay as they are', () => {
    const folder = folderOf('{}');
    writeState(folder, { paired: { default: ['4'] } });
    const file = path.join(folder, 'state/openclaw.sqlite');
    const look = () =>
      fs
        .readdirSync(path.dirname(file))
        .map(name => [name, fs.statSync(path.join(path.dirname(file), name)).mtimeMs]);
    const closed = look();
    expect(inShort(read(folder))).toEqual(['4 paired']);
    expect(look()).toEqual(closed);
    using writer = openDatabase(file, 'PRAGMA wal_autocheckpoint = 0');
    writer.exec("INSERT INTO channel_pairing_allow_entries VALUES ('telegram', 'default', '8', 1, 1)");
    // What is not committed does not count.
    writer.exec("BEGIN; INSERT INTO channel_pairing_allow_entries VALUES ('telegram', 'default', '9', 1, 1)");
    const open = look();
    expect(inShort(read(folder))).toEqual(['4 paired', '8 paired']);
    expect(look()).toEqual(open);
  });
});

describe('of hostile files', () => {
  const file = 'state/openclaw.sqlite';
  const columns = 'channel_key, account_id, entry, sort_order, updated_at';

  it.each([
    [
      'a view that never ends',
      `CREATE VIEW channel_pairing_allow_entries(${columns}) AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT 'telegram', 'default', i, 1, 1 FROM n WHERE i < 0`,
    ],
    [
      'a column that is computed',
      "CREATE TABLE channel_pairing_allow_entries(channel_key TEXT, account_id TEXT, entry TEXT AS (hex(zeroblob(4000000))), x INT); INSERT INTO channel_pairing_allow_entries VALUES ('telegram', 'default', 1)",
    ],
    ['a virtual table', `CREATE VIRTUAL TABLE channel_pairing_allow_entries USING fts5(${columns})`],
    ['a table with other columns', 'CREATE TABLE channel_pairing_allow_entries(a, b)'],
  ])('%s is not read', (_, sql) => {
    const folder = folderOf('{}');
    openDatabase(path.join(folder, file), sql).close();
    expect(read(folder)).toEqual({ chats: [], notes: [] });
  });

  it('many and long rows are read up to a limit', () => {
    const folder = folderOf('{}');
    writeState(folder, {
      paired: { default: Array.from({ length: 5_000 }, (_, index) => String(index + 1)) },
      waiting: { 7: { firstName: 'x'.repeat(1_000_000) }, 8: { firstName: 'Neko\u001b[2J' } },
    });
    const { chats } = read(folder);
    expect(chats).toHaveLength(20);
    expect(JSON.stringify(chats).length).toBeLessThan(5_000);
  });

  it.each<readonly [string, (place: string) => void, readonly string[]]>([
    ['text', place => fs.writeFileSync(place, 'x'.repeat(9_000)), [`${file} value`]],
    ['too much', place => fs.truncateSync(place, 65 * 1024 * 1024), [`${file} bytes`]],
    [
      'a folder',
      place => {
        fs.rmSync(place);
        fs.mkdirSync(place);
      },
      [`${file} kind`],
    ],
    [
      'a damaged file',
      place => fs.writeFileSync(place, fs.readFileSync(place).fill(0xff, 200)),
      [`${file} value`],
    ],
  ])('%s in the place of a database is noted', (_, spoil, notes) => {
    const folder = folderOf('{}');
    writeState(folder, { paired: { default: ['4'] } });
    spoil(path.join(folder, file));
    expect(read(folder)).toEqual({ chats: [], notes });
  });

  it('no link out of the folder is followed, whether it is one of a file or of a folder', () => {
    const sessions = '{"a": {"lastChannel": "telegram", "lastTo": "5"}}';
    const other = folderOf('{}', {
      'openclaw/sessions.json': sessions,
    });
    writeState(other, { paired: { default: ['4'] }, direct: ['telegram:6'] });
    const folder = folderOf('{}', {
      'openclaw/state/openclaw.sqlite': { link: `${other}/state/openclaw.sqlite` },
      'openclaw/agents': { link: `${other}/agents` },
    });
    expect(read(folder)).toEqual({ chats: [], notes: [] });
    const third = folderOf('{}', {
      'openclaw/credentials': { link: other },
      'openclaw/agents/main/sessions': { link: other },
    });
    fs.writeFileSync(path.join(other, 'telegram-allowFrom.json'), '{"allowFrom": ["7"]}');
    expect(read(third)).toEqual({ chats: [], notes: [] });
    expect(
      inShort(
        read(
          folderOf('{}', {
            'openclaw/agents': { link: 'other' },
            'openclaw/other/a/sessions/sessions.json': sessions,
          }),
        ),
      ),
    ).toEqual(['5 direct']);
    // The folder itself may be a link, and so may what stays in it.
    const root = unpackedRoot({ openclaw: { link: other } });
    expect(inShort(read(path.join(root, 'openclaw')))).toEqual(['4 paired']);
  });

  it('numbers that are no chats are none', () => {
    const folder = folderOf(
      '{ channels: { telegram: { allowFrom: [0, -0, 1.5, 1e21, "9007199254740993", "1 2", "", "telegram:", "٤٢", true, null, {}] } } }',
    );
    expect(inShort(read(folder))).toEqual([]);
  });
});
