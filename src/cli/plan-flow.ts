/** Shows a plan, asks the user, carries it out, and shows the services afterwards. */
import { textWithCommands } from '../report/command-lines.ts';
import { setTimeout } from 'node:timers/promises';
import type { CheckPolicy } from '../check/policy.ts';
import { type Applied, applyPreparedFix, commandsFor, prepareFix } from '../transaction/apply.ts';
import { type Plan, unitsOf, withRuns } from '../fix/plan.ts';
import { FixInTheWay, type Journal } from '../transaction/journal.ts';
import { UnwritableStateFolder } from '../store/unwritable-state-folder.ts';
import type { Catalogue } from '../i18n/catalogue.ts';
import { type Inventory, takeInventory } from '../inventory/inventory.ts';
import type { Command } from '../programs/command.ts';
import { documentHead, statusRowToJson } from '../report/json.ts';
import { type HooksShown, planToJson, renderPlan } from '../report/plan.ts';
import { printable } from '../report/printable.ts';
import { renderSurvival, type StatusRow, statusRow } from '../report/status-table.ts';
import { wrapText } from '../report/terminal.ts';
import { isHarmless, type StartEffects, startEffects } from '../inventory/start-effects.ts';
import type { Host, Linger } from '../systemd/host/host.ts';
import { type Awaited, bringUp, type KnownBefore, type LookedAt, startCommands } from './bring-up.ts';
import type { ConfiguredTarget } from './configuration.ts';
import { expectYes } from './confirm.ts';
import type { Context } from './context.ts';
import { expectAnswer, expectFree, expectRoot, withFixFailures } from './fix-failure.ts';
import { forgettingUnhooked } from './forget-unhooked.ts';
import { commandFor, type HostOptions, type PlanOptions } from './options.ts';
import { endsSoon, startByHand } from '../i18n/down-command.ts';
import { lastEntries, startAgain, systemctl } from '../i18n/shown-commands.ts';
import { shownManager } from '../report/shown-manager.ts';
import { managerDownLead } from './manager-down.ts';
import { write } from './output.ts';
import { presentTable } from './present-table.ts';
import { Progress } from './progress.ts';
import { doneText, leftAloneToJson, refusedToJson, writeRemainders } from './remainders.ts';
import { journalFor } from './state.ts';
import { openHost } from './targets.ts';
import { version } from './version.ts';

/** Commands and services that are shown and handled together with the plan. */
interface Flow {
  readonly commands: readonly Command[];
  /** The plan for programs; undefined where people read. */
  readonly planned: object | undefined;
  /** Services to restart. */
  readonly restarts: readonly string[];
  /** Services that keep their old settings until a restart. */
  readonly notRestarted: readonly string[];
  /** Services that are down: to be started, and left as they are. */
  readonly starts: readonly string[];
  readonly notStarted: readonly string[];
  readonly known: ReadonlyMap<string, KnownBefore>;
  /** Services that are not started or restarted because of what that would do to others. */
  readonly held: readonly Held[];
  readonly before: ServicesSnapshot;
  readonly hooks: HooksShown;
}

interface Held extends StartEffects {
  readonly unit: string;
  readonly verb: 'start' | 'restart';
}

/** The state of the services at one time. */
interface ServicesSnapshot {
  readonly inventory: Inventory;
  readonly rows: readonly StatusRow[];
  readonly linger: Linger | undefined;
}

/**
 * Shows a plan and carries it out if the user agrees.
 *
 * @param more what the document of `--json` says beside the plan
 * @param hooks with `in-short` the files of hooks are only named, and the table of falls, which hooks do not change, is left out
 * @returns the exit code: 3 when a command failed
 * @throws Failure when the user cannot be asked, another fix is in the way, or the plan could not be carried out
 */
