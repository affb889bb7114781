/**
 * One unit as its manager would load it: the fragment, the drop-ins, what counts of them and what does not.
 * Source: systemd.unit(5); `unit_load_fragment_and_dropin()`, `unit_load()`.
 */
import { Assignments, type IgnoredLine, type ReadFailure } from './assignments.ts';
import type { Host } from './host/host.ts';
import { parseUnitFile, type UnitFile } from './unit-file.ts';
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
import type { Source } from './service-settings.ts';
import { expandSpecifiers, type InvalidSpecifier } from './values/specifier.ts';
import { extractWords } from './values/words.ts';

/** `LoadState` of a unit that has been asked for. */
export type LoadState = 'loaded' | 'masked' | 'error' | 'bad-setting' | 'not-found';

/** Why a unit is not loaded. */
export type LoadProblem =
  | { readonly code: 'not-found' }
  | { readonly code: 'masked'; readonly path: string }
  /** Links between names go round in a circle. */
  | { readonly code: 'alias-loop' }
  /** `errno` as in `EACCES`. */
  | { readonly code: 'unreadable'; readonly path: string; readonly errno: string }
  | ReadFailure
  /** The settings are each fine and do not go together. */
  | { readonly code: 'refused'; readonly rule: RefusalRule; readonly source: Source | null };

/** What makes systemd refuse a service whose lines are all valid (`service_verify()`). */
export type RefusalRule =
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

export interface Unit {
  /** The name asked for. */
  readonly name: string;
  /** The name it goes by. */
  readonly id: string;
  /** All its names, the id first. */
  readonly names: readonly string[];
  readonly type: UnitType;
  /** The kind of manager that it is a unit of. */
  readonly scope: ManagerScope;
  readonly load: LoadState;
  readonly problem: LoadProblem | undefined;
  /** The file it is read from. */
  readonly fragment: string | undefined;
  readonly dropIns: readonly string[];
  readonly assignments: Assignments;
  /** Every line that systemd passes over, in the order of reading. */
  readonly ignored: readonly IgnoredLine[];
  /** What its `.wants`, `.requires` and `.upholds` folders link to. */
  readonly links: readonly DependencyLink[];
  /** Expands `%` specifiers as this unit's manager does. */
  expand(text: string): string | InvalidSpecifier;
}

/** A dependency on another unit and where it comes from. */
export interface Dependency {
  readonly unit: string;
  readonly source: Source;
}

/** Loads units of one host, by name. */
export interface UnitLoader {
  readonly host: Host;
  readonly index: UnitIndex;
  /** What the manager's configuration makes the default of every unit; read when it is first asked for. */
  readonly defaults: ManagerDefaults;
  /**
   * Loads a unit. Never throws: what is wrong stands in `load` and `problem`.
   *
   * @param name a valid unit name; of a template, which systemd loads only by its instances, what holds for all of them
   */
  load(name: string): Unit;
  /**
   * Parses a file of the host; what was parsed last is kept.
   *
   * @throws where the file cannot be read
   */
  parse(file: string): UnitFile;
}

/** Makes a loader; the search path is read once. */
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

/** The units that `After=`, `Wants=` and the like name, each with its line. */
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

/** A template named as a dependency gets the instance, or else the prefix, of the unit that names it (`resolve_template()`). */
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
    sections: sectionsOf(unitName.type),
    version: host.systemd.version,
    // What an instance makes of its template is for it to be judged by.
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
    // What cannot be read to its end never learns its other names, nor which file was not there.
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
    // Only what has nothing in it can be a mask: of all others nobody has to ask what kind of file they are.
    const isMask = file.items.length === 0 && isMaskFile(host.files, fragment);
    return isMask ? { code: 'masked', path: fragment } : assignments.read(fragment, file);
  } catch (error) {
    if (isMaskFile(host.files, fragment)) return { code: 'masked', path: fragment };
    const errno = error instanceof Error && 'code' in error ? String(error.code) : 'EIO';
    return errno === 'ENOENT' ? { code: 'not-found' } : { code: 'unreadable', path: fragment, errno };
  }
}

function readDropIn(parse: Parse, file: string, assignments: Assignments): void {
  try {
    const failure = assignments.read(file, parse(file));
    // A bad drop-in does not stop the unit (`unit_load_dropin()`): what stands before the fault counts.
    if (failure !== undefined) assignments.noteUnread(failure);
  } catch {
    // A drop-in that cannot be read is passed over; that it shows in `dropIns` lets a check find it.
  }
}

function loadStateOf(problem: LoadProblem): LoadState {
  switch (problem.code) {
    // What fails before a file could be opened is all the same to systemd.
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
function sectionsOf(type: UnitType): ReadonlySet<string> {
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
 * A unit's file is read for its settings and again for its [Install] section, drop-ins of whole types and prefixes for each
 * unit: keep what was parsed last. Few, for what outlives its unit costs memory until the next full collection;
 * and no Map, for the table of one that is emptied keeps the tables that follow it until then.
 */
function cachedParser(host: Host): Parse {
  const kept: { readonly file: string; readonly unit: UnitFile }[] = [];
  let next = 0;
  return file => {
    const known = kept.find(each => each.file === file);
    if (known !== undefined) return known.unit;
    const unit = parseUnitFile(host.files.read(file), host.systemd.version);
    kept[next] = { file, unit };
    next = (next + 1) % parsedFilesKept;
    return unit;
  };
}

const parsedFilesKept = 16;
