import { isDistributions } from '../../inventory/purpose.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface KillModeLeavesProcesses {
  readonly mode: 'process' | 'none';
}

/** A stop that leaves processes of the service behind: they keep its port and its files, and the next start meets them. */
export const killModeLeavesProcesses: ServiceRule<'kill-mode-leaves-processes', KillModeLeavesProcesses> = {
  id: 'kill-mode-leaves-processes',
  severity: 'warning',
  needs: 'units',
  judges: 'service',
  *check({ name, unit, settings, isMeantToStay, known }): Iterable<Fault<KillModeLeavesProcesses>> {
    const { value: mode, source } = settings.KillMode;
    if (!isMeantToStay || (mode !== 'process' && mode !== 'none')) return;
    // Packages mean it: the sessions of sshd and the jobs of cron go on while it is restarted.
    if (mode === 'process' && isDistributions(unit)) return;
    // What is given its own control groups (containers, say) looks after the processes in them.
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
      // Somebody may mean to keep sessions or jobs running; of these programs it is known that nothing is to stay.
      changes:
        known === undefined
          ? []
          : [{ kind: 'set', unit: name, section: 'Service', key: 'KillMode', values: ['mixed'] }],
    };
  },
};
