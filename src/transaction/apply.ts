/** Makes planned changes on a host: files first, then the manager, then lingering. A record of all of it allows an undo. */
import path from 'node:path';
import { ownIdentity } from '../kernel/process-identity.ts';
import type { Command } from '../programs/command.ts';
import { lingerCommand, reloadCommand, resetFailedCommand, unitCommand } from '../systemd/commands.ts';
import type { Host, LiveUnit } from '../systemd/host/host.ts';
import { statesOf } from '../systemd/host/states.ts';
import type { FileState } from '../systemd/host/overlay-files.ts';
import type { Tree } from '../systemd/host/tree.ts';
import { parseUnitName } from '../systemd/unit-name.ts';
import {
  type CarriedOut,
  carryOut,
  FixFailed,
  type ForeseenFile,
  foreseenFiles,
  isAnyToTakeBack,
  missingFolders,
  nothingTakenBack,
  type SideEffects,
  takeBack,
  type TakenBack,
} from './carry-out.ts';
import type { Changes } from './changes.ts';
import { CommandFailed, runCommand } from './run-command.ts';
import {
  type FileOperation,
  operationFor,
  standingOf,
  withPlainMode,
  writtenThrough,
} from './file-operation.ts';
import { FixInTheWay, type FixRecord, hasLastingChange, type Journal } from './journal.ts';
import { laterFix, LaterFixStands } from './later-fix.ts';
import { loadStatesOf, refusedSince, UnitRefused } from './load-states.ts';
import { relocated } from './relocated.ts';

export interface Applied extends CarriedOut {
  readonly id: string;
  /** Commands that failed, usually because the user may not run them. Everything else was done. */
  readonly refused: readonly CommandFailed[];
}

/** The record of a fix that has not begun, and so has no id yet. */
type PreparedFix = Omit<FixRecord, 'id'>;

/** Somebody else has changed a file since the plan was made. */
export class ChangedMeanwhile extends Error {
  readonly file: string;

  constructor(file: string) {
    super(`${file} was changed meanwhile`);
    this.name = 'ChangedMeanwhile';
    this.file = file;
  }
}

/** The units that changes concern. */
export interface AffectedUnits {
  /** Names of the units that are changed: an undo shows them. */
  readonly units: readonly string[];
  /** Services to restart after everything else is done. */
  readonly restarted: readonly string[];
  /** Services that are down, and that the caller starts after that. */
  readonly broughtUp?: readonly string[];
}

/**
 * Turns planned changes into a record. It reads the present content of each file, which an undo restores. Call it before the
 * plan is shown: then `applyPreparedFix` notices files that change while the user decides.
 *
 * @throws the errno error of a file that cannot be read
 */
export function prepareFix(
  changes: Changes,
  { units, restarted, broughtUp = [] }: AffectedUnits,
  host: Host,
): PreparedFix {
  const lingering = changes.steps.find(step => step.kind === 'enable-linger')?.user;
  const { tree } = host;
  const operations = [...changes.files].map(([file, after]): FileOperation => {
    // Folders of the path that are links are not resolved here: the owner of a link decides as which user the file is written.
    const place = placeOf(path.join(tree.root, file), after, tree);
    const before = changes.madeFrom?.get(file);
    const operation =
      before === undefined ? operationFor(place, after, tree) : { path: place, before, after };
    return changes.late?.has(file) === true ? { ...operation, isLate: true } : operation;
  });
  const reloaded = unitsTo('reload', changes);
  return {
    version: 1,
    phase: 'begun',
    process: ownIdentity(),
    scope: host.scope,
    root: tree.root,
    units: [...units],
    operations,
    folders: [...missingFolders(operations, tree)],
    // Recorded before it is done, so that an undo after an interruption turns lingering off.
    lingering: host.kind === 'live' ? (lingering ?? null) : null,
    isReloaded: changes.steps.some(({ kind }) => kind === 'daemon-reload'),
    started: unitsTo('start', changes),
    stopped: unitsTo('stop', changes),
    ...(reloaded.length > 0 && { reloaded }),
    restarted: [...restarted],
    ...(broughtUp.length > 0 && { broughtUp: [...broughtUp] }),
  };
}

