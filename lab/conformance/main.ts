/**
 * Compares the model with real systemd: predicts and observes random units.
 *
 *   node lab/conformance/main.ts --systemd 252|all --count N --seed S [--batch N] [--shrink] [--verbose] [--record FILE]
 *
 *   node lab/conformance/main.ts report FILE...
 *
 * The second command compares recordings of the first one with the present model, and prints docs/conformance.md. It fails when
 * something disagrees, is left out too often or occurs too rarely. `--record` appends to the file.
 */

import { parseArgs } from 'node:util';
import { labAvailability } from '../availability.ts';
import { preparableVersions } from '../root-file-system.ts';
import { type CaseReport, runPatiently } from './batch.ts';
import type { ManagerLines } from './case.ts';
import { formatDisagreements } from './disagreement.ts';
import { draw } from './draw.ts';
import { addToRecording, readLines, runAgain } from './recording.ts';
import { writeReport } from './report.ts';
import { formatCase } from './scenario.ts';
import { shrink } from './shrink.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
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

const [command, ...files] = positionals;
process.exitCode = (await (command === 'report' ? printReport() : run())) ? 0 : 1;

async function printReport(): Promise<boolean> {
  const { page, faults } = await writeReport(files.flatMap(readLines));
  process.stdout.write(page);
  for (const fault of faults) process.stderr.write(`conformance: ${fault}\n`);
  return faults.length === 0;
}

/** Runs the comparison. Returns true when nothing disagrees. */
async function run(): Promise<boolean> {
  const versions = values.systemd === 'all' ? preparableVersions : values.systemd.split(',').map(Number);
  const missing = labAvailability(versions);
  if (missing.length > 0) {
    process.stderr.write(`conformance: missing on this machine: ${missing.join(', ')}\n`);
    process.exit(3);
  }
  let agreed = true;
  for (const version of versions) agreed = (await runVersion(version)) && agreed;
  return agreed;
}

async function runVersion(systemd: number): Promise<boolean> {
  const [seed, count] = [Number(values.seed), Number(values.count)];
  const reports: CaseReport[] = [];
  for (const { cases, managerLines } of draw({ systemd, seed, count, batchSize: Number(values.batch) })) {
    const batch = await runPatiently(systemd, cases, managerLines);
    if (values.record !== undefined) addToRecording(values.record, seed, batch, managerLines);
    reports.push(...batch);
    const faulty = batch.filter(one => one.comparison.disagreements.length > 0);
    for (const one of faulty) {
      print(systemd, one, managerLines);
      if (values.shrink) await printShrunk(systemd, one, managerLines);
    }
    process.stderr.write(`systemd ${systemd}: ${reports.length}/${count}\n`);
  }
  return summarise(systemd, seed, reports);
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
    ...ran.filter(report => report.isRepeated).map(() => runAgain),
  ];
  for (const [reason, count] of countEach(reasons)) process.stdout.write(`  ${count} x ${reason}\n`);
  return disagreeing.length === 0;
}

function countEach(words: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

/** Shrinks a disagreement and prints it. */
async function printShrunk(version: number, report: CaseReport, managerLines: ManagerLines): Promise<void> {
  const [first] = report.comparison.disagreements;
  if (first === undefined) return;
  const smallest = await shrink(version, report.case, managerLines, first.what, report.place.scope);
  process.stdout.write(`--- shrunk: ${first.what}\n${formatCase(smallest)}\n`);
}

function print(version: number, report: CaseReport, managerLines: ManagerLines): void {
  process.stdout.write(formatDisagreements(version, report, managerLines));
  if (!values.verbose) return;
  for (const event of report.observation?.events ?? []) process.stdout.write(`  ${JSON.stringify(event)}\n`);
  for (const note of report.observation?.notes ?? []) process.stdout.write(`  ${JSON.stringify(note)}\n`);
}
