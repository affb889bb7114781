/**
 * Reads the spool: the files that hooks write (`sign-script.ts`). Other programs of the user can write there, too, so nothing in it is
 * trusted: only small regular files of the owner are read, no link is followed, and what is no sign is taken away.
 */
import fs from 'node:fs';
import path from 'node:path';
import { errorCode } from '../kernel/errno.ts';
import { parseUnitName } from '../systemd/unit-name.ts';
import type { Cause } from './notice.ts';
import { type FrontEvent, readFrontLog } from '../services/front-log.ts';
import { movedKind, signEnd, signHead, type SignKind } from './sign-script.ts';

export function spoolFolder(stateFolder: string): string {
  return path.join(stateFolder, 'spool');
}

/** What a hook has written. */
export interface SpooledSign {
  /** Name of the file. */
  readonly file: string;
  readonly kind: SignKind;
  readonly unit: string;
  readonly atMs: number;
  readonly invocation: string | null;
  readonly cause: Cause;
}

/** What the front has logged of the places behind it. */
export interface SpooledMoves {
  /** Name of the file. */
  readonly file: string;
  /** When it was written. */
  readonly atMs: number;
  /** The service of the local place, and the names of the others in their order. */
  readonly local: string;
  readonly others: readonly string[];
  readonly events: readonly FrontEvent[];
}

export interface Spool {
  /** In the order in which they were written. */
  readonly signs: readonly SpooledSign[];
  readonly moves: readonly SpooledMoves[];
  /** Files that never became signs and were deleted: a full disk or a power cut had cut them off, or no hook wrote them. */
  readonly discarded: number;
  /** Whether there are more files than one pass reads. */
  readonly hasMore: boolean;
}

/** Files of one pass: of a service that falls each second, while daruma is missing for hours. */
const mostFiles = 20_000;
/** Of a sign: the lines of the front may be longer than the name of a unit, of up to 255 characters. */
const mostBytes = 2 ** 15;
const mostPlaces = 33;
/** A hook is ended after less; then nobody will complete the file. */
const completeAfterMs = 60_000;

