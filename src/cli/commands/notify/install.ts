/** `daruma notify install` and `uninstall`: installs the hooks of services and the timer that delivers messages. */
import { unhookedServices, watchedUnits } from '../../../check/hooked-services.ts';
import type { Plan } from '../../../fix/plan.ts';
import { planRemoval } from '../../../notify/installation.ts';
import { type ConfiguredTarget, configureTargets } from '../../configuration.ts';
import { stoppedWakers } from '../../../check/hooked-services.ts';
import type { Context } from '../../context.ts';
import { badInput, Failure } from '../../failure.ts';
import { write } from '../../output.ts';
import { planHooks, wakersStoppedText } from '../../hooks.ts';
import { findMessengers, type OtherMessenger } from '../../../notify/other-messengers.ts';
import { printable } from '../../../report/printable.ts';
import { wrapText } from '../../../report/terminal.ts';
import { withoutSecrets } from '../../../secrets/redaction.ts';
import { withMessageLanguage } from '../../message-language.ts';
import { expectAnswer, expectFree } from '../../fix-failure.ts';
import { carryOutPlan } from '../../plan-flow.ts';
import type { CommonOptions, HostOptions, PlanOptions } from '../../options.ts';
import { journalFor } from '../../state.ts';
import { openTargets } from '../../targets.ts';

type InstallOptions = CommonOptions & PlanOptions;

/** @returns the exit code, as of `daruma fix` */
export async function install(
  words: readonly string[],
  options: InstallOptions,
  context: Context,
): Promise<number> {
  const { catalogue } = context;
  return planAndCarryOut(words, options, context, catalogue.notify.alreadyInstalled, async target => {
    const plan = await planTargetHooks(target, target.configured.policy.hasChannels, context);
    return plan && withMessageLanguage(plan, target.inventory.host, options, context);
  });
}

/** Plans the hooks of a target, and names the commands that send messages by themselves. */
export async function planTargetHooks(
  target: ConfiguredTarget,
  hasChannels: boolean,
  context: Context,
): Promise<Plan | undefined> {
  const { units, jobs } = target.isOwn ? await servicesToHook(target) : { units: target.names, jobs: [] };
  const { messengers, kept } = await findMessengers(target.inventory, units);
  // Without a channel of daruma's own such a command is the only one that tells anything.
  const plan = await planHooks(target.inventory, units, context, hasChannels ? kept : undefined);
  await tellMessengers(messengers, hasChannels, context);
  await tellJobs(jobs, context);
  return plan;
}

/** @returns the exit code, as of `daruma fix` */
export function uninstall(
  words: readonly string[],
  options: InstallOptions,
  context: Context,
): Promise<number> {
  const { notify } = context.catalogue;
  return planAndCarryOut(words, options, context, notify.notInstalled, target =>
    Promise.resolve(planRemoval(target.inventory, target.isOwn ? undefined : target.names)),
  );
}

async function planAndCarryOut(
  words: readonly string[],
  options: InstallOptions,
  context: Context,
  nothingToDo: string,
  planFor: (target: ConfiguredTarget) => Promise<Plan | undefined>,
): Promise<number> {
  const { catalogue } = context;
  const path = words.find(word => word.includes('/'));
  if (path !== undefined || options.root !== undefined || options.home !== undefined) {
    throw badInput('not-fixable-here', catalogue.notify.unitsOnly, path);
  }
  await using hosts = new AsyncDisposableStack();
  const opened = await openTargets(words, context.targets, context, hosts);
  const targets = await configureTargets(opened, options.config, context);
  const [target] = targets;
  const plan = target && (await planFor(target));
  if (target === undefined || plan === undefined) {
    throw new Failure(3, 'no-home', catalogue.fix.noStateFolder);
  }
  return await carryOutHooks(plan, target, nothingToDo, options, context);
}

/**
 * Carries out a plan for hooks.
 *
 * @param nothingToDo told to a person whose plan is empty
 * @param more what the document of `--json` says beside the plan
 * @returns the exit code, as of `daruma fix`
 */
export async function carryOutHooks(
  plan: Plan,
  target: ConfiguredTarget,
  nothingToDo: string,
  options: PlanOptions & HostOptions,
  context: Context,
  more: object = {},
): Promise<number> {
  const isEmpty = plan.files.size === 0;
  const { host } = target.inventory;
  if (isEmpty && !options.dryRun) {
    await expectFree(journalFor(host, context), options, context.catalogue);
    // Files alone do not say whether the manager has loaded them.
    expectAnswer(host, context.catalogue);
  }
  if (isEmpty && context.format === 'human') {
    await write(context.io, `${nothingToDo}\n`);
    const stopped = await stoppedWakers(host);
    if (stopped.length === 0) return 0;
    const text = wakersStoppedText(stopped, host, context.catalogue);
    await write(context.io, `${wrapText(context.terminal, text, [0, 2])}\n`);
    return 3;
  }
  const hooks = options.dryRun || context.verbose ? 'whole' : 'in-short';
  const units = { ...target, names: [...plan.settings.keys()] };
  return await carryOutPlan(plan, units, options, context, more, hooks);
}

/** Names the commands that send messages by themselves, and what becomes of them. */
async function tellMessengers(
  messengers: readonly OtherMessenger[],
  hasChannels: boolean,
  { io, terminal, format, catalogue: { notify } }: Context,
): Promise<void> {
  if (format !== 'human') return;
  for (const { unit, key, line, receiver, isOnlyMessage } of messengers) {
    const isTakenOut = hasChannels && isOnlyMessage;
    const shown = withoutSecrets(`${key}=${line}`);
    const text = notify.otherMessenger(unit, shown, receiver, isTakenOut);
    await write(io, `${wrapText(terminal, printable(text), [0, 2])}\n`);
  }
}

/** Names the jobs that are left out, and how they get hooks. */
async function tellJobs(
  jobs: readonly string[],
  { io, terminal, format, catalogue }: Context,
): Promise<void> {
  if (format !== 'human' || jobs.length === 0) return;
  const text = catalogue.notify.unhookedJobs(jobs.join(', '), jobs.join(' '));
  await write(io, `${wrapText(terminal, printable(text), [0, 2])}\n`);
}

/** The user's own services that have no hooks and should, and all that have hooks: those of an earlier installation are replaced. */
async function servicesToHook({
  inventory,
  names,
  configured: { policy },
}: ConfiguredTarget): Promise<{ readonly units: readonly string[]; readonly jobs: readonly string[] }> {
  const { services, jobs } = await unhookedServices(inventory, names, policy);
  return { units: [...new Set([...watchedUnits(inventory.host), ...services])].sort(), jobs };
}
