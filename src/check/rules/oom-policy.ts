import type { Fault, ServiceRule } from '../rule.ts';

export interface OomPolicy {
  /** As its makers write it. */
  readonly service: string;
  readonly policy: 'stop' | 'kill';
  /** Whether that is systemd's own default, or the manager's. */
  readonly isDefault: boolean;
  /** Whether Restart= brings the service back afterwards. */
  readonly getsUp: boolean;
}

/** A command that a service runs for somebody is killed for lack of memory, and the whole service with it. */
export const oomPolicy: ServiceRule<'oom-policy', OomPolicy> = {
  id: 'oom-policy',
  severity: 'warning',
  needs: 'units',
  judges: 'service',
  *check(service, { inventory }): Iterable<Fault<OomPolicy>> {
    const { known, settings, falls, isMeantToStay } = service;
    if (!isMeantToStay || known?.service.pitfalls.runsCommands !== true) return;
    // Where systemd does not learn of the kill, its policy is never asked.
    if (inventory.machine.cgroups === 'legacy' || !settings.MemoryAccounting.value) return;
    const { value: policy, source } = settings.OOMPolicy;
    if (policy === 'continue') return;
    const isDefault = service.unit.assignments.last('Service', 'OOMPolicy') === undefined;
    yield {
      source: (isDefault ? null : source) ?? known.program.command.source,
      details: { service: known.service.name, policy, isDefault, getsUp: falls.oom.getsUp !== false },
      // A kill of the main process is then a SIGKILL like any other: no change where that would leave it down.
      changes:
        falls.sigkill.getsUp === false && falls.oom.getsUp !== false
          ? []
          : [
              {
                kind: 'set',
                unit: service.name,
                section: 'Service',
                key: 'OOMPolicy',
                values: ['continue'],
              },
            ],
    };
  },
};
