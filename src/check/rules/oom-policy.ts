import { memoryHindrance } from '../memory.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface OomPolicy {
  /** The program's name as its makers write it. */
  readonly service: string;
  readonly policy: 'stop' | 'kill';
  /** Whether the policy is the default of systemd or of the manager. */
  readonly isDefault: boolean;
  /** Whether Restart= starts the service again afterwards. */
  readonly getsUp: boolean;
}

/**
 * A service that runs commands for others: when the kernel kills one of them for lack of memory, systemd stops the
 * whole service.
 */
export const oomPolicy: ServiceRule<'oom-policy', OomPolicy> = {
  id: 'oom-policy',
  severity: 'warning',
  needs: 'units',
  judges: 'service',
  *check(service, { inventory }): Iterable<Fault<OomPolicy>> {
    const { known, settings, falls, isMeantToStay } = service;
    if (!isMeantToStay || known?.service.pitfalls.runsCommands !== true) return;
    // Where systemd does not notice the kill, its policy has no effect.
    if (inventory.machine.cgroups === 'legacy' || !settings.MemoryAccounting.value) return;
    if (memoryHindrance(inventory.loader) !== undefined) return;
    const { value: policy, source } = settings.OOMPolicy;
    if (policy === 'continue') return;
    const isDefault = service.unit.assignments.last('Service', 'OOMPolicy') === undefined;
    yield {
      source: (isDefault ? null : source) ?? known.program.command.source,
      details: { service: known.service.name, policy, isDefault, getsUp: falls.oom.getsUp !== false },
      // A kill of the main process then ends it with SIGKILL: no change is proposed when the service would stay down
      // after that.
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