export async function carryOutPlan(
  given: Plan,
  target: ConfiguredTarget,
  options: PlanOptions & HostOptions,
  context: Context,
  more: object = {},
  hooks: HooksShown = 'whole',
): Promise<number> {
  const { catalogue } = context;
  const { inventory } = target;
  const { host } = inventory;
  const before = await snapshotOf(inventory, target.names);
  const active = activeIn(before);
  const running = given.restarts.filter(unit => active.has(unit));
  const down = given.starts ?? [];
  const held = options.restart ? await heldBack(running, down, inventory) : [];
  const isHeld = (unit: string) => held.some(each => each.unit === unit);
  const restarts = options.restart ? running.filter(unit => !isHeld(unit)) : [];
  const notRestarted = options.restart ? [] : running;
  const starts = options.restart ? down.filter(unit => !isHeld(unit)) : [];
  const notStarted = options.restart ? [] : down;
  const known = knownIn(before);
  // Another start alone does not settle what ended each time soon after its start.
  const settling = starts.filter(unit => !endsSoonIn(known, unit));
  const plan = withRuns(given, restarts, settling);
  const commands = [
    ...commandsFor(plan, restarts, host),
    ...starts.flatMap(unit => startCommands(unit, host, known.get(unit)?.downfall?.how)),
  ];
  // It names the files as they are before anything is changed.
  const planned =
    context.format === 'json'
      ? { ...planToJson(plan, host, catalogue), notRestarted, ...(held.length === 0 ? {} : { held }) }
      : undefined;
  const flow: Flow = {
    commands,
    planned,
    restarts,
    notRestarted,
    starts,
    notStarted,
    known,
    held,
    before,
    hooks,
  };
  const isEmpty = plan.files.size === 0 && flow.commands.length === 0;
  const show = async () => {
    if (context.format === 'human') await showPlan(plan, flow, isEmpty, options, context);
  };
  const journal = options.dryRun ? undefined : journalFor(host, context);
  // Also where there is nothing to change: it is not known yet what the interrupted fix leaves.
  if (journal !== undefined) await expectFree(journal, options, catalogue);
  if (journal === undefined || isEmpty) {
    await show();
    if (context.format === 'json') await writeJson(flow, undefined, more, context);
    return held.length > 0 && !options.dryRun ? 3 : 0;
  }
  // With `--yes` the plan is shown later, under the lock, so that a process that is refused does not show its plan first.
  if (!options.yes) await show();
  expectRoot(options, catalogue);
  expectAnswer(host, catalogue);
  const affected = { units: unitsOf(plan), restarted: restarts, broughtUp: starts };
  const prepared = await withFixFailures(options, catalogue, async () => prepareFix(plan, affected, host));
  if (!(await expectYes(options, context))) {
    await write(context.io, `${catalogue.fix.nothingDone}\n`);
    return 0;
  }
  // A stop, and a start that systemd waits for, may take minutes.
  using progress = new Progress(context.quiet || context.format === 'json', context);
  const begin = async () => {
    if (options.yes) await show();
    if (restarts.length === 0) progress.showOnTerminal(seconds => catalogue.fix.carryingOut(seconds));
    else progress.show(seconds => catalogue.fix.restarting(restarts.join(', '), seconds));
  };
  const applied = await withFixFailures(options, catalogue, () =>
    forgettingUnhooked(plan.files.keys(), host, context.targets, context, () =>
      applyPreparedFix(prepared, host, journal, new Date(), begin),
    ),
  );
  const restarted = restarts.filter(unit => !isRefused(unit, applied));
  let awaited: readonly Awaited[] = [...starts, ...restarted].map(unit => ({ unit, port: undefined }));
  if (awaited.length > 0) progress.show(seconds => lookingText(awaited, catalogue, seconds));
  const look = await bringUp({ starts, restarts: restarted, before: known }, host, still => {
    awaited = still;
  });
  const { notUp, runs } = look;
  if (applied.isRecorded && starts.length > 0) await noteRuns(applied.id, runs, journal);
  const isBegun =
    host.manager === undefined &&
    plan.steps.some(({ kind }) => kind === 'enable-linger') &&
    (await host.linger())?.enabled === true;
  if (isBegun) progress.show(seconds => catalogue.fix.awaitingManager(seconds));
  // The old host has cached its folders, so a new one is opened.
  await using hostAfter = await openAfter(isBegun, context);
  progress.clear();
  const after = await snapshotOf(await takeInventory(hostAfter), target.names);
  if (context.format === 'json')
    await writeJson(flow, { ...applied, after, restarted, ...look }, more, context);
  else
    await showApplied(
      applied,
      flow,
      { restarted, ...look, made: plan.made ?? [] },
      after,
      target.configured.policy,
      options,
      context,
    );
  return held.length > 0 || notUp.length > 0 || applied.refused.length > 0 || applied.untouched.length > 0
    ? 3
    : 0;
}

/** An undo that does not know the runs says less of them: that is no reason to fail. */
export async function noteRuns(id: string, runs: LookedAt['runs'], journal: Journal): Promise<void> {
  try {
    await journal.noteRuns(id, runs);
  } catch (error) {
    if (!(error instanceof FixInTheWay || error instanceof UnwritableStateFolder)) throw error;
  }
}

function lookingText(
  awaited: readonly Awaited[],
  { fix, punctuation }: Catalogue,
  seconds: number | undefined,
): string {
  const units = awaited.map(({ unit, port }) => (port === undefined ? unit : fix.untilItListens(unit, port)));
  return fix.lookingAtStarted(units.join(punctuation.list), seconds);
}

