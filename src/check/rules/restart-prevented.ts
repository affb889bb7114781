import type { OwnEnding } from '../../restart/ending.ts';
import { predictOutcome } from '../../restart/outcome.ts';
import { formatExitStatusSet } from '../../systemd/values/exit-status.ts';
import { sigkill, sigterm } from '../../systemd/values/signal.ts';
import { withoutEnds } from '../restarts.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface RestartPrevented {
  /** The common ends that the list contains: exit statuses and signals, as it writes them. */
  readonly ends: readonly string[];
  /** Whether one of them is exit status 0, with which a program may report that its work is done. */
  readonly mayBeMeant: boolean;
  /** The list without these ends; empty when nothing is left. */
  readonly rest: string;
}

/** A list of ends without a restart that contains ends which happen by accident. */
export const restartPrevented: ServiceRule<'restart-prevented', RestartPrevented> = {
  id: 'restart-prevented',
  severity: 'critical',
  needs: 'units',
  judges: 'service',
  ofMainProcess: true,
  *check(service, { inventory }): Iterable<Fault<RestartPrevented>> {
    const { value: list, source } = service.settings.RestartPreventExitStatus;
    if (!service.isMeantToStay || source === null) return;
    const isPrevented = (ending: OwnEnding) => {
      const { restarts, because } = predictOutcome(service.facts, ending, inventory.machine);
      return !restarts && because.some(({ code }) => code === 'restart-prevented');
    };
    const met = commonEnds.filter(({ ending, alsoBy }) => [ending, ...alsoBy].some(isPrevented));
    if (met.length === 0) return;
    const rest = formatExitStatusSet(withoutEnds(list, met));
    // Only the program itself ends with 0. An uncaught error ends it with 1; the other ends come from outside.
    const mayBeMeant = met.some(({ name }) => name === '0');
    yield {
      source,
      severity: met.some(({ isFall }) => isFall) ? 'critical' : 'warning',
      details: { ends: met.map(({ name }) => name), mayBeMeant, rest },
      changes: mayBeMeant
        ? []
        : [
            {
              kind: 'set',
              unit: service.name,
              section: 'Service',
              key: 'RestartPreventExitStatus',
              values: rest === '' ? [''] : ['', rest],
            },
          ],
    };
  },
};

interface CommonEnd {
  readonly name: string;
  readonly ending: Extract<OwnEnding, { readonly kind: 'exit' | 'signal' }>;
  /** Other endings that lead to the same end. */
  readonly alsoBy: readonly OwnEnding[];
  /** Whether it is a fall of the survival table; the others are what a shell or a runtime makes of signals. */
  readonly isFall: boolean;
}

const commonEnds: readonly CommonEnd[] = [
  { name: '0', ending: { kind: 'exit', status: 0 }, alsoBy: [], isFall: true },
  { name: '1', ending: { kind: 'exit', status: 1 }, alsoBy: [], isFall: true },
  { name: '137', ending: { kind: 'exit', status: 137 }, alsoBy: [], isFall: false },
  { name: '143', ending: { kind: 'exit', status: 143 }, alsoBy: [], isFall: false },
  { name: 'SIGKILL', ending: { kind: 'signal', signal: sigkill }, alsoBy: [{ kind: 'oom' }], isFall: true },
  { name: 'SIGTERM', ending: { kind: 'signal', signal: sigterm }, alsoBy: [], isFall: true },
];
