/** `daruma fix`: shows what would put the findings right, asks, does it, and shows what has become of the services. */
import fs from 'node:fs';
import path from 'node:path';
import type { Finding, RuleId } from '../../check/finding.ts';
import { rules } from '../../check/rules/index.ts';
import { applyPlan, type Applied } from '../../fix/apply.ts';
import { FixFailed } from '../../fix/carry-out.ts';
import { lingerCommand, reloadCommand } from '../../fix/commands.ts';
import { Journal } from '../../fix/journal.ts';
import { type Plan, planFix } from '../../fix/plan.ts';
import { stateFolder } from '../../fix/state-folder.ts';
import type { Catalogue } from '../../i18n/catalogue.ts';
import { openInventory } from '../../inventory/inventory.ts';
import { findingWords } from '../../report/findings/words.ts';
import { documentHead } from '../../report/json.ts';
import { planToJson, renderPlan } from '../../report/plan.ts';
import { renderStatus, type StatusRow, statusRow } from '../../report/status-table.ts';
import { nearest } from '../../systemd/nearest.ts';
import type { Host } from '../../systemd/host/host.ts';
import { type ConfiguredTarget, configureTargets, tellNotes } from '../configuration.ts';
import { canAsk, confirm } from '../confirm.ts';
import { type Context, readContext } from '../context.ts';
import { badInput, Failure } from '../failure.ts';
import { write } from '../output.ts';
import type { CommonOptions } from '../program.ts';
import { openHost, openTargets } from '../targets.ts';
import { version } from '../version.ts';

interface FixOptions extends CommonOptions {
  readonly dryRun?: true;
  readonly yes?: true;
  readonly only?: readonly string[];
  readonly to?: string;
  /** False with `--no-input`. */
  readonly input: boolean;
}

/** @returns the exit code: 0 when all that was planned is done, 3 when a command was refused */
export async function fix(
  given: readonly string[],
  options: FixOptions,
  catalogue: Catalogue,
): Promise<number> {
  const context = readContext(options, catalogue);
  const only = options.only?.map(id => readRule(id, catalogue));
  const opened = await openTargets(given, context.targets, catalogue);
  const targets = await configureTargets(opened, options.config, catalogue);
  try {
    const [target] = targets;
    if (target === undefined) return 0;
    const other = targets.find(({ folder, isOwn }) => folder !== undefined && !isOwn);
    if (other !== undefined || targets.length > 1) {
      throw badInput(
        'not-fixable-here',
        catalogue.fix.unitsOnly,
        given.find(name => name.includes('/')),
      );
    }
    if (!context.quiet) tellNotes(target.configured.notes, catalogue);
    return await fixTarget(target, { ...options, only }, context);
  } finally {
    for (const { inventory } of targets) await inventory.host.close();
  }
}

type Wanted = Omit<FixOptions, 'only'> & { readonly only: readonly RuleId[] | undefined };

async function fixTarget(target: ConfiguredTarget, options: Wanted, context: Context): Promise<number> {
  const { inventory, names, configured } = target;
  const { catalogue } = context;
  const { host } = inventory;
  const plan = await planFix(inventory, names, configured.policy, {
    isWanted: finding => isWanted(finding, options.only),
    commentOn: finding => `${finding.rule}: ${findingWords(finding, host.scope, catalogue).message}`,
    head: [catalogue.fix.dropInHead(version)],
  });
  if (options.to !== undefined) return writeElsewhere(plan, options.to, context);

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

/** What is merely possible is done when it is asked for by name. */
function isWanted({ rule, severity }: Finding, only: readonly RuleId[] | undefined): boolean {
  return only === undefined ? severity !== 'info' : only.includes(rule);
}

function commandsOf({ steps }: Plan, host: Host): readonly (readonly string[])[] {
  if (host.kind !== 'live') return [];
  return steps.flatMap(step => {
    if (step.kind === 'daemon-reload') return host.manager === undefined ? [] : [reloadCommand(host.scope)];
    return step.kind === 'enable-linger' ? [lingerCommand(step.user, 'on')] : [];
  });
}

async function showPlan(
  plan: Plan,
  { inventory }: ConfiguredTarget,
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
  { root, home }: Wanted,
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

async function showApplied(
  { id, refused }: Applied,
  target: ConfiguredTarget,
  context: Context,
): Promise<void> {
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

/** The drop-ins below another folder, for a configuration that is kept elsewhere. */
async function writeElsewhere(plan: Plan, to: string, { catalogue }: Context): Promise<number> {
  for (const [file, state] of plan.files) {
    if (state.kind !== 'file') continue;
    const copy = path.join(to, path.basename(path.dirname(file)), path.basename(file));
    fs.mkdirSync(path.dirname(copy), { recursive: true });
    fs.writeFileSync(copy, state.content);
    await write(`${catalogue.fix.wrote(copy)}\n`);
  }
  return 0;
}

function readRule(text: string, { errors }: Catalogue): RuleId {
  const rule = rules.find(({ id }) => id === text);
  if (rule !== undefined) return rule.id;
  const near = nearest(
    text,
    rules.map(({ id }) => id),
  );
  const hint = near === undefined ? errors.listRules : errors.didYouMean(near);
  throw badInput('unknown-rule', errors.unknownRule(text), text, hint);
}
