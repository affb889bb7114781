/** What a unit itself sets for the network that its service is in. */
import type { LoadedService } from './checked-unit.ts';
import { parseBoolean } from '../systemd/values/boolean.ts';

/**
 * Whether the service has a network of its own, in which no other service can take its ports (systemd.exec(5)
 * "PrivateNetwork=").
 */
export function hasOwnNetwork({ unit }: LoadedService): boolean {
  const { assignments } = unit;
  const isPrivate = parseBoolean(assignments.last('Service', 'PrivateNetwork')?.value ?? 'no');
  return isPrivate === true || assignments.last('Service', 'NetworkNamespacePath') !== undefined;
}

/**
 * Whether a filter of the unit keeps other machines out. A user manager may not load such filters: the settings have no
 * effect there (systemd.resource-control(5) "IPAddressAllow=").
 */
export function filtersAddresses({ unit, facts }: LoadedService): boolean {
  const filters = ['IPAddressDeny', 'RestrictNetworkInterfaces'];
  return (
    facts.surroundings.scope === 'system' &&
    filters.some(key => unit.assignments.get('Service', key).length > 0)
  );
}
