/**
 * One unit as its manager would load it: its fragment and drop-ins, and which of their lines count.
 * Source: systemd.unit(5); `unit_load_fragment_and_dropin()`, `unit_load()`.
 */
import { errorCode } from '../kernel/errno.ts';
import { Assignments, type IgnoredLine, type ReadFailure } from './assignments.ts';
import type { Host } from './host/host.ts';
import { readUnitFile } from './read-unit-file.ts';
import type { UnitFile } from './unit-file.ts';
import {
  buildUnitIndex,
  type DependencyLink,
  isMaskFile,
  type UnitIndex,
  type UnitLocation,
} from './unit-index.ts';
import { parseUnitName, type UnitName, type UnitType, withInstance } from './unit-name.ts';
import { dependsOnInstance, unitSpecifiers } from './unit-specifiers.ts';
import { type ManagerDefaults, readManagerConfiguration } from './manager-defaults.ts';
import type { ManagerScope } from './search-path.ts';
import type { Source, SourceLine } from './service-settings.ts';
import { parseBoolean } from './values/boolean.ts';
import { expandSpecifiers, type InvalidSpecifier } from './values/specifier.ts';
import { extractWords } from './values/words.ts';

/** The `LoadState` of a unit. Source: org.freedesktop.systemd1(5); `unit_load_state_table` in `src/basic/unit-def.c`. */
export type LoadState = 'loaded' | 'masked' | 'error' | 'bad-setting' | 'not-found';

/** Why a unit is not loaded. */
export type LoadProblem =
  /** No directory of the search path has the unit. */
  | { readonly code: 'not-found' }
  /** `path` is empty, or a link to /dev/null. */
  | { readonly code: 'masked'; readonly path: string }
  /** The links between the names of the unit form a circle. */
  | { readonly code: 'alias-loop' }
  /** The file exists and cannot be read; `errno` is a name such as `EACCES`. */
  | { readonly code: 'unreadable'; readonly path: string; readonly errno: string }
  /** systemd stopped reading the main file. */
  | ReadFailure
  /** Each setting is valid, and systemd refuses their combination. */
  | { readonly code: 'refused'; readonly rule: RefusalRule; readonly source: SourceLine | null }
  /** The running manager refuses it by a rule of its own; `reason` is its word in the journal, null where that has none. */
  | {
      readonly code: 'refused';
      readonly rule: 'by-manager';
      readonly reason: string | null;
      readonly source: null;
    };

/**
 * The rules by which systemd refuses a service of which each line is valid. Source: `service_verify()`, `unit_verify_contexts()`,
 * `unit_load()`.
 */
export type RefusalRule =
  | 'isolates-several'
  | 'no-command'
  | 'no-exec-start'
  | 'no-exec-start-and-not-remaining'
  | 'several-exec-starts'
  | 'oneshot-restarts-on-success'
  | 'oneshot-forces-restart'
  | 'oneshot-exit-type-cgroup'
  | 'dbus-without-name'
  | 'pam-with-kill-mode'
  | 'dynamic-user-of-user'
  | 'dynamic-user-at-home';

/** One unit as its manager would load it. */
export interface Unit {
  /** The name that was asked for. */
  readonly name: string;
  /** The unit's primary name, `Id` of `systemctl show`. An alias leads to a unit with another `id`. */
  readonly id: string;
  /** All names of the unit, the `id` first. */
  readonly names: readonly string[];
  readonly type: UnitType;
  /** The kind of manager that the unit belongs to. */
  readonly scope: ManagerScope;
  readonly load: LoadState;
  /** Why the unit is not loaded; undefined when `load` is `loaded`. */
  readonly problem: LoadProblem | undefined;
  /** Path of the main unit file; undefined when there is none. */
  readonly fragment: string | undefined;
  /** Paths of the drop-in files, in the order in which systemd applies them. */
  readonly dropIns: readonly string[];
  /** The assignments that count. */
  readonly assignments: Assignments;
  /** Every line that systemd ignores, in the order of reading. */
  readonly ignored: readonly IgnoredLine[];
  /** The links in the unit's `.wants`, `.requires` and `.upholds` folders. */
  readonly links: readonly DependencyLink[];
  /** Expands `%` specifiers as the unit's manager does; see {@link expandSpecifiers} for what it returns. */
  expand(text: string): string | InvalidSpecifier;
}

/** A dependency on another unit and the line that makes it. */
export interface Dependency {
  /** Name of the other unit; of a template it is the instance that systemd fills in. */
  readonly unit: string;
  readonly source: Source;
}

