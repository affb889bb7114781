/** A plan made true on a host: files first, then the manager, then lingering; written down so that it can be taken back. */
import type { Host } from '../systemd/host/host.ts';
import { carryOut, missingFolders, takeBack, type TakenBack } from './carry-out.ts';
import { CommandFailed, lingerCommand, reloadCommand, runCommand, unitCommand } from './commands.ts';
import { type FileOperation, operationFor } from './file-operation.ts';
import type { FixRecord, Journal } from './journal.ts';
import type { Plan } from './plan.ts';
import { ownIdentity } from './process-identity.ts';

export interface Applied {
  readonly id: string;
  /** Commands that were refused, typically for want of privilege: all else is done. */
  readonly refused: readonly CommandFailed[];
}

/**
 * Carries a plan out.
 *
 * @param restarts services that are then restarted
 * @param root the unpacked root that the host is, as a folder of this machine; undefined on the live machine
 * @throws FixFailed when it could not be done; then nothing of it is left
 */
export async function applyPlan(
  plan: Plan,
  restarts: readonly string[],
  host: Host,
  root: string | undefined,
  journal: Journal,
  now: Date,
): Promise<Applied> {
  const lingering = plan.steps.find(step => step.kind === 'enable-linger')?.user;
  const operations = [...plan.files].map(([path, after]): FileOperation => {
    const physical = host.files.physicalPath(path);
    const before = plan.madeFrom?.get(path);
    return before === undefined ? operationFor(physical, after) : { path: physical, before, after };
  });
  const record: FixRecord = {
    version: 1,
    id: journal.newId(now),
    phase: 'begun',
    process: ownIdentity(),
    scope: host.scope,
    root: root ?? null,
    units: [...new Set([...plan.settled.flatMap(({ unit }) => unit ?? []), ...plan.settings.keys()])],
    operations,
    folders: [...missingFolders(operations)],
    // Noted before it is done: what is not known to be off is turned off again by an undo.
    lingering: host.kind === 'live' ? (lingering ?? null) : null,
    started: unitsTo('start', plan),
    stopped: unitsTo('stop', plan),
  };
  const refused: CommandFailed[] = [];
  const manager = managerOf(host);
  try {
    await carryOut(record, journal, {
      // A timer is stopped while its file is there: without it systemd would call it failed.
      prepare: () => manager('stop', record.stopped),
      activate: async () => {
        if (plan.steps.some(step => step.kind === 'daemon-reload')) await manager('reload');
        await manager('start', record.started);
      },
    });
  } catch (error) {
    await manager('start', record.stopped).catch(() => undefined);
    throw error;
  }
  if (host.kind !== 'live') return { id: record.id, refused };
  if (lingering !== undefined) {
    const failure = await failureOf(runCommand(lingerCommand(lingering, 'on'), undefined));
    if (failure !== undefined) {
      journal.write({ ...record, phase: 'done', lingering: null });
      refused.push(failure);
    }
  }
  for (const unit of restarts) {
    const command = unitCommand(host.scope, 'restart', unit);
    const failure = await failureOf(runCommand(command, host.environment['XDG_RUNTIME_DIR']));
    if (failure !== undefined) refused.push(failure);
  }
  return { id: record.id, refused };
}

/** Tells the manager of the live machine; elsewhere nobody is there to be told. @throws CommandFailed */
function managerOf(host: Host) {
  return async (verb: Turn | 'reload', units: readonly string[] = []): Promise<void> => {
    if (host.kind !== 'live' || host.manager === undefined) return;
    const commands =
      verb === 'reload'
        ? [reloadCommand(host.scope)]
        : units.map(unit => unitCommand(host.scope, verb, unit));
    for (const command of commands) await runCommand(command, host.environment['XDG_RUNTIME_DIR']);
  };
}

type Turn = 'start' | 'stop';

function unitsTo(verb: Turn, { steps }: Plan): string[] {
  return steps.flatMap(step => (step.kind === verb ? [step.unit] : []));
}

async function failureOf(command: Promise<void>): Promise<CommandFailed | undefined> {
  try {
    await command;
    return undefined;
  } catch (error) {
    if (error instanceof CommandFailed) return error;
    throw error;
  }
}

export interface Undone extends TakenBack {
  readonly refused: readonly CommandFailed[];
}

/** Takes a fix back. */
export async function undoFix(record: FixRecord, host: Host, journal: Journal): Promise<Undone> {
  const refused: CommandFailed[] = [];
  const note = (failure: CommandFailed | undefined) => {
    if (failure !== undefined) refused.push(failure);
  };
  const manager = managerOf(host);
  note(await failureOf(manager('stop', record.started)));
  const { restored, untouched } = takeBack(record);
  note(await failureOf(manager('reload')));
  note(await failureOf(manager('start', record.stopped)));
  if (host.kind === 'live' && record.lingering !== null) {
    note(await failureOf(runCommand(lingerCommand(record.lingering, 'off'), undefined)));
  }
  journal.write({ ...record, phase: 'undone' });
  return { restored, untouched, refused };
}
