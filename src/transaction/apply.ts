/** Changes made true on a host: files first, then the manager, then lingering; written down so that it can be taken back. */
import path from 'node:path';
import { ownIdentity } from '../kernel/process-identity.ts';
import type { Command } from '../programs/command.ts';
import { lingerCommand, reloadCommand, unitCommand } from '../systemd/commands.ts';
import type { Host } from '../systemd/host/host.ts';
import type { FileState } from '../systemd/host/overlay-files.ts';
import type { Tree } from '../systemd/host/tree.ts';
import {
  carryOut,
  FixFailed,
  missingFolders,
  type SideEffects,
  takeBack,
  type TakenBack,
} from './carry-out.ts';
import type { Changes } from './changes.ts';
import { CommandFailed, runCommand } from './commands.ts';
import { type FileOperation, operationFor, standingOf, writtenThrough } from './file-operation.ts';
import type { FixRecord, Journal } from './journal.ts';
import { relocated } from './relocated.ts';

export interface Applied {
  readonly id: string;
  /** Commands that were refused, typically for want of privilege: all else is done. */
  readonly refused: readonly CommandFailed[];
  /** Files that somebody has changed since the fix was planned: they are left alone. */
  readonly untouched: readonly string[];
}

/** A record of what is yet to be carried out. */
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

/** What changes are about. */
export interface AffectedUnits {
  /** Names of units, for whoever takes them back. */
  readonly units: readonly string[];
  /** Services that are restarted in the end. */
  readonly restarted: readonly string[];
}

/**
 * What is to be done for changes that were planned. What stands on the disk now is what an undo brings back: read it before
 * they are shown, so that what changes while somebody thinks about it is noticed.
 *
 * @throws the errno error of a file that cannot be read
 */
export function prepareFix(changes: Changes, { units, restarted }: AffectedUnits, host: Host): PreparedFix {
  const lingering = changes.steps.find(step => step.kind === 'enable-linger')?.user;
  const { tree } = host;
  const operations = [...changes.files].map(([file, after]): FileOperation => {
    // Links among its folders stay in it: by whom they are says as whom it is written.
    const place = placeOf(path.join(tree.root, file), after, tree);
    const before = changes.madeFrom?.get(file);
    return before === undefined ? operationFor(place, after, tree) : { path: place, before, after };
  });
  return {
    version: 1,
    phase: 'begun',
    process: ownIdentity(),
    scope: host.scope,
    root: tree.root,
    units: [...units],
    operations,
    folders: [...missingFolders(operations, tree)],
    // Noted before it is done: what is not known to be off is turned off again by an undo.
    lingering: host.kind === 'live' ? (lingering ?? null) : null,
    isReloaded: changes.steps.some(({ kind }) => kind === 'daemon-reload'),
    started: unitsTo('start', changes),
    stopped: unitsTo('stop', changes),
    restarted: [...restarted],
  };
}

/** The commands that the live machine is given for changes, as they are shown beforehand: those of the steps, then restarts. */
export function commandsFor({ steps }: Changes, restarts: readonly string[], host: Host): readonly Command[] {
  if (host.kind !== 'live') return [];
  const inSteps = steps.flatMap(step => {
    if (step.kind === 'daemon-reload') return host.manager === undefined ? [] : [reloadCommand(host.scope)];
    if (step.kind === 'start' || step.kind === 'stop') {
      return host.manager === undefined ? [] : [unitCommand(host.scope, step.kind, step.unit)];
    }
    return step.kind === 'enable-linger' ? [lingerCommand(step.user, 'on')] : [];
  });
  return [...inSteps, ...restarts.map(unit => unitCommand(host.scope, 'restart', unit))];
}

/** @throws UnwritableLink where there is no file that would be written */
function placeOf(file: string, after: FileState, tree: Tree): string {
  const place = after.kind === 'file' ? writtenThrough(file, tree) : file;
  if (place === undefined) throw new UnwritableLink(file);
  return place;
}

/** A link stands where a file is to be written, and leads to none that may be. */
export class UnwritableLink extends Error {
  readonly file: string;

  constructor(file: string) {
    super(`${file} is a link`);
    this.name = 'UnwritableLink';
    this.file = file;
  }
}