/** The commands that the live machine is given for changes, as they are shown beforehand: those of the steps, then restarts. */
export function commandsFor(
  { steps, late }: Changes,
  restarts: readonly string[],
  host: Host,
): readonly Command[] {
  if (host.kind !== 'live') return [];
  const inSteps = steps.flatMap(step => {
    if (step.kind === 'daemon-reload') return host.manager === undefined ? [] : [reloadCommand(host.scope)];
    if (step.kind === 'start' || step.kind === 'stop' || step.kind === 'reload') {
      if (host.manager === undefined) return [];
      return [unitCommand(host.scope, step.kind, step.unit, { waits: late !== undefined && late.size > 0 })];
    }
    return step.kind === 'enable-linger' ? [lingerCommand(step.user, 'on')] : [];
  });
  return [...inSteps, ...restarts.map(unit => unitCommand(host.scope, 'restart', unit))];
}

/** @throws UnwritableLink for a link that leads to no file that may be written */
function placeOf(file: string, after: FileState, tree: Tree): string {
  const place = after.kind === 'file' ? writtenThrough(file, tree) : file;
  if (place === undefined) throw new UnwritableLink(file);
  return place;
}

/** The path of a file to be written is a link, and the link leads to no file that may be written. */
export class UnwritableLink extends Error {
  readonly file: string;

  constructor(file: string) {
    super(`${file} is a link`);
    this.name = 'UnwritableLink';
    this.file = file;
  }
}

/**
 * Carries a prepared fix out, if no file has changed since it was prepared. The lock keeps out other processes meanwhile.
 *
 * @param announce called after all checks have passed and before anything is done
 * @throws ChangedMeanwhile, FixInTheWay, UnwritableStateFolder before anything is done; FixFailed as {@link finishFix} does
 */
export function applyPreparedFix(
  prepared: PreparedFix,
  host: Host,
  journal: Journal,
  now: Date,
  announce: () => Promise<void> = () => Promise.resolve(),
): Promise<Applied> {
  return journal.alone(async () => {
    const changed = prepared.operations.find(operation => standingOf(operation, host.tree) !== 'before');
    if (changed !== undefined) throw new ChangedMeanwhile(changed.path);
    await announce();
    const live = await statesOf([...prepared.started, ...prepared.stopped], host.manager);
    const ranBefore = prepared.started.filter(unit => live.get(unit)?.activeState === 'active');
    const restedBefore = prepared.stopped.filter(unit =>
      /^(?:inactive|failed)$/.test(live.get(unit)?.activeState ?? ''),
    );
    const record = {
      ...prepared,
      id: journal.newId(now),
      ...(ranBefore.length > 0 && { ranBefore }),
      ...(restedBefore.length > 0 && { restedBefore }),
    };
    return apply(record, host, journal);
  });
}

/**
 * Carries out the rest of a fix that was interrupted.
 *
 * @returns undefined when it has been finished or undone since the record was read
 * @throws FixFailed when something failed; `isTakenBack` says whether all of it was undone
 */
export function finishFix({ id }: FixRecord, host: Host, journal: Journal): Promise<Applied | undefined> {
  return journal.alone(async () => {
    const record = journal.record(id);
    return record?.phase === 'begun' ? apply(record, host, journal) : undefined;
  });
}

async function apply(record: FixRecord, host: Host, journal: Journal): Promise<Applied> {
  const here = relocated(record, host);
  const refused: CommandFailed[] = [];
  const carriedOut = await carryOut(here, journal, host.tree, sideEffectsOn(host, here, refused));
  return { id: record.id, refused, ...carriedOut };
}

export interface Undone extends TakenBack {
  readonly refused: readonly CommandFailed[];
  /** `already`: everything was undone before; `nothing`: the fix made nothing that can be taken back. */
  readonly outcome: 'now' | 'already' | 'nothing';
  /** Units that the manager loaded before, and no longer does. */
  readonly unloadable: readonly string[];
  /** Whether the next undo tries again what was refused. Files that others have edited are theirs from now on. */
  readonly mayGoOn: boolean;
}

/** Whether nothing of the fix is left. */
export function isWhole(undone: Undone): boolean {
  return !isLeftOver(undone) && undone.masked.length === 0 && undone.refused.length === 0;
}

/** Of the files that an undo would remove, those that others need since, each with the file that needs it. */
export type NeededSince = (going: readonly string[]) => ReadonlyMap<string, string>;

