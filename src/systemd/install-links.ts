/**
 * The links that `systemctl enable` makes for a unit.
 * Source: systemd.unit(5) "[Install] Section Options"; `install_info_apply()` in `src/shared/install.c`.
 */
import type { Unit } from './unit.ts';
import { parseUnitName } from './unit-name.ts';
import { extractWords } from './values/words.ts';

export interface InstallLink {
  /** Where the link stands. */
  readonly path: string;
  /** The unit's own file. */
  readonly target: string;
}

/**
 * @param folder where the manager's own user, or the administrator, keeps units: links are made there
 * @returns none for a unit without a file, and for a template, which is enabled by instances
 */
export function installLinks(unit: Unit, folder: string): readonly InstallLink[] {
  const target = unit.fragment;
  if (target === undefined || parseUnitName(unit.id)?.kind === 'template') return [];
  const pulled = (['WantedBy', 'RequiredBy', 'UpheldBy'] as const).flatMap(key =>
    namesIn(unit, key).map(puller => `${folder}/${puller}.${folderSuffixes[key]}/${unit.id}`),
  );
  const aliases = namesIn(unit, 'Alias').map(alias => `${folder}/${alias}`);
  return [...pulled, ...aliases].map(path => ({ path, target }));
}

const folderSuffixes = { WantedBy: 'wants', RequiredBy: 'requires', UpheldBy: 'upholds' } as const;

function namesIn(unit: Unit, key: string): readonly string[] {
  return unit.assignments
    .get('Install', key)
    .flatMap(({ value }) => extractWords(value, { unquote: true, retainEscape: true }).words)
    .map(word => unit.expand(word))
    .filter(name => typeof name === 'string' && parseUnitName(name) !== undefined)
    .map(String);
}
