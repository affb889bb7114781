import type { Downfall } from '../../inventory/downfall.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface ServiceDown extends Omit<Downfall, 'sinceSeconds'> {
  /** When it went down, in UTC as in ISO 8601, to the second; null when it never ran. */
  readonly since: string | null;
}

/** A service that should run and does not, though nobody stopped it. */
export const serviceDown: ServiceRule<'service-down', ServiceDown> = {
  id: 'service-down',
  severity: 'critical',
  needs: 'manager',
  judges: 'service',
  *check({ entry, name, settings }): Iterable<Fault<ServiceDown>> {
    const { downfall } = entry;
    if (downfall === undefined) return;
    const { how } = downfall;
    // What may have been stopped, may be meant to end, or never ran, is not started without a person: only the command is named.
    const isKnown = how === 'fell' || how === 'gave-up';
    yield {
      source: settings.ExecStart.source,
      ...(isKnown ? {} : { severity: how === 'ended' ? 'warning' : 'info' }),
      details: downDetails(downfall),
      changes: isKnown ? [{ kind: 'start', unit: name }] : [],
    };
  },
};

/** What is said of a service that is down. */
export function downDetails({ how, sinceSeconds, restarts, result, code, status }: Downfall): ServiceDown {
  return { how, since: isoSecond(sinceSeconds), restarts, result, code, status };
}

/** A time in seconds since 1970 as in ISO 8601, to the second. */
export function isoSecond(seconds: number | null): string | null {
  return seconds === null ? null : new Date(seconds * 1000).toISOString().replace('.000', '');
}
