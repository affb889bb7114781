/**
 * Which file a unit name leads to, which other names it has, and which folders belong to it: one pass over the search
 * path, as a manager does it at daemon-reload.
 * Source: systemd.unit(5) "Unit File Load Path"; `unit_file_build_name_map()`, `unit_file_find_fragment()`,
 * `unit_file_find_dropin_paths()`, `process_deps()`.
 */
import path from 'node:path';
import type { HostFiles } from './host/host.ts';
import { dropInNames, parseUnitName, templateOf, type UnitName, withInstance } from './unit-name.ts';

/** What the search path says about one name. */
export interface UnitLocation {
  /** The file or link that is read; undefined when no directory has one. */
  readonly fragment: string | undefined;
  /** The name the unit goes by: the fragment's own, with the instance filled in. */
  readonly id: string;
  /** All names of the unit, the id first. */
  readonly names: readonly string[];
  /** Names that lead round in a circle, or too deep (systemd follows 8). */
  readonly aliasLoop: boolean;
}

/** A link `TARGET.wants/UNIT`: the target pulls the unit in. */
export interface DependencyLink {
  readonly kind: 'Wants' | 'Requires' | 'Upholds';
  readonly from: string;
  readonly to: string;
  /** The link itself. */
  readonly path: string;
}

export interface UnitIndex {
  readonly unitPath: readonly string[];
  locate(name: UnitName): UnitLocation;
  /** Drop-in files of a unit in the order they are applied, later ones win. */
  dropIns(location: UnitLocation): readonly string[];
  /** The links in the `.wants`, `.requires` and `.upholds` folders of a unit. */
  dependencyLinks(location: UnitLocation): readonly DependencyLink[];
  /** The links to one of these names in all such folders, whether the unit they belong to exists or not. */
  linksTo(names: readonly string[]): readonly DependencyLink[];
  /** Every name that such a link leads to. */
  readonly linkedNames: readonly string[];
  /** Every name that has a file or link in the search path, templates included. */
  readonly names: readonly string[];
  /** The directory entry behind a name: what it links to, if it is a link. */
  entry(name: string): IndexEntry | undefined;
}

/** How a name stands in the search path. */
export interface IndexEntry {
  /** The file or link. */
  readonly path: string;
  /** Set when the name is an alias of another unit in the search path. */
  readonly aliasOf: string | undefined;
  readonly isLink: boolean;
}

/**
 * Reads the directories of a search path.
 *
 * Directories that cannot be read are passed over, as systemd does.
 */
export function buildUnitIndex(files: HostFiles, unitPath: readonly string[]): UnitIndex {
  const entries = new Map<string, IndexEntry>();
  const folders = new Map<string, Folder[]>();
  const searched = new Set(unitPath);
  for (const directory of unitPath) searched.add(files.resolve(directory) ?? directory);

  for (const [priority, directory] of unitPath.entries()) {
    for (const { name, kind } of listReadable(files, directory)) {
      const file = `${directory}/${name}`;
      const unit = parseUnitName(name);
      if (kind === 'directory' || (kind === 'symlink' && unit === undefined)) {
        const isFolder = isUnitFolder(name) && (kind === 'directory' || leadsToDirectory(files, file));
        if (isFolder) append(folders, name, { priority, path: file });
      } else if (unit !== undefined && (kind === 'file' || kind === 'symlink') && !entries.has(name)) {
        const entry = kind === 'file' ? plainFile(file) : linkedFile(files, searched, unit, file);
        if (entry !== undefined) entries.set(name, entry);
      }
    }
  }

  const aliases = aliasesById(entries);
  const confOf = remember((folder: string) => confFiles(files, folder));
  const linksOf = remember((folder: string) => links(files, folder));

  // Folders of one name come in the order of the search path and, within a directory, the more specific name first.
  const foldersOf = (name: string, suffix: string): readonly Folder[] => {
    const unit = parseUnitName(name);
    const candidates = unit === undefined ? [name] : dropInNames(unit);
    return candidates
      .flatMap(candidate => folders.get(candidate + suffix) ?? [])
      .sort((a, b) => a.priority - b.priority);
  };
  const folderPaths = (location: UnitLocation, suffix: string): readonly string[] => {
    const type = location.id.slice(location.id.lastIndexOf('.') + 1);
    return [...location.names, type].flatMap(name => foldersOf(name, suffix)).map(folder => folder.path);
  };

  const reversed = once(() => linksByTarget(folders, linksOf));

  return {
    unitPath,
    names: [...entries.keys()],
    entry: name => entries.get(name),
    locate: unit => locate(entries, aliases, unit),
    dropIns: location => {
      const byName = new Map<string, string>();
      for (const folder of folderPaths(location, '.d')) {
        for (const name of confOf(folder)) if (!byName.has(name)) byName.set(name, `${folder}/${name}`);
      }
      return [...byName].sort(([a], [b]) => compareBytes(a, b)).map(([, file]) => file);
    },
    get linkedNames() {
      return [...reversed().keys()];
    },
    linksTo: names => names.flatMap(name => reversed().get(name) ?? []),
    dependencyLinks: location =>
      dependencyFolders.flatMap(({ suffix, kind }) =>
        folderPaths(location, suffix).flatMap(folder =>
          linksOf(folder).map(to => ({ kind, from: location.id, to, path: `${folder}/${to}` })),
        ),
      ),
  };
}

