/** Finds out whether running gateways work with what was changed, and restarts those that do not. */
import { openclawFor } from '../failover/openclaw-verdict.ts';
import { type Grip, gripOf } from '../failover/live/in-force.ts';
import type { FailoverPlan, PlannedGateway } from '../failover/plan.ts';
import type { Catalogue } from '../i18n/catalogue.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { shellText } from '../programs/command.ts';
import { systemctlCommand, unitCommand } from '../systemd/commands.ts';
import { ManagerError } from '../systemd/host/host.ts';
import { CommandFailed, runCommand } from '../transaction/run-command.ts';
import type { Run } from './io.ts';
import { Progress } from './progress.ts';

/** A gateway after the change; `next-start`: no running gateway was found. */
export interface GripReport {
  readonly gateway: PlannedGateway;
  readonly grip: Grip | 'next-start';
}

/** The changed gateways of a live machine. */
export async function gripReports(
  { gateways }: FailoverPlan,
  inventory: Inventory,
  quiet: boolean,
  run: Run,
): Promise<readonly GripReport[]> {
  const reports: GripReport[] = [];
  if (inventory.host.kind !== 'live') return reports;
  using progress = new Progress(quiet, run);
  for (const gateway of gateways.filter(({ isChanged }) => isChanged)) {
    const { unit } = gateway.gateway;
    if (unit === null || !(await isActive(unit, inventory))) {
      reports.push({ gateway, grip: 'next-start' });
      continue;
    }
    progress.show(seconds => run.catalogue.failover.askingGateway(unit, seconds));
    const command = await openclawFor(unit, inventory, run.environment);
    reports.push({ gateway, grip: await gripOf(gateway.providers, command, reloadMs) });
  }
  return reports;
}

/** A gateway reads a changed configuration within a second; each question takes seconds on a small machine. */
const reloadMs = 30_000;
/** A gateway was seen to need five minutes on a machine at work. */
const restartMs = 345_000;

/** Restarts a gateway that runs, and asks it again. @returns the report as it was when the unit runs no more */
export async function restarted(
  report: GripReport,
  inventory: Inventory,
  quiet: boolean,
  run: Run,
): Promise<GripReport> {
  const { gateway } = report;
  const { unit } = gateway.gateway;
  // Somebody may have stopped it since.
  if (unit === null || !(await isActive(unit, inventory))) return { gateway, grip: 'next-start' };
  using progress = new Progress(quiet, run);
  progress.show(seconds => run.catalogue.failover.restartingGateway(unit, seconds));
  try {
    await runCommand(unitCommand(inventory.host.scope, 'restart', unit), inventory.host);
  } catch (error) {
    if (error instanceof CommandFailed) return report;
    throw error;
  }
  const command = await openclawFor(unit, inventory, run.environment);
  // The process that is about to end may still answer that it has no key.
  const isFinal = (grip: Grip) => grip === 'in-force';
  return { gateway, grip: await gripOf(gateway.providers, command, restartMs, isFinal) };
}

/** Whether nothing is left to do: a gateway that does not run takes the changes when it starts. */
export function isSettled({ grip }: GripReport): boolean {
  return grip === 'in-force' || grip === 'next-start';
}

export function gripText(
  { gateway: { gateway }, grip }: GripReport,
  { host }: Inventory,
  { failover }: Catalogue,
): string {
  const { unit, file } = gateway;
  // Without a unit no restart is proposed.
  const restart = shellText(systemctlCommand(host.scope, ['restart'], [unit ?? '']));
  return failover.grip(unit ?? file, grip, restart);
}

async function isActive(unit: string, { host: { manager } }: Inventory): Promise<boolean> {
  try {
    const state = (await manager?.units([unit]))?.get(unit)?.activeState;
    return state === 'active' || state === 'reloading';
  } catch (error) {
    if (error instanceof ManagerError) return false;
    throw error;
  }
}
