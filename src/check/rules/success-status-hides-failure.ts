import type { OwnEnding } from '../../restart/ending.ts';
import { predictOutcome } from '../../restart/outcome.ts';
import { emptyExitStatusSet, formatExitStatusSet } from '../../systemd/values/exit-status.ts';
import { sigabrt, sigkill, sigsegv } from '../../systemd/values/signal.ts';
import { fallsLeftDown, withoutEnds, withSettings } from '../restarts.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface SuccessStatusHidesFailure {
  /** The failures that the list contains: exit statuses and signals, as it writes them. */
  readonly ends: readonly string[];
  /** The value of Restart= in effect: without the list, it would restart the service after these failures. */
  readonly policy: string;
  /** The list without these failures; empty when nothing is left. */
  readonly rest: string;
}

/** A list of successes that contains failures, so that a policy which restarts after failures ignores them. */
export const successStatusHidesFailure: ServiceRule<
  'success-status-hides-failure',
  SuccessStatusHidesFailure
> = {
  id: 'success-status-hides-failure',
  severity: 'critical',
  needs: 'units',
  judges: 'service',
  ofMainProcess: true,
  *check(service, { inventory: { machine } }): Iterable<Fault<SuccessStatusHidesFailure>> {
    const { facts, settings, falls } = service;
    const { value: list, source } = settings.SuccessExitStatus;
    if (!service.isMeantToStay || source === null) return;
    const unlisted = withSettings(facts, { SuccessExitStatus: emptyExitStatusSet });
    const hidden = failures.filter(({ ending }) => {
      const { restarts, because } = predictOutcome(facts, ending, machine);
      const isListed = because.some(({ code }) => code === 'end-listed');
      return isListed && !restarts && predictOutcome(unlisted, ending, machine).restarts;
    });
    if (hidden.length === 0) return;
    const isFall = hidden.some(end => end.isFall);
    const rest = formatExitStatusSet(withoutEnds(list, hidden));
    yield {
      source,
      severity: isFall ? 'critical' : fallsLeftDown(falls).length > 0 ? 'warning' : 'info',
      details: { ends: hidden.map(({ name }) => name), policy: settings.Restart.value, rest },
      changes: [
        {
          kind: 'set',
          unit: service.name,
          section: 'Service',
          key: 'SuccessExitStatus',
          values: rest === '' ? [''] : ['', rest],
        },
      ],
    };
  },
};

interface FailedEnding {
  readonly name: string;
  readonly ending: Extract<OwnEnding, { readonly kind: 'exit' | 'signal' }>;
  /** Whether it is a fall of the survival table. */
  readonly isFall: boolean;
}

/**
 * Ends with which no program reports success. 143 and similar statuses, for clean signals, do not belong to them. Any
 * other status is the program's own, and a user who lists it knows its meaning.
 */
const failures: readonly FailedEnding[] = [
  { name: '1', ending: { kind: 'exit', status: 1 }, isFall: true },
  { name: '127', ending: { kind: 'exit', status: 127 }, isFall: false },
  { name: '134', ending: { kind: 'exit', status: 134 }, isFall: false },
  { name: '137', ending: { kind: 'exit', status: 137 }, isFall: false },
  { name: '139', ending: { kind: 'exit', status: 139 }, isFall: false },
  { name: '255', ending: { kind: 'exit', status: 255 }, isFall: false },
  { name: 'SIGABRT', ending: { kind: 'signal', signal: sigabrt }, isFall: false },
  { name: 'SIGKILL', ending: { kind: 'signal', signal: sigkill }, isFall: true },
  { name: 'SIGSEGV', ending: { kind: 'signal', signal: sigsegv }, isFall: false },
];