/** Loads the units of one host by their names. */
export interface UnitLoader {
  readonly host: Host;
  /** The unit files of the host's search path. */
  readonly index: UnitIndex;
  /** The defaults that the manager's configuration sets for every unit; read when they are first asked for. */
  readonly defaults: ManagerDefaults;
  /**
   * Loads a unit. A unit that cannot be loaded comes back, too: `load` and `problem` say why.
   *
   * @param name a valid unit name. systemd itself loads a template only by its instances: here a template has the settings that
   * all its instances share
   * @throws TypeError when `name` is no valid unit name, see {@link parseUnitName}
   */
  load(name: string): Unit;
  /**
   * Parses a file of the host, and keeps the files that were parsed last.
   *
   * @throws the errno error (`ENOENT`, `EACCES` ...) when the file cannot be read
   */
  parse(file: string): UnitFile;
}

/**
 * Makes a loader of the units of one host. It lists the directories of the search path once, now: a loader does not see files
 * that appear later.
 *
 * Source: systemd.unit(5), "Unit File Load Path"; `unit_load_fragment_and_dropin()`.
 *
 * @example
 * import { createUnitLoader, openOfflineHost } from 'daruma/systemd';
 *
 * const loader = createUnitLoader(openOfflineHost({ root: 'examples/neko', scope: 'user' }));
 * const unit = loader.load('litellm.service');
 * unit.load; // 'loaded'
 * unit.fragment; // '/home/azureuser/.config/systemd/user/litellm.service'
 * loader.load('missing.service').load; // 'not-found'
 */
export function createUnitLoader(host: Host): UnitLoader {
  const index = buildUnitIndex(host.files, host.unitPath, host.systemd.version);
  const parse = cachedParser(host);
  let defaults: ManagerDefaults | undefined;
  return {
    host,
    index,
    get defaults() {
      defaults ??= readManagerConfiguration(host).defaults;
      return defaults;
    },
    parse,
    load: name => loadUnit(host, index, parse, name),
  };
}

/**
 * Lists the units that a directive such as `After=` or `Wants=` of the [Unit] section names. Specifiers are expanded; names that
 * systemd would not accept are left out. Links in folders such as `NAME.wants/` are in {@link Unit.links}.
 *
 * Source: systemd.unit(5), "[Unit] Section Options"; `config_parse_unit_deps()`.
 *
 * @param directive the name of the directive, without `=`
 * @example
 * import { createUnitLoader, dependenciesOf, openOfflineHost } from 'daruma/systemd';
 *
 * const loader = createUnitLoader(openOfflineHost({ root: 'examples/neko', scope: 'user' }));
 * const after = dependenciesOf(loader.load('litellm.service'), 'After');
 * after.map(dependency => dependency.unit); // [ 'network.target', 'copilot-api.service' ]
 */
export function dependenciesOf(unit: Unit, directive: string): readonly Dependency[] {
  const dependencies: Dependency[] = [];
  for (const { value, source } of unit.assignments.get('Unit', directive)) {
    for (const word of extractWords(value, { retainEscape: true }).words) {
      const name = unit.expand(word);
      const parsed = typeof name === 'string' ? parseUnitName(name) : undefined;
      if (parsed !== undefined) dependencies.push({ unit: instantiated(parsed, unit.id), source });
    }
  }
  return dependencies;
}

/**
 * `OnFailureJobMode=` or `OnSuccessJobMode=`. For the first the old name `OnFailureIsolate=` stands with a boolean
 * (`config_parse_job_mode_isolate()`).
 */
export function jobModeOf({ assignments }: Unit, kind: 'OnFailure' | 'OnSuccess'): string {
  const value = assignments.last('Unit', `${kind}JobMode`)?.value ?? 'replace';
  const isIsolated = parseBoolean(value);
  return isIsolated === undefined ? value : isIsolated ? 'isolate' : 'replace';
}

/** Fills in a template that a dependency names: with the instance, or else the prefix, of the unit that has the dependency (`resolve_template()`). */
function instantiated(dependency: UnitName, dependent: string): string {
  if (dependency.kind !== 'template') return dependency.name;
  const unit = parseUnitName(dependent);
  return withInstance(dependency, unit?.instance ?? unit?.prefix ?? '');
}

type Parse = (file: string) => UnitFile;

