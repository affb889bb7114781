/** Reads what is needed to notice an outage of the machine or the manager, and puts the message about it into the outbox. */
import fs from 'node:fs';
import { watchedUnits } from '../check/hooked-services.ts';
import { parentIdentity, presentBoot, startedAtMs } from '../kernel/process-identity.ts';
import {
  hasGivenUp,
  isAtRest,
  isEnabledNow,
  isOutOfUse,
  isUnremembered,
  standings,
} from '../inventory/downfall.ts';
import { takeInventory } from '../inventory/inventory.ts';
import { runProgram } from '../programs/run.ts';
import { inTransaction } from '../store/database.ts';
import { withLock } from '../store/lock.ts';
import { LifeRecord } from '../store/life.ts';
import { mutesAt } from '../store/mutes.ts';
import { planBoot } from '../systemd/boot.ts';
import { lastOfBootCommand, shutdownOrStart, signsOfManager } from '../systemd/commands.ts';
import type { Host, HostUser, LiveUnit } from '../systemd/host/host.ts';
import { endWithin, entryMs } from '../systemd/host/journal.ts';
import { userManagerUnit } from '../systemd/host/live-host.ts';
import { statesOf } from '../systemd/host/states.ts';
import { createUnitLoader } from '../systemd/unit.ts';
import type { Incident } from './incident.ts';
import {
  begun,
  begunAgain,
  endedSince,
  isToTell,
  seenMark,
  type Life,
  type Outage,
  type Present,
  type Trace,
} from './life.ts';
import { type Desk, usefulMs } from './settle.ts';
import { isRunning } from './sign-order.ts';
import { causeOf } from './unseen-end.ts';
import { managerRuntimeFolder } from '../systemd/search-path.ts';

/** Whether an outage waits to be told. */
export function hasOutage({ database }: Desk): boolean {
  return (new LifeRecord<Life>(database).read()?.outage ?? null) !== null;
}

/** Looks whether the machine or the manager was down since the last look, and tells of it once the services are back. */
export async function watchLife({ host, desk, folder, environment }: LifeContext): Promise<void> {
  // Several processes may be the first after a boot.
  await withLock(folder, 'life', lockMs, () => lookAtLife(host, desk, environment));
}

/** What is needed to watch the machine. */
interface LifeContext {
  readonly host: Host;
  readonly desk: Desk;
  /** The state folder. */
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
}

const lockMs = 12_000;

async function lookAtLife(host: Host, desk: Desk, environment: NodeJS.ProcessEnv): Promise<void> {
  const present = presentOf(host);
  if (present === undefined) return;
  const record = new LifeRecord<Life>(desk.database);
  // Nobody looks at the next boot, so what is seen now would be believed at some later one.
  if (watchedUnits(host).length === 0) {
    record.clear();
    markSeen(host);
    return;
  }
  const life = record.read();
  const of = life && endedSince(life, present);
  if (life === undefined) record.write(begun(present));
  else if (of !== undefined) {
    const trace = await traceOf(life, of, present, host, environment);
    const shutdownMs = Math.max(life.shutdownMs ?? 0, lastShutdown(desk, life.seenMs)) || null;
    record.write(begunAgain({ ...life, shutdownMs }, of, present, trace));
  } else if (life.manager === null && present.manager !== null) {
    record.write({ ...life, manager: present.manager });
  }
  const { outage = null } = record.read() ?? {};
  if (outage !== null) await tell(outage, present.nowMs, host, desk);
  markSeen(host);
}

