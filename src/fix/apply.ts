/** A plan made true on a host: files first, then the manager, then lingering; written down so that it can be taken back. */
import type { Host } from '../systemd/host/host.ts';
import { carryOut, missingFolders, takeBack, type TakenBack } from './carry-out.ts';
import { CommandFailed, lingerCommand, reloadCommand, runCommand, unitCommand } from './commands.ts';
import { operationFor } from './file-operation.ts';
import type { FixRecord, Journal } from './journal.ts';
import type { Plan, Step } from './plan.ts';
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
    units: [...new Set([...plan.settled.flatMap(({ unit }) => unit ?? []), ...plan.settings.keys()])],
    operations,
    folders: [...missingFolders(operations)],
    // Noted before it is done: what is not known to be off is turned off again by an undo.
    lingering: host.kind === 'live' ? (lingering ?? null) : null,
    started: unitsTo('start', plan),
    stopped: unitsTo('stop', plan),
  };
  const refused: CommandFailed[] = [];
  await carryOut(record, journal, async () => {
    if (host.kind !== 'live' || host.manager === undefined) return;
    const runtimeDirectory = host.environment['XDG_RUNTIME_DIR'];
    if (plan.steps.some(step => step.kind === 'daemon-reload')) {
      await runCommand(reloadCommand(host.scope), runtimeDirectory);
    }
    for (const { kind, unit } of plan.steps.filter(isTurn)) {
      await runCommand(unitCommand(host.scope, kind, unit), runtimeDirectory);
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
    const command = unitCommand(host.scope, 'restart', unit);
    const failure = await failureOf(command, host.environment['XDG_RUNTIME_DIR']);
    if (failure !== undefined) refused.push(failure);
  }
  return { id: record.id, refused };
}

type Turn = Extract<Step, { readonly kind: 'start' | 'stop' }>;

function isTurn(step: Step): step is Turn {
  return step.kind === 'start' || step.kind === 'stop';
}

function unitsTo(kind: Turn['kind'], { steps }: Plan): string[] {
  return steps
    .filter(isTurn)
    .filter(step => step.kind === kind)
    .map(({ unit }) => unit);
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
    if (host.manager !== undefined) {
      const runtimeDirectory = host.environment['XDG_RUNTIME_DIR'];
      await run(reloadCommand(record.scope), runtimeDirectory);
      for (const unit of record.started ?? []) {
        await run(unitCommand(record.scope, 'stop', unit), runtimeDirectory);
      }
      for (const unit of record.stopped ?? []) {
        await run(unitCommand(record.scope, 'start', unit), runtimeDirectory);
      }
    }
    if (record.lingering !== null) await run(lingerCommand(record.lingering, 'off'), undefined);
  }
  journal.write({ ...record, phase: 'undone' });
  return { restored, untouched, refused };
}
