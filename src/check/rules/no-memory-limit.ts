import { limitingSlice } from '../memory.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface NoMemoryLimit {
  /** As its makers write it. */
  readonly service: string;
  /** Resident size in normal work, in MiB; null where it is not known. */
  readonly usualMebibytes: number | null;
}

/** A service that is known to grow may take all the memory there is. */
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
    yield {
      source: known.program.command.source,
      details: { service: name, usualMebibytes: memory.usualMebibytes ?? null },
      changes: [],
    };
  },
};