/** So that each service that runs is followed until it is known whether it answers, also where no hook has told of its start. */
function noteStarts(
  live: ReadonlyMap<string, LiveUnit>,
  nowMs: number,
  bootMs: number | null,
  { database, incidents }: Desk,
): void {
  inTransaction(database, () => {
    const record = new LifeRecord<Life>(database);
    const life = record.read();
    if (life === undefined) return;
    const { followed = [] } = life;
    const isOpen = (unit: string) =>
      incidents.hasSigns(unit) || !settled.has(incidents.ongoing(unit)?.state ?? 'stopped');
    const more = [...live].filter(
      ([unit, each]) => !followed.includes(unit) && (isOpen(unit) || isRunning(each)),
    );
    if (more.length === 0) return;
    for (const [unit, { mainPid, mainStartedSeconds: seconds, invocation, nRestarts: restarts }] of more) {
      if (isOpen(unit)) continue;
      const atMs = mainPid === 0 || seconds === null ? nowMs : seconds * 1_000;
      incidents.append(unit, {
        kind: 'started',
        atMs,
        invocation: invocation || null,
        // Of more than none it is not known which were seen.
        restarts: restarts === 0 ? 0 : null,
        ...(bootMs !== null && { bootMs }),
      });
    }
    record.write({ ...life, followed: [...followed, ...more.map(([unit]) => unit)] });
  });
}

/** Those that a start may bring back: what is known to keep the others down is to be mended first. */
async function startableOf(
  missing: readonly string[],
  { journal: _journal, ...host }: Host,
): Promise<readonly { readonly unit: string; readonly hasGivenUp: boolean }[]> {
  if (missing.length === 0) return [];
  const startable = [];
  for await (const { service, live, downfallNow } of (await takeInventory(host)).services(missing)) {
    if (startable.length === mostStartable) break;
    const isHeldBack = downfallNow !== undefined && standings[downfallNow.how] === 'held-back';
    const isInVain = downfallNow?.how === 'unloadable' || (downfallNow?.cannotStart ?? null) !== null;
    if (isHeldBack || isInVain || downfallNow?.result === 'resources') continue;
    startable.push({ unit: service.unit.name, hasGivenUp: live !== undefined && hasGivenUp(live) });
  }
  return startable;
}

const mostStartable = 3;

/** Nobody follows these: what was so before is over where it runs, and not each start has a hook. */
const settled: ReadonlySet<Incident['state']> = new Set(['stopped', 'stays-down', 'failed', 'not-ready']);

/** What was told to be down for good, and what nobody wants up since a boot, is not brought to mind any more. */
function dropOutOfUse(
  unwanted: ReadonlySet<string>,
  live: ReadonlyMap<string, LiveUnit>,
  nowMs: number,
  { database, incidents }: Desk,
): void {
  inTransaction(database, () => {
    for (const [unit, each] of live) {
      if (!unwanted.has(unit) || !isUnremembered(each) || incidents.hasSigns(unit)) continue;
      const state = incidents.ongoing(unit)?.state;
      if (state === 'stays-down' || state === 'failed')
        incidents.append(unit, { kind: 'finished', atMs: nowMs, invocation: null });
    }
  });
}

/** When a service that nobody has looked after since ended with its manager; 0 when none did. */
function lastShutdown({ incidents }: Desk, sinceMs: number): number {
  const signs = incidents.unsettled().flatMap(unit => incidents.waitingSigns(unit));
  const ends = signs.flatMap(({ sign }) =>
    sign.kind === 'ended' && sign.job === 'shutdown' && sign.atMs >= sinceMs ? sign.atMs : [],
  );
  return Math.max(0, ...ends);
}

export function presentOf({ scope }: Pick<Host, 'scope'>): Present | undefined {
  const boot = presentBoot();
  if (boot === null) return undefined;
  return {
    boot: boot.id,
    bootMs: Math.round(boot.startedMs),
    ...(scope === 'user' ? managerIdentity() : noManager),
    nowMs: Date.now(),
  };
}

/** Of the manager that has started this process; null for one that was started by hand. */
function managerIdentity(): Pick<Present, 'manager' | 'managerMs'> {
  const parent = parentIdentity();
  try {
    if (fs.readFileSync(`/proc/${parent.pid}/comm`, 'utf8') !== 'systemd\n') return noManager;
    return { manager: parent.started, managerMs: startedAtMs(parent) };
  } catch {
    return noManager;
  }
}

const noManager = { manager: null, managerMs: null } as const;

