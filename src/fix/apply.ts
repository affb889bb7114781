/** A plan made true on a host: files first, then the manager, then lingering; written down so that it can be taken back. */
import type { Host } from '../systemd/host/host.ts';
import { carryOut, missingFolders, takeBack, type TakenBack } from './carry-out.ts';
import { CommandFailed, lingerCommand, reloadCommand, restartCommand, runCommand } from './commands.ts';
import { operationFor } from './file-operation.ts';
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
  const operations = [...plan.files].map(([path, state]) =>
    operationFor(host.files.physicalPath(path), state),
  );
  const record: FixRecord = {
    version: 1,
    id: journal.newId(now),
    phase: 'begun',
    process: ownIdentity(),
    scope: host.scope,
    root: root ?? null,
    units: [...new Set(plan.settled.flatMap(({ unit }) => unit ?? []))],
    operations,
    folders: [...missingFolders(operations)],
    // Noted before it is done: what is not known to be off is turned off again by an undo.
    lingering: host.kind === 'live' ? (lingering ?? null) : null,
  };
  const refused: CommandFailed[] = [];
  await carryOut(record, journal, async () => {
    if (host.kind !== 'live') return;
    if (host.manager !== undefined && plan.steps.some(step => step.kind === 'daemon-reload')) {
      await runCommand(reloadCommand(host.scope), host.environment['XDG_RUNTIME_DIR']);
    }
  });
  if (host.kind !== 'live') return { id: record.id, refused };
  if (lingering !== undefined) {
    const failure = await failureOf(lingerCommand(lingering, 'on'), undefined);
    if (failure !== undefined) {
      journal.write({ ...record, phase: 'done', lingering: null });
      refused.push(failure);
    }
  }
  for (const unit of restarts) {
    const command = restartCommand(host.scope, unit);
    const failure = await failureOf(command, host.environment['XDG_RUNTIME_DIR']);
    if (failure !== undefined) refused.push(failure);
  }
  return { id: record.id, refused };
}

async function failureOf(
  argv: readonly string[],
  runtimeDirectory: string | undefined,
): Promise<CommandFailed | undefined> {
  try {
    await runCommand(argv, runtimeDirectory);
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
  const { restored, untouched } = takeBack(record);
  const refused: CommandFailed[] = [];
  const run = async (argv: readonly string[], runtimeDirectory: string | undefined) => {
    const failure = await failureOf(argv, runtimeDirectory);
    if (failure !== undefined) refused.push(failure);
  };
  if (host.kind === 'live') {
    if (host.manager !== undefined)
      await run(reloadCommand(record.scope), host.environment['XDG_RUNTIME_DIR']);
    if (record.lingering !== null) await run(lingerCommand(record.lingering, 'off'), undefined);
  }
  journal.write({ ...record, phase: 'undone' });
  return { restored, untouched, refused };
}
