/** What a service is for: to run all the time, or to do a job and end. */
import type { ServiceEntry } from '../inventory/inventory.ts';
import type { ServiceFacts } from '../restart/outcome.ts';
import { isMeantToStay } from '../restart/survival.ts';
import type { ServiceSettings } from '../systemd/service-settings.ts';
import type { Unit } from '../systemd/unit.ts';

/**
 * Whether a service should run all the time, so that its end is a fall. Not one that a socket, timer, path or bus name
 * calls when there is something to do, and not a distribution's that nobody can enable and nothing starts at boot
 * (`rescue.service`, `systemd-fsckd.service`): others start that for a while.
 *
 * @param isKnown whether it runs a program that daruma knows to be a server
 */
export function shouldRunAllTheTime(
  entry: ServiceEntry,
  facts: ServiceFacts,
  isKnown: () => boolean,
): boolean {
  if (!isMeantToStay(facts)) return false;
  const { boot, triggers, upheldBy } = facts.surroundings;
  const isRepeated = triggers.some(({ kind }) => kind === 'timer');
  if (endsByItself(facts.settings, isRepeated) && !isKnown()) return false;
  if (boot.started || upheldBy.length > 0) return true;
  if (triggers.length > 0) return false;
  return !(isDistributions(entry.service.unit) && entry.enabled === 'static');
}

/**
 * Whether its end is foreseen: what it has set up stays when its processes are gone, or a timer calls it again; and nobody
 * has asked for a restart (`rpc-statd-notify.service`, `anacron.service`).
 */
function endsByItself({ RemainAfterExit, Restart }: ServiceSettings, isRepeated: boolean): boolean {
  return (RemainAfterExit.value || isRepeated) && Restart.value === 'no';
}

/** Whether a unit's file comes with a package rather than from a person. */
export function isDistributions({ fragment }: Pick<Unit, 'fragment'>): boolean {
  return /^(?:\/usr)?\/lib\//.test(fragment ?? '');
}
