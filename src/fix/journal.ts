/**
 * What daruma has done to a machine, kept so that it can be taken back: one file per fix, written before the first
 * change is made.
 */
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { beginMark, type Begun, fixesFolder, markText, readMark } from './begun-mark.ts';
import { putState } from './file-operation.ts';
import { ownIdentity } from './process-identity.ts';

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
  /** The folder that was the root of its system; `/` on the live machine. */
  root: z.string(),
  units: z.array(z.string()),
  operations: z.array(z.strictObject({ path: z.string(), before: fileState, after: fileState })),
  /** Folders that were missing, the innermost first: taken away again when they are empty. */
  folders: z.array(z.string()),
  /** The user whose lingering was turned on. */
  lingering: z.string().nullable(),
  /** Whether the manager reads its units anew. */
  isReloaded: z.boolean(),
  /** Units that were started, and those that were stopped. */
  started: z.array(z.string()),
  stopped: z.array(z.string()),
  /** Services that are restarted in the end. */
  restarted: z.array(z.string()),
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
    for (let number = 2; fs.existsSync(this.fileOf(id)); number += 1) id = `${time}-${number}`;
    return id;
  }

  /**
   * Writes down what is about to be done, by this process. While it is `begun`, a mark lies beside the records that costs
   * little to look for.
   *
   * @throws FixInTheWay while another fix is under way, or was left in the middle
   */
  begin(record: FixRecord): FixRecord {
    const other = this.begun();
    if (other !== undefined && (other.pid !== undefined || other.id !== record.id))
      throw new FixInTheWay(other);
    const begun: FixRecord = { ...record, phase: 'begun', process: ownIdentity() };
    const mark = Buffer.from(markText(begun.id, begun.process));
    putState(beginMark(this.#stateFolder), { kind: 'file', content: mark, mode: 0o644 });
    this.#put(begun);
    return begun;
  }

  /** Writes down what has become of it. */
  end(record: FixRecord, phase: 'done' | 'undone'): void {
    this.#put({ ...record, phase });
    putState(beginMark(this.#stateFolder), { kind: 'absent' });
  }

  /** Takes away the record of what came to nothing; that takes no room on a disk that is full. */
  forget({ id }: FixRecord): void {
    putState(this.fileOf(id), { kind: 'absent' });
    if (readMark(this.#stateFolder)?.id === id) putState(beginMark(this.#stateFolder), { kind: 'absent' });
  }

  /** The fix that was begun and has not ended. */
  begun(): Begun | undefined {
    const begun = readMark(this.#stateFolder);
    if (begun === undefined || begun.pid === process.pid) return undefined;
    // Nothing was done before the record was written, and nothing is to do after it says so.
    return begun.pid !== undefined || this.#isBegun(begun.id) ? begun : undefined;
  }

  #isBegun(id: string): boolean {
    try {
      return this.record(id)?.phase === 'begun';
    } catch {
      // It is another's to read, or damaged.
      return true;
    }
  }

  /** Ids of all records, the oldest first. */
  ids(): readonly string[] {
    if (!fs.existsSync(this.#folder)) return [];
    return fs
      .readdirSync(this.#folder)
      .filter(name => name.endsWith('.json') && !name.startsWith('.'))
      .map(name => name.slice(0, -'.json'.length))
      .sort();
  }

  /**
   * The record of one fix; undefined where there is none of that id.
   *
   * @throws DamagedRecord, or the errno error of what cannot be read
   */
  record(id: string): FixRecord | undefined {
    const file = this.fileOf(id);
    if (!this.ids().includes(id)) return undefined;
    const text = fs.readFileSync(file, 'utf8');
    try {
      return fixRecord.parse(JSON.parse(text));
    } catch (error) {
      throw new DamagedRecord(file, { cause: error });
    }
  }

  /** Where the record of a fix lies. */
  fileOf(id: string): string {
    return path.join(this.#folder, `${id}.json`);
  }

  /** It may hold what only its owner may read. */
  #put(record: FixRecord): void {
    const content = Buffer.from(`${JSON.stringify(z.encode(fixRecord, record), undefined, 2)}\n`);
    putState(this.fileOf(record.id), { kind: 'file', content, mode: 0o600 });
  }
}

/** A fix is refused as long as another is under way, or was left in the middle. */
export class FixInTheWay extends Error {
  readonly begun: Begun;

  constructor(begun: Begun) {
    super(`the fix ${begun.id} has not ended`);
    this.name = 'FixInTheWay';
    this.begun = begun;
  }
}

/** A record that nobody can make out. */
export class DamagedRecord extends Error {
  readonly file: string;

  constructor(file: string, options: ErrorOptions) {
    super(`${file} is not a record of a fix`, options);
    this.name = 'DamagedRecord';
    this.file = file;
  }
}
