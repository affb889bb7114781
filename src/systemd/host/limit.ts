/**
 * Which texts of a host were not read, or not completely. Others have written everything on a host, so that each text is
 * read only up to a limit, and a text that exceeds it is reported. So is a file that exists and cannot be read.
 */
import type { Source } from '../service-settings.ts';
import type { Host } from './host.ts';

/** How much of a text was read. */
export interface Limit {
  /**
   * `bytes`: a larger file was not read at all; with all others, the text was read up to this number. `steps`: those of
   * a search among models.
   */
  readonly of: 'bytes' | 'lines' | 'characters' | 'words' | 'levels' | 'values' | 'files' | 'steps';
  readonly most: number;
}

/** Why nothing is known about the content of a file, or of a part of it. */
type Hindrance =
  /** The kernel refused it; `errno` is the name of the error, such as `EACCES`. */
  | { readonly of: 'errno'; readonly errno: string }
  /** A directory, a pipe, a socket or a device in the place of a file. */
  | { readonly of: 'kind' }
  /** The text is not in the format of the file; the column counts from 1. `isAtEnd`: it ends before it is complete. */
  | { readonly of: 'syntax'; readonly column: number; readonly isAtEnd: boolean }
  /** The manager was not asked about a unit whose files are larger than this number of bytes: it would be busy with them. */
  | { readonly of: 'question'; readonly most: number }
  /** The manager did not answer about a unit in time. */
  | { readonly of: 'answer' }
  /** A setting is not understood, or what it refers to is not known; `key` is its path. */
  | { readonly of: 'setting'; readonly key: string }
  /** A value is of the wrong kind; `key` is its path, empty for the whole file. */
  | { readonly of: 'value'; readonly key: string };

/** A text that exceeds a limit, or that could not be read. */
export interface MetLimit {
  /** Where the limit was met, or the line that led there. */
  readonly source: Source;
  readonly limit: Limit | Hindrance;
}

/** Notes that a limit was met; the same note is reported once. */
export function noteLimit(host: Host, met: MetLimit): void {
  const { untold, told } = notesOf(host);
  const key = JSON.stringify([met.source.file, met.source.line, met.limit]);
  if (told.has(key) || told.size >= mostNotes) return;
  told.add(key);
  untold.push(met);
}

/** Returns the notes that have not been reported yet. */
export function takeLimits(host: Host): readonly MetLimit[] {
  return notesOf(host).untold.splice(0);
}

interface Notes {
  readonly untold: MetLimit[];
  readonly told: Set<string>;
}

function notesOf(host: Host): Notes {
  const known = notes.get(host) ?? { untold: [], told: new Set() };
  notes.set(host, known);
  return known;
}

const notes = new WeakMap<Host, Notes>();

/** Limit of notes: a tree may contain any number of such texts. */
const mostNotes = 100;
