/** `daruma fix --continue`: finishes the fix that was interrupted. */
import { applyFix, type Applied } from '../../fix/apply.ts';
import type { Catalogue } from '../../i18n/catalogue.ts';
import { documentHead } from '../../report/json.ts';
import { readContext } from '../context.ts';
import { commandFor, expectRoot, withFixFailures } from '../fix-failure.ts';
import { write } from '../output.ts';
import type { CommonOptions } from '../program.ts';
import { refusedToJson, writeRemainders } from '../remainders.ts';
import { openJournal } from '../state.ts';
import { openHost } from '../targets.ts';
import { version } from '../version.ts';

/** @returns the exit code: 3 when a command was refused or a file has been changed since */
export async function continueFix(options: CommonOptions, catalogue: Catalogue): Promise<number> {
  const { format, targets } = readContext(options, catalogue);
  expectRoot(options, catalogue);
  const host = await openHost(targets, catalogue);
  try {
    const journal = openJournal(host, catalogue);
    const applied = await withFixFailures(options, catalogue, async () => {
      const begun = journal.begun();
      const record = begun && journal.record(begun.id);
      return record && applyFix(record, host, journal);
    });
    await (format === 'json'
      ? write(
          `${JSON.stringify({
            ...documentHead(version, host),
            continued: applied?.id ?? null,
            untouched: applied?.untouched ?? [],
            refused: refusedToJson(applied?.refused ?? []),
          })}\n`,
        )
      : writeContinued(applied, options, catalogue));
    return applied !== undefined && (applied.untouched.length > 0 || applied.refused.length > 0) ? 3 : 0;
  } finally {
    await host.close();
  }
}

async function writeContinued(
  applied: Applied | undefined,
  options: CommonOptions,
  catalogue: Catalogue,
): Promise<void> {
  const { fix } = catalogue;
  if (applied === undefined) {
    await write(`${fix.nothingInterrupted}\n`);
    return;
  }
  await write(`${fix.done(commandFor(`undo ${applied.id}`, options))}\n`);
  await writeRemainders(applied, catalogue);
}
