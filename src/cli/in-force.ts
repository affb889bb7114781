/** Finds out whether running gateways work with their configurations, and restarts those that do not. */
import {
  type AskedGateway,
  type Grip,
  gripOf,
  restartPatience,
  shortPatience,
  usualPatience,
} from '../failover/live/in-force.ts';
import { validationOf } from '../failover/openclaw-verdict.ts';
import type { Catalogue } from '../i18n/catalogue.ts';
import { daruma } from '../i18n/shown-commands.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { isHarmless, startEffects } from '../inventory/start-effects.ts';
import { shellText } from '../programs/command.ts';
import { askedProviders } from '../routes/asked-providers.ts';
import type { Gateway } from '../routes/picture.ts';
import { readPicture } from '../routes/read-picture.ts';
import { printable } from '../report/printable.ts';
import { wrapText } from '../report/terminal.ts';
import { reloadCommand, systemctlCommand, unitCommand } from '../systemd/commands.ts';
import { CommandFailed, runCommand } from '../transaction/run-command.ts';
import { expectYes, mayAsk } from './confirm.ts';
import type { Context } from './context.ts';
import type { Run } from './io.ts';
import type { ConfirmOptions } from './options.ts';
import { write } from './output.ts';
import { Progress } from './progress.ts';

/** A gateway and what it works with. `ended`: it was restarted and does not run now. */
export interface GripReport extends AskedGateway {
  readonly grip: Grip | 'ended';
  /** Why a restart was refused; left out when none was. */
  readonly refusal?: CommandFailed;
  /** The command with which OpenClaw judges its configuration, for a person. */
  readonly validation: string;
}

/** The providers that agents of a gateway may ask; a gateway that no service runs is not asked. */
export function askedOfAll(gateways: readonly Gateway[]): readonly AskedGateway[] {
  return gateways
    .filter(({ unit }) => unit !== null)
    .map(askedOf)
    .filter(({ providers }) => providers.length > 0);
}

function askedOf(gateway: Gateway): AskedGateway {
  const asked = askedProviders(gateway);
  return { gateway, providers: gateway.providers.map(({ id }) => id).filter(id => asked.has(id)) };
}

/** Whether a file may be one of a gateway's configuration. Units and their drop-ins are most of what a fix writes, and none. */
export function mayBeOfGateway(file: string): boolean {
  return /\.(?:json5?|env)$/.test(file);
}

/** Asks the running gateways that read one of these files; @returns those that are not known to work with what is in them now */
export async function unsettledBy(
  files: readonly string[],
  inventory: Inventory,
  quiet: boolean,
  run: Run,
): Promise<readonly GripReport[]> {
  const { gateways } = await readPicture(inventory, []);
  const changed = gateways.filter(({ unit, config }) => {
    const own = [...config.files, config.environmentFile];
    return unit !== null && own.some(file => files.includes(file));
  });
  const reports = await gripReports(changed.map(askedOf), inventory, quiet, run, shortPatience);
  return reports.filter(report => !isSettled(report));
}

/** Asks the gateways of a live machine. */
export async function gripReports(
  gateways: readonly AskedGateway[],
  inventory: Inventory,
  quiet: boolean,
  run: Run,
  patience = usualPatience,
): Promise<readonly GripReport[]> {
  const reports: GripReport[] = [];
  if (inventory.host.kind !== 'live') return reports;
  using progress = new Progress(quiet, run);
  for (const asked of gateways) {
    const { unit } = asked.gateway;
    let isShown = false;
    const show = () => {
      if (!isShown) progress.show(seconds => run.catalogue.failover.askingGateway(unit ?? '', seconds));
      isShown = true;
    };
    const grip = await gripOf(asked, inventory, run.environment, patience, show);
    reports.push({ ...asked, grip, validation: await validationOf(unit, inventory, run.environment) });
  }
  return reports;
}

