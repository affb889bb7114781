/**
 * The records of fixes, which allow an undo. Each fix has one file, which is written before the first change is made.
 */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { errorCode } from '../kernel/errno.ts';
import { ownIdentity } from '../kernel/process-identity.ts';
import { withLock } from '../store/lock.ts';
import { firstWrite } from '../store/unwritable-state-folder.ts';
import { fixesFolder } from '../store/state-folder.ts';
import { mostFileBytes } from '../systemd/host/files.ts';
import type { FileState } from '../systemd/host/overlay-files.ts';
import {
  enter,
  enterOrMake,
  type Folder,
  foldersToMake,
  isIn,
  lookAt,
  type Tree,
  wholeMachine,
} from '../systemd/host/tree.ts';
import { beginMark, type Begun, markText, readMark } from './begun-mark.ts';
import { type PlainFile, putState, readPlainFile, removeFolder, withPlainMode } from './file-operation.ts';

const bytes = z.codec(z.base64(), z.instanceof(Buffer<ArrayBufferLike>), {
  decode: text => Buffer.from(text, 'base64'),
  encode: content => content.toString('base64'),
});

/** Longer than PATH_MAX and NAME_MAX of Linux. The lists below hold at most as many entries as a large machine has units. */
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
  /** The time when it began, in UTC, as `20261124T040000Z`; with a number appended when several began in one second. */
  id: z.string().regex(idPattern),
  /**
   * `begun`: not known to be complete; when its process has ended, the fix was interrupted. `partly-undone`: undone except for
   * files that others had changed and commands that failed.
   */
  phase: z.enum(['begun', 'done', 'undone', 'partly-undone']),
  /** The process that works on it while it is `begun`. */
  process: z.strictObject({ pid: z.int(), started: shortText.nullable() }),
  /** The manager that is reloaded. */
  scope: z.enum(['user', 'system']),
  /** The root folder of the system that was changed; `/` on the live machine. */
  root: absolutePath,
  units: nameList,
  operations: z
    .array(
      z.strictObject({
        path: absolutePath,
        before: fileState,
        after: fileState,
        isLate: z.literal(true).optional(),
      }),
    )
    .max(100_000),
  /** Folders that the fix made, innermost first. An undo removes those that are empty. */
  folders: z.array(absolutePath).max(100_000),
  /** The user for whom the fix turned lingering on. */
  lingering: shortText.nullable(),
  /** Whether the manager is reloaded. */
  isReloaded: z.boolean(),
  /** Units that were started, and those that were stopped. */
  started: nameList,
  stopped: nameList,
  /** Services that read their files again, also when these are restored. */
  reloaded: nameList.optional(),
  /** Services to restart after everything else is done. */
  restarted: nameList,
  /** Services that were down, and that the user had started with the fix. An undo leaves them running. */
  broughtUp: nameList.optional(),
  /** The runs of those that the fix began, by their invocation ids. */
  runs: z.record(shortText, shortText).optional(),
  /** Units among the started ones that ran before: an undo does not stop them. */
  ranBefore: nameList.optional(),
  /** Units among the stopped ones that had not run before: an undo does not start them. */
  restedBefore: nameList.optional(),
});

export type FixRecord = z.output<typeof fixRecord>;

/** Whether a fix has made something that an undo can take back. A restart and a reload cannot be taken back. */
export function hasLastingChange({ operations, lingering, started, stopped }: FixRecord): boolean {
  return operations.length > 0 || lingering !== null || started.length > 0 || stopped.length > 0;
}

/** Copies of records that lie inside the tree that they describe: they stay with it when it is mounted elsewhere or booted. */
export interface CarriedRecords {
  readonly tree: Tree;
  /** The state folder of the tree's own daruma. */
  readonly stateFolder: string;
  /**
   * The uid of the user of the tree who can undo their own records with the daruma of this machine; undefined for a tree that
   * comes from another machine.
   */
  readonly inhabitant: number | undefined;
}

