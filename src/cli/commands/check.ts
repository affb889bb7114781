/** `daruma check`: what will bring services down or keep them down. */
import { check as runRules, type CheckResult } from '../../check/engine.ts';
import { defaultPolicy } from '../../check/policy.ts';
import { severities, type Severity } from '../../check/rule.ts';
import type { Catalogue, CheckCounts } from '../../i18n/catalogue.ts';
import { renderFindings } from '../../report/findings.ts';
import { documentHead, findingToJson } from '../../report/json.ts';
import { shortLocation } from '../../report/words.ts';
import { type Context, readContext } from '../context.ts';
import { badInput } from '../failure.ts';
import { write, writeDocument } from '../output.ts';
import type { CommonOptions } from '../program.ts';
import { noServices, openTargets, type Target } from '../targets.ts';
import { version } from '../version.ts';

interface CheckOptions extends CommonOptions {
  readonly failOn?: string;
}

/** @returns the exit code: 1 when something at or above `--fail-on` was found */
export async function check(
  given: readonly string[],
  options: CheckOptions,
  catalogue: Catalogue,
): Promise<number> {
  const context = readContext(options, catalogue);
  const failOn = readSeverity(options.failOn ?? 'warning', catalogue);
  const targets = await openTargets(given, context.targets, catalogue);
  const counts = new Counts();
  try {
    await (context.format === 'json'
      ? showJson(targets, counts, context)
      : showFindings(targets, counts, context));
  } finally {
    for (const { inventory } of targets) await inventory.host.close();
  }
  return severities.slice(severities.indexOf(failOn)).some(severity => counts[severity] > 0) ? 1 : 0;
}

class Counts implements CheckCounts {
  units = 0;
  critical = 0;
  warning = 0;
  info = 0;
  suppressed = 0;

  add({ unit, findings, suppressed }: CheckResult): void {
    if (unit !== undefined) this.units += 1;
    for (const { severity } of findings) this[severity] += 1;
    this.suppressed += suppressed.length;
  }
}

/** Checks one target, counts what comes out, and tells of comments that accept nothing. */
async function* resultsOf(
  { inventory, names }: Target,
  counts: Counts,
  { catalogue, quiet }: Context,
): AsyncIterable<CheckResult> {
  for await (const result of runRules(inventory, names, defaultPolicy)) {
    counts.add(result);
    if (!quiet) {
      for (const { rule, source } of result.unknownSuppressions) {
        process.stderr.write(`${shortLocation(source)}: ${catalogue.check.unknownRule(rule)}\n`);
      }
    }
    yield result;
  }
}

async function showFindings(targets: readonly Target[], counts: Counts, context: Context): Promise<void> {
  const { catalogue, terminal } = context;
  for (const target of targets) {
    if (target.names.length === 0) await write(`${noServices(target.folder, catalogue)}\n`);
    for await (const result of resultsOf(target, counts, context)) {
      const text = renderFindings(result, target.inventory, catalogue, terminal);
      if (text !== '') await write(`${text}\n`);
    }
  }
  if (counts.units > 0) await write(`${catalogue.check.summary(counts)}\n`);
}

async function showJson(targets: readonly Target[], counts: Counts, context: Context): Promise<void> {
  const head = documentHead(version, targets[0]?.inventory.host);
  await writeDocument(head, 'findings', findingsToJson(targets, counts, context), () => ({
    summary: { ...counts },
  }));
}

async function* findingsToJson(
  targets: readonly Target[],
  counts: Counts,
  context: Context,
): AsyncIterable<object> {
  for (const target of targets) {
    for await (const { findings } of resultsOf(target, counts, context)) {
      for (const finding of findings) yield findingToJson(finding, target.inventory, context.catalogue);
    }
  }
}

function readSeverity(text: string, { errors }: Catalogue): Severity {
  const severity = severities.find(known => known === text);
  if (severity !== undefined) return severity;
  throw badInput('bad-choice', errors.badChoice('--fail-on', text, severities.join(', ')), '--fail-on');
}
