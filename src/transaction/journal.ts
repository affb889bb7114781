/**
 * What daruma has done to a machine, kept so that it can be taken back: one file per fix, written before the first
 * change is made.
 */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { errorCode } from '../kernel/errno.ts';
import { ownIdentity } from '../kernel/process-identity.ts';
import { withLock } from '../store/lock.ts';
import { firstWrite } from '../store/state-fault.ts';
import { fixesFolder } from '../store/state-folder.ts';
import { mostFileBytes } from '../systemd/host/files.ts';
import type { FileState } from '../systemd/host/overlay-files.ts';
import { enter, enterOrMake, type Folder, isIn, type Tree, wholeMachine } from '../systemd/host/tree.ts';
import { beginMark, type Begun, markText, readMark } from './begun-mark.ts';
import { type PlainFile, putState, readPlainFile, withPlainMode } from './file-operation.ts';

const bytes = z.codec(z.base64(), z.instanceof(Buffer<ArrayBufferLike>), {
  decode: text => Buffer.from(text, 'base64'),
  encode: content => content.toString('base64'),
});

/** PATH_MAX and NAME_MAX of Linux are shorter; a record has no more of anything than a machine has units. */
const shortText = z.string().max(8192);
const absolutePath = shortText.refine(value => value.startsWith('/') && !value.includes('\0'));
const nameList = z.array(shortText).max(100_000);
const permissions = z.int().min(0).max(0o7777);

const fileState = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('absent') }),
  z.strictObject({ kind: z.literal('link'), target: shortText }),
  z.strictObject({ kind: z.literal('file'), content: bytes, mode: permissions }),
  z.strictObject({ kind: z.literal('mode'), mode: permissions }),
]);

const idPattern = /^[\dTZ-]{1,64}$/;

const fixRecord = z.strictObject({
  version: z.literal(1),
  /** The time it was begun, in UTC, as `20261124T040000Z`; a number behind it where there are several in a second. */
  id: z.string().regex(idPattern),
  /**
   * `begun`: not known to be complete, and so interrupted when nobody is at it any more. `partly-undone`: taken back, but for
   * what others had changed or what was refused.
   */
  phase: z.enum(['begun', 'done', 'undone', 'partly-undone']),
  /** Who is at it while it is `begun`. */
  process: z.strictObject({ pid: z.int(), started: shortText.nullable() }),
  /** The manager it is about, for the reload. */
  scope: z.enum(['user', 'system']),
  /** The folder that was the root of its system; `/` on the live machine. */
  root: absolutePath,
  units: nameList,
  operations: z
    .array(z.strictObject({ path: absolutePath, before: fileState, after: fileState }))
    .max(100_000),
  /** Folders that were missing, the innermost first: taken away again when they are empty. */
  folders: z.array(absolutePath).max(100_000),
  /** The user whose lingering was turned on. */
  lingering: shortText.nullable(),
  /** Whether the manager reads its units anew. */
  isReloaded: z.boolean(),
  /** Units that were started, and those that were stopped. */
  started: nameList,
  stopped: nameList,
  /** Services that are restarted in the end. */
  restarted: nameList,
});

export type FixRecord = z.output<typeof fixRecord>;

/** Whether a fix was taken back, as far as that could be done. */
export function wasUndone({ phase }: Pick<FixRecord, 'phase'>): boolean {
  return phase === 'undone' || phase === 'partly-undone';
}

/** Records that lie in the tree they are about: they go with it where it is mounted elsewhere, or booted. */
export interface CarriedRecords {
  readonly tree: Tree;
  /** The state folder of the tree's own daruma. */
  readonly stateFolder: string;
  /** The number of the user who can take back what is theirs with the daruma of this machine; undefined in what was brought here. */
  readonly inhabitant: number | undefined;
}

/** A record, or why one of the tree that is looked at is not for the caller to take back. */
type Known = { readonly record: FixRecord } | { readonly refusal: Error };

/** The records of one user of daruma. */
export class Journal {
  readonly #stateFolder: string;
  readonly #folder: string;
  readonly #carried: CarriedRecords | undefined;

  /** @param carried of a tree that is looked at: what is written down is copied there, and not trusted when it is read there */
  constructor(stateFolder: string, carried?: CarriedRecords) {
    this.#stateFolder = stateFolder;
    this.#folder = fixesFolder(stateFolder);
    this.#carried = carried;
  }

