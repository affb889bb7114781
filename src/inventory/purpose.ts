/** What a service is for: to run all the time, or to do a job and end. */
import type { Machine } from '../restart/fall.ts';
import { type ServiceFacts, upholderOf } from '../restart/outcome.ts';
import type { RecognisedService } from '../services/index.ts';
import { once } from '../systemd/remember.ts';
import type { Service } from '../systemd/service.ts';
import type { ActivationUnit } from '../systemd/triggers.ts';
import type { Unit } from '../systemd/unit.ts';

/** The facts from which the purpose of a service is determined. */
export interface PurposeEvidence {
  readonly service: Service;
  /** Undefined when systemd does not load the unit. */
  readonly facts: ServiceFacts | undefined;
  /** The state that `systemctl is-enabled` prints; undefined when there is no unit file. */
  readonly enabled: string | undefined;
  /** The known service that the program belongs to, if it is one that daruma knows. */
  readonly known: RecognisedService | undefined;
  /** The sockets, paths, timers and bus names that start it. */
  readonly activation: readonly ActivationUnit[];
  /** Whether a socket with `Accept=yes` has started it, for one connection. */
  readonly isOfConnection: boolean;
}

/** What a service is for, and what starts it. */
export interface Purpose {
  readonly isMeantToStay: boolean;
  /** Names of the units that start it when it is down and `Restart=` does not: a timer for a job, a socket for a server. */
  readonly startedBy: readonly string[];
  /** The socket, path or timer that starts it on demand, and has failed as well; left out where none has, or nobody has asked. */
  readonly failedTrigger?: string;
}

/** @returns undefined where systemd does not load the service */
export function purposeOf(evidence: PurposeEvidence, machine: Machine): Purpose | undefined {
  const { facts } = evidence;
  return facts === undefined ? undefined : new ServicePurpose(evidence, facts, machine);
}

/** What starts it is worked out when it is asked for: it takes a plan of the whole boot. */
class ServicePurpose implements Purpose {
  readonly #isMeantToStay: () => boolean;
  readonly #startedBy: () => readonly string[];

  constructor(evidence: PurposeEvidence, facts: ServiceFacts, machine: Machine) {
    this.#isMeantToStay = once(() => isMeantToStay(evidence, facts));
    this.#startedBy = once(() => startersOf(facts, machine));
  }

  get isMeantToStay(): boolean {
    return this.#isMeantToStay();
  }

  get startedBy(): readonly string[] {
    return this.#startedBy();
  }
}

/**
 * Whether a service should run all the time, so that its end is a fall. A oneshot should not, nor a service that a
 * socket, timer, path or bus name starts when there is work, or for one connection. Nor should a service of the distribution that cannot be
 * enabled and that nothing starts at boot (`rescue.service`, `systemd-fsckd.service`): other units start it for a
 * while.
 */
function isMeantToStay(evidence: PurposeEvidence, facts: ServiceFacts): boolean {
  if (facts.settings.Type.value === 'oneshot' || evidence.isOfConnection) return false;
  const { activation, known } = evidence;
  // Every known service is a server.
  if (endsByItself(evidence, facts) && known === undefined) return false;
  // What another unit calls may be a job or a server: a server is known, or asks for a restart.
  const isServer = known !== undefined || facts.settings.Restart.value !== 'no';
  const isForAWhile = isDistributions(evidence.service.unit) && evidence.enabled === 'static';
  // Then it is one whatever starts it.
  if (activation.length === 0 && isServer && !isForAWhile) return true;
  const { boot, triggers, upheldBy } = facts.surroundings;
  if (boot.started || upheldBy.length > 0) return true;
  if (activation.length > 0) return false;
  return triggers.length > 0 ? isServer : !isForAWhile;
}

function startersOf({ surroundings }: ServiceFacts, machine: Machine): readonly string[] {
  const upholder = upholderOf(surroundings, machine);
  if (upholder !== undefined) return [upholder.unit];
  return surroundings.triggers.filter(({ active }) => active).map(({ name }) => name);
}

/**
 * Whether the end of the service is expected: it stays active when its processes are gone, or a timer starts it again,
 * and no line asks for a restart (`rpc-statd-notify.service`, `anacron.service`).
 */
function endsByItself(
  { activation }: PurposeEvidence,
  { settings: { RemainAfterExit, Restart } }: ServiceFacts,
): boolean {
  const isRepeated = activation.some(({ kind }) => kind === 'timer');
  return (RemainAfterExit.value || isRepeated) && Restart.value === 'no';
}

/** Whether the file of a unit comes from a package rather than from a person. */
export function isDistributions({ fragment }: Pick<Unit, 'fragment'>): boolean {
  return /^(?:\/usr)?\/lib\//.test(fragment ?? '');
}