/** Offers a restart to the gateways that need one, and says of each gateway what it works with. */
export async function settleGrips(
  reports: readonly GripReport[],
  inventory: Inventory,
  options: ConfirmOptions,
  context: Context,
): Promise<readonly GripReport[]> {
  const { catalogue, format } = context;
  const settled: GripReport[] = [];
  for (const first of reports) {
    let report = first;
    const { unit } = first.gateway;
    const isOffered = byRestart.has(first.grip) && mayAsk(options, context);
    if (isOffered && unit !== null && isHarmless(await startEffects(unit, inventory.loader))) {
      if (format === 'human' && !options.yes) await writeGrip(first, inventory, context);
      const question = printable(catalogue.failover.restartQuestion(unit));
      if (!(await expectYes(options, context, question))) {
        settled.push(first);
        continue;
      }
      report = await restarted(first, unit, inventory, context);
    }
    settled.push(report);
    if (format === 'human') await writeGrip(report, inventory, context);
  }
  return settled;
}

/** What a restart puts right. It would not make a gateway answer that does not say what it has. */
const byRestart: ReadonlySet<GripReport['grip']> = new Set([
  'cold',
  'older',
  'stale-file',
  'given-otherwise',
  'other',
  'reload-off',
  'changed-since',
]);

/** Restarts a gateway that runs, and asks it again. */
async function restarted(
  report: GripReport,
  unit: string,
  inventory: Inventory,
  context: Context,
): Promise<GripReport> {
  const { environment, quiet, catalogue } = context;
  using progress = new Progress(quiet, context);
  progress.show(seconds => catalogue.failover.restartingGateway(unit, seconds));
  const { host } = inventory;
  try {
    // A line of the unit counts from the manager's reload.
    if (report.grip === 'given-otherwise') await runCommand(reloadCommand(host.scope), host);
    await runCommand(unitCommand(host.scope, 'restart', unit), host);
  } catch (error) {
    if (error instanceof CommandFailed) return { ...report, refusal: error };
    throw error;
  }
  const grip = await gripOf(report, inventory, environment, restartPatience);
  return { ...report, grip: grip === 'next-start' ? 'ended' : grip };
}

/** Whether nothing is left to do: a gateway that does not run takes the changes when it starts. */
export function isSettled({ grip, refusal }: GripReport): boolean {
  return refusal === undefined && withAll.has(grip);
}

const withAll: ReadonlySet<GripReport['grip']> = new Set(['in-force', 'since-start', 'next-start']);

/** Whether a running gateway is known to work with something else, or without a key, or to do so after its next start. */
export function isOff({ grip }: GripReport): boolean {
  return byRestart.has(grip) || ['keyless', 'until-restart', 'refused'].includes(grip);
}

/** Whether nobody said what a gateway that runs works with. */
export function isNotKnown({ grip }: GripReport): boolean {
  return ['unknown', 'changing', 'not-seen'].includes(grip);
}

export async function writeGrip(
  report: GripReport,
  inventory: Inventory,
  { catalogue, terminal, io }: Context,
): Promise<void> {
  await write(io, `${wrapText(terminal, printable(gripText(report, inventory, catalogue)), [0, 2])}\n`);
}

/** What a gateway works with and what to do, in words. */
export function gripText(
  { gateway: { unit, file }, grip, refusal, validation }: GripReport,
  { host: { scope } }: Pick<Inventory, 'host'>,
  { failover }: Catalogue,
): string {
  if (unit === null) return failover.grip(file, 'next-start', '');
  const verb = refusal === undefined && looksFirst.has(grip) ? 'status' : 'restart';
  const reload = grip === 'given-otherwise' ? `${shellText(reloadCommand(scope))} && ` : '';
  const command = `${reload}${shellText(systemctlCommand(scope, [verb], [unit]))}`;
  if (refusal !== undefined) return failover.restartRefused(unit, refusal.message, command);
  const look =
    grip === 'refused' ? validation : grip === 'until-restart' ? daruma('check', scope) : undefined;
  return failover.grip(unit, grip, look ?? command);
}

/** Where a restart may be wrong. */
const looksFirst: ReadonlySet<GripReport['grip']> = new Set(['not-seen', 'ended', 'changing', 'refused']);

/** The reports for programs. */
export function gripsToJson(
  reports: readonly GripReport[],
  inventory: Pick<Inventory, 'host'>,
  catalogue: Catalogue,
): readonly object[] {
  return reports.map(report => ({
    file: report.gateway.file,
    unit: report.gateway.unit,
    state: report.grip,
    refusal: report.refusal?.message ?? null,
    text: gripText(report, inventory, catalogue),
  }));
}