/**
 * Undoes a fix. Files that others need since stay, and units that were started with them go on.
 *
 * @throws LaterFixStands, FixInTheWay, UnwritableStateFolder before anything is done; FixFailed when a file could not be
 * restored, or the record could not be written at the end
 */
export function undoFix(
  record: FixRecord,
  host: Host,
  journal: Journal,
  neededSince: NeededSince = () => new Map(),
): Promise<Undone> {
  return journal.alone(() => undo(record, host, journal, neededSince));
}

async function undo(
  chosen: FixRecord,
  host: Host,
  journal: Journal,
  neededSince: NeededSince,
): Promise<Undone> {
  // Another undo may have ended since the record was chosen.
  const record = journal.record(chosen.id);
  if (record === undefined) return { ...nothingTaken, outcome: 'nothing' };
  const here = relocated(record, host);
  const later = laterFix(here, host, journal);
  if (record.phase === 'undone' && (later !== undefined || !isAnyMadeAgain(here, host.tree))) {
    const unchanged = here.operations.map(operation => operation.path);
    return { ...nothingTaken, unchanged, outcome: 'already' };
  }
  // An interrupted fix comes first, whichever it is: `begin` reports it.
  if (later !== undefined && journal.begun() === undefined) throw new LaterFixStands(record.id, later);
  const refused: CommandFailed[] = [];
  const staying = neededSince(madeIn(here));
  const { going, running } = withoutFiles(here, staying);
  const { deactivate, settle } = sideEffectsOn(host, going, refused);
  const loadedBefore = await loadStatesOf(going, host);
  const begun = journal.begin(here, 'undo');
  const restoring = await takeBack(going, host.tree, deactivate);
  const takenBack = {
    ...restoring,
    needed: [...restoring.needed, ...[...staying].map(([file, by]) => ({ file, by }))],
  };
  await settle(going);
  const unloadable = refusedSince(going, loadedBefore, await loadStatesOf(going, host)).map(
    ({ unit }) => unit,
  );
  const isEmpty = !hasLastingChange(here);
  const { restored, edited, masked } = takenBack;
  const isAnything = restored.length + edited.length + masked.length > 0;
  // What was refused twice is left to the user, and does not stand before older fixes.
  const mayGoOn = refused.length > 0 && (record.phase !== 'partly-undone' || isAnything);
  try {
    if (isEmpty) journal.forget(begun);
    else if (isLeftOver(takenBack) || refused.length > 0)
      journal.end(mayGoOn ? begun : { ...begun, ...noCommands, started: running }, 'partly-undone');
    else journal.end(begun, 'undone');
  } catch (error) {
    throw new FixFailed(journal.fileOf(record.id), false, { cause: error });
  }
  const undone: Undone = {
    ...takenBack,
    refused,
    unloadable,
    outcome: isEmpty ? 'nothing' : 'now',
    mayGoOn,
  };
  const wasBack = record.phase !== 'begun' && isWhole(undone) && !isAnything;
  return wasBack && !isEmpty && here.operations.length > 0 && here.lingering === null
    ? { ...undone, outcome: 'already' }
    : undone;
}

/** What an undo would do. */
export interface ForeseenUndo {
  readonly files: readonly ForeseenFile[];
  readonly commands: readonly Command[];
}

/**
 * Looks at what an undo would do, and does nothing.
 *
 * @returns undefined for a fix that is undone already
 * @throws LaterFixStands and FixInTheWay as {@link undoFix}
 */
export async function foreseeUndo(
  record: FixRecord,
  host: Host,
  journal: Journal,
  neededSince: NeededSince,
): Promise<ForeseenUndo | undefined> {
  const here = relocated(record, host);
  const later = laterFix(here, host, journal);
  if (record.phase === 'undone' && (later !== undefined || !isAnyMadeAgain(here, host.tree)))
    return undefined;
  const begun = journal.begun();
  if (begun !== undefined && (begun.pid !== undefined || begun.id !== record.id))
    throw new FixInTheWay(begun);
  if (later !== undefined) throw new LaterFixStands(record.id, later);
  const staying = neededSince(madeIn(here));
  const { going } = withoutFiles(here, staying);
  const needed = [...staying].map(([file, by]) => ({ file, becomes: 'needed', by }) as const);
  return {
    files: [...foreseenFiles(going, host.tree), ...needed],
    commands: await undoCommands(going, host),
  };
}

