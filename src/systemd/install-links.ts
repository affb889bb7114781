/**
 * The links that `systemctl enable` makes for a unit.
 * Source: systemd.unit(5) "[Install] Section Options"; `install_info_apply()` in `src/shared/install.c`.
 */
import type { Unit } from './unit.ts';
import { parseUnitName } from './unit-name.ts';
import { extractWords } from './values/words.ts';

/** A link that enables a unit. */
export interface InstallLink {
  /** Path of the link. */
  readonly path: string;
  /** The unit's own file, which the link leads to. */
  readonly target: string;
}

/**
 * The links that `systemctl enable` makes for a unit.
 *
 * @param folder the directory in which the user, or the administrator, keeps units: `systemctl enable` makes links there
 * @returns none for a unit without a file, and none for a template, of which only instances can be enabled
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
