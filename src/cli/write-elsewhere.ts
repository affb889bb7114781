/** `daruma fix --to DIR`: writes the drop-ins below another folder, for users who keep their configuration in one place. */
import path from 'node:path';
import { contentThere, dropInsBelow, writeThere } from '../fix/elsewhere.ts';
import type { Plan } from '../fix/plan.ts';
import type { Catalogue } from '../i18n/catalogue.ts';
import { documentHead } from '../report/json.ts';
import { leftOutLines, planToJson, unifiedDiff } from '../report/plan.ts';
import { printable } from '../report/printable.ts';
import { withoutSecrets } from '../secrets/redaction.ts';
import type { Host } from '../systemd/host/host.ts';
import { expectYes } from './confirm.ts';
import type { Context } from './context.ts';
import { Failure } from './failure.ts';
import { write } from './output.ts';
import type { PlanOptions } from './options.ts';
import { version } from './version.ts';

/**
 * Writes files that do not exist yet. A file with other content is only overwritten if the user agrees.
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
  const dropIns = dropInsBelow(plan, to).map(({ file, state }) => {
    const before = attempt(file, catalogue, () => contentThere(path.resolve(io.workingDirectory, file)));
    return { file, state, before };
  });
  // Files that already have this content are left as they are.
  const copies = dropIns.filter(({ state, before }) => !before?.equals(state.content));
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
    attempt(file, catalogue, () => writeThere(path.resolve(io.workingDirectory, file), state));
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
    await write(io, `${dropIns.length > 0 ? printable(fix.alreadyIn(to)) : fix.nothingToDo}\n`);
  }
  return 0;
}

/** Runs a task on a file. @throws Failure for an error of the kernel */
function attempt<T>(file: string, { fix }: Catalogue, task: () => T): T {
  try {
    return task();
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new Failure(3, 'not-written', fix.notWritten(file, cause), { where: file, cause: error });
  }
}