  /**
   * Does what only one process may do at a time: all that looks at files to write them.
   *
   * @throws FixInTheWay while another process is at it; StateFault
   */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    firstWrite(this.#stateFolder, () => enterOrMake(wholeMachine, this.#stateFolder)[Symbol.dispose]());
    for (let look = 1; ; look += 1) {
      const done = await withLock(this.#stateFolder, 'fix', 0, async () => ({ result: await work() }));
      if (done !== undefined) return done.result;
      const begun = readMark(this.#stateFolder);
      // Who has just begun has not yet said so.
      if (begun?.pid !== undefined || look === mostLooks) throw new FixInTheWay(begun);
      await sleep(lookAgainMs);
    }
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
   * @throws FixInTheWay while another fix is under way, or was left in the middle; StateFault
   */
  begin(record: FixRecord): FixRecord {
    const other = this.begun();
    if (other !== undefined && (other.pid !== undefined || other.id !== record.id))
      throw new FixInTheWay(other);
    const begun: FixRecord = { ...record, phase: 'begun', process: ownIdentity() };
    const mark = Buffer.from(markText(begun.id, begun.process));
    firstWrite(this.#stateFolder, () => {
      putState(beginMark(this.#stateFolder), { kind: 'file', content: mark, mode: 0o644 }, wholeMachine);
      this.#put(begun);
    });
    return begun;
  }

  /** Writes down what has become of it. */
  end(record: FixRecord, phase: 'done' | 'undone' | 'partly-undone'): void {
    this.#put({ ...record, phase });
    putState(beginMark(this.#stateFolder), { kind: 'absent' }, wholeMachine);
  }

  /** Takes away the record of what came to nothing; that takes no room on a disk that is full. */
  forget({ id }: FixRecord): void {
    putState(this.fileOf(id), { kind: 'absent' }, wholeMachine);
    this.#carry(id, { kind: 'absent' });
    if (readMark(this.#stateFolder)?.id === id)
      putState(beginMark(this.#stateFolder), { kind: 'absent' }, wholeMachine);
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
    return [...new Set([...this.#ownIds(), ...this.#carriedIds()])].sort();
  }

  /** Whether a record is known from the tree that it is about, and from nowhere else. */
  isCarried(id: string): boolean {
    return !this.#isOwn(id) && this.#hasCarried(id);
  }

  /** Looks for one entry: a folder that is listed for each of its records takes the square of their number. */
  #isOwn(id: string): boolean {
    return idPattern.test(id) && isThere(this.fileOf(id));
  }

  #ownIds(): readonly string[] {
    return fs.existsSync(this.#folder) ? idsAmong(fs.readdirSync(this.#folder)) : [];
  }

  #carriedIds(): readonly string[] {
    return this.#amongCarried(folder => idsAmong(fs.readdirSync(folder.at('.')))) ?? [];
  }

  #hasCarried(id: string): boolean {
    return idPattern.test(id) && this.#amongCarried(folder => isThere(folder.at(`${id}.json`))) === true;
  }

  #amongCarried<T>(look: (folder: Folder) => T): T | undefined {
    if (this.#carried === undefined) return undefined;
    const { tree, stateFolder } = this.#carried;
    try {
      using folder = enter(tree, fixesFolder(stateFolder));
      return folder && look(folder);
    } catch (error) {
      // What leads out of the tree, or is not for us to see, is none of ours.
      if (errorCode(error) !== undefined) return undefined;
      throw error;
    }
  }

  /**
   * The record of one fix; undefined where there is none of that id.
   *
   * @throws DamagedRecord, UntrustedRecord, or the errno error of what cannot be read
   */
  record(id: string): FixRecord | undefined {
    const name = `${id}.json`;
    if (this.#isOwn(id)) {
      using folder = enter(wholeMachine, this.#folder);
      return folder && parsed(id, this.fileOf(id), 'anybody', () => readPlainFile(folder.at(name)));
    }
    if (this.#carried === undefined || !this.#hasCarried(id)) return undefined;
    const { tree, stateFolder, inhabitant } = this.#carried;
    const place = path.join(fixesFolder(stateFolder), name);
    using folder = enter(tree, fixesFolder(stateFolder));
    const record = folder && parsed(id, place, inhabitant, () => readPlainFile(folder.at(name)));
    return record && harmless(record, place, tree);
  }

  /**
   * A record, where it is the caller's to take back: what others have put into the tree that is looked at is in nobody's way.
   *
   * @throws as {@link record}, of one that is the caller's own
   */
  known(id: string): Known | undefined {
    try {
      const record = this.record(id);
      return record && { record };
    } catch (error) {
      if (!(error instanceof Error) || !this.isCarried(id)) throw error;
      return { refusal: error };
    }
  }

  /** Folders that were made for what the caller's own records have written; those of records that cannot be read are not known. */
  madeFolders(): ReadonlySet<string> {
    return new Set(
      this.#ownIds().flatMap(id => {
        try {
          return this.record(id)?.folders ?? [];
        } catch {
          return [];
        }
      }),
    );
  }

  /** Where the record of a fix lies. */
  fileOf(id: string): string {
    return path.join(this.#folder, `${id}.json`);
  }

  /** It may hold what only its owner may read. */
  #put(record: FixRecord): void {
    const content = Buffer.from(`${JSON.stringify(z.encode(fixRecord, record), undefined, 2)}\n`);
    if (content.length > mostFileBytes)
      throw new Error(`EFBIG: file too large, write '${this.fileOf(record.id)}'`);
    const state = { kind: 'file', content, mode: 0o600 } as const;
    putState(this.fileOf(record.id), state, wholeMachine);
    this.#carry(record.id, state);
  }

  #carry(id: string, state: FileState): void {
    if (this.#carried === undefined) return;
    const { tree, stateFolder } = this.#carried;
    try {
      putState(path.join(fixesFolder(stateFolder), `${id}.json`), state, tree);
    } catch (error) {
      // What counts is written down already; the tree may be one in which nothing can be left beside it.
      if (errorCode(error) === undefined) throw error;
    }
  }
}

/** For two seconds in all. */
const lookAgainMs = 50;
const mostLooks = 40;

/** Links are there, wherever they lead. */
function isThere(file: string): boolean {
  return fs.lstatSync(file, { throwIfNoEntry: false }) !== undefined;
}

function idsAmong(names: readonly string[]): readonly string[] {
  return names
    .filter(name => name.endsWith('.json'))
    .map(name => name.slice(0, -'.json'.length))
    .filter(id => idPattern.test(id));
}

/**
 * @param inhabitant who can take it back where it is theirs
 * @throws DamagedRecord, UntrustedRecord
 */
function parsed(
  id: string,
  file: string,
  inhabitant: number | 'anybody' | undefined,
  read: () => PlainFile,
): FixRecord {
  const { content, uid } = readRecord(file, read);
  const record = recordIn(content, id);
  const self = process.geteuid?.();
  if (uid !== 0 && self !== undefined && uid !== self) {
    const isTheirs = inhabitant === 'anybody' || inhabitant === uid;
    const isToBeTakenBack = record instanceof Error || !wasUndone(record);
    throw new UntrustedRecord(file, { kind: 'owner', uid, isForThem: isTheirs && isToBeTakenBack, id });
  }
  if (record instanceof Error) throw new DamagedRecord(file, { cause: record });
  return record;
}

function recordIn(content: Buffer, id: string): FixRecord | Error {
  try {
    const record = fixRecord.parse(JSON.parse(content.toString('utf8')));
    return record.id === id ? record : new Error(`the record of ${record.id}`);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function readRecord(file: string, read: () => PlainFile): PlainFile {
  try {
    return read();
  } catch (error) {
    const code = errorCode(error);
    // A link, a pipe, a folder, or what no record is as long as.
    if (code === 'ELOOP' || code === 'EINVAL' || code === 'EISDIR' || code === 'EFBIG')
      throw new DamagedRecord(file, { cause: error });
    throw error;
  }
}

/** @throws UntrustedRecord for one that is about anything else than the tree it lies in */
function harmless(record: FixRecord, file: string, { root, within }: Tree): FixRecord {
  // Of a home on its own, paths are those of the machine.
  const folders = root === '/' ? within : [record.root];
  const paths = [...record.operations.map(operation => operation.path), ...record.folders];
  const outside = paths.find(each => !folders.some(folder => isIn(folder, path.resolve(each))));
  if (outside !== undefined) throw new UntrustedRecord(file, { kind: 'outside', path: outside });
  return {
    ...record,
    operations: record.operations.map(({ path: at, before, after }) => ({
      path: at,
      before,
      after: withPlainMode(after),
    })),
  };
}

/** A fix is refused as long as another is under way, or was left in the middle. */
export class FixInTheWay extends Error {
  /** Undefined where it is not known which. */
  readonly begun: Begun | undefined;

  constructor(begun: Begun | undefined) {
    super(`the fix ${begun?.id ?? ''} has not ended`);
    this.name = 'FixInTheWay';
    this.begun = begun;
  }
}

/** A record that somebody else may have put there. */
export class UntrustedRecord extends Error {
  readonly file: string;
  readonly reason: /** `isForThem`: there is something in it to be taken back, and they can do so. */
    | { readonly kind: 'owner'; readonly uid: number; readonly isForThem: boolean; readonly id: string }
    | { readonly kind: 'outside'; readonly path: string };

  constructor(file: string, reason: UntrustedRecord['reason']) {
    super(`${file} is not to be trusted`);
    this.name = 'UntrustedRecord';
    this.file = file;
    this.reason = reason;
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
