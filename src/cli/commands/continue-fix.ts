/** `daruma fix --continue`: finishes an interrupted fix, with the starts and restarts that it was asked for. */
import { type Applied, finishFix } from '../../transaction/apply.ts';
import type { FixRecord, Journal } from '../../transaction/journal.ts';
import { takeInventory } from '../../inventory/inventory.ts';
import { documentHead } from '../../report/json.ts';
import type { Host } from '../../systemd/host/host.ts';
import { bringUp, type KnownBefore, type LookedAt } from '../bring-up.ts';
import { type Context, readContext } from '../context.ts';
import { forgettingUnhooked } from '../forget-unhooked.ts';
import { expectRoot, withFixFailures } from '../fix-failure.ts';
import type { CommonOptions } from '../options.ts';
import type { Run } from '../io.ts';
import { write } from '../output.ts';
import { knownIn, noteRuns, snapshotOf, tellRuns } from '../plan-flow.ts';
import { doneText, leftAloneToJson, refusedToJson, writeRemainders } from '../remainders.ts';
import { journalFor } from '../state.ts';
import { openHost } from '../targets.ts';
import { version } from '../version.ts';

/** @returns the exit code: 3 when a command failed, a service has not stayed up, or a file has been changed since */
export async function continueFix(options: CommonOptions, run: Run): Promise<number> {
  const { catalogue, io } = run;
  const context = readContext(options, run);
  const { format, targets } = context;
  expectRoot(options, catalogue);
  await using host = await openHost(targets, run, () => true);
  const journal = journalFor(host, run);
  const applied = await withFixFailures(options, catalogue, async () => {
    const begun = journal.begun();
    const record = begun && journal.record(begun.id);
    if (record === undefined) return undefined;
    const files = record.operations.map(operation => operation.path);
    const before = await runsBefore(record, host);
    const finished = await forgettingUnhooked(files, host, targets, run, () =>
      finishFix(record, host, journal),
    );
    if (finished === undefined) return undefined;
    const ran = await bringUpRest(record, before, finished, host, journal);
    return { ...finished, ...ran, commands: commandsOf(record) };
  });
  await (format === 'json'
    ? write(
        io,
        `${JSON.stringify({
          ...documentHead(version, host),
          continued: applied?.id ?? null,
          ...leftAloneToJson(applied ?? { untouched: [], gone: [] }),
          refused: refusedToJson(applied?.refused ?? []),
          ...(applied === undefined ? {} : runsToJson(applied)),
        })}\n`,
      )
    : writeContinued(applied, host, options, context));
  if (applied === undefined) return 0;
  return applied.untouched.length + applied.refused.length + applied.notUp.length > 0 ? 3 : 0;
}

/** The services that the fix was asked to start or restart, and how they are since. */
interface Ran extends LookedAt {
  readonly starts: readonly string[];
  readonly restarted: readonly string[];
}

/** What is known of the services that the fix is to start or restart; undefined where it is to do neither, or no manager answers. */
async function runsBefore(
  { broughtUp = [], restarted }: FixRecord,
  host: Host,
): Promise<ReadonlyMap<string, KnownBefore> | undefined> {
  const units = [...broughtUp, ...restarted];
  if (units.length === 0 || host.manager === undefined) return undefined;
  return knownIn(await snapshotOf(await takeInventory(host), units));
}

/** Starts what the fix was to start, unless somebody has started or stopped it since, and looks at all of it. */
async function bringUpRest(
  record: FixRecord,
  before: ReadonlyMap<string, KnownBefore> | undefined,
  { id, refused, isRecorded }: Applied,
  host: Host,
  journal: Journal,
): Promise<Ran> {
  if (before === undefined) return { starts: [], restarted: [], notUp: [], upSeconds: new Map(), runs: {} };
  const starts = (record.broughtUp ?? []).filter(unit => before.get(unit)?.downfall !== undefined);
  const isRefused = (unit: string) => refused.some(({ command }) => command.operands.includes(unit));
  const restarted = record.restarted.filter(unit => !isRefused(unit));
  const look = await bringUp({ starts, restarts: restarted, before }, host, () => {});
  if (isRecorded && starts.length > 0) await noteRuns(id, look.runs, journal);
  return { starts, restarted, ...look };
}

function runsToJson({ starts, restarted, notUp }: Ran): object {
  return {
    ...(starts.length === 0 ? {} : { started: starts }),
    ...(restarted.length === 0 ? {} : { restarted }),
    ...(starts.length + restarted.length === 0 ? {} : { notUp }),
  };
}

/** How many commands a fix runs when it changes no file and no unit of its own. */
function commandsOf({ isReloaded, lingering, restarted }: FixRecord): number {
  return (isReloaded ? 1 : 0) + (lingering === null ? 0 : 1) + restarted.length;
}

async function writeContinued(
  applied: (Applied & Ran & { readonly commands: number }) | undefined,
  host: Host,
  options: CommonOptions,
  context: Context,
): Promise<void> {
  const { io, catalogue } = context;
  if (applied === undefined) {
    await write(io, `${catalogue.fix.nothingInterrupted}\n`);
    return;
  }
  const isWell = applied.notUp.length === 0;
  await write(io, `${doneText(applied, applied.commands, isWell, options, catalogue)}\n`);
  await tellRuns(applied.starts, applied, host, options, context);
  await writeRemainders(applied, context);
}
