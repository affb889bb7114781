/** Recordings: observations of an earlier run, to compare with the model again. */
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CaseReport } from './batch.ts';
import { type Case, installManagerLines, installUnit, labUser, type ManagerLines } from './case.ts';
import { type Comparison, compare } from './compare.ts';
import type { Observation, Place } from './observation.ts';
import { type Prediction, predictorOf } from './prediction.ts';

/** One line of a recording: a random unit and its result. */
export type RecordedLine = Recorded | NotRun;

/** A unit that was run. */
export interface Recorded extends Drawn {
  readonly observation: Observation;
}

/** A unit that was left out. */
interface NotRun extends Drawn {
  /** The reason. */
  readonly excluded: string;
}

interface Drawn {
  readonly systemd: number;
  /** The first recordings contain neither the seed nor the units that were left out. */
  readonly seed?: number;
  readonly managerLines: ManagerLines;
  readonly case: Case;
  readonly place: Place;
  /** Whether the unit was run again alone; the first recordings lack it. */
  readonly isRepeated?: boolean;
}

/** The text for a unit that was run again. */
export const runAgain = 'disagreed on a busy host, and was run again alone';

/** Appends the observations of a seed's units to a recording; the file is created when it is missing. */
export function addToRecording(
  file: string,
  seed: number,
  reports: readonly CaseReport[],
  managerLines: ManagerLines,
): void {
  for (const { case: some, place, prediction, excluded, observation, isRepeated } of reports) {
    const drawn = { systemd: prediction.version, seed, managerLines, case: some, place, isRepeated };
    const line: RecordedLine | undefined =
      excluded === undefined ? observation && { ...drawn, observation } : { ...drawn, excluded };
    if (line !== undefined) appendFileSync(file, `${JSON.stringify(line)}\n`);
  }
}

/** The units of a recording that were run. */
export function readRecording(file: string): readonly Recorded[] {
  return readLines(file).filter(wasRun);
}

/** Reads a recording. */
export function readLines(file: string): readonly RecordedLine[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line): RecordedLine => JSON.parse(line));
}

/** Whether the unit of a line was run. */
export function wasRun(line: RecordedLine): line is Recorded {
  return 'observation' in line;
}

interface Replay extends Comparison {
  readonly prediction: Prediction;
}

/** Predicts a unit again, in its own empty root, and compares the prediction with the observation. */
export async function replay({
  systemd,
  managerLines,
  case: some,
  place,
  observation,
}: Recorded): Promise<Replay> {
  const root = mkdtempSync(join(tmpdir(), 'daruma-replay-'));
  try {
    mkdirSync(join(root, 'home', labUser), { recursive: true });
    installManagerLines(root, managerLines);
    installUnit(root, place.scope, place.unit, some);
    writeFileSync(join(root, 'etc/passwd'), `${labUser}:x:1000:1000::/home/${labUser}:/bin/sh\n`);
    const predict = await predictorOf(root, place.scope, systemd);
    const prediction = predict(place.unit, some);
    const { disagreements, skipped } = compare(prediction, observation);
    return { prediction, disagreements, skipped };
  } finally {
    rmSync(root, { recursive: true });
  }
}
