/** The random units of a seed, in batches for one host. */
import fc from 'fast-check';
import { anyCase, anyManagerLines } from './arbitrary.ts';
import type { Case, ManagerLines } from './case.ts';

export interface Batch {
  readonly cases: readonly Case[];
  readonly managerLines: ManagerLines;
}

export interface Draw {
  readonly systemd: number;
  readonly seed: number;
  readonly count: number;
  /** The most units in a batch. */
  readonly batchSize: number;
}

/** Generates units: the same ones for the same seed and version, different ones for each version. */
export function draw({ systemd, seed, count, batchSize }: Draw): readonly Batch[] {
  const own = seed * 1_000 + systemd;
  const cases = fc.sample(anyCase, { seed: own, numRuns: count });
  // Type=idle waits until its manager has no other jobs, so a batch has few units beside idle ones.
  const batches = [
    ...chunks(
      cases.filter(some => !isIdle(some)),
      batchSize,
    ),
    ...chunks(cases.filter(isIdle), 8),
  ];
  const managers = fc.sample(anyManagerLines, { seed: own, numRuns: batches.length });
  return batches.map((some, index) => ({ cases: some, managerLines: managers[index] ?? [] }));
}

function isIdle({ fragment, dropIns }: Case): boolean {
  return /^Type=idle$/m.test(fragment + Object.values(dropIns).join(''));
}

function chunks<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  );
}
