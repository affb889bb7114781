import { isDistributions } from '../../inventory/purpose.ts';
import type { LoadedService } from '../checked-unit.ts';
import type { Change, Fault, ServiceRule } from '../rule.ts';
import { installTargets, targetAtBoot } from '../install-targets.ts';

export interface NotEnabled {
  /** Whether [Install] says what it is to be enabled for. */
  readonly isInstallable: boolean;
  /** What starts services of this manager at boot. */
  readonly target: string;
}

/** A service that should run all the time, and that nothing starts at boot. */
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
    // What is enabled for targets that are not there has a rule of its own, `wanted-by-missing-target`.
    const targets = installTargets(service.unit);
    const { index } = inventory.loader;
    if (targets.length > 0 && targets.every(({ name }) => !index.names.includes(name))) return;
    const isRunning = service.entry.live?.activeState === 'active';
    // That a package brings a service and leaves it off is no fault; that it runs now and not after a reboot is one.
    if (isDistributions(service.unit) && !isRunning) return;
    const { scope } = inventory.host;
    const target = targetAtBoot(scope);
    yield {
      source: service.unit.fragment === undefined ? null : { file: service.unit.fragment, line: 1 },
      severity: isStoppedNow(service) ? 'warning' : 'critical',
      details: { isInstallable: targets.length > 0, target },
      changes: targets.length > 0 ? [enable(service.name)] : [],
    };
  },
};

/** Off and not running: perhaps somebody has put it away. */
function isStoppedNow({ entry }: LoadedService): boolean {
  return entry.live?.activeState === 'inactive';
}

function enable(unit: string): Change {
  return { kind: 'enable', unit };
}
