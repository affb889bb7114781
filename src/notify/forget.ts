/**
 * Forgets what is kept of services that have no hooks: nobody sees any more what becomes of them, so it would be believed after
 * the next installation, however long ago it was. What was to be told by now still is, and mutes are the user's.
 */
import fs from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from '../store/database.ts';
import { FrontRecord } from '../store/front.ts';
import { Incidents } from '../store/incidents.ts';
import { LifeRecord } from '../store/life.ts';
import { Outbox } from '../store/outbox.ts';
import { updateWaitingMark } from '../store/waiting-mark.ts';
import type { Host } from '../systemd/host/host.ts';
import type { NoticeOutbox } from './deliver.ts';
import type { Incident } from './incident.ts';
import type { Sign } from './sign.ts';
import { clearSpool, emptySpool, readSpool, spoolFolder } from './spool.ts';
import { forgetStates } from './unnoticed.ts';
import { forgetLook } from './watch-life.ts';

export interface Kept {
  /** The state folder. */
  readonly folder: string;
  readonly database: DatabaseSync;
}

/**
 * Forgets what was seen of services without hooks.
 *
 * @param isHooked whether a service has hooks
 * @returns the services of which something was still to be told
 */
export function forgetServices(
  { folder, database }: Kept,
  isHooked: (unit: string) => boolean,
  nowMs: number,
): readonly string[] {
  forgetSpooled(spoolFolder(folder), isHooked, nowMs);
  return forgetIncidents(database, isHooked, nowMs);
}

/**
 * Forgets stored signs and incidents, with the messages about their services that are not due yet.
 *
 * @returns the services of which there was such a message
 */
export function forgetIncidents(
  database: DatabaseSync,
  isHooked: (unit: string) => boolean,
  nowMs: number,
): readonly string[] {
  const incidents = new Incidents<Sign, Incident>(database);
  return inTransaction(database, () => {
    for (const unit of incidents.unsettled()) if (!isHooked(unit)) incidents.drop(unit, nowMs);
    const untold = outboxOf(database).withdrawLater(
      nowMs,
      notice => 'unit' in notice && !isHooked(notice.unit),
    );
    // A reminder of tomorrow is written already, and tells nothing new.
    const news = untold.flatMap(notice => ('unit' in notice && notice.atMs <= nowMs ? notice.unit : []));
    return [...new Set(news)].toSorted();
  });
}

/**
 * Forgets all that hooks have left where no service has any: also what was seen of the machine, since nobody looks whether it
 * goes down.
 *
 * @returns how many messages are still to be sent, by channel
 */
export function forgetMachine(
  { folder, database }: Kept,
  host: Host,
  nowMs: number,
): ReadonlyMap<string, number> {
  emptySpool(spoolFolder(folder));
  new LifeRecord(database).clear();
  new FrontRecord(database).clear();
  forgetLook(host);
  forgetStates(folder);
  const waiting = outboxOf(database).waitingByChannel();
  updateWaitingMark(folder, database, () => (waiting.size === 0 ? undefined : nowMs));
  return waiting;
}

function outboxOf(database: DatabaseSync): NoticeOutbox {
  return new Outbox(database);
}

/** A sign that is written meanwhile is of a service that has hooks. */
function forgetSpooled(spool: string, isHooked: (unit: string) => boolean, nowMs: number): void {
  if (!fs.existsSync(spool)) return;
  for (let more = true; more; ) {
    const { signs, hasMore } = readSpool(spool, nowMs);
    const files = signs.filter(({ unit }) => !isHooked(unit)).map(({ file }) => file);
    clearSpool(spool, files);
    more = hasMore && files.length > 0;
  }
}