function loadUnit(host: Host, index: UnitIndex, parse: Parse, name: string): Unit {
  const unitName = parseUnitName(name);
  if (unitName === undefined) throw new TypeError(`not a unit name: ${name}`);
  const location = index.locate(unitName);
  const lookUp = unitSpecifiers(host, location.id, location.fragment);
  const expand = (text: string) => expandSpecifiers(text, lookUp);
  const assignments = new Assignments({
    sections: sectionsReadIn(unitName.type),
    version: host.systemd.version,
    // In a template, text that differs between instances is not judged.
    expandSpecifiers:
      unitName.kind === 'template' ? text => (dependsOnInstance(text) ? undefined : expand(text)) : expand,
  });
  const bare = {
    name,
    id: location.id,
    names: location.names,
    type: unitName.type,
    scope: host.scope,
    fragment: location.fragment,
    dropIns: [],
    links: [],
    assignments,
    ignored: [],
    expand,
  };

  const problem = readFragment(host, parse, location, assignments);
  if (problem !== undefined) {
    const unit = { ...bare, load: loadStateOf(problem), problem, ignored: assignments.ignored };
    if (problem.code === 'masked') return unit;
    // systemd gives a unit its other names only after it has read the main file to the end.
    const fragment = problem.code === 'not-found' ? undefined : location.fragment;
    return { ...unit, id: name, names: [name], fragment };
  }

  const dropIns = index.dropIns(location);
  for (const file of dropIns) readDropIn(parse, file, assignments);
  return {
    ...bare,
    load: 'loaded',
    problem: undefined,
    dropIns,
    links: index.dependencyLinks(location).map(link => {
      const to = parseUnitName(link.to);
      return to?.kind === 'template' ? { ...link, to: instantiated(to, location.id) } : link;
    }),
    ignored: assignments.ignored,
  };
}

function readFragment(
  host: Host,
  parse: Parse,
  location: UnitLocation,
  assignments: Assignments,
): LoadProblem | undefined {
  const { fragment } = location;
  if (fragment === undefined) return { code: location.aliasLoop ? 'alias-loop' : 'not-found' };
  if (fragment === '/dev/null') return { code: 'masked', path: fragment };
  try {
    const file = parse(fragment);
    // Only a file without items can be a mask: the kind of all other files need not be looked up.
    const isMask = file.items.length === 0 && isMaskFile(host.files, fragment);
    return isMask ? { code: 'masked', path: fragment } : assignments.read(fragment, file);
  } catch (error) {
    if (isMaskFile(host.files, fragment)) return { code: 'masked', path: fragment };
    const errno = errorCode(error) ?? 'EIO';
    return errno === 'ENOENT' ? { code: 'not-found' } : { code: 'unreadable', path: fragment, errno };
  }
}

function readDropIn(parse: Parse, file: string, assignments: Assignments): void {
  try {
    const failure = assignments.read(file, parse(file));
    // systemd loads the unit in spite of a bad drop-in (`unit_load_dropin()`): the lines before the fault count.
    if (failure !== undefined) assignments.noteUnread(failure);
  } catch {
    // systemd ignores a drop-in that it cannot read. The drop-in stays in `dropIns`, where a check finds it.
  }
}

function loadStateOf(problem: LoadProblem): LoadState {
  switch (problem.code) {
    // systemd does not distinguish the failures that come before it has opened a file.
    case 'not-found':
    case 'alias-loop':
    case 'unreadable':
      return 'not-found';
    case 'masked':
      return 'masked';
    case 'bad-value':
      return problem.load;
    case 'refused':
      return 'bad-setting';
    case 'syntax':
      return 'error';
    default:
      return problem satisfies never;
  }
}

/** The sections that systemd reads in a unit of a type (`UnitVTable.sections`). */
function sectionsReadIn(type: UnitType): ReadonlySet<string> {
  return sectionsByType[type];
}

const own = (section: string) => new Set(['Unit', section, 'Install']);
const sectionsByType: Readonly<Record<UnitType, ReadonlySet<string>>> = {
  service: own('Service'),
  socket: own('Socket'),
  target: new Set(['Unit', 'Install']),
  device: new Set(['Unit', 'Install']),
  mount: own('Mount'),
  automount: own('Automount'),
  swap: own('Swap'),
  timer: own('Timer'),
  path: own('Path'),
  slice: own('Slice'),
  scope: own('Scope'),
};

/**
 * Keeps the files that were parsed last. Each unit file is read for its settings and again for its [Install] section; drop-ins
 * of whole types and of prefixes are read for each unit. Only a few files are kept, because whatever outlives its unit uses
 * memory until the next full garbage collection. They are kept in an array, because a Map that is emptied again and again
 * keeps its old tables in memory until then, too.
 */
function cachedParser(host: Host): Parse {
  const kept: { readonly file: string; readonly unit: UnitFile }[] = [];
  let next = 0;
  return file => {
    const known = kept.find(each => each.file === file);
    if (known !== undefined) return known.unit;
    const unit = readUnitFile(host, file);
    kept[next] = { file, unit };
    next = (next + 1) % parsedFilesKept;
    return unit;
  };
}

const parsedFilesKept = 16;
