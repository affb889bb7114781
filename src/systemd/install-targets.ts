/** The units that are to start a unit according to its [Install] section. */
import type { Source } from './service-settings.ts';
import type { ManagerScope } from './search-path.ts';
import type { Unit } from './unit.ts';
import { parseUnitName } from './unit-name.ts';
import { extractWords } from './values/words.ts';

export interface InstallTarget {
  readonly name: string;
  readonly source: Source;
}

/** The units of WantedBy=, RequiredBy= and UpheldBy=. */
export function installTargets(unit: Unit): readonly InstallTarget[] {
  return (['WantedBy', 'RequiredBy', 'UpheldBy'] as const)
    .flatMap(key => unit.assignments.get('Install', key))
    .flatMap(({ value, source }) =>
      extractWords(value, { unquote: true, retainEscape: true })
        .words.map(word => unit.expand(word))
        .filter((name): name is string => typeof name === 'string' && parseUnitName(name) !== undefined)
        .map(name => ({ name, source })),
    );
}

/** Whether `systemctl enable` has something to do for a unit: else it makes no link, and nothing starts the unit at boot. */
export function isInstallable(unit: Unit): boolean {
  return installTargets(unit).length > 0;
}

/** The target that a manager starts at boot, for which people enable services (systemd.special(7)). */
export function targetAtBoot(scope: ManagerScope): string {
  return scope === 'user' ? 'default.target' : 'multi-user.target';
}