async function traceOf(
  life: Life,
  of: Outage['of'],
  present: Present,
  { scope, user }: Host,
  environment: NodeJS.ProcessEnv,
): Promise<Trace> {
  // Within a boot the manager that ended wrote between the last look and the start of the next one, which may be soon after it.
  const span = [life.seenMs, (present.managerMs ?? present.nowMs) - tickMs].map(ms =>
    (ms / 1_000).toFixed(3),
  );
  const within = of === 'manager' ? [`--since=@${span[0]}`, `--until=@${span[1]}`] : [];
  const ask = async (options: readonly string[], matches: readonly string[]) => {
    const command = lastOfBootCommand(life.boot, options, matches);
    const limits = { environment, timeoutMs: 5_000, outputBytes: 2 ** 16 };
    const { stdout, failure } = await runProgram(command, limits);
    return failure === undefined ? stdout.trim() : '';
  };
  const uid = scope === 'user' ? user?.uid : undefined;
  const untilSeconds = (present.managerMs ?? present.nowMs) / 1_000;
  const [last, turn, endMs, ended] = await Promise.all([
    ask(within, of === 'manager' && uid !== undefined ? signsOfManager(uid) : []),
    ask(within, shutdownOrStart(uid)),
    of === 'manager' && user !== undefined ? endOfManager(user, present, environment) : null,
    of === 'manager' && uid !== undefined
      ? howManagerEnded(uid, [life.seenMs / 1_000, untilSeconds], environment)
      : undefined,
  ]);
  // daruma's own look was a sign of life, too.
  const seenMs = entryMs(last) ?? (of === 'manager' ? life.seenMs : null);
  // The system manager knows to the millisecond when it saw the manager of a user end.
  const lastMs = endMs === null ? seenMs : Math.max(endMs, seenMs ?? 0);
  return {
    lastMs: lastMs === null || lastMs > present.nowMs ? null : lastMs,
    isShutdown: /UNIT" ?: ?"shutdown\.target"/.test(turn),
    ...(ended && { ended }),
  };
}

/** What `daruma status` has said of it as long as it was down; its unit has forgotten it with its next start. */
async function howManagerEnded(
  uid: number,
  span: readonly [number, number],
  environment: NodeJS.ProcessEnv,
): Promise<Trace['ended']> {
  const unit = `user@${uid}.service`;
  const end = await endWithin('system', unit, span, environment);
  if (end === undefined || end.wasStopped || end.result === null || end.at === null) return undefined;
  return { unit, cause: causeOf(end), atMs: end.at.seconds * 1_000 };
}

/** The start of a process is known to a tick of the kernel's clock. */
const tickMs = 10;

/** When the manager of a user left its active state last, in ms since 1970; null where that is not known, or was after its start. */
async function endOfManager(
  user: HostUser,
  { nowMs, managerMs }: Present,
  environment: NodeJS.ProcessEnv,
): Promise<number | null> {
  const unit = await userManagerUnit(user, environment);
  if (unit === undefined || unit.leftActiveUsec === 0) return null;
  const sinceBootMs = Number(process.hrtime.bigint() / 1_000_000n);
  const endMs = Math.round(Date.now() - (sinceBootMs - unit.leftActiveUsec / 1_000));
  return endMs <= (managerMs ?? nowMs) ? endMs : null;
}