/**
 * @param isBegun whether lingering was turned on just now: then logind starts the manager, which takes some seconds to answer (loginctl(1),
 * "enable-linger")
 */
async function openAfter(isBegun: boolean, context: Context): Promise<Host> {
  const endMs = Date.now() + mostAwaitedMs;
  for (;;) {
    const host = await openHost(context.targets, context);
    if (host.kind !== 'live' || host.manager !== undefined || !isBegun || Date.now() >= endMs) return host;
    await host[Symbol.asyncDispose]();
    await setTimeout(200);
  }
}

const mostAwaitedMs = 15_000;

export async function snapshotOf(inventory: Inventory, names: readonly string[]): Promise<ServicesSnapshot> {
  const { host } = inventory;
  const rows: StatusRow[] = [];
  for await (const entry of inventory.services(names)) rows.push(statusRow(entry, inventory));
  return { inventory, rows, linger: host.scope === 'user' ? await host.linger() : undefined };
}

/** Which services a start or restart of would stop others, or start what somebody stopped. What is started anyway does not count. */
async function heldBack(
  restarts: readonly string[],
  starts: readonly string[],
  { loader }: Inventory,
): Promise<readonly Held[]> {
  const held: Held[] = [];
  for (const [verb, units] of [
    ['restart', restarts],
    ['start', starts],
  ] as const) {
    for (const unit of units) {
      const { stops, startsStopped } = await startEffects(unit, loader);
      const effects = { stops, startsStopped: startsStopped.filter(name => !starts.includes(name)) };
      if (!isHarmless(effects)) held.push({ unit, verb, ...effects });
    }
  }
  return held;
}

/** The names of the services that run: a stopped one must not be started by a restart. */
function activeIn({ rows }: ServicesSnapshot): ReadonlySet<string> {
  const active = rows.filter(({ entry }) => entry.live?.activeState === 'active');
  return new Set(active.map(({ entry }) => entry.service.unit.name));
}

/** What is known of each service. */
export function knownIn({ rows }: ServicesSnapshot): ReadonlyMap<string, KnownBefore> {
  return new Map(
    rows.map(({ entry }) => {
      const { downfall, downfallNow, live } = entry;
      // What does not listen before its restart may be meant not to.
      const listener = typeof downfallNow?.port === 'number' ? undefined : entry.listener;
      return [entry.service.unit.name, { invocation: live?.invocation, downfall, listener }];
    }),
  );
}

function endsSoonIn(known: ReadonlyMap<string, KnownBefore>, unit: string): boolean {
  const downfall = known.get(unit)?.downfall;
  return downfall !== undefined && endsSoon(downfall);
}

/** Shows the present state, the plan, and the findings that it leaves. */
async function showPlan(
  plan: Plan,
  { commands, notRestarted, notStarted, known, held, before: { inventory, rows, linger }, hooks }: Flow,
  isEmpty: boolean,
  options: HostOptions,
  context: Context,
): Promise<void> {
  const { io, catalogue, terminal, viewpoint } = context;
  const { host } = inventory;
  await write(io, await managerDownLead(host, context));
  if (hooks === 'whole' && !isEmpty && rows.every(({ falls }) => falls !== undefined)) {
    await write(io, `${renderSurvival(inventory, rows, linger, catalogue, terminal)}\n`);
  }
  const ofDaruma = (words: string) => commandFor(words, options);
  await write(io, renderPlan(plan, host, commands, catalogue, terminal, viewpoint, ofDaruma, hooks));
  // Where a command is named, there is something to do.
  const isNamed = [notStarted, notRestarted, held, plan.onRequest ?? []].some(({ length }) => length > 0);
  if (isEmpty && !isNamed) await write(io, `${catalogue.fix.nothingToDo}\n`);
  const manager = shownManager(host);
  const startOf = (unit: string) => startByHand(manager, unit, known.get(unit)?.downfall);
  for (const { rule, unit } of plan.settled) {
    const downfall = unit === null ? undefined : known.get(unit)?.downfall;
    if (rule !== 'start-limit-gives-up' || unit === null || downfall === undefined || !endsSoon(downfall))
      continue;
    const text = catalogue.fix.triedForEver(unit, downfall.runSeconds ?? 0);
    await write(io, `${textWithCommands(terminal, printable(text), [lastEntries(manager, unit)])}\n`);
  }
  if (notStarted.length > 0) {
    const command = notStarted.map(startOf).join('; ');
    const text = catalogue.fix.notStarted(notStarted.join(', '));
    await write(io, `${textWithCommands(terminal, text, [command])}\n`);
  }
  for (const { unit, verb, stops, startsStopped } of held) {
    const command = verb === 'start' ? startOf(unit) : systemctl(manager, 'restart', unit);
    const text = catalogue.fix.held(verb, unit, stops.join(', '), startsStopped.join(', '));
    await write(io, `${textWithCommands(terminal, text, [command])}\n`);
  }
  if (notRestarted.length > 0) {
    const command = systemctl(manager, 'restart', ...notRestarted);
    await write(
      io,
      `${wrapText(terminal, catalogue.fix.notRestarted(notRestarted.join(', '), command), [0, 2])}\n`,
    );
  }
}

