/** Observations of an earlier run, and what a model says of the same units. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Case, installManagerLines, installUnit, labUser, type ManagerLines } from './case.ts';
import { type Comparison, compare } from './compare.ts';
import type { Observation, Place } from './observation.ts';
import { predictorOf } from './prediction.ts';

/** One line of a recording. */
export interface Recorded {
  readonly systemd: number;
  readonly managerLines: ManagerLines;
  readonly case: Case;
  readonly place: Place;
  readonly observation: Observation;
}

/** Reads a recording made by `main.ts --record`. */
export function readRecording(file: string): readonly Recorded[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line): Recorded => JSON.parse(line));
}

/** Predicts the unit anew, in an empty root of its own, and holds that against what was observed. */
export function replay({ systemd, managerLines, case: some, place, observation }: Recorded): Comparison {
  const root = mkdtempSync(join(tmpdir(), 'daruma-replay-'));
  try {
    mkdirSync(join(root, 'home', labUser), { recursive: true });
    installManagerLines(root, managerLines);
    installUnit(root, place.scope, place.unit, some);
    writeFileSync(join(root, 'etc/passwd'), `${labUser}:x:1000:1000::/home/${labUser}:/bin/sh\n`);
    return compare(predictorOf(root, place.scope, systemd)(place.unit, some), observation);
  } finally {
    rmSync(root, { recursive: true });
  }
}
