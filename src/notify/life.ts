/**
 * Notices that the machine, or the manager of a user's services, was down, and says so once. Pure: what is read from the
 * machine is an argument.
 */
import type { OutageNotice } from './notice.ts';

/** The name of a file in the runtime folder, which a boot takes away: it exists once daruma has looked since. */
export const seenMark = 'daruma-seen';

/** What was seen last. */
export interface Life {
  readonly boot: string;
  /** The identity of the manager; null where it could not be found out. */
  readonly manager: string | null;
  /** The last sign of life that daruma itself has. */
  readonly seenMs: number;
  /** When services were last seen to end with the manager; null when they were not. */
  readonly shutdownMs: number | null;
  /** An outage that waits until the services are back. */
  readonly outage: Outage | null;
  /** Services that are followed since; left out where none is. */
  readonly followed?: readonly string[];
}

export type Outage = Pick<OutageNotice, 'of' | 'end' | 'ended' | 'lastSeenMs' | 'upMs'>;

/** What is so now. */
export interface Present {
  readonly boot: string;
  /** Null where daruma was not started by the manager. */
  readonly manager: string | null;
  readonly nowMs: number;
  readonly bootMs: number;
  /** When the manager was started. */
  readonly managerMs: number | null;
}

/** What the journal says of the boot before. */
export interface Trace {
  /** The last line; null when none can be read. */
  readonly lastMs: number | null;
  /** Whether it says that the manager was shut down. */
  readonly isShutdown: boolean;
  /** How the system manager saw the manager of a user end; left out where it did not, or this cannot be read. */
  readonly ended?: OutageNotice['ended'];
}

/** What came to an end since `life` was written; undefined for nothing. */
export function endedSince(life: Life, present: Present): Outage['of'] | undefined {
  if (life.boot !== present.boot) return 'machine';
  const isKnown = life.manager !== null && present.manager !== null;
  return isKnown && life.manager !== present.manager ? 'manager' : undefined;
}

/**
 * The life that goes on from now, with the outage that is to be told. A manager that was shut down and started again in the
 * same boot did what somebody asked for, a logout for example: it is no outage.
 *
 * @param trace of what came to an end
 */
export function begunAgain(life: Life, of: Outage['of'], present: Present, trace: Trace): Life {
  const isShutdown = life.shutdownMs !== null || trace.isShutdown;
  const end = isShutdown ? 'shutdown' : trace.lastMs === null ? 'unknown' : 'crash';
  const upMs = of === 'machine' ? present.bootMs : (present.managerMs ?? present.nowMs);
  const seenMs = Math.max(life.seenMs, life.shutdownMs ?? 0, trace.lastMs ?? 0);
  const ended = end === 'crash' ? trace.ended : undefined;
  const outage: Outage = { of, end, ...(ended && { ended }), lastSeenMs: lastBefore(seenMs, upMs), upMs };
  const isNews = of === 'machine' || end !== 'shutdown';
  return { ...begun(present), outage: isNews ? outage : life.outage };
}

/** The last sign of life as a time before the start; null where the clock was set in between. */
function lastBefore(seenMs: number, upMs: number): number | null {
  return seenMs - upMs > inexactMs ? null : Math.min(seenMs, upMs);
}

/** By how much the times of a process and of the journal may differ. */
const inexactMs = 2_000;

/** The first that is seen: nothing is known of before, and nothing is told. */
export function begun({ boot, manager, nowMs }: Present): Life {
  return { boot, manager, seenMs: nowMs, shutdownMs: null, outage: null };
}

/** How long services may take to be back before those that are not are named. */
const patienceMs = 3 * 60_000;

/** Whether an outage can be told now: of all services it is known what became of them, or they have had their time. */
export function isToTell({ upMs }: Outage, undecided: number, nowMs: number): boolean {
  return undecided === 0 || nowMs - upMs >= patienceMs;
}