/**
 * Carries out what was planned, if everything is still as it was then. Nobody else is at work meanwhile.
 *
 * @param announce is called once nothing stands in the way, and before anything is done
 * @throws ChangedMeanwhile, FixInTheWay, StateFault before anything is done; FixFailed as {@link applyFix} does
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
    return apply({ ...prepared, id: journal.newId(now) }, host, journal);
  });
}

/**
 * Carries a record out, from the start or from where it was interrupted.
 *
 * @throws FixFailed when it could not be done; then nothing of it is left
 */
export function applyFix(record: FixRecord, host: Host, journal: Journal): Promise<Applied> {
  return journal.alone(() => apply(record, host, journal));
}

async function apply(record: FixRecord, host: Host, journal: Journal): Promise<Applied> {
  const here = relocated(record, host);
  const refused: CommandFailed[] = [];
  const untouched = await carryOut(here, journal, host.tree, sideEffectsOn(host, here, refused));
  return { id: record.id, refused, untouched };
}

export interface Undone extends TakenBack {
  readonly refused: readonly CommandFailed[];
}

/** Whether everything is as it was before. */
export function isWhole({ untouched, masked, refused }: Undone): boolean {
  return untouched.length === 0 && masked.length === 0 && refused.length === 0;
}

/**
 * Takes a fix back.
 *
 * @throws FixInTheWay, StateFault before anything is done; FixFailed when a file could not be brought back, or the record not
 * be written in the end
 */
export function undoFix(record: FixRecord, host: Host, journal: Journal): Promise<Undone> {
  return journal.alone(() => undo(record, host, journal));
}

async function undo(record: FixRecord, host: Host, journal: Journal): Promise<Undone> {
  const here = relocated(record, host);
  const refused: CommandFailed[] = [];
  const { deactivate, settle } = sideEffectsOn(host, here, refused);
  const begun = journal.begin(here);
  await deactivate(begun);
  const takenBack = takeBack(begun, host.tree);
  await settle(begun);
  const undone = { ...takenBack, refused };
  try {
    journal.end(begun, isWhole(undone) ? 'undone' : 'partly-undone');
  } catch (error) {
    throw new FixFailed(journal.fileOf(record.id), false, { cause: error });
  }
  return undone;
}

/** @param refused gets the commands that were refused where all else goes on */
function sideEffectsOn(host: Host, record: FixRecord, refused: CommandFailed[]): SideEffects {
  const manager = managerOf(host);
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
  const linger = (user: string, turn: 'on' | 'off') => attempt(runCommand(lingerCommand(user, turn), host));
  return {
    // A timer is stopped while its file is there: without it systemd would call it failed.
    prepare: () => manager('stop', record.stopped),
    activate: async begun => {
      if (record.isReloaded) await manager('reload');
      await manager('start', record.started);
      const { lingering } = record;
      const isLingering = !isLive || lingering === null || (await linger(lingering, 'on'));
      for (const unit of record.restarted) await attempt(manager('restart', [unit]));
      return isLingering ? begun : { ...begun, lingering: null };
    },
    deactivate: async () => {
      await attempt(manager('stop', record.started));
    },
    settle: async ({ lingering }) => {
      if (record.isReloaded) await attempt(manager('reload'));
      await attempt(manager('start', record.stopped));
      if (isLive && lingering !== null) await linger(lingering, 'off');
    },
  };
}

/** Tells the manager of the live machine; elsewhere nobody is there to be told. @throws CommandFailed */
function managerOf(host: Host) {
  return async (verb: StartOrStop | 'reload' | 'restart', units: readonly string[] = []): Promise<void> => {
    if (host.kind !== 'live' || host.manager === undefined) return;
    const commands =
      verb === 'reload'
        ? [reloadCommand(host.scope)]
        : units.map(unit => unitCommand(host.scope, verb, unit));
    for (const command of commands) await runCommand(command, host);
  };
}

type StartOrStop = 'start' | 'stop';

function unitsTo(verb: StartOrStop, { steps }: Changes): string[] {
  return steps.flatMap(step => (step.kind === verb ? [step.unit] : []));
}
