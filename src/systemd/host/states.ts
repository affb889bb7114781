/** The states of units for whoever can do without them. */
import { type LiveUnit, type Manager, ManagerError } from './host.ts';

/** Nothing where there is no manager, or where it does not answer: it is reloading or ending. */
export async function statesOf(
  units: readonly string[],
  manager: Manager | undefined,
): Promise<ReadonlyMap<string, LiveUnit>> {
  try {
    return (await manager?.units(units)) ?? new Map<string, LiveUnit>();
  } catch (error) {
    if (error instanceof ManagerError) return new Map<string, LiveUnit>();
    throw error;
  }
}