/** Makes the spool if it is not there. */
export function makeSpool(stateFolder: string): string {
  const folder = spoolFolder(stateFolder);
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/**
 * Reads all signs that are complete. Anything else is put aside under a hidden name, so that the spool is empty once its signs are
 * taken, and is deleted when nobody completes it.
 */
export function readSpool(folder: string, nowMs: number): Spool {
  const names = namesIn(folder);
  const next = names.length > mostFiles ? oldestFirst(folder, names).slice(0, mostFiles) : names;
  const read: { readonly atNs: bigint; readonly sign: SpooledSign }[] = [];
  const moves: SpooledMoves[] = [];
  let discarded = 0;
  for (const name of next) {
    const file = path.join(folder, name);
    const content = readOwn(file);
    const sign = content && parseSign(name, content.text, content.atNs);
    const moved = content && parseMoves(name, content.text, content.atNs);
    if (moved !== undefined) moves.push(moved);
    else if (content !== undefined && sign !== undefined) read.push({ atNs: content.atNs, sign });
    else if (isPast(file, nowMs)) discarded += discard(file);
    else hide(folder, name);
  }
  const signs = read.toSorted((a, b) => Number(a.atNs - b.atNs) || orderAtOnce(a.sign, b.sign));
  return {
    signs: signs.map(({ sign }) => sign),
    moves: moves.toSorted((a, b) => a.atMs - b.atMs),
    discarded,
    hasMore: names.length > mostFiles,
  };
}

/** How many signs nobody has taken yet. */
export function waitingSigns(folder: string): number {
  return namesIn(folder).filter(name => !name.startsWith('.')).length;
}

/** Whether a hook may still complete what it has begun to write. */
export function isBeingWritten(folder: string, nowMs: number): boolean {
  return namesIn(folder).some(name => name.startsWith('.') && !isPast(path.join(folder, name), nowMs));
}

/** Deletes files whose signs are stored. */
export function clearSpool(folder: string, files: readonly string[]): void {
  for (const file of files) fs.rmSync(path.join(folder, file), { force: true });
}

/** Deletes the spool with all that is in it. */
export function emptySpool(folder: string): void {
  fs.rmSync(folder, { recursive: true, force: true });
}

export function isInSpool(folder: string, file: string): boolean {
  return fs.lstatSync(path.join(folder, file), { throwIfNoEntry: false }) !== undefined;
}

function namesIn(folder: string): readonly string[] {
  try {
    return fs.readdirSync(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** What is put aside comes last, so that it keeps nothing else from being read. */
function oldestFirst(folder: string, names: readonly string[]): readonly string[] {
  const times = names.map(name => {
    const { mtimeMs = 0 } = fs.lstatSync(path.join(folder, name), { throwIfNoEntry: false }) ?? {};
    return { name, atMs: name.startsWith('.') ? Number.MAX_VALUE : mtimeMs };
  });
  return times.toSorted((a, b) => a.atMs - b.atMs).map(({ name }) => name);
}

/** The text of a file that the owner of this process has written; undefined for everything else. */
function readOwn(file: string): { readonly text: string; readonly atNs: bigint } | undefined {
  let handle: number | undefined;
  try {
    // Without O_NONBLOCK a pipe would keep the reader waiting.
    handle = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK);
    const stat = fs.fstatSync(handle, { bigint: true });
    if (!stat.isFile() || stat.size > mostBytes || stat.uid !== BigInt(process.geteuid?.() ?? 0)) {
      return undefined;
    }
    const buffer = Buffer.alloc(Number(stat.size));
    const length = fs.readSync(handle, buffer);
    return { text: buffer.toString('utf8', 0, length), atNs: stat.mtimeNs };
  } catch {
    return undefined;
  } finally {
    if (handle !== undefined) fs.closeSync(handle);
  }
}

function isPast(file: string, nowMs: number): boolean {
  const stat = fs.lstatSync(file, { throwIfNoEntry: false });
  return stat === undefined || nowMs - stat.ctimeMs > completeAfterMs;
}

/** @returns how many were deleted */
function discard(file: string): number {
  try {
    fs.unlinkSync(file);
    return 1;
  } catch {
    // A folder, or somebody was faster.
    return 0;
  }
}

function hide(folder: string, name: string): void {
  if (name.startsWith('.')) return;
  try {
    fs.renameSync(path.join(folder, name), path.join(folder, `.${name}`.slice(0, 255)));
  } catch {
    // Somebody was faster, or a folder has that name.
  }
}

/** Of signs with the same time, a run starts before it ends, and ends before the next one starts. */
function orderAtOnce(a: SpooledSign, b: SpooledSign): number {
  const rank = (sign: SpooledSign) => ['ended', 'failed', 'started'].indexOf(sign.kind);
  const isSameRun = a.invocation !== null && a.invocation === b.invocation;
  if (isSameRun && (a.kind === 'started' || b.kind === 'started')) return rank(b) - rank(a);
  return rank(a) - rank(b);
}

/** Undefined for a text that no hook has written, or not completely. */
function parseSign(file: string, text: string, atNs: bigint): SpooledSign | undefined {
  const [head, kind, unit = '', result, code, status, invocation, end, ...rest] = text.split('\n');
  if (head !== signHead || end !== signEnd || rest.length !== 1 || rest[0] !== '') return undefined;
  if (!isKind(kind) || parseUnitName(unit)?.type !== 'service') return undefined;
  const values = [result, code, status].map(value =>
    value !== undefined && word.test(value) ? value : null,
  );
  const [knownResult = null, knownCode = null, knownStatus = null] = values;
  return {
    file,
    kind,
    unit,
    atMs: Number(atNs / 1_000_000n),
    invocation: invocation !== undefined && /^[0-9a-f]{32}$/.test(invocation) ? invocation : null,
    cause: { result: knownResult, code: knownCode, status: knownStatus },
  };
}

function parseMoves(file: string, text: string, atNs: bigint): SpooledMoves | undefined {
  const [head, kind, ...lines] = text.split('\n');
  if (head !== signHead || kind !== movedKind || lines.at(-2) !== signEnd || lines.at(-1) !== '')
    return undefined;
  const blank = lines.indexOf('');
  const [local, ...others] = lines.slice(0, blank);
  if (local === undefined || blank > mostPlaces) return undefined;
  const events = readFrontLog(lines.slice(blank + 1, -2).join('\n'));
  return { file, atMs: Number(atNs / 1_000_000n), local, others, events };
}

function isKind(kind: string | undefined): kind is SignKind {
  return kind === 'started' || kind === 'ended' || kind === 'failed';
}

/** A result, a code or a status, as systemd gives it: never a text. */
const word = /^[A-Za-z0-9+-]{1,32}$/;
