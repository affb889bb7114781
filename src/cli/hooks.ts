/** Plans the hooks through which systemd runs this installation of daruma. */
import { watchedUnits } from '../check/hooked-services.ts';
import type { Plan } from '../fix/plan.ts';
import { workOf } from '../fix/work-of-record.ts';
import type { Catalogue } from '../i18n/catalogue.ts';
import { systemctl } from '../i18n/shown-commands.ts';
import { stateFolder } from '../store/state-folder.ts';
import { type Inventory, takeInventory } from '../inventory/inventory.ts';
import { type InstallationOptions, passingFolder, planInstallation } from '../notify/installation.ts';
import type { KeptLines } from '../notify/other-messengers.ts';
import { timeoutPrograms, type TimeoutProgram, trialCommand } from '../notify/sign-script.ts';
import { runProgram } from '../programs/run.ts';
import { shownManager } from '../report/shown-manager.ts';
import type { Host } from '../systemd/host/host.ts';
import { Failure } from './failure.ts';
import type { Environment, Run } from './io.ts';
import { undoOn } from './options.ts';
import { ownCommand, versionFolder } from './own-command.ts';
import { journalFor } from './state.ts';
import { version } from './version.ts';

/** @throws Failure when daruma itself lies in a temporary folder, or a program is missing that the hooks need */
export async function planHooks(
  inventory: Inventory,
  units: readonly string[],
  run: Run,
  kept?: ReadonlyMap<string, KeptLines>,
): Promise<Plan | undefined> {
  const { notify } = run.catalogue;
  const programs = await programsOf(run);
  if ('passing' in programs) {
    const hint = notify.installForGood;
    throw new Failure(3, 'passing-program', notify.passingProgram(programs.passing), { hint });
  }
  if ('missing' in programs)
    throw new Failure(3, 'no-timeout', notify.noTimeout, { hint: notify.installTools });
  return await planWith(programs, inventory, units, run, kept);
}

/**
 * Plans the hooks of a unit that is being made, on a live host only, where they can work, and where nobody has taken the hooks of all
 * services away.
 */
export async function planHooksOfNew(unit: string, hostWithUnit: Host, run: Run): Promise<Plan | undefined> {
  const isWanted = hostWithUnit.kind === 'live' && !areHooksTakenAway(hostWithUnit, run);
  const programs = isWanted ? await programsOf(run) : undefined;
  if (programs === undefined || !('command' in programs)) return undefined;
  return planWith(programs, await takeInventory(hostWithUnit), [unit], run);
}

function areHooksTakenAway(host: Host, run: Run): boolean {
  if (watchedUnits(host).length > 0) return false;
  for (const record of journalFor(host, run).readable()) {
    const kinds = record.phase === 'done' ? workOf(record).map(({ kind }) => kind) : [];
    if (kinds.includes('hooks-added')) return false;
    if (kinds.includes('hooks-removed')) return true;
  }
  return false;
}

/** That units which wake daruma do not run, with the command that starts them. */
export function wakersStoppedText(
  stopped: readonly string[],
  host: Host,
  { notify }: Pick<Catalogue, 'notify'>,
): string {
  return notify.wakersStopped(stopped.join(', '), systemctl(shownManager(host), 'start', ...stopped));
}

/** What hooks run: daruma, and the program that bounds them. */
type Programs = Pick<InstallationOptions, 'command' | 'timeout'>;

/** `passing`: the temporary folder in which daruma lies; `missing`: the hooks cannot work. */
async function programsOf({
  io,
  environment,
}: Run): Promise<Programs | { readonly passing: string } | { readonly missing: true }> {
  const command = ownCommand(io, environment);
  const passing = passingFolder(command);
  if (passing !== undefined) return { passing };
  const timeout = await workingTimeout(environment);
  return timeout === undefined ? { missing: true } : { command, timeout };
}

async function planWith(
  programs: Programs,
  inventory: Inventory,
  units: readonly string[],
  { environment, catalogue: { notify, fix } }: Run,
  kept?: ReadonlyMap<string, KeptLines>,
): Promise<Plan | undefined> {
  const folder = stateFolder(inventory.host, environment);
  if (folder === undefined) return undefined;
  const texts = { head: fix.dropInHead(version, undoOn(inventory.host)), ...notify.hookComments };
  const options = { ...programs, stateFolder: folder, texts, ...(kept && { kept }) };
  const plan = await planInstallation(inventory, units, options);
  return plan && { ...plan, passingVersion: versionFolder(programs.command) };
}

/** A timeout(1) with which the hooks work on this machine; undefined when they cannot. */
async function workingTimeout(environment: Environment): Promise<TimeoutProgram | undefined> {
  for (const program of timeoutPrograms) {
    const { failure } = await runProgram(trialCommand(program), {
      environment,
      timeoutMs: 40_000,
      outputBytes: 2 ** 12,
    });
    if (failure === undefined) return program;
  }
  return undefined;
}