/** A `NAME.d`, `NAME.wants` ... folder; a lower priority number means an earlier directory of the search path. */
interface Folder {
  readonly priority: number;
  readonly path: string;
}

const dependencyFolders = [
  { suffix: '.wants', kind: 'Wants' },
  { suffix: '.requires', kind: 'Requires' },
  { suffix: '.upholds', kind: 'Upholds' },
] as const;

/** All links of all `.wants`, `.requires` and `.upholds` folders, by the name they lead to. */
function linksByTarget(
  folders: ReadonlyMap<string, readonly Folder[]>,
  linksOf: (folder: string) => readonly string[],
): ReadonlyMap<string, readonly DependencyLink[]> {
  const byTarget = new Map<string, DependencyLink[]>();
  for (const [name, places] of folders) {
    const kind = dependencyFolders.find(folder => name.endsWith(folder.suffix));
    if (kind === undefined) continue;
    const from = name.slice(0, -kind.suffix.length);
    for (const folder of places) {
      for (const to of linksOf(folder.path)) {
        append(byTarget, to, { kind: kind.kind, from, to, path: `${folder.path}/${to}` });
      }
    }
  }
  return byTarget;
}

/** systemd follows this many links between names (`FOLLOW_MAX`). */
const aliasHops = 8;

function plainFile(file: string): IndexEntry {
  return { path: file, aliasOf: undefined, isLink: false };
}

/**
 * A link that stays inside the search path is an alias; one that leaves it (`systemctl link`, or /dev/null) is the
 * unit's own file.
 *
 * @returns undefined when systemd passes the link over
 */
function linkedFile(
  files: HostFiles,
  searched: ReadonlySet<string>,
  unit: UnitName,
  file: string,
): IndexEntry | undefined {
  const target = path.posix.resolve(path.posix.dirname(file), files.readLink(file));
  // Parents are resolved, the last component is not: it may itself be an alias.
  const parent = files.resolve(path.posix.dirname(target)) ?? path.posix.dirname(target);
  const simplified = path.posix.join(parent, path.posix.basename(target));
  if (!isBelow(searched, simplified)) return { path: file, aliasOf: undefined, isLink: true };
  const name = path.posix.basename(simplified);
  return isValidAlias(unit, name) ? { path: file, aliasOf: name, isLink: true } : undefined;
}

function isBelow(directories: ReadonlySet<string>, file: string): boolean {
  for (let at = path.posix.dirname(file); ; at = path.posix.dirname(at)) {
    if (directories.has(at)) return true;
    if (at === '/' || at === '.') return false;
  }
}

/** An alias must be of the same type and the same kind, or an instance of a template. */
function isValidAlias(unit: UnitName, targetName: string): boolean {
  const target = parseUnitName(targetName);
  if (target === undefined || target.name === unit.name || target.type !== unit.type) return false;
  if (unit.kind === 'instance' && target.kind === 'template') return true;
  return target.kind === unit.kind && (target.kind !== 'instance' || target.instance === unit.instance);
}

