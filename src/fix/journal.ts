/**
 * What daruma has done to a machine, kept so that it can be taken back: one file per fix, written before the first
 * change is made.
 */
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { beginMark, fixesFolder, isAnyBegun } from './begun-mark.ts';
import { putState } from './file-operation.ts';
import { isRunning } from './process-identity.ts';

const bytes = z.codec(z.base64(), z.instanceof(Buffer<ArrayBufferLike>), {
  decode: text => Buffer.from(text, 'base64'),
  encode: content => content.toString('base64'),
});

const fileState = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('absent') }),
  z.strictObject({ kind: z.literal('link'), target: z.string() }),
  z.strictObject({ kind: z.literal('file'), content: bytes, mode: z.int() }),
  z.strictObject({ kind: z.literal('mode'), mode: z.int() }),
]);

const fixRecord = z.strictObject({
  version: z.literal(1),
  /** The time it was begun, in UTC, as `20261124T040000Z`; a number behind it where there are several in a second. */
  id: z.string().regex(/^[\dTZ-]+$/),
  /** `begun`: not known to be complete, and so interrupted when nobody is at it any more. */
  phase: z.enum(['begun', 'done', 'undone']),
  /** Who is at it while it is `begun`. */
  process: z.strictObject({ pid: z.int(), started: z.string().nullable() }),
  /** The manager it is about, for the reload. */
  scope: z.enum(['user', 'system']),
  /** The unpacked root that it was made in; null on the live machine. */
  root: z.string().nullable(),
  units: z.array(z.string()),
  operations: z.array(z.strictObject({ path: z.string(), before: fileState, after: fileState })),
  /** Folders that were missing, the innermost first: taken away again when they are empty. */
  folders: z.array(z.string()),
  /** The user whose lingering was turned on. */
  lingering: z.string().nullable(),
  /** Units that were started, and those that were stopped. */
  started: z.array(z.string()).optional(),
  stopped: z.array(z.string()).optional(),
});

export type FixRecord = z.output<typeof fixRecord>;

/** The records of one user of daruma. */
export class Journal {
  readonly #stateFolder: string;
  readonly #folder: string;

  constructor(stateFolder: string) {
    this.#stateFolder = stateFolder;
    this.#folder = fixesFolder(stateFolder);
  }

  /** An id that no record has. */
  newId(now: Date): string {
    const time = now.toISOString().replace(/[-:]|\.\d+/g, '');
    let id = time;
    for (let number = 2; fs.existsSync(this.#file(id)); number += 1) id = `${time}-${number}`;
    return id;
  }

  /** Writes a record down; while one is `begun`, a mark lies beside the records that costs little to look for. */
  write(record: FixRecord): void {
    const mark = beginMark(this.#stateFolder);
    if (record.phase === 'begun') put(mark, Buffer.from(record.id));
    const content = Buffer.from(`${JSON.stringify(z.encode(fixRecord, record), undefined, 2)}\n`);
    put(this.#file(record.id), content);
    if (record.phase !== 'begun') putState(mark, { kind: 'absent' });
  }

  /** The fix that was begun and that nobody is at any more. */
  interrupted(): FixRecord | undefined {
    if (!isAnyBegun(this.#stateFolder)) return undefined;
    return this.records().find(({ phase, process }) => phase === 'begun' && !isRunning(process));
  }

  /** All records, the oldest first. @throws JournalError for one that cannot be read */
  records(): readonly FixRecord[] {
    if (!fs.existsSync(this.#folder)) return [];
    return fs
      .readdirSync(this.#folder)
      .filter(name => name.endsWith('.json') && !name.startsWith('.'))
      .sort()
      .map(name => this.#read(path.join(this.#folder, name)));
  }

  #read(file: string): FixRecord {
    try {
      return fixRecord.parse(JSON.parse(fs.readFileSync(file, 'utf8')));
    } catch (error) {
      throw new JournalError(file, { cause: error });
    }
  }

  #file(id: string): string {
    return path.join(this.#folder, `${id}.json`);
  }
}

/** It may hold what only its owner may read. */
function put(file: string, content: Buffer): void {
  putState(file, { kind: 'file', content, mode: 0o600 });
}

/** A record that is damaged. */
class JournalError extends Error {
  readonly file: string;

  constructor(file: string, options: ErrorOptions) {
    super(`${file} is not a record of a fix`, options);
    this.name = 'JournalError';
    this.file = file;
  }
}
