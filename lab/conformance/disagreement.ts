/** Formats a unit about which model and systemd disagree, for the person who looks for the cause. */
import type { CaseReport } from './batch.ts';
import type { ManagerLines } from './case.ts';
import { formatCase } from './scenario.ts';

/** The facts that disagree, and the whole case. */
export function formatDisagreements(
  version: number,
  { place, case: some, comparison }: CaseReport,
  managerLines: ManagerLines,
): string {
  const lines = comparison.disagreements.map(
    ({ what, predicted, observed }) => `  ${what}: predicted ${predicted}, observed ${observed}\n`,
  );
  const head = `--- systemd ${version}, ${place.scope}, ${place.unit} ${managerLines.join(' ')}\n`;
  return `${head}${lines.join('')}${formatCase(some)}\n`;
}
