/**
 * The model against real systemd: random units, predicted and observed.
 *
 *   node lab/conformance/main.ts --systemd 252|all --count N --seed S [--batch N] [--shrink] [--verbose] [--record FILE]
 *
 * A recording is what `mutants.ts` holds wrong models against.
 */
import { appendFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { labAvailability } from '../availability.ts';
import { preparableVersions } from '../root-file-system.ts';
import { anyCase, anyManagerLines } from './arbitrary.ts';
import { type CaseReport, runBatchOf } from './batch.ts';
import type { Case, ManagerLines } from './case.ts';
import type { Recorded } from './recording.ts';
import { formatCase } from './scenario.ts';
import { shrink } from './shrink.ts';

const { values } = parseArgs({
  options: {
    systemd: { type: 'string', default: 'all' },
    count: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1e9) },
    record: { type: 'string' },
    shrink: { type: 'boolean', default: false },
    batch: { type: 'string', default: '60' },
    verbose: { type: 'boolean', default: false },
  },
});

const versions = values.systemd === 'all' ? preparableVersions : values.systemd.split(',').map(Number);
const missing = labAvailability(versions);
if (missing.length > 0) {
  process.stderr.write(`conformance: missing on this machine: ${missing.join(', ')}\n`);
  process.exit(3);
}
let failed = false;
for (const version of versions) failed = (await runVersion(version)) || failed;
process.exitCode = failed ? 1 : 0;

async function runVersion(version: number): Promise<boolean> {
  const seed = Number(values.seed);
  // Other units for each version: the same ones would be found right again.
  const cases = fc.sample(anyCase, { seed: seed * 1_000 + version, numRuns: Number(values.count) });
  // Type=idle waits until its manager has nothing else to start: those have to be nearly alone.
  const isIdle = (some: Case) => /^Type=idle$/m.test(some.fragment + Object.values(some.dropIns).join(''));
  const batches = [
    ...chunks(
      cases.filter(some => !isIdle(some)),
      Number(values.batch),
    ),
    ...chunks(cases.filter(isIdle), 8),
  ];
  const reports: CaseReport[] = [];
  const managers = fc.sample(anyManagerLines, { seed: seed * 1_000 + version, numRuns: batches.length });
  for (const [index, some] of batches.entries()) {
    const managerLines = managers[index] ?? [];
    const batch = await runBatchOf(version, some, managerLines);
    if (values.record !== undefined) record(values.record, batch, managerLines);
    reports.push(...batch);
    const faulty = batch.filter(report => report.comparison.disagreements.length > 0);
    for (const report of faulty) {
      print(version, report, managerLines);
      if (values.shrink) await printShrunk(version, report, managerLines);
    }
    process.stderr.write(`systemd ${version}: ${reports.length}/${cases.length}\n`);
  }
  return summarise(version, seed, reports);
}

function record(file: string, reports: readonly CaseReport[], managerLines: ManagerLines): void {
  for (const { case: some, place, prediction, excluded, observation } of reports) {
    if (excluded !== undefined || observation === undefined) continue;
    const recorded: Recorded = { systemd: prediction.version, managerLines, case: some, place, observation };
    appendFileSync(file, `${JSON.stringify(recorded)}\n`);
  }
}

function summarise(version: number, seed: number, reports: readonly CaseReport[]): boolean {
  const ran = reports.filter(report => report.excluded === undefined);
  const disagreeing = ran.filter(report => report.comparison.disagreements.length > 0);
  const undetermined = ran.filter(report => report.prediction.loaded?.timeline.givesUp === 'undetermined');
  process.stdout.write(
    `systemd ${version}, seed ${seed}: ${reports.length} units, ${ran.length - disagreeing.length} agree, ` +
      `${disagreeing.length} disagree, ${reports.length - ran.length} not run, ${undetermined.length} undetermined\n`,
  );
  const reasons = [
    ...reports.flatMap(report => report.excluded ?? []),
    ...ran.flatMap(report => report.comparison.skipped),
  ];
  for (const [reason, count] of countEach(reasons)) process.stdout.write(`  ${count} x ${reason}\n`);
  return disagreeing.length > 0;
}

function chunks<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  );
}

function countEach(words: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

/** A disagreement as small as it gets. */
async function printShrunk(version: number, report: CaseReport, managerLines: ManagerLines): Promise<void> {
  const [first] = report.comparison.disagreements;
  if (first === undefined) return;
  const smallest = await shrink(version, report.case, managerLines, first.what, report.place.scope);
  process.stdout.write(`--- shrunk: ${first.what}\n${formatCase(smallest)}\n`);
}

function print(version: number, report: CaseReport, managerLines: ManagerLines): void {
  const lines = report.comparison.disagreements.map(
    ({ what, predicted, observed }) => `  ${what}: predicted ${predicted}, observed ${observed}\n`,
  );
  process.stdout.write(
    `--- systemd ${version}, ${report.place.scope}, ${report.place.unit} ${managerLines.join(' ')}\n${lines.join('')}`,
  );
  process.stdout.write(`${formatCase(report.case)}\n`);
  if (!values.verbose) return;
  for (const event of report.observation?.events ?? []) process.stdout.write(`  ${JSON.stringify(event)}\n`);
  for (const note of report.observation?.notes ?? []) process.stdout.write(`  ${JSON.stringify(note)}\n`);
}
