/** How many findings there are in all, by severity. */
import type { CheckResult } from '../../check/engine.ts';
import type { CheckCounts } from '../../i18n/catalogue.ts';

/** Adds up results as they come in. */
export class Counts implements CheckCounts {
  units = 0;
  critical = 0;
  warning = 0;
  info = 0;
  suppressed = 0;
  alike?: number;

  add({ unit, findings, suppressed }: CheckResult): void {
    if (unit !== undefined) this.units += 1;
    for (const { severity, alike = 0 } of findings) {
      this[severity] += 1;
      if (alike > 0) this.alike = (this.alike ?? 0) + alike;
    }
    for (const { finding } of suppressed) this.suppressed += 1 + (finding.alike ?? 0);
  }
}