type Entries = ReadonlyMap<string, IndexEntry>;

const loop = Symbol('the links go round');

/** The file behind a name; undefined when there is none. */
function follow(entries: Entries, name: string): string | typeof loop | undefined {
  let at = entries.get(name);
  for (let hop = 0; hop < aliasHops; hop += 1) {
    if (at === undefined) return undefined;
    if (at.aliasOf === undefined) return at.path;
    const next = parseUnitName(at.aliasOf);
    const template = next && templateOf(next);
    at = entries.get(at.aliasOf) ?? (template === undefined ? undefined : entries.get(template));
  }
  return loop;
}

/** For each file's own name, all names that lead to it. */
function aliasesById(entries: Entries): ReadonlyMap<string, readonly string[]> {
  const byId = new Map<string, string[]>();
  for (const name of entries.keys()) {
    const file = follow(entries, name);
    if (file === undefined || file === loop) continue;
    const id = filledIn(path.posix.basename(file), parseUnitName(name)?.instance);
    append(byId, id, name);
  }
  return byId;
}

function locate(
  entries: Entries,
  aliases: ReadonlyMap<string, readonly string[]>,
  unit: UnitName,
): UnitLocation {
  const template = templateOf(unit);
  const own = follow(entries, unit.name);
  const fragment = own ?? (template === undefined ? undefined : follow(entries, template));
  if (fragment === undefined || fragment === loop) {
    return { fragment: undefined, id: unit.name, names: [unit.name], aliasLoop: fragment === loop };
  }
  const base = path.posix.basename(fragment);
  const id = filledIn(base, unit.instance);
  const names = new Set([id, unit.name]);
  for (const key of [unit.name, base, id]) {
    for (const alias of aliases.get(key) ?? []) {
      const name = filledIn(alias, unit.instance);
      // A template's alias may lead elsewhere for this very instance.
      if (name === alias || leadsTo(follow(entries, name), base)) names.add(name);
    }
  }
  return { fragment, id, names: [...names], aliasLoop: false };
}

function leadsTo(file: ReturnType<typeof follow>, base: string): boolean {
  return typeof file !== 'string' || path.posix.basename(file) === base;
}

/** A template's name with the instance put in; any other name as it is. */
function filledIn(name: string, instance: string | undefined): string {
  const unit = parseUnitName(name);
  return unit?.kind === 'template' && instance !== undefined ? withInstance(unit, instance) : name;
}

function isUnitFolder(name: string): boolean {
  const match = /^(.+)\.(?:wants|requires|upholds|d)$/.exec(name);
  const unit = match?.[1];
  return (
    unit !== undefined && (parseUnitName(unit) !== undefined || parseUnitName(`x.${unit}`) !== undefined)
  );
}

function leadsToDirectory(files: HostFiles, file: string): boolean {
  return files.status(file)?.kind === 'directory';
}

/** Names of the drop-in files in a folder: `*.conf`, hidden ones passed over. */
function confFiles(files: HostFiles, folder: string): readonly string[] {
  return listReadable(files, folder)
    .map(entry => entry.name)
    .filter(name => name.endsWith('.conf') && !name.startsWith('.'));
}

/** Units that a `.wants` folder links to. Files that are no links, and links to /dev/null, do not count. */
function links(files: HostFiles, folder: string): readonly string[] {
  return listReadable(files, folder)
    .filter(entry => entry.kind === 'symlink' && parseUnitName(entry.name) !== undefined)
    .map(entry => entry.name)
    .filter(name => files.readLink(`${folder}/${name}`) !== '/dev/null')
    .sort(compareBytes);
}

function listReadable(files: HostFiles, directory: string): ReturnType<HostFiles['list']> & object {
  try {
    return files.list(directory) ?? [];
  } catch {
    // systemd warns and goes on without the directory; a unit missing for that reason is reported as not found.
    return [];
  }
}

function compareBytes(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function append<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function remember<K, V>(ask: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return key => {
    const value = known.get(key) ?? ask(key);
    known.set(key, value);
    return value;
  };
}
