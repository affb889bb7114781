import { type HookedService, hookedServices, isHooked, isToHook } from '../hooked-services.ts';
import type { CheckedUnit } from '../checked-unit.ts';
import { type Fault, type HostRule, mostNamed } from '../rule.ts';

export interface HooksLeadNowhere {
  /**
   * `missing`: what the hooks lead to is not there; `earlier`: an earlier daruma has written them; `no-channel`: no channel is
   * configured; `no-hooks`: a channel is configured, and no service has hooks; `unhooked`: others have some, and this service has none.
   */
  readonly problem: 'missing' | 'earlier' | 'no-channel' | 'no-hooks' | 'unhooked';
  /** The services with the hooks, or the one without; empty for `no-hooks`. */
  readonly units: readonly string[];
  /** How many there are in all. */
  readonly count: number;
  /** The program or the unit that is not there; null for the others. */
  readonly missing: string | null;
}

/** Hooks of `daruma notify` whose signs nobody takes or tells, and channels to which no hook leads. */
export const hooksLeadNowhere: HostRule<'hooks-lead-nowhere', HooksLeadNowhere> = {
  id: 'hooks-lead-nowhere',
  severity: 'info',
  worst: 'warning',
  needs: 'machine',
  judges: 'host',
  begin({ inventory, hasChannels }) {
    let isAnyToHook = false;
    const unhooked: string[] = [];
    return {
      see({ entry, name }: CheckedUnit) {
        if (!isToHook(entry)) return;
        isAnyToHook = true;
        if (hasChannels && !isHooked(name, inventory)) unhooked.push(name);
      },
      *faults() {
        const hooked = hookedServices(inventory);
        const missing = Map.groupBy(hooked, service => service.missing);
        for (const [path, services] of missing) {
          if (path !== null) yield { ...fault('missing', services, path), severity: 'warning' };
        }
        const earlier = (missing.get(null) ?? []).filter(({ generation }) => generation === 'earlier');
        if (earlier.length > 0) yield fault('earlier', earlier);
        if (hooked.length > 0 && !hasChannels) yield fault('no-channel', hooked);
        if (hooked.length === 0 && hasChannels && isAnyToHook) yield fault('no-hooks', []);
        if (hooked.length === 0) return;
        for (const unit of unhooked) yield { ...fault('unhooked', [{ unit }]), unit };
      },
    };
  },
};

function fault(
  problem: HooksLeadNowhere['problem'],
  services: readonly Pick<HookedService, 'unit'>[],
  missing: string | null = null,
): Fault<HooksLeadNowhere> & { readonly unit: null } {
  const units = services.slice(0, mostNamed).map(({ unit }) => unit);
  return {
    unit: null,
    source: null,
    details: { problem, units, count: services.length, missing },
    // Only a person may have other hooks written, or a channel.
    changes: [],
  };
}
