import { limitingSlice, memoryHindrance, type MemoryHindrance, ownLimit } from '../memory.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface NoMemoryLimit {
  /** The program's name as its makers write it. */
  readonly service: string;
  /** The resident size in normal work, in MiB; null when it is not known. */
  readonly usualMebibytes: number | null;
  /** Why the manager cannot limit it; null where it can. */
  readonly hindrance: MemoryHindrance | null;
  /** The setting that is written and has no effect for that reason; null for none. */
  readonly written: string | null;
}

/** A service that is known to use more and more memory, without a limit. */
export const noMemoryLimit: ServiceRule<'no-memory-limit', NoMemoryLimit> = {
  id: 'no-memory-limit',
  severity: 'info',
  needs: 'units',
  judges: 'service',
  *check(service, { inventory }): Iterable<Fault<NoMemoryLimit>> {
    const { known, unit, isMeantToStay } = service;
    if (!isMeantToStay || known === undefined || !known.service.memory.grows) return;
    if (limitingSlice(unit, inventory.loader) !== undefined) return;
    const { name, memory } = known.service;
    const hindrance = memoryHindrance(inventory.loader) ?? null;
    const written = hindrance === null ? undefined : ownLimit(unit);
    yield {
      source: written?.source ?? known.program.command.source,
      details: {
        service: name,
        usualMebibytes: memory.usualMebibytes ?? null,
        hindrance,
        written: written?.key ?? null,
      },
      changes: [],
    };
  },
};
