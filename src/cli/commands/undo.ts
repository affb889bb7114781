/** `daruma undo`: takes a fix back. */
import { undoFix } from '../../fix/apply.ts';
import type { FixRecord, Journal } from '../../fix/journal.ts';
import { relocated } from '../../fix/relocated.ts';
import type { Catalogue } from '../../i18n/catalogue.ts';
import { documentHead } from '../../report/json.ts';
import { printable } from '../../report/printable.ts';
import type { Host } from '../../systemd/host/host.ts';
import { type Context, readContext } from '../context.ts';
import { badInput } from '../failure.ts';
import type { Io, Run } from '../io.ts';
import { write } from '../output.ts';
import { expectRoot, withFixFailures } from '../fix-failure.ts';
import type { CommonOptions } from '../program.ts';
import { refusedToJson, writeRemainders } from '../remainders.ts';
import { openJournal } from '../state.ts';
import { openHost } from '../targets.ts';
import { version } from '../version.ts';

interface UndoOptions extends CommonOptions {
  readonly list?: true;
}

/** @returns the exit code: 3 when a command was refused or a file has been changed since */
export async function undo(id: string | undefined, options: UndoOptions, run: Run): Promise<number> {
  const { catalogue, io } = run;
  const context = readContext(options, run);
  expectRoot(options, catalogue);
  const host = await openHost(context.targets, run);
  try {
    const journal = openJournal(host, run);
    return await withFixFailures(options, catalogue, async () => {
      if (options.list) return list(journal, host, context);
      const record = chosen(journal, id, catalogue);
      if (record !== undefined) return takeBack(record, journal, host, context);
      await (context.format === 'json'
        ? writeJson(io, host, { undone: null, restored: [], untouched: [], refused: [] })
        : write(io, `${catalogue.fix.nothingToUndo}\n`));
      return 0;
    });
  } finally {
    await host.close();
  }
}

/** The one that was named, else the last that has not been taken back. */
function chosen(journal: Journal, id: string | undefined, { fix }: Catalogue): FixRecord | undefined {
  if (id === undefined) {
    for (const known of journal.ids().toReversed()) {
      const record = journal.record(known);
      if (record?.phase !== 'undone') return record;
    }
    return undefined;
  }
  const record = journal.record(id);
  if (record === undefined) {
    throw badInput('unknown-fix', fix.unknownFix(id), id, 'daruma undo --list');
  }
  return record;
}

async function takeBack(record: FixRecord, journal: Journal, host: Host, context: Context): Promise<number> {
  const { catalogue, format, io } = context;
  if (journal.isCarried(record.id) && format === 'human') {
    const { operations } = relocated(record, host);
    const paths = operations.map(({ path }) => `  ${printable(path)}`);
    await write(io, `${[catalogue.fix.recordFromThere(record.id), ...paths].join('\n')}\n`);
  }
  const { restored, untouched, refused } = await undoFix(record, host, journal);
  if (format === 'json') {
    await writeJson(io, host, {
      undone: record.id,
      restored,
      untouched,
      refused: refusedToJson(refused),
    });
  } else {
    await write(io, `${catalogue.fix.undone(record.id, restored.length)}\n`);
    await writeRemainders({ untouched, refused }, context);
  }
  return untouched.length > 0 || refused.length > 0 ? 3 : 0;
}

async function list(journal: Journal, host: Host, { catalogue, format, io }: Context): Promise<number> {
  const records = journal.ids().flatMap(id => journal.record(id) ?? []);
  if (format === 'json') {
    const fixes = records.map(({ id, phase, units }) => ({ id, phase, units }));
    await writeJson(io, host, { fixes });
    return 0;
  }
  if (records.length === 0) await write(io, `${catalogue.fix.nothingToUndo}\n`);
  for (const { id, phase, units } of records) {
    await write(io, `${printable(`${id}  ${catalogue.fix.phases[phase]}  ${units.join(' ')}`)}\n`);
  }
  return 0;
}

async function writeJson(io: Io, host: Host, more: object): Promise<void> {
  await write(io, `${JSON.stringify({ ...documentHead(version, host), ...more })}\n`);
}
