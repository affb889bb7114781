/** The units that are to start a unit according to its [Install] section. */
import type { Source } from '../systemd/service-settings.ts';
import type { ManagerScope } from '../systemd/search-path.ts';
import type { Unit } from '../systemd/unit.ts';
import { parseUnitName } from '../systemd/unit-name.ts';
import { extractWords } from '../systemd/values/words.ts';

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

/** The target that a manager starts at boot, for which people enable services (systemd.special(7)). */
export function targetAtBoot(scope: ManagerScope): string {
  return scope === 'user' ? 'default.target' : 'multi-user.target';
}