/** A record, or the reason why the caller may not undo it (only for records inside a foreign tree). */
type Known = { readonly record: FixRecord } | { readonly refusal: Error };

/** The records of one user of daruma. */
export class Journal {
  readonly #stateFolder: string;
  readonly #folder: string;
  readonly #carried: CarriedRecords | undefined;

  /** @param carried for a foreign tree: each record is copied into the tree, and records read from there are not trusted */
  constructor(stateFolder: string, carried?: CarriedRecords) {
    this.#stateFolder = stateFolder;
    this.#folder = fixesFolder(stateFolder);
    this.#carried = carried;
  }

  /**
   * Runs work under the lock of fixes, which only one process holds at a time. Everything that reads files in order to write
   * them runs here.
   *
   * @throws FixInTheWay while another process holds the lock; UnwritableStateFolder
   */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    firstWrite(this.#stateFolder, () => enterOrMake(wholeMachine, this.#stateFolder)[Symbol.dispose]());
    for (let look = 1; ; look += 1) {
      const done = await withLock(this.#stateFolder, 'fix', 0, async () => ({ result: await work() }));
      if (done !== undefined) return done.result;
      const begun = readMark(this.#stateFolder);
      // The other process takes the lock before it writes the mark: look again.
      if (begun?.pid !== undefined || look === mostLooks) throw new FixInTheWay(begun);
      await sleep(lookAgainMs);
    }
  }

  /** An id that no record uses. */
  newId(now: Date): string {
    const time = now.toISOString().replace(/[-:]|\.\d+/g, '');
    let id = time;
    for (let number = 2; fs.existsSync(this.fileOf(id)); number += 1) id = `${time}-${number}`;
    return id;
  }

  /**
   * Stores a record as `begun` by this process, and puts the mark beside the records.
   *
   * @param work what is begun: the fix, or its undo
   * @throws FixInTheWay while another fix is under way or was interrupted; UnwritableStateFolder
   */
  begin(record: FixRecord, work: 'fix' | 'undo' = 'fix'): FixRecord {
    const other = this.begun();
    if (other !== undefined && (other.pid !== undefined || other.id !== record.id))
      throw new FixInTheWay(other);
    const folders = [...new Set([...record.folders, ...this.#foldersToCarry()])].sort(
      (a, b) => b.length - a.length,
    );
    const begun: FixRecord = { ...record, folders, phase: 'begun', process: ownIdentity() };
    const mark = Buffer.from(markText(begun.id, begun.process, work));
    firstWrite(this.#stateFolder, () => {
      putState(beginMark(this.#stateFolder), { kind: 'file', content: mark, mode: 0o644 }, wholeMachine);
      this.#put(begun);
    });
    return begun;
  }

  /** Stores how the fix ended, and removes the mark. The copy in a foreign tree is removed with a fix that is undone. */
  end(record: FixRecord, phase: 'done' | 'undone' | 'partly-undone'): void {
    this.#put({ ...record, phase });
    if (phase === 'undone') this.#carryNoLonger(record);
    putState(beginMark(this.#stateFolder), { kind: 'absent' }, wholeMachine);
  }

  /**
   * Adds to a record which runs the fix has begun. Where another process has changed it meanwhile, as an undo does, nothing is added.
   *
   * @throws UnwritableStateFolder, or FixInTheWay while another process holds the lock
   */
  async noteRuns(id: string, runs: Readonly<Record<string, string>>): Promise<void> {
    await this.alone(() => {
      const record = this.record(id);
      if (record?.phase === 'done') firstWrite(this.#stateFolder, () => this.#put({ ...record, runs }));
      return Promise.resolve();
    });
  }

  /** Removes the record of a fix that changed nothing. This needs no free space, so it works on a full disk. */
  forget(record: FixRecord): void {
    const { id } = record;
    this.#carryNoLonger(record);
    putState(this.fileOf(id), { kind: 'absent' }, wholeMachine);
    if (readMark(this.#stateFolder)?.id === id)
      putState(beginMark(this.#stateFolder), { kind: 'absent' }, wholeMachine);
  }

  /** The fix that was begun and has not ended. */
  begun(): Begun | undefined {
    const begun = readMark(this.#stateFolder);
    if (begun === undefined || begun.pid === process.pid) return undefined;
    // A mark whose record is missing or has ended is out of date: the process was killed between the two writes.
    return begun.pid !== undefined || this.#isBegun(begun.id) ? begun : undefined;
  }

  #isBegun(id: string): boolean {
    try {
      return this.record(id)?.phase === 'begun';
    } catch {
      // The record is damaged, or only another user may read it.
      return true;
    }
  }

  /** Ids of all records, oldest first. */
  ids(): readonly string[] {
    return [...new Set([...this.#ownIds(), ...this.#carriedIds()])].sort(byAge.compare);
  }

  /** The records, newest first. Those that cannot be read or are not trusted are left out. */
  *readable(): Generator<FixRecord> {
    for (const id of this.ids().toReversed()) {
      const record = this.#readable(id);
      if (record !== undefined) yield record;
    }
  }

  #readable(id: string): FixRecord | undefined {
    try {
      return this.record(id);
    } catch {
      return undefined;
    }
  }

  /** Whether a record exists only inside the foreign tree. */
  isCarried(id: string): boolean {
    return !this.#isOwn(id) && this.#hasCarried(id);
  }

  /** Looks up one entry. Listing the whole folder for each record would take time quadratic in the number of records. */
  #isOwn(id: string): boolean {
    return idPattern.test(id) && isPresent(this.fileOf(id));
  }

  #ownIds(): readonly string[] {
    return fs.existsSync(this.#folder) ? idsAmong(fs.readdirSync(this.#folder)) : [];
  }

  #carriedIds(): readonly string[] {
    return this.#amongCarried(folder => idsAmong(fs.readdirSync(folder.at('.')))) ?? [];
  }

  #hasCarried(id: string): boolean {
    return idPattern.test(id) && this.#amongCarried(folder => isPresent(folder.at(`${id}.json`))) === true;
  }

  #amongCarried<T>(look: (folder: Folder) => T): T | undefined {
    if (this.#carried === undefined) return undefined;
    const { tree, stateFolder } = this.#carried;
    try {
      using folder = enter(tree, fixesFolder(stateFolder));
      return folder && look(folder);
    } catch (error) {
      // A folder that lies outside the tree or may not be read holds no records for us.
      if (errorCode(error) !== undefined) return undefined;
      throw error;
    }
  }

  /**
   * The record of one fix; undefined when no record has this id.
   *
   * @throws DamagedRecord, UntrustedRecord, or the errno error when the file cannot be read
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
   * A record, or the reason why the caller may not undo it. A faulty record that others put into a foreign tree does not make
   * this fail.
   *
   * @throws as {@link record} for the caller's own records
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

  /** Folders that the caller's own fixes made. Records that cannot be read are left out. */
  madeFolders(): ReadonlySet<string> {
    return new Set(this.#ownIds().flatMap(id => this.#readable(id)?.folders ?? []));
  }

  /** The path of a record. */
  fileOf(id: string): string {
    return path.join(this.#folder, `${id}.json`);
  }

  /** Writes a record, readable by its owner only: it may hold the content of private files. */
  #put(record: FixRecord): void {
    const content = Buffer.from(`${JSON.stringify(z.encode(fixRecord, record), undefined, 2)}\n`);
    if (content.length > mostFileBytes)
      throw new Error(`EFBIG: file too large, write '${this.fileOf(record.id)}'`);
    const state = { kind: 'file', content, mode: 0o600 } as const;
    putState(this.fileOf(record.id), state, wholeMachine);
    this.#carry(record.id, state);
  }

  /** The folders in the tree that the copy of a record needs and that are missing, by their real paths. */
  #foldersToCarry(): readonly string[] {
    if (this.#carried === undefined) return [];
    const { tree, stateFolder } = this.#carried;
    try {
      return foldersToMake(tree, fixesFolder(stateFolder));
    } catch (error) {
      // No copy can be made there.
      if (errorCode(error) === undefined) throw error;
      return [];
    }
  }

  /** Removes the copy in the tree, and the folders above it that this fix or an earlier one made, where they are empty. */
  #carryNoLonger({ id, folders }: FixRecord): void {
    if (this.#carried === undefined) return;
    const { tree, stateFolder } = this.#carried;
    this.#carry(id, { kind: 'absent' });
    const made = new Set([...this.madeFolders(), ...folders]);
    try {
      for (
        let folder = realFolder(fixesFolder(stateFolder), tree);
        folder !== undefined && made.has(folder);
        folder = path.dirname(folder)
      )
        removeFolder(folder, tree);
    } catch (error) {
      // The folder holds files of others, or the tree is read-only.
      if (errorCode(error) === undefined) throw error;
    }
  }

  #carry(id: string, state: FileState): void {
    if (this.#carried === undefined) return;
    const { tree, stateFolder } = this.#carried;
    try {
      putState(path.join(fixesFolder(stateFolder), `${id}.json`), state, tree);
    } catch (error) {
      // The record outside the tree is already written; the copy is optional, and the tree may be read-only.
      if (errorCode(error) === undefined) throw error;
    }
  }
}

/** The numbers of fixes that began in one second are compared as numbers: `…Z-2` is older than `…Z-10`. */
const byAge = new Intl.Collator('en', { numeric: true });

/** Looks again for two seconds in total. */
const lookAgainMs = 50;
const mostLooks = 40;

/** The path of a folder without links; undefined when it leads nowhere. @throws the errno error */
function realFolder(directory: string, tree: Tree): string | undefined {
  return lookAt(tree, directory, found => found.path);
}

/** Whether a directory entry exists; links are not followed. */
function isPresent(file: string): boolean {
  return fs.lstatSync(file, { throwIfNoEntry: false }) !== undefined;
}

function idsAmong(names: readonly string[]): readonly string[] {
  return names
    .filter(name => name.endsWith('.json'))
    .map(name => name.slice(0, -'.json'.length))
    .filter(id => idPattern.test(id));
}

/**
 * @param inhabitant the uid of the user who can undo their own record
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
    const isToBeTakenBack = record instanceof Error || record.phase !== 'undone';
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
    // A link, a pipe, a folder, or a file larger than any record.
    if (code === 'ELOOP' || code === 'EINVAL' || code === 'EISDIR' || code === 'EFBIG')
      throw new DamagedRecord(file, { cause: error });
    throw error;
  }
}

/** The record without special permission bits. @throws UntrustedRecord for a record that names paths outside its tree */
function harmless(record: FixRecord, file: string, { root, within }: Tree): FixRecord {
  // For a home without its system, the paths are those of this machine.
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

/** A fix is refused because another one is under way or was interrupted. */
export class FixInTheWay extends Error {
  /** Undefined when the other fix is not known. */
  readonly begun: Begun | undefined;

  constructor(begun: Begun | undefined) {
    super(`the fix ${begun?.id ?? ''} has not ended`);
    this.name = 'FixInTheWay';
    this.begun = begun;
  }
}

/** A record that another user may have forged. */
export class UntrustedRecord extends Error {
  readonly file: string;
  readonly reason: /** `isForThem`: the record can be undone, and its owner can do so. */
    | { readonly kind: 'owner'; readonly uid: number; readonly isForThem: boolean; readonly id: string }
    | { readonly kind: 'outside'; readonly path: string };

  constructor(file: string, reason: UntrustedRecord['reason']) {
    super(`${file} is not to be trusted`);
    this.name = 'UntrustedRecord';
    this.file = file;
    this.reason = reason;
  }
}

/** A file that is not a valid record. */
export class DamagedRecord extends Error {
  readonly file: string;

  constructor(file: string, options: ErrorOptions) {
    super(`${file} is not a record of a fix`, options);
    this.name = 'DamagedRecord';
    this.file = file;
  }
}
