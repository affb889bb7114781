/** The services of a host that run at the same time, port by port. */
import { collide } from '../services/sharing.ts';
import type { Listener } from '../services/known-service.ts';
import { dependenciesOf } from '../systemd/unit.ts';
import type { Source } from '../systemd/service-settings.ts';
import type { CheckedUnit, LoadedService } from './checked-unit.ts';
import { hasOwnNetwork } from './network.ts';

/** A service that wants a port. */
export interface Contender {
  readonly unit: string;
  /** The program's name as its makers write it. */
  readonly service: string;
  readonly listener: Listener;
  /** The line that sets the port; the line of the command when no line sets it. */
  readonly source: Source;
  /** The file other than the unit file that sets the port. */
  readonly file: string | null;
  /** Whether the program chooses another port when something answers on this one. */
  readonly dodges: boolean;
  /** Whether systemd stops restarting the service in the end when it cannot start. */
  readonly givesUp: boolean;
  /** The units that systemd stops when it starts this one. */
  readonly conflicts: ReadonlySet<string>;
}

/** Collects the contenders while the services of a host are visited one by one. */
export class Contenders {
  readonly #byPort = new Map<number, Contender[]>();
  readonly #seen = new Set<string>();

  see({ service }: CheckedUnit): void {
    // An alias leads to a service that was seen already.
    if (service === undefined || this.#seen.has(service.unit.id)) return;
    for (const contender of contendersOf(service)) {
      this.#seen.add(service.unit.id);
      const { port } = contender.listener;
      const others = this.#byPort.get(port);
      if (others === undefined) this.#byPort.set(port, [contender]);
      else others.push(contender);
    }
  }

  /**
   * Every contender that shares its port with others, together with the contenders before it, by name, that cannot run
   * beside it.
   */
  *rivals(
    areRivals: (a: Contender, b: Contender) => boolean,
  ): Iterable<{ readonly contender: Contender; readonly others: readonly Contender[] }> {
    for (const contenders of this.#byPort.values()) {
      const sorted = contenders.toSorted((a, b) => (a.unit < b.unit ? -1 : 1));
      for (const [index, contender] of sorted.entries()) {
        const others = sorted
          .slice(0, index)
          .filter(other => other.unit !== contender.unit && !excludeEachOther(contender, other))
          .filter(other => areRivals(contender, other));
        if (others.length > 0) yield { contender, others };
      }
    }
  }
}

/**
 * Whether one of the two finds that something answers on its port and chooses another. It asks 127.0.0.1, whatever
 * address it binds.
 */
export function oneDodges(a: Contender, b: Contender): boolean {
  return (a.dodges && answersOnLoopback(b)) || (b.dodges && answersOnLoopback(a));
}

function answersOnLoopback({ listener }: Contender): boolean {
  return collide(listener, { ...listener, address: '127.0.0.1' });
}

function excludeEachOther(a: Contender, b: Contender): boolean {
  return a.conflicts.has(b.unit) || b.conflicts.has(a.unit);
}

function contendersOf(service: LoadedService): readonly Contender[] {
  const { known, unit, name } = service;
  if (known === undefined || !runs(service) || hasOwnNetwork(service)) return [];
  const { pitfalls } = known.service;
  const listeners = known.service.listens(known.program);
  if (listeners.length === 0) return [];
  const conflicts = new Set(dependenciesOf(unit, 'Conflicts').map(dependency => dependency.unit));
  return listeners.map(listener => ({
    unit: name,
    service: known.service.name,
    listener,
    source: listener.portOrigin.source ?? known.program.command.source,
    file: listener.portOrigin.kind === 'file' ? listener.portOrigin.file : null,
    dodges: pitfalls.takesRandomPort === listener.port,
    givesUp: service.falls.crashLoop.getsUp === false,
    conflicts,
  }));
}

/**
 * Whether a service starts with its manager or is running now. A service that a socket starts gets that socket and
 * binds no port.
 */
function runs({ facts, entry, isMeantToStay }: LoadedService): boolean {
  const { boot, upheldBy, triggers } = facts.surroundings;
  if (!isMeantToStay || triggers.some(({ kind }) => kind === 'socket')) return false;
  const state = entry.live?.activeState;
  const isUp = state === 'active' || state === 'activating' || state === 'reloading';
  return isUp || boot.started || upheldBy.length > 0;
}