async function undoCommands(record: FixRecord, host: Host): Promise<readonly Command[]> {
  const commands = commandsOf(host, record);
  const { lingering } = record;
  const isLingering = host.kind === 'live' && lingering !== null && (await host.linger())?.enabled !== false;
  return [
    ...commands('stop', await loadedOf(ownStarts(record), host)),
    ...(record.isReloaded ? commands('daemon-reload') : []),
    ...commands('reset-failed', [...(await failedOf(record, host)).keys()]),
    ...commands('start', ranBeforeStop(record)),
    ...commands('reload', record.reloaded),
    ...(isLingering ? [lingerCommand(lingering, 'off')] : []),
  ];
}

/** The files that a fix has made, which an undo removes. */
function madeIn({ operations }: FixRecord): readonly string[] {
  return operations.flatMap(({ path: file, before }) => (before.kind === 'absent' ? file : []));
}

/** A record without files that stay, and the units among those that it started, which run on. */
function withoutFiles(
  record: FixRecord,
  staying: ReadonlyMap<string, string>,
): { readonly going: FixRecord; readonly running: string[] } {
  const names = new Set([...staying.keys()].map(file => path.basename(file)));
  const operations = record.operations.filter(({ path: file }) => !staying.has(file));
  const started = record.started.filter(unit => !names.has(unit));
  return {
    going: { ...record, operations, started },
    running: record.started.filter(unit => names.has(unit)),
  };
}

/** Whether files are left as others have edited them. */
function isLeftOver({ untouched, needed }: TakenBack): boolean {
  return untouched.length + needed.length > 0;
}

/** What an undo does not try again. */
const noCommands = { lingering: null, started: [], stopped: [] };

/**
 * Whether something of a fix may remain to be undone. What others have edited is theirs as soon as an undo has left it.
 *
 * @throws FixFailed at a file that cannot be looked up
 */
export function isOpen(record: FixRecord, host: Host): boolean {
  const { phase, lingering, started, stopped } = record;
  if (phase === 'begun') return true;
  if (phase !== 'partly-undone') return phase === 'done' && hasLastingChange(record);
  const hasCommands = lingering !== null || started.length + stopped.length > 0;
  return hasCommands || isAnyToTakeBack(relocated(record, host), host.tree);
}

const nothingTaken = {
  ...nothingTakenBack(),
  refused: [],
  unloadable: [],
  mayGoOn: false,
} as const;

/** Whether a file that was restored is again as the fix made it, for example because an older image was put back. */
function isAnyMadeAgain({ operations }: FixRecord, tree: Tree): boolean {
  return operations.some(operation => {
    const before = withPlainMode(operation.before);
    return standingOf(operation, tree) === 'after' && standingOf({ ...operation, before }, tree) !== 'before';
  });
}

/** @param refused receives the commands whose failure does not stop the fix */
function sideEffectsOn(host: Host, record: FixRecord, refused: CommandFailed[]): SideEffects {
  const manager = managerOf(host, record);
  const isLive = host.kind === 'live';
  const attempt = async (command: Promise<void>): Promise<boolean> => {
    try {
      await command;
      return true;
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      refused.push(error);
      return false;
    }
  };
  let loadedBefore: ReadonlyMap<string, string> = new Map();
  const linger = (user: string, turn: 'on' | 'off') => attempt(runCommand(lingerCommand(user, turn), host));
  return {
    prepare: async () => {
      loadedBefore = await loadStatesOf(record, host);
      // A timer has to be stopped before its file is removed: systemd marks a running timer without a file as failed.
      await manager('stop', record.stopped);
    },
    activate: async begun => {
      if (record.isReloaded) await manager('daemon-reload');
      const [refusal] = refusedSince(record, loadedBefore, await loadStatesOf(record, host));
      if (refusal !== undefined) throw new UnitRefused(refusal);
      await manager('start', record.started);
      await manager('reload', record.reloaded);
      const { lingering } = record;
      const isLingering = !isLive || lingering === null || (await linger(lingering, 'on'));
      for (const unit of record.restarted) await attempt(manager('restart', [unit]));
      return isLingering ? begun : { ...begun, lingering: null };
    },
    deactivate: async () => {
      await attempt(manager('stop', await loadedOf(ownStarts(record), host)));
    },
    settle: async ({ lingering }) => {
      if (record.isReloaded) await attempt(manager('daemon-reload'));
      await attempt(manager('reset-failed', await leftBehind(record, host)));
      await attempt(manager('start', ranBeforeStop(record)));
      await attempt(manager('reload', record.reloaded));
      // Somebody may have turned it off by hand, as an undo that was refused it asks for.
      const isLingering = isLive && lingering !== null && (await host.linger())?.enabled !== false;
      if (isLingering) await linger(lingering, 'off');
    },
  };
}

