/**
 * Whether a unit is enabled, as `systemctl is-enabled` words it, from files alone.
 * Source: systemctl(1) is-enabled; `unit_file_get_state()` in `src/shared/install.c`.
 */
import type { Unit, UnitLoader } from './unit.ts';
import { parseUnitName } from './unit-name.ts';

export type UnitFileState =
  | 'enabled'
  | 'enabled-runtime'
  | 'linked'
  | 'linked-runtime'
  | 'alias'
  | 'masked'
  | 'masked-runtime'
  | 'static'
  | 'disabled'
  | 'indirect'
  | 'generated'
  | 'transient'
  | 'bad';

/** The state of a unit file; undefined when there is none. */
export function unitFileState(loader: UnitLoader, unit: Unit): UnitFileState | undefined {
  const entry = loader.index.entry(unit.name) ?? loader.index.entry(unit.id);
  if (unit.fragment === undefined) return undefined;
  if (unit.load === 'masked') return runtime('masked', unit.fragment);
  if (/\/systemd\/generator(?:\.early|\.late)?\//.test(unit.fragment)) return 'generated';
  if (/\/systemd\/transient\//.test(unit.fragment)) return 'transient';
  if (entry?.aliasOf !== undefined) return 'alias';
  if (unit.load === 'error') return 'bad';

  const links = [
    ...loader.index.linksTo(namesWithTemplate(unit)).map(link => link.path),
    ...aliasLinks(loader, unit),
  ];
  if (links.some(link => !isRuntime(link))) return 'enabled';
  if (links.length > 0) return 'enabled-runtime';
  if (entry?.isLink === true) return runtime('linked', unit.fragment);
  const has = (name: string) => unit.assignments.get('Install', name).length > 0;
  if (['WantedBy', 'RequiredBy', 'UpheldBy', 'Alias'].some(has)) return 'disabled';
  return has('Also') || has('DefaultInstance') ? 'indirect' : 'static';
}

function namesWithTemplate(unit: Unit): readonly string[] {
  return parseUnitName(unit.id)?.kind === 'plain' ? unit.names : [unit.id];
}

/** Names that lead to the unit and that its own [Install] asks for. */
function aliasLinks(loader: UnitLoader, unit: Unit): readonly string[] {
  const asked = new Set(unit.assignments.get('Install', 'Alias').flatMap(({ value }) => value.split(/\s+/)));
  return unit.names.flatMap(name => {
    const entry = asked.has(name) ? loader.index.entry(name) : undefined;
    return entry?.aliasOf === undefined ? [] : [entry.path];
  });
}

function runtime<S extends 'masked' | 'linked'>(state: S, path: string): S | `${S}-runtime` {
  return isRuntime(path) ? `${state}-runtime` : state;
}

function isRuntime(path: string): boolean {
  return path.startsWith('/run/');
}