async function tell(outage: Outage, nowMs: number, host: Host, desk: Desk): Promise<void> {
  const { database, incidents, outbox, channels, scope } = desk;
  const watched = watchedUnits(host);
  const live = await statesOf(watched, host.manager);
  if (live.size === 0) return;
  const unwanted = unwantedUnits(live, host, desk);
  const units = watched.filter(unit => !unwanted.has(unit));
  if (outage.of === 'machine') dropOutOfUse(unwanted, live, nowMs, desk);
  noteStarts(live, nowMs, outage.of === 'machine' ? outage.upMs : null, desk);
  const became = Map.groupBy(units, (unit): Standing => {
    const incident = incidents.ongoing(unit);
    // Of what falls again and again some signs always wait.
    if (incident !== undefined && hasEndedSince(incident, outage.upMs)) return 'unsteady';
    return standingOf(incidents.hasSigns(unit) ? undefined : (incident?.state ?? 'up'), live.get(unit));
  });
  const among = (...standing: readonly Standing[]) => standing.flatMap(each => became.get(each) ?? []);
  if (!isToTell(outage, among('starting', 'down', 'unsteady').length, nowMs)) return;
  const back = among('up');
  const silent = among('not-ready', 'starting');
  const unsteady = among('unsteady');
  const missing = among('given-up', 'down');
  const startable = await startableOf(missing, host);
  const isMuted = mutesAt(database, nowMs).some(({ unit }) => unit === undefined);
  inTransaction(database, () => {
    const record = new LifeRecord<Life>(database);
    const life = record.read();
    if (life === undefined || life.outage === null) return;
    const { followed: _, ...told } = life;
    record.write({ ...told, outage: null });
    if (isMuted) return;
    const content = {
      kind: 'outage',
      atMs: nowMs,
      host: desk.host,
      scope,
      ...outage,
      back,
      ...(silent.length > 0 && { silent }),
      ...(unsteady.length > 0 && { unsteady }),
      missing,
      ...(startable.length > 0 && { startable }),
    } as const;
    const key = `outage/${outage.of}/${outage.upMs}`;
    outbox.put({ key, content, dueMs: nowMs, expiresMs: nowMs + usefulMs }, channels);
  });
}

/**
 * Those at rest that nobody expects to be back: somebody had stopped them before the outage, or nothing starts them at boot.
 */
function unwantedUnits(
  live: ReadonlyMap<string, LiveUnit>,
  host: Host,
  { incidents }: Desk,
): ReadonlySet<string> {
  const atRest = [...live].filter(([, unit]) => isAtRest(unit));
  const isStopped = (unit: string) => {
    const latest = incidents.hasSigns(unit) ? undefined : incidents.latest(unit);
    return latest?.state === 'stopped' && latest.by === 'stop';
  };
  const disabled = atRest.filter(([, { unitFileState }]) => !isEnabledNow(unitFileState));
  const pulled = disabled.length === 0 ? undefined : pulledInAtBoot(host);
  const unwanted = atRest.filter(
    ([unit, each]) => isStopped(unit) || isOutOfUse(each, () => pulled?.(unit) !== false),
  );
  return new Set(unwanted.map(([unit]) => unit));
}

/** What is not enabled itself may be wanted by what is. */
function pulledInAtBoot(host: Host): (unit: string) => boolean {
  const loader = createUnitLoader(host);
  const boot = planBoot(loader);
  return unit => boot.pulls(loader.load(unit).id).length > 0;
}

/** What became of a service after an outage; of one that is `starting`, `unsteady` or `down` more is still to come. */
type Standing = 'up' | 'not-ready' | 'starting' | 'unsteady' | 'given-up' | 'down';

/** @param state what was concluded from its signs; undefined while some of them wait */
function standingOf(state: Incident['state'] | undefined, live: LiveUnit | undefined): Standing {
  if (live === undefined || !isRunning(live)) {
    return state === 'stays-down' || state === 'failed' ? 'given-up' : 'down';
  }
  if (state === 'not-ready') return 'not-ready';
  return live.activeState === 'active' && (state === 'up' || state === 'stopped') ? 'up' : 'starting';
}

/** That it runs at one moment says nothing. */
function hasEndedSince(incident: Incident, upMs: number): boolean {
  if (incident.state !== 'down' && incident.state !== 'starting') return false;
  return Math.max(incident.lastEndMs ?? 0, incident.lastFallMs ?? 0) >= upMs;
}

/** Until this exists, which a boot takes away, the timer starts daruma. */
function markSeen(host: Host): void {
  const mark = placeOfMark(host);
  if (mark === undefined) return;
  try {
    fs.closeSync(fs.openSync(mark, 'a', 0o600));
  } catch {
    // Without it the timer looks each minute.
  }
}

/** Lets the timer look once more, as after a boot. */
export function forgetLook(host: Host): void {
  const mark = placeOfMark(host);
  if (mark !== undefined) fs.rmSync(mark, { force: true });
}

function placeOfMark({ scope, environment }: Host): string | undefined {
  const folder = managerRuntimeFolder(scope, environment);
  return folder === undefined ? undefined : `${folder}/${seenMark}`;
}
