import { frontService } from '../../systemd/own-units.ts';
import type { Fault, UnitRule } from '../rule.ts';

export interface Masked {
  /** The empty file, or the link to /dev/null. */
  readonly path: string;
}

/** A masked unit: nothing can start it, at boot or by hand. */
export const masked: UnitRule<'masked', Masked> = {
  id: 'masked',
  severity: 'warning',
  needs: 'home',
  judges: 'unit',
  *check({ unit }): Iterable<Fault<Masked>> {
    // Of a front `failover-front` says it.
    if (unit.problem?.code !== 'masked' || unit.name === frontService) return;
    const { path } = unit.problem;
    // Distributions mask units of other packages in this way.
    if (/^(?:\/usr)?\/lib\//.test(path)) return;
    yield { source: { file: path, line: null }, details: { path }, changes: [] };
  },
};
