/** What a service is for: to run all the time, or to do a job and end. */
import type { Machine } from '../restart/fall.ts';
import { type ServiceFacts, upholderOf } from '../restart/outcome.ts';
import type { RecognisedService } from '../services/index.ts';
import type { Service } from '../systemd/service.ts';
import type { Unit } from '../systemd/unit.ts';

/** What shows what a service is for. */
export interface PurposeEvidence {
  readonly service: Service;
  /** Undefined when systemd does not load the unit. */
  readonly facts: ServiceFacts | undefined;
  /** As `systemctl is-enabled` words it; undefined where there is no unit file. */
  readonly enabled: string | undefined;
  /** Which of the services daruma knows it is. */
  readonly known: RecognisedService | undefined;
}

/** What a service is for, and what starts it. */
export interface Purpose {
  readonly isMeantToStay: boolean;
  /** Names of the units that start it when it is down and `Restart=` does not: a timer its job, a socket what it calls. */
  readonly startedBy: readonly string[];
}

/** @returns undefined where systemd does not load the service */
export function purposeOf(evidence: PurposeEvidence, machine: Machine): Purpose | undefined {
  const { facts } = evidence;
  if (facts === undefined) return undefined;
  return { isMeantToStay: isMeantToStay(evidence, facts), startedBy: startersOf(facts, machine) };
}

/**
 * Whether a service should run all the time, so that its end is a fall. Not a oneshot, and not one that a socket, timer,
 * path or bus name calls when there is something to do; nor a distribution's that nobody can enable and nothing starts at
 * boot (`rescue.service`, `systemd-fsckd.service`): others start that for a while.
 */
function isMeantToStay(evidence: PurposeEvidence, facts: ServiceFacts): boolean {
  if (facts.settings.Type.value === 'oneshot') return false;
  const { boot, triggers, upheldBy } = facts.surroundings;
  // What daruma knows is a server.
  if (endsByItself(facts) && evidence.known === undefined) return false;
  if (boot.started || upheldBy.length > 0) return true;
  if (triggers.length > 0) return false;
  return !(isDistributions(evidence.service.unit) && evidence.enabled === 'static');
}

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

/** Whether a unit's file comes with a package rather than from a person. */
export function isDistributions({ fragment }: Pick<Unit, 'fragment'>): boolean {
  return /^(?:\/usr)?\/lib\//.test(fragment ?? '');
}
