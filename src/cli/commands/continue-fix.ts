/** `daruma fix --continue`: finishes an interrupted fix. */
import { type Applied, finishFix } from '../../transaction/apply.ts';
import type { FixRecord } from '../../transaction/journal.ts';
import { documentHead } from '../../report/json.ts';
import { readContext } from '../context.ts';
import { forgettingUnhooked } from '../forget-unhooked.ts';
import { expectRoot, withFixFailures } from '../fix-failure.ts';
import type { CommonOptions } from '../options.ts';
import type { Run } from '../io.ts';
import { write } from '../output.ts';
import { doneText, leftAloneToJson, refusedToJson, writeRemainders } from '../remainders.ts';
import { journalFor } from '../state.ts';
import { openHost } from '../targets.ts';
import { version } from '../version.ts';

/** @returns the exit code: 3 when a command failed or a file has been changed since */
export async function continueFix(options: CommonOptions, run: Run): Promise<number> {
  const { catalogue, io } = run;
  const { format, targets } = readContext(options, run);
  expectRoot(options, catalogue);
  await using host = await openHost(targets, run, () => true);
  const journal = journalFor(host, run);
  const applied = await withFixFailures(options, catalogue, async () => {
    const begun = journal.begun();
    const record = begun && journal.record(begun.id);
    if (record === undefined) return undefined;
    const files = record.operations.map(operation => operation.path);
    const finished = await forgettingUnhooked(files, host, targets, run, () =>
      finishFix(record, host, journal),
    );
    return finished && { ...finished, commands: commandsOf(record) };
  });
  await (format === 'json'
    ? write(
        io,
        `${JSON.stringify({
          ...documentHead(version, host),
          continued: applied?.id ?? null,
          ...leftAloneToJson(applied ?? { untouched: [], gone: [] }),
          refused: refusedToJson(applied?.refused ?? []),
        })}\n`,
      )
    : writeContinued(applied, options, run));
  return applied !== undefined && (applied.untouched.length > 0 || applied.refused.length > 0) ? 3 : 0;
}

/** How many commands a fix runs when it changes no file and no unit of its own. */
function commandsOf({ isReloaded, lingering, restarted }: FixRecord): number {
  return (isReloaded ? 1 : 0) + (lingering === null ? 0 : 1) + restarted.length;
}

async function writeContinued(
  applied: (Applied & { readonly commands: number }) | undefined,
  options: CommonOptions,
  run: Run,
): Promise<void> {
  const { io, catalogue } = run;
  if (applied === undefined) {
    await write(io, `${catalogue.fix.nothingInterrupted}\n`);
    return;
  }
  await write(io, `${doneText(applied, applied.commands, true, options, catalogue)}\n`);
  await writeRemainders(applied, run);
}
