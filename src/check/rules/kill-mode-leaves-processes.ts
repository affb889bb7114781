import { isDistributions } from '../../inventory/purpose.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface KillModeLeavesProcesses {
  readonly mode: 'process' | 'none';
}

/** A stop that leaves processes of the service running: they keep its port and its files, which the next start needs. */
export const killModeLeavesProcesses: ServiceRule<'kill-mode-leaves-processes', KillModeLeavesProcesses> = {
  id: 'kill-mode-leaves-processes',
  severity: 'warning',
  needs: 'units',
  judges: 'service',
  *check({ name, unit, settings, isMeantToStay, known }): Iterable<Fault<KillModeLeavesProcesses>> {
    const { value: mode, source } = settings.KillMode;
    if (!isMeantToStay || (mode !== 'process' && mode !== 'none')) return;
    // Packages set it on purpose: the sessions of sshd and the jobs of cron keep running while the service is
    // restarted.
    if (mode === 'process' && isDistributions(unit)) return;
    // A service with delegated control groups (a container runtime, for example) manages the processes in them itself.
    if (
      unit.assignments
        .get('Service', 'Delegate')
        .some(({ value }) => !/^(?:no|n|false|f|off|0)$/i.test(value))
    ) {
      return;
    }
    yield {
      source,
      details: { mode },
      // A user may want to keep sessions or jobs running; for these programs it is known that no process should stay.
      changes:
        known === undefined
          ? []
          : [{ kind: 'set', unit: name, section: 'Service', key: 'KillMode', values: ['mixed'] }],
    };
  },
};
