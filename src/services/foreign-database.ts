/** Reads the SQLite database of another program, which may be using it, and leaves its files as they are. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { HostFiles } from '../systemd/host/host.ts';
import { errorCode } from '../kernel/errno.ts';
import type { MetLimit } from '../systemd/host/limit.ts';

type Note = (limit: MetLimit['limit']) => void;

/** The texts of one row, by column. */
export type Row = Readonly<Record<string, string>>;

/** What to read: rows of a table that have certain values. */
export interface Selection {
  readonly table: string;
  readonly columns: readonly string[];
  readonly where: Readonly<Record<string, string>>;
  /** The column that decides which rows come first, the greatest ones. */
  readonly latestBy?: string;
}

/**
 * Reads rows from a private copy: a reader in the same place would create files beside the database, and take locks in it. Views,
 * virtual tables and computed columns are not read, since they are programs.
 *
 * @param note is called with the reason when a database exists and is not read
 * @returns the rows of each selection, with texts cut off at 256 characters; none for what does not exist or cannot be read
 */
export function readForeignDatabase(
  file: string,
  files: HostFiles,
  selections: readonly Selection[],
  note: Note,
): readonly (readonly Row[])[] {
  const nothing = selections.map(() => []);
  const parts = readParts(file, files, note);
  if (parts === undefined) return nothing;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'daruma-'));
  try {
    const copy = path.join(folder, 'copy.sqlite');
    fs.writeFileSync(copy, parts.database, { mode: 0o600 });
    fs.writeFileSync(`${copy}-wal`, parts.log, { mode: 0o600 });
    using database = new DatabaseSync(copy);
    database.exec('PRAGMA trusted_schema = OFF');
    return selections.map(selection => rowsOf(database, selection));
  } catch (error) {
    note(hindranceOf(error));
    return nothing;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** In bytes, of the database and of its log. OpenClaw's state has 2 MB at first. */
const mostBytes = 64 * 1024 * 1024;
const mostRows = 20;
const mostAttempts = 3;
/** sqlite.org/walformat.html: the header of the log contains salts, which change when the log begins anew. */
const headerBytes = 32;

interface Parts {
  readonly database: Buffer;
  readonly log: Buffer;
}

/**
 * The log has all pages that are not in the database yet, as long as it does not begin anew meanwhile.
 *
 * Source: sqlite.org/wal.html, "Checkpointing".
 */
function readParts(file: string, files: HostFiles, note: Note): Parts | undefined {
  try {
    if (files.status(file) === undefined) return undefined;
    for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
      const header = logOf(file, files, headerBytes);
      const sizes = [file, `${file}-wal`].map(each => files.status(each));
      if (sizes[0]?.kind !== 'file') {
        note({ of: 'kind' });
        return undefined;
      }
      if (sizes.some(each => (each?.size ?? 0) > mostBytes)) {
        note({ of: 'bytes', most: mostBytes });
        return undefined;
      }
      const database = files.read(file, mostBytes);
      const log = logOf(file, files, mostBytes);
      if (log.subarray(0, headerBytes).equals(header)) return { database, log };
    }
    note({ of: 'errno', errno: 'EBUSY' });
  } catch (error) {
    note(hindranceOf(error));
  }
  return undefined;
}

/** An error of SQLite means that the file is no database. */
function hindranceOf(error: unknown): MetLimit['limit'] {
  const errno = errorCode(error);
  return errno === undefined || errno.startsWith('ERR_SQLITE')
    ? { of: 'value', key: '' }
    : { of: 'errno', errno };
}

function logOf(file: string, files: HostFiles, most: number): Buffer {
  const log = `${file}-wal`;
  return files.status(log)?.kind === 'file' ? files.read(log, most) : Buffer.alloc(0);
}

function rowsOf(database: DatabaseSync, { table, columns, where, latestBy }: Selection): readonly Row[] {
  const used = [...columns, ...Object.keys(where), ...(latestBy === undefined ? [] : [latestBy])];
  if (!hasPlainColumns(database, table, used)) return [];
  const read = columns.map(column => `substr(${column}, 1, 256) AS ${column}`).join(', ');
  const conditions = Object.keys(where).map(column => `${column} = ?`);
  const order = latestBy === undefined ? '' : ` ORDER BY ${latestBy} DESC`;
  return database
    .prepare(`SELECT ${read} FROM ${table} WHERE ${conditions.join(' AND ')}${order} LIMIT ${mostRows}`)
    .all(...Object.values(where))
    .map(row => Object.fromEntries(columns.map(column => [column, String(row[column] ?? '')])));
}

/** Whether a table has columns that are stored in it. */
function hasPlainColumns(database: DatabaseSync, table: string, columns: readonly string[]): boolean {
  const isTable = database
    .prepare("SELECT 1 FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name = ?")
    .get(table);
  const stored = database.prepare('SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0').all(table);
  const names = new Set(stored.map(({ name }) => name));
  return isTable !== undefined && columns.every(column => names.has(column));
}
