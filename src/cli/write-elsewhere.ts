/** `daruma fix --to DIR`: the drop-ins below another folder, for a configuration that is kept elsewhere. */
import path from 'node:path';
import { UnwritableLink } from '../transaction/apply.ts';
import { putState, readState, writtenThrough } from '../transaction/file-operation.ts';
import type { Plan } from '../fix/plan.ts';
import type { Catalogue } from '../i18n/catalogue.ts';
import { documentHead } from '../report/json.ts';
import { leftOutLines, planToJson, unifiedDiff } from '../report/plan.ts';
import { printable } from '../report/printable.ts';
import { withoutSecrets } from '../secrets/redaction.ts';
import type { Host } from '../systemd/host/host.ts';
import type { FileState } from '../systemd/host/overlay-files.ts';
import { wholeMachine } from '../systemd/host/tree.ts';
import { expectYes } from './confirm.ts';
import type { Context } from './context.ts';
import { Failure } from './failure.ts';
import type { Run } from './io.ts';
import { write } from './output.ts';
import type { PlanOptions } from './options.ts';
import { version } from './version.ts';

/** A file below the other folder. */
interface Copy {
  readonly file: string;
  readonly state: Extract<FileState, { readonly kind: 'file' }>;
  /** What stands there; undefined where nothing does. */
  readonly before: Buffer | undefined;
}

/**
 * Writes what is not there yet; what is there and says something else is somebody's, and only overwritten when somebody
 * says yes.
 *
 * @returns the exit code
 */
export async function writeElsewhere(
  plan: Plan,
  host: Host,
  to: string,
  options: PlanOptions,
  context: Context,
): Promise<number> {
  const { catalogue, format, terminal, io, viewpoint } = context;
  const { fix } = catalogue;
  const copies = copiesOf(plan, to, context);
  const isOverwriting = copies.some(({ before }) => before !== undefined);
  if (format === 'human' && (options.dryRun || isOverwriting)) {
    for (const { file, before, state } of copies) {
      const texts = [before?.toString('utf8'), state.content.toString('utf8')] as const;
      await write(io, `${unifiedDiff(printable(file), ...texts, terminal, withoutSecrets)}\n\n`);
    }
  }
  if (!options.dryRun && isOverwriting && !(await expectYes(options, context))) {
    await write(io, `${fix.nothingDone}\n`);
    return 0;
  }
  if (format === 'human') {
    for (const block of leftOutLines(plan, host, catalogue, terminal, viewpoint))
      await write(io, `${block}\n\n`);
  }
  const written = options.dryRun ? [] : copies;
  for (const { file, state } of written) {
    attempt(file, catalogue, () => putState(placeOf(file, io), state, wholeMachine));
    if (format === 'human') await write(io, `${printable(fix.wrote(file))}\n`);
  }
  if (format === 'json') {
    const files = written.map(({ file }) => file);
    const document = {
      ...documentHead(version, host),
      plan: planToJson(plan, host, catalogue),
      written: files,
    };
    await write(io, `${JSON.stringify(document)}\n`);
  } else if (copies.length === 0) {
    const isThere = [...plan.files.keys()].some(isDropIn);
    await write(io, `${isThere ? printable(fix.alreadyIn(to)) : fix.nothingToDo}\n`);
  }
  return 0;
}

/** What is to be written; what says the same already is left out. */
function copiesOf(plan: Plan, to: string, { catalogue, io }: Run): readonly Copy[] {
  return [...plan.files].flatMap(([original, state]) => {
    if (state.kind !== 'file' || !isDropIn(original)) return [];
    const file = path.join(to, path.basename(path.dirname(original)), path.basename(original));
    const before = attempt(file, catalogue, () => readState(placeOf(file, io), wholeMachine));
    const text = before.kind === 'file' ? before.content : undefined;
    return text?.equals(state.content) ? [] : [{ file, state, before: text }];
  });
}

/** Where it is written; what is kept elsewhere and linked to goes on being kept there. @throws UnwritableLink */
function placeOf(file: string, { workingDirectory }: Run['io']): string {
  const named = path.resolve(workingDirectory, file);
  const place = writtenThrough(named, wholeMachine);
  if (place === undefined) throw new UnwritableLink(named);
  return place;
}

function isDropIn(file: string): boolean {
  return path.dirname(file).endsWith('.d');
}

/** @throws Failure for what the kernel refuses */
function attempt<T>(file: string, { fix }: Catalogue, task: () => T): T {
  try {
    return task();
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new Failure(3, 'not-written', fix.notWritten(file, cause), { where: file, cause: error });
  }
}
