/**
 * What of a host's texts was not looked into, because there was too much of it. All that a host holds is written by others:
 * each text is looked into up to a limit, and where that was met is told.
 */
import type { Source } from '../service-settings.ts';
import type { Host } from './host.ts';

/** How far a text was looked into. */
export interface Limit {
  /** `bytes`: of a file that is larger and was not read; all others: as far as that many. `steps`: of a search among models. */
  readonly of: 'bytes' | 'lines' | 'characters' | 'words' | 'levels' | 'values' | 'files' | 'steps';
  readonly most: number;
}

/** A text that goes on beyond a limit. */
export interface MetLimit {
  /** Where it was met, or the line that led there. */
  readonly source: Source;
  readonly limit: Limit;
}

/** Notes that a limit was met; the same is told once. */
export function noteLimit(host: Host, met: MetLimit): void {
  const { untold, told } = notesOf(host);
  const key = JSON.stringify([met.source.file, met.source.line, met.limit]);
  if (told.has(key) || told.size >= mostNotes) return;
  told.add(key);
  untold.push(met);
}

/** Takes the notes that nobody has told yet. */
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

/** A tree may have as many such texts as it likes. */
const mostNotes = 100;
