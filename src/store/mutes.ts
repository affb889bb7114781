/** Muted units: no message is sent about them until a given time. */
import type { DatabaseSync } from 'node:sqlite';

export interface Mute {
  /** Undefined means all units. */
  readonly unit: string | undefined;
  readonly untilMs: number;
}

/** @param unit undefined for all units */
export function muteUnit(database: DatabaseSync, unit: string | undefined, untilMs: number): void {
  database
    .prepare(
      'INSERT INTO mute (unit, until_ms) VALUES (?, ?) ON CONFLICT (unit) DO UPDATE SET until_ms = excluded.until_ms',
    )
    .run(unit ?? all, untilMs);
}

/** @param unit undefined to remove every mute */
export function unmuteUnit(database: DatabaseSync, unit: string | undefined): void {
  if (unit === undefined) database.exec('DELETE FROM mute');
  else database.prepare('DELETE FROM mute WHERE unit = ?').run(unit);
}

/** Mutes that still apply, ordered by unit. */
export function mutesAt(database: DatabaseSync, nowMs: number): readonly Mute[] {
  return database
    .prepare('SELECT unit, until_ms FROM mute WHERE until_ms > ? ORDER BY unit')
    .all(nowMs)
    .map(row => ({
      unit: row['unit'] === all ? undefined : String(row['unit']),
      untilMs: Number(row['until_ms']),
    }));
}

const all = '*';