/** The services that were started or restarted, and how they are since. */
interface Runs extends LookedAt {
  readonly restarted: readonly string[];
}

async function showApplied(
  applied: Applied,
  { commands, starts, hooks }: Flow,
  { made, ...ran }: Runs & { readonly made: readonly string[] },
  { inventory, rows, linger }: ServicesSnapshot,
  policy: CheckPolicy,
  options: HostOptions,
  context: Context,
): Promise<void> {
  const { io, catalogue, terminal } = context;
  const { fix } = catalogue;
  const { host } = inventory;
  await write(io, `\n${doneText(applied, commands.length, ran.notUp.length === 0, options, catalogue)}\n`);
  await tellRuns(starts, ran, host, options, context);
  await writeRemainders(applied, context);
  const active = activeIn({ inventory, rows, linger });
  for (const unit of host.manager === undefined ? [] : made) {
    const manager = shownManager(host);
    // A process may be left of an earlier unit of that name.
    const [text, command] = active.has(unit)
      ? [fix.restartIt(unit), systemctl(manager, 'restart', unit)]
      : [fix.startIt(unit), startAgain(manager, unit, false)];
    await write(io, `${textWithCommands(terminal, printable(text), [command])}\n`);
  }
  if (hooks === 'whole')
    await write(io, `\n${await presentTable(inventory, rows, linger, '', policy, context)}`);
}

/** Says of what was started or restarted whether it has stayed up. */
export async function tellRuns(
  starts: readonly string[],
  { restarted, notUp, upSeconds }: Pick<Runs, 'restarted' | 'notUp' | 'upSeconds'>,
  host: Host,
  options: HostOptions,
  { io, terminal, catalogue: { fix } }: Pick<Context, 'io' | 'terminal' | 'catalogue'>,
): Promise<void> {
  const tellOf = async (units: readonly string[], text: (units: string, seconds: number) => string) => {
    const seconds = Math.min(...units.map(unit => upSeconds.get(unit) ?? 0));
    if (units.length > 0) await write(io, `${wrapText(terminal, text(units.join(', '), seconds), [0, 2])}\n`);
  };
  const tellOfFallen = async (units: readonly string[], text: (units: string) => string) => {
    const logs = units.map(unit => lastEntries(shownManager(host), unit));
    if (units.length > 0)
      await write(io, `${textWithCommands(terminal, printable(text(units.join(', '))), logs)}\n`);
  };
  await tellOf(except(restarted, notUp), (units, seconds) => fix.restarted(units, seconds));
  await tellOf(except(starts, notUp), (units, seconds) => fix.startedAndRun(units, seconds));
  const undo = commandFor('undo', options);
  await tellOfFallen(except(notUp, starts), units => fix.restartedAndDown(units, undo));
  await tellOfFallen(except(notUp, restarted), units => fix.startedAndDown(units));
}

function except(units: readonly string[], others: readonly string[]): readonly string[] {
  return units.filter(unit => !others.includes(unit));
}

function isRefused(unit: string, { refused }: Applied): boolean {
  return refused.some(({ command }) => command.operands.includes(unit));
}

async function writeJson(
  { planned, starts, before }: Flow,
  applied: (Applied & Runs & { readonly after: ServicesSnapshot }) | undefined,
  more: object,
  { io, catalogue }: Context,
): Promise<void> {
  const units = ({ inventory, rows }: ServicesSnapshot) =>
    rows.map(row => statusRowToJson(row, inventory, catalogue));
  const { host } = before.inventory;
  const document = {
    ...documentHead(version, host),
    ...more,
    plan: planned,
    before: { linger: before.linger?.enabled ?? null, units: units(before) },
    applied:
      applied === undefined
        ? null
        : {
            id: applied.isRecorded ? applied.id : null,
            ...leftAloneToJson(applied),
            refused: refusedToJson(applied.refused),
            ...(starts.length === 0 ? {} : { started: starts }),
            ...(applied.restarted.length === 0 ? {} : { restarted: applied.restarted }),
            ...(starts.length + applied.restarted.length === 0 ? {} : { notUp: applied.notUp }),
            after: { linger: applied.after.linger?.enabled ?? null, units: units(applied.after) },
          },
  };
  await write(io, `${JSON.stringify(document)}\n`);
}
