/** From a plan to what has become of the services: it is shown, somebody is asked, it is done, and the table follows. */
import { applyPlan, type Applied } from '../fix/apply.ts';
import { FixFailed } from '../fix/carry-out.ts';
import { lingerCommand, reloadCommand, unitCommand } from '../fix/commands.ts';
import { Journal } from '../fix/journal.ts';
import type { Plan } from '../fix/plan.ts';
import { stateFolder } from '../fix/state-folder.ts';
import type { Catalogue } from '../i18n/catalogue.ts';
import { openInventory } from '../inventory/inventory.ts';
import { documentHead } from '../report/json.ts';
import { planToJson, renderPlan } from '../report/plan.ts';
import { renderStatus, type StatusRow, statusRow } from '../report/status-table.ts';
import type { Host } from '../systemd/host/host.ts';
import { canAsk, confirm } from './confirm.ts';
import type { Context } from './context.ts';
import { badInput, Failure } from './failure.ts';
import { write } from './output.ts';
import type { CommonOptions } from './program.ts';
import { openHost, type Target } from './targets.ts';
import { version } from './version.ts';

export interface PlanOptions {
  readonly dryRun?: true;
  readonly yes?: true;
  /** False with `--no-input`. */
  readonly input: boolean;
}

/**
 * Shows a plan and, when somebody says yes, carries it out.
 *
 * @returns the exit code: 3 when a command was refused
 * @throws Failure when nobody can be asked, and when it could not be done
 */
export async function carryOutPlan(
  plan: Plan,
  target: Target,
  options: PlanOptions & Pick<CommonOptions, 'root' | 'home'>,
  context: Context,
): Promise<number> {
  const { catalogue } = context;
  const { host } = target.inventory;
  const commands = commandsOf(plan, host);
  const isEmpty = plan.files.size === 0 && commands.length === 0;
  if (context.format === 'human') await showPlan(plan, target, commands, isEmpty, context);
  if (options.dryRun || isEmpty) {
    if (context.format === 'json') await writeJson(plan, host, undefined, context);
    return 0;
  }
  if (!options.yes) {
    if (!canAsk(options.input) || context.format === 'json') {
      throw badInput('not-confirmed', catalogue.fix.cannotAsk, undefined, catalogue.fix.useYes);
    }
    if (!(await confirm(catalogue.fix.question, catalogue))) {
      await write(`${catalogue.fix.nothingDone}\n`);
      return 0;
    }
  }
  const applied = await apply(plan, host, options, catalogue);
  if (context.format === 'json') await writeJson(plan, host, applied, context);
  else await showApplied(applied, target, context);
  return applied.refused.length > 0 ? 3 : 0;
}

function commandsOf({ steps }: Plan, host: Host): readonly (readonly string[])[] {
  if (host.kind !== 'live') return [];
  return steps.flatMap(step => {
    if (step.kind === 'daemon-reload') return host.manager === undefined ? [] : [reloadCommand(host.scope)];
    if (step.kind === 'start' || step.kind === 'stop') {
      return host.manager === undefined ? [] : [unitCommand(host.scope, step.kind, step.unit)];
    }
    return step.kind === 'enable-linger' ? [lingerCommand(step.user, 'on')] : [];
  });
}

async function showPlan(
  plan: Plan,
  { inventory }: Target,
  commands: readonly (readonly string[])[],
  isEmpty: boolean,
  { catalogue, terminal }: Context,
): Promise<void> {
  const { HOME: home } = process.env;
  const viewpoint = { workingDirectory: process.cwd(), home };
  await write(renderPlan(plan, inventory.host, commands, catalogue, terminal, viewpoint));
  if (isEmpty) await write(`${catalogue.fix.nothingToDo}\n`);
}

async function apply(
  plan: Plan,
  host: Host,
  { root, home }: Pick<CommonOptions, 'root' | 'home'>,
  { fix: texts, errors }: Catalogue,
): Promise<Applied> {
  const folder = stateFolder(host);
  if (folder === undefined) throw new Failure(3, 'no-home', texts.noStateFolder);
  try {
    return await applyPlan(plan, host, root ?? home, new Journal(folder), new Date());
  } catch (error) {
    if (!(error instanceof FixFailed)) throw error;
    const cause = error.cause instanceof Error ? error.cause.message : '';
    const message = error.isTakenBack
      ? texts.failedAndTakenBack(error.at, cause)
      : texts.failed(error.at, cause);
    const hint = error.isTakenBack ? undefined : texts.undoHint;
    throw new Failure(3, 'fix-failed', message, {
      where: error.at,
      cause: error,
      hint: hint ?? errors.verboseForStack,
    });
  }
}

async function showApplied({ id, refused }: Applied, target: Target, context: Context): Promise<void> {
  const { catalogue, terminal } = context;
  // What the host knew of its folders is out of date.
  const host = await openHost(context.targets, catalogue);
  const after = await openInventory(host);
  const rows: StatusRow[] = [];
  for await (const entry of after.services(target.names)) rows.push(statusRow(entry, after));
  const linger = host.scope === 'user' ? await host.linger() : undefined;
  await host.close();
  await write(`\n${catalogue.fix.done(id)}\n`);
  for (const { argv, message } of refused) {
    await write(`${catalogue.fix.refused(`sudo ${argv.join(' ')}`, message)}\n`);
  }
  await write(`\n${renderStatus(after, rows, linger, '', catalogue, terminal)}`);
}

async function writeJson(
  plan: Plan,
  host: Host,
  applied: Applied | undefined,
  { catalogue }: Context,
): Promise<void> {
  const document = {
    ...documentHead(version, host),
    plan: planToJson(plan, host, catalogue),
    applied:
      applied === undefined
        ? null
        : {
            id: applied.id,
            refused: applied.refused.map(({ argv, message }) => ({ command: argv, message })),
          },
  };
  await write(`${JSON.stringify(document)}\n`);
}
