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
  /** The program, as its makers write it. */
  readonly service: string;
  readonly listener: Listener;
  /** The line that says which port; without one, the command. */
  readonly source: Source;
  /** The file, beside the unit, that says so. */
  readonly file: string | null;
  /** Whether it dodges to another port when somebody answers on this one. */
  readonly dodges: boolean;
  /** Whether a program that cannot start is given up at last. */
  readonly givesUp: boolean;
  /** Units that are stopped when this one starts. */
  readonly conflicts: ReadonlySet<string>;
}

/** Collects contenders as services go by. */
export class Contenders {
  readonly #byPort = new Map<number, Contender[]>();
  readonly #seen = new Set<string>();

  see({ service }: CheckedUnit): void {
    // An alias is the same service once more.
    if (service === undefined || this.#seen.has(service.unit.id)) return;
    for (const contender of contendersOf(service)) {
      this.#seen.add(service.unit.id);
      const { port } = contender.listener;
      const others = this.#byPort.get(port);
      if (others === undefined) this.#byPort.set(port, [contender]);
      else others.push(contender);
    }
  }

  /** Every contender that shares its port with others, and those before it by name that cannot run along with it. */
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

/** Whether one of the two finds its port answered and goes to another: it asks 127.0.0.1, whatever it binds itself. */
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

/** Started with the manager, or up now. What a socket starts is handed the socket and binds nothing. */
function runs({ facts, entry, isMeantToStay }: LoadedService): boolean {
  const { boot, upheldBy, triggers } = facts.surroundings;
  if (!isMeantToStay || triggers.some(({ kind }) => kind === 'socket')) return false;
  const state = entry.live?.activeState;
  const isUp = state === 'active' || state === 'activating' || state === 'reloading';
  return isUp || boot.started || upheldBy.length > 0;
}
