/** Takes signs from the spool into the store. A file is deleted only after its sign is stored, and no sign is stored twice. */
import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from '../store/database.ts';
import type { Incidents } from '../store/incidents.ts';
import { TakenFiles } from '../store/taken-files.ts';
import { firstWrite } from '../store/unwritable-state-folder.ts';
import { setWaitingMark } from '../store/waiting-mark.ts';
import type { LiveUnit } from '../systemd/host/host.ts';
import type { Sign } from './sign.ts';
import { unknownCause } from './sign.ts';
import { clearSpool, makeSpool, readSpool, type SpooledSign } from './spool.ts';

export interface Taking {
  /** The state folder. */
  readonly folder: string;
  readonly database: DatabaseSync;
  readonly incidents: Pick<Incidents<Sign, never>, 'append'>;
  /** The present states of units; empty when the manager does not answer. */
  readonly look: (units: readonly string[]) => Promise<ReadonlyMap<string, LiveUnit>>;
  /** Reports files that never became signs. */
  readonly discarded: (count: number) => void;
}

/**
 * Stores all signs that are in the spool.
 *
 * @returns the units that they are about
 * @throws UnwritableStateFolder, and other errors of the store; then all files are still there
 */
export async function takeSigns(taking: Taking): Promise<ReadonlySet<string>> {
  const { folder, database, incidents, look, discarded } = taking;
  const units = new Set<string>();
  const taken = new TakenFiles(database);
  for (let more = true; more; ) {
    const spool = firstWrite(folder, () => makeSpool(folder));
    const read = readSpool(spool, Date.now());
    more = read.hasMore && read.signs.length > 0;
    if (read.discarded > 0) discarded(read.discarded);
    if (read.signs.length === 0) break;
    const asked = read.signs.filter(({ kind }) => kind !== 'ended').map(({ unit }) => unit);
    const live = asked.length === 0 ? new Map<string, LiveUnit>() : await look([...new Set(asked)]);
    const files = read.signs.map(({ file }) => file);
    firstWrite(folder, () =>
      inTransaction(database, () => {
        setWaitingMark(folder);
        for (const [index, sign] of read.signs.entries()) {
          if (!taken.add(sign.file)) continue;
          incidents.append(sign.unit, signOf(sign, read.signs.slice(index + 1), live.get(sign.unit)));
        }
      }),
    );
    clearSpool(spool, files);
    // A file that could not be deleted is remembered, and its sign is not taken again.
    inTransaction(database, () => taken.forget(files));
    for (const { unit } of read.signs) units.add(unit);
  }
  return units;
}

/** @param later the signs that were written after it */
function signOf(spooled: SpooledSign, later: readonly SpooledSign[], live: LiveUnit | undefined): Sign {
  const { kind, unit, atMs, invocation, cause, job } = spooled;
  if (kind === 'ended') return { kind, atMs, invocation, cause, job };
  const ofUnit = later.filter(sign => sign.unit === unit);
  if (kind === 'started') {
    // The last start has as many restarts before it as the manager counts; one with less than none was before a start by hand.
    const restarts =
      live === undefined ? -1 : live.nRestarts - ofUnit.filter(sign => sign.kind === kind).length;
    return { kind, atMs, invocation, restarts: restarts < 0 ? null : restarts };
  }
  const result = live?.result;
  // systemd sets $MONITOR_* since version 251.
  const known = cause.result === null && result && ofUnit.length === 0 ? { ...unknownCause, result } : cause;
  // Since systemd 254 every fall can trigger OnFailure=, not only the last one (RestartMode= in systemd.service(5)).
  const staysDown = ofUnit.length === 0 && (live === undefined || live.activeState === 'failed');
  return staysDown
    ? { kind: 'stays-down', atMs, invocation, cause: known }
    : { kind: 'ended', atMs, invocation, cause: known, job: 'unknown' };
}
