/** What a service is for: to run all the time, or to do a job and end. */
import type { Machine } from '../restart/fall.ts';
import { type ServiceFacts, upholderOf } from '../restart/outcome.ts';
import { recogniseService } from '../services/index.ts';
import { readProgram } from '../services/program.ts';
import type { Host } from '../systemd/host/host.ts';
import type { Unit } from '../systemd/unit.ts';
import type { Inventory, ServiceEntry } from './inventory.ts';

/**
 * Whether a service should run all the time, so that its end is a fall. Not a oneshot, and not one that a socket, timer,
 * path or bus name calls when there is something to do; nor a distribution's that nobody can enable and nothing starts at
 * boot (`rescue.service`, `systemd-fsckd.service`): others start that for a while. False for one that is not loaded.
 */
export function isMeantToStay(entry: ServiceEntry, host: Host): boolean {
  const { facts } = entry;
  if (facts === undefined || facts.settings.Type.value === 'oneshot') return false;
  const { boot, triggers, upheldBy } = facts.surroundings;
  if (endsByItself(facts) && !runsKnownServer(entry, host)) return false;
  if (boot.started || upheldBy.length > 0) return true;
  if (triggers.length > 0) return false;
  return !(isDistributions(entry.service.unit) && entry.enabled === 'static');
}

/** What a service is for, and what starts it. */
export interface Purpose {
  readonly isMeantToStay: boolean;
  /** Names of the units that start it when it is down and `Restart=` does not: a timer its job, a socket what it calls. */
  readonly startedBy: readonly string[];
}

/** What is known of its purpose; of what is not loaded nothing is, so that its end is a fall. */
export function purposeOf(
  entry: ServiceEntry,
  { host, machine }: Pick<Inventory, 'host' | 'machine'>,
): Purpose {
  const { facts } = entry;
  if (facts === undefined) return unknownPurpose;
  return { isMeantToStay: isMeantToStay(entry, host), startedBy: startersOf(facts, machine) };
}

export const unknownPurpose: Purpose = { isMeantToStay: true, startedBy: [] };

function startersOf({ surroundings }: ServiceFacts, machine: Machine): readonly string[] {
  const upholder = upholderOf(surroundings, machine);
  if (upholder !== undefined) return [upholder.unit];
  return surroundings.triggers.filter(({ active }) => active).map(({ name }) => name);
}

/**
 * Whether its end is foreseen: what it has set up stays when its processes are gone, or a timer calls it again; and nobody
 * has asked for a restart (`rpc-statd-notify.service`, `anacron.service`).
 */
function endsByItself({ settings: { RemainAfterExit, Restart }, surroundings }: ServiceFacts): boolean {
  const isRepeated = surroundings.triggers.some(({ kind }) => kind === 'timer');
  return (RemainAfterExit.value || isRepeated) && Restart.value === 'no';
}

/** Whether daruma knows what it runs, and so that it is a server. */
function runsKnownServer({ service: { unit, settings } }: ServiceEntry, host: Host): boolean {
  const program = settings && readProgram(unit, settings, host);
  return program !== undefined && recogniseService(program) !== undefined;
}

/** Whether a unit's file comes with a package rather than from a person. */
export function isDistributions({ fragment }: Pick<Unit, 'fragment'>): boolean {
  return /^(?:\/usr)?\/lib\//.test(fragment ?? '');
}
