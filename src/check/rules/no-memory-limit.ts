import { limitingSlice } from '../memory.ts';
import type { Fault, ServiceRule } from '../rule.ts';

export interface NoMemoryLimit {
  /** The program's name as its makers write it. */
  readonly service: string;
  /** The resident size in normal work, in MiB; null when it is not known. */
  readonly usualMebibytes: number | null;
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
    yield {
      source: known.program.command.source,
      details: { service: name, usualMebibytes: memory.usualMebibytes ?? null },
      changes: [],
    };
  },
};
