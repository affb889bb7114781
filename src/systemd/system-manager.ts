/** The system manager of the machine whose units a loader loads. */
import { unitSearchPath } from './search-path.ts';
import { createUnitLoader, type UnitLoader } from './unit.ts';

/**
 * The units of the system manager, for questions about what a user's manager runs in. They are made once for each loader: to
 * list the system's search path takes as long as to read all units of a user.
 */
export function systemLoaderOf(loader: UnitLoader): UnitLoader {
  let system = known.get(loader);
  if (system === undefined) {
    const { host } = loader;
    const unitPath = unitSearchPath('system', {}, host.systemd.version);
    system = createUnitLoader({ ...host, scope: 'system', user: undefined, unitPath });
    known.set(loader, system);
  }
  return system;
}

const known = new WeakMap<UnitLoader, UnitLoader>();