/** The units that a record made and that have failed, of which the manager would keep no more than that when their files are gone. */
async function failedOf(record: FixRecord, { kind, manager }: Host): Promise<ReadonlyMap<string, LiveUnit>> {
  if (kind !== 'live' || manager === undefined || !record.isReloaded) return new Map();
  const names = [...new Set(madeIn(record).map(file => path.basename(file)))];
  const live = await statesOf(
    names.filter(name => parseUnitName(name) !== undefined),
    manager,
  );
  return new Map([...live].filter(([, { activeState }]) => activeState === 'failed'));
}

/** Those of them whose files are gone. */
async function leftBehind(record: FixRecord, host: Host): Promise<readonly string[]> {
  return [...(await failedOf(record, host))].flatMap(([unit, { loadState }]) =>
    loadState === 'not-found' ? unit : [],
  );
}

/** Those of the stopped units that had run. */
function ranBeforeStop({ stopped, restedBefore }: FixRecord): readonly string[] {
  return stopped.filter(unit => restedBefore?.includes(unit) !== true);
}

/** What a record has started and what that has woken, without what ran before. */
function ownStarts(record: FixRecord): readonly string[] {
  const started = record.started.filter(unit => record.ranBefore?.includes(unit) !== true);
  return [...started, ...wokenBy({ ...record, started })];
}

/**
 * The services of a record that its timers and paths wake: one may run when the units that woke it have been stopped, and would go
 * on without its file.
 */
function wokenBy({ started, operations }: FixRecord): readonly string[] {
  const made = new Set(
    operations.flatMap(({ path: file, before }) => (before.kind === 'absent' ? path.basename(file) : [])),
  );
  const woken = started
    .filter(unit => /\.(?:timer|path|socket)$/.test(unit))
    .map(unit => unit.replace(/\.[a-z]+$/, '.service'));
  return [...new Set(woken)].filter(unit => made.has(unit));
}

/** The units that the manager knows: of a fix that was interrupted it may never have loaded one, and then nothing is to be stopped. */
async function loadedOf(units: readonly string[], { manager }: Host): Promise<readonly string[]> {
  if (manager === undefined || units.length === 0) return units;
  const live = await manager.units(units);
  return units.filter(unit => live.get(unit)?.loadState !== 'not-found');
}

/**
 * Sends commands to the manager of the live machine; on any other host it does nothing.
 *
 * @throws CommandFailed
 */
function managerOf(host: Host, record: FixRecord) {
  const commands = commandsOf(host, record);
  return async (...order: Parameters<typeof commands>): Promise<void> => {
    for (const command of commands(...order)) await runCommand(command, host);
  };
}

/** The commands for the manager of the live machine; none for any other host. A start is waited for where files follow it. */
function commandsOf(host: Host, { operations }: FixRecord) {
  const waits = operations.some(({ isLate }) => isLate);
  return (
    verb: UnitVerb | 'daemon-reload' | 'restart' | 'reset-failed',
    units: readonly string[] = [],
  ): readonly Command[] => {
    if (host.kind !== 'live' || host.manager === undefined) return [];
    if (verb === 'reset-failed') return units.map(unit => resetFailedCommand(host.scope, unit));
    return verb === 'daemon-reload'
      ? [reloadCommand(host.scope)]
      : units.map(unit => unitCommand(host.scope, verb, unit, { waits: waits && verb !== 'restart' }));
  };
}

type UnitVerb = 'start' | 'stop' | 'reload';

function unitsTo(verb: UnitVerb, { steps }: Changes): string[] {
  return steps.flatMap(step => (step.kind === verb ? [step.unit] : []));
}
