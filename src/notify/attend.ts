/**
 * The one process that looks after all services: it takes signs from the spool as long as it runs, follows each service that ended
 * or started until its state is certain, and delivers what is due. It may be killed at any moment: the signs are in the spool or in
 * the store, and the next process goes on.
 */
import fs from 'node:fs';
import { isHooked } from '../check/hooked-services.ts';
import { type Inventory, takeInventory } from '../inventory/inventory.ts';
import { type FollowContext, followUnit } from './follow-unit.ts';
import { forgetIncidents } from './forget.ts';
import { behindMs, certainMs } from './incident.ts';
import { followedService } from './readiness.ts';
import { nextSettlingMs } from './settle.ts';
import { makeSpool } from './spool.ts';
import { statesOf } from '../systemd/host/states.ts';
import { lookForUnnoticed, takeNewStates } from './unnoticed.ts';

export interface Attendance extends FollowContext {
  /** Takes what is in the spool. */
  readonly takeSigns: () => Promise<unknown>;
  /** Delivers all messages that are due. @returns when there is more to do, in ms since 1970; undefined when nothing waits */
  readonly deliverDue: () => Promise<number | undefined>;
}

/** Longer than the longest warm-up of a known service. After that the timer goes on. */
const followMs = 5 * 60_000;
/** What is put off becomes due while services are followed. */
const pauseMs = 2_000;
/** How long to wait for another process that follows a unit, before the next look at what there is to do. */
const patienceMs = 1_000;
/** From one look at all states to the next, as the timer does it. */
const lookMs = 60_000;
/** The same of what is followed: of how often its starts fail a message says what is so when it is sent. */
const closeLookMs = 10_000;
const rememberedMs = 365 * 24 * 3_600_000;

/**
 * It ends early when the configuration is edited.
 *
 * @param limitMs how long it may take
 * @param staysMs how long to wait for a message that is not due yet, with nothing else to do
 */
export async function attend(attendance: Attendance, limitMs: number, staysMs: number): Promise<void> {
  const { desk, folder, takeSigns, isEdited } = attendance;
  const { incidents } = desk;
  const endMs = Date.now() + limitMs;
  const bell = new Bell();
  using _ = watchFolder(makeSpool(folder), () => bell.ring());
  const following = new Set<string>();
  const jobs: Promise<void>[] = [];
  const faults: unknown[] = [];
  const run = (work: Promise<unknown>, then: () => void): Promise<void> =>
    work.catch((error: unknown) => faults.push(error)).then(then);
  // How often a service has fallen the signs tell, and to ask the journal takes longer than to read all units. What becomes of it at a
  // logout makes no fall, and only logind knows about it. The manager's list of all its units is long, and only hooked ones are meant.
  const { journal: _journal, manager, ...host } = attendance.host;
  const unlisted = manager && { ...manager, loadedUnits: async () => [] };
  const take = () => takeInventory({ ...host, manager: unlisted, linger: async () => undefined });
  /** What was read to look after what rests serves the first services that are followed, too. */
  let read: Inventory | undefined;
  const follow = async (units: readonly string[]) => {
    if (units.length === 0) return;
    const inventory = read ?? (await take());
    read = undefined;
    for (const unit of units) {
      following.add(unit);
      const limit = Math.min(followMs, endMs - Date.now());
      jobs.push(
        run(followUnit(unit, inventory, attendance, patienceMs, limit), () => {
          following.delete(unit);
          bell.ring();
        }),
      );
    }
  };
  // The end of a delivery wakes nobody: the next one would begin at once, and nothing else would ever run.
  let delivery: Promise<void> | undefined;
  let nextMs: number | undefined;
  const deliverDue = async () => {
    nextMs = await attendance.deliverDue();
  };
  const deliver = () =>
    (delivery ??= run(deliverDue(), () => {
      delivery = undefined;
    }));
  /** The next start of this process may come after the next message is due. */
  const isNextSoon = () => nextMs !== undefined && nextMs < Math.min(Date.now() + staysMs, endMs);

  // What has waited for long may be over: the services are looked at before it is sent.
  const heldUntilMs = desk.outbox.hasUntried(Date.now() - behindMs) ? Date.now() + certainMs : 0;
  await takeSigns();
  const followed = async (unit: string) => {
    read ??= await take();
    return followedService(unit, read, undefined, attendance.environment);
  };
  const { manager: present, journal } = attendance.host;
  const look = (of: readonly string[]) => statesOf(of, present);
  const looking = { host: attendance.host, look, journal, desk, folder, followed };
  await takeNewStates(looking);
  let looksMs = Date.now() + lookMs;
  let looksCloselyMs = Date.now() + closeLookMs;
  incidents.forget(Date.now() - rememberedMs);
  const resting = incidents.unsettled().filter(unit => !incidents.hasSigns(unit));
  if (resting.length > 0) {
    // Whoever has taken hooks away by hand would be reminded for ever.
    const inventory = await take();
    read = inventory;
    const isKept = (unit: string) => !resting.includes(unit) || isHooked(unit, inventory);
    forgetIncidents(desk.database, isKept, Date.now());
  }
  // What is open is looked at, for example after a follower was killed or the machine went down, unless nothing can have changed.
  let units = incidents.unsettled().filter(unit => nextSettlingMs(unit, desk) <= Date.now());
  for (const unit of units) incidents.append(unit, { kind: 'look', atMs: Date.now(), invocation: null });
  while (faults.length === 0 && Date.now() < endMs && !isEdited()) {
    await follow(units);
    const isIdle = following.size === 0;
    if (isIdle) {
      // A delivery that began earlier may not have seen the last message.
      await delivery;
      await deliver();
    } else if (Date.now() >= heldUntilMs) {
      void deliver();
    }
    const isWaiting = !isIdle || (faults.length === 0 && isNextSoon());
    if (isWaiting) await bell.wait(pauseMs);
    await takeSigns();
    // The timer starts no other process as long as this one goes on.
    if (Date.now() >= looksMs) {
      await lookForUnnoticed(looking);
      looksMs = Date.now() + lookMs;
    } else if (Date.now() >= looksCloselyMs) {
      await lookForUnnoticed(looking, [...following]);
      looksCloselyMs = Date.now() + closeLookMs;
    }
    units = incidents.unsettled().filter(unit => !following.has(unit) && incidents.hasSigns(unit));
    if (!isWaiting && units.length === 0) break;
  }
  await Promise.all([...jobs, delivery]);
  if (!isEdited()) await deliver();
  if (faults.length > 0) throw faults[0];
}

/** Wakes who waits now; when nobody waits, the next one does not wait. */
class Bell {
  #next = Promise.withResolvers<void>();

  ring(): void {
    this.#next.resolve();
  }

  async wait(limitMs: number): Promise<void> {
    const timer = setTimeout(() => this.ring(), limitMs);
    await this.#next.promise;
    clearTimeout(timer);
    this.#next = Promise.withResolvers<void>();
  }
}

function watchFolder(folder: string, changed: () => void): Disposable {
  const watcher = fs.watch(folder, changed);
  // When the folder is deleted, the pauses are short enough without it.
  watcher.on('error', () => {});
  return { [Symbol.dispose]: () => watcher.close() };
}
