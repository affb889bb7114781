import type { LoadProblem } from '../../systemd/unit.ts';
import type { Fault, UnitRule } from '../rule.ts';

export interface UnitLoadError {
  /** Why systemd does not load the unit. */
  readonly problem: Extract<
    LoadProblem,
    { readonly code: 'not-found' | 'alias-loop' | 'syntax' | 'bad-value' | 'refused' }
  >;
}

/** A unit that systemd refuses: what runs keeps running, but nothing can start it again. */
export const unitLoadError: UnitRule<'unit-load-error', UnitLoadError> = {
  id: 'unit-load-error',
  severity: 'critical',
  needs: 'units',
  keepsDown: true,
  judges: 'unit',
  *check({ unit }): Iterable<Fault<UnitLoadError>> {
    const { problem } = unit;
    switch (problem?.code) {
      case 'syntax':
      case 'bad-value':
      case 'refused':
        yield { source: problem.source ?? firstLine(unit.fragment), details: { problem }, changes: [] };
        break;
      case 'not-found':
      case 'alias-loop':
        yield { source: null, details: { problem }, changes: [] };
        break;
      default:
        break;
    }
  },
};

/** The first line of the file, for a problem that no line causes because a line is missing. */
function firstLine(fragment: string | undefined) {
  return fragment === undefined ? null : { file: fragment, line: 1 };
}
