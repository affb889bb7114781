import { isDistributions } from '../../inventory/purpose.ts';
import type { LoadedService } from '../checked-unit.ts';
import type { Change, Fault, ServiceRule } from '../rule.ts';
import { installTargets, targetAtBoot } from '../../systemd/install-targets.ts';
import { startsOf } from '../starts.ts';

export interface NotEnabled {
  /** Whether [Install] names a target that the service can be enabled for. */
  readonly isInstallable: boolean;
  /** The target that starts services of this manager at boot. */
  readonly target: string;
}

/** A service that should run all the time, but that nothing starts at boot. */
export const notEnabled: ServiceRule<'not-enabled', NotEnabled> = {
  id: 'not-enabled',
  severity: 'warning',
  worst: 'critical',
  needs: 'home',
  judges: 'service',
  *check(service, { inventory }): Iterable<Fault<NotEnabled>> {
    const { boot, upheldBy, triggers } = service.facts.surroundings;
    if (!service.isMeantToStay || boot.started || boot.why !== 'not-enabled') return;
    if (upheldBy.length > 0 || triggers.length > 0) return;
    // A service that is enabled for a target which does not exist is reported by `wanted-by-missing-target`.
    const targets = installTargets(service.unit);
    const { index } = inventory.loader;
    if (targets.length > 0 && targets.every(({ name }) => !index.names.includes(name))) return;
    const isRunning = service.entry.live?.activeState === 'active';
    // A package may install a service without enabling it. It is a fault when the service runs now and would not run
    // after a reboot.
    if (isDistributions(service.unit) && !isRunning) return;
    const { scope } = inventory.host;
    const target = targetAtBoot(scope);
    yield {
      source: service.unit.fragment === undefined ? null : { file: service.unit.fragment, line: 1 },
      severity: isStoppedNow(service) ? 'warning' : 'critical',
      details: { isInstallable: targets.length > 0, target },
      changes: targets.length > 0 ? [enable(service.name), ...startsOf(service, 'planned')] : [],
    };
  },
};

/** Whether the service is not running now. If it is not enabled either, the user may have put it aside on purpose. */
function isStoppedNow({ entry }: LoadedService): boolean {
  return entry.live?.activeState === 'inactive';
}

function enable(unit: string): Change {
  return { kind: 'enable', unit };
}
