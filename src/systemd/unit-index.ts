/**
 * Finds the file that a unit name leads to, the other names of the unit, and the folders that belong to it, in one pass
 * over the search path, as a manager does at daemon-reload.
 * Source: systemd.unit(5) "Unit File Load Path"; `unit_file_build_name_map()`, `unit_file_find_fragment()`,
 * `unit_file_find_dropin_paths()`, `process_deps()`.
 */
import path from 'node:path';
import type { DirectoryEntry, FileKind, HostFiles } from './host/host.ts';
import { searchedFiles } from './host/search.ts';
import { once, remember, rememberLast } from './remember.ts';
import {
  dropInNames,
  parseUnitName,
  templateOf,
  type UnitName,
  type UnitType,
  withInstance,
} from './unit-name.ts';

/** The file and the names that the search path gives to one unit name. */
export interface UnitLocation {
  /** The file or link that is read; undefined when no directory contains one. */
  readonly fragment: string | undefined;
  /** The name of the unit: that of the fragment with the instance filled in, if systemd finds that name. */
  readonly id: string;
  /** All names of the unit, the id first. */
  readonly names: readonly string[];
  /** Whether the names lead to each other in a circle, or through too many links (systemd follows 8). */
  readonly aliasLoop: boolean;
}

/** The names for which the folders of a unit are searched. */
type UnitNames = Pick<UnitLocation, 'id' | 'names'>;

/** A link such as `TARGET.wants/UNIT`, by which a start of the target starts the unit. */
export interface DependencyLink {
  readonly kind: 'Wants' | 'Requires' | 'Upholds';
  /** Name of the unit whose folder holds the link. */
  readonly from: string;
  /** Name of the unit that the link starts. */
  readonly to: string;
  /** Path of the link. */
  readonly path: string;
}

/** The unit files of a search path, with their names and folders. */
export interface UnitIndex {
  readonly unitPath: readonly string[];
  locate(name: UnitName): UnitLocation;
  /**
   * Drop-in files of a unit in the order in which they are applied, the later ones win. Symlinks in the paths of their
   * folders are resolved.
   */
  dropIns(location: UnitLocation): readonly string[];
  /** The folders from which a unit's drop-ins are read; of two files with one name, the one in the earlier folder counts. */
  dropInFolders(unit: UnitNames): readonly string[];
  /** The links in the `.wants`, `.requires` and `.upholds` folders of a unit. */
  dependencyLinks(location: UnitLocation): readonly DependencyLink[];
  /** The links to one of these names in all such folders, even in those of units that do not exist. */
  linksTo(names: readonly string[]): readonly DependencyLink[];
  /** The names that such links lead to, as far as they are asked for: to look at a link takes longer than to read its name. */
  linkedNames(isAskedFor: (name: string) => boolean): readonly string[];
  /** Every name that has a file or link in the search path, templates included. */
  readonly names: readonly string[];
  /** The directory entry behind a name: what it links to, if it is a link. */
  entry(name: string): IndexEntry | undefined;
  /** The contents of each directory, hidden entries included. */
  directories(): readonly SearchDirectory[];
}

/** One directory of the search path. */
export interface SearchDirectory {
  readonly directory: string;
  /** Its files and links with names of units. */
  readonly units: ReadonlyMap<string, FileKind>;
  /** The names of its links, by the last component of their targets. */
  readonly linksByTarget: ReadonlyMap<string, readonly string[]>;
  /** The links in its folders that pull units in, by the names of the units that they may concern. */
  readonly pulls: ReadonlyMap<string, readonly PullingLink[]>;
  /** Its entries with the name of a drop-in folder, `NAME.d`. */
  readonly dropInFolders: ReadonlySet<string>;
}

/** A link in a folder such as `default.target.wants`. */
export interface PullingLink {
  /** Name of the link. */
  readonly name: string;
  /** The last component of the link's target. */
  readonly target: string;
}

/** The file or link that a name has in the search path. */
export interface IndexEntry {
  /** The file or link. */
  readonly path: string;
  /** Set when the name is an alias of another unit in the search path. */
  readonly aliasOf: string | undefined;
  readonly isLink: boolean;
}

/**
 * Lists the directories of a search path, once, and finds out which names lead to which files. Like for systemd, a
 * directory that cannot be read counts as empty.
 *
 * Source: systemd.unit(5), "Unit File Load Path"; `unit_file_build_name_map()` in `src/shared/unit-file.c`.
 *
 * @param version systemd's major version, such as 252, which decides what links mean; the newest when it is missing
 * @example
 * import { buildUnitIndex, openOfflineHost } from 'daruma/systemd';
 *
 * const host = openOfflineHost({ root: 'examples/neko', scope: 'user' });
 * const index = buildUnitIndex(host.files, host.unitPath, host.systemd.version);
 * index.names.includes('litellm.service'); // true
 * index.linksTo(['litellm.service']).map(link => link.from); // [ 'default.target' ]
 */
export function buildUnitIndex(
  files: HostFiles,
  unitPath: readonly string[],
  version = Number.POSITIVE_INFINITY,
): UnitIndex {
  const { entries, folders, listings } = scanSearchPath(files, unitPath, version);
  const names = { entries, aliases: aliasesByName(entries, version), version };
  const foldersOf = folderFinder(files, folders);
  const confOf = remember((folder: string) => confFiles(files, folder));
  const entriesOf = remember((folder: string) => dependencyEntries(files, folder));
  const reversed = once(() => linksByTarget(folders, entriesOf));
  const linksTo = (name: string) =>
    (reversed().get(name) ?? []).filter(({ entry }) => entry.counts).map(({ link }) => link);
  const directories = once(() =>
    [...listings].map(([directory, listing]) => searchDirectory(files, directory, listing, version)),
  );

  return {
    unitPath,
    directories,
    names: [...entries.keys()],
    entry: name => entries.get(name),
    locate: unit => locate(files, names, unit),
    dropIns: location => firstOfEachName(foldersOf(location, '.d'), confOf).map(file => file.path),
    dropInFolders: unit => foldersOf(unit, '.d'),
    linkedNames: isAskedFor =>
      [...reversed().keys()].filter(name => isAskedFor(name) && linksTo(name).length > 0),
    linksTo: targets => targets.flatMap(linksTo),
    dependencyLinks: location =>
      dependencyFolders.flatMap(({ suffix, kind }) =>
        // An entry that is no link hides a link of the same name in a later folder, too.
        firstOfEachName(foldersOf(location, suffix), entriesOf)
          .filter(entry => entry.counts)
          .map(({ name, path: link }) => ({ kind, from: location.id, to: name, path: link })),
      ),
  };
}

/** What the directories of a search path contain. */
interface Scan {
  readonly entries: Entries;
  readonly folders: FoldersBySuffix;
  /** All that each directory contains, by the path of the directory. */
  readonly listings: ReadonlyMap<string, readonly DirectoryEntry[]>;
}

function scanSearchPath(files: HostFiles, unitPath: readonly string[], version: number): Scan {
  const entries = new Map<string, IndexEntry>();
  const folders: FoldersBySuffix = new Map();
  const listings = new Map<string, readonly DirectoryEntry[]>();
  const search = searchedDirectories(files, unitPath, version);

  for (const [priority, directory] of unitPath.entries()) {
    const listing = searchedFiles(files).list(directory);
    listings.set(directory, listing);
    for (const { name, kind } of listing) {
      // A folder in /usr/lib may be listed again as one in /lib.
      if (entries.has(name)) continue;
      const file = `${directory}/${name}`;
      const unit = parseUnitName(name);
      if (kind === 'directory' || (kind === 'symlink' && unit === undefined)) {
        const folder = readFolderName(name, version);
        if (folder === undefined) continue;
        if (kind === 'symlink' && !isLinkedFolder(files, directory, file, version)) continue;
        addFolder(folders, folder, { priority, path: file });
      } else if (unit !== undefined) {
        const entry = readEntry(files, search, unit, kind, file);
        if (entry !== undefined) entries.set(name, entry);
      }
    }
  }
  return { entries, folders, listings };
}

/**
 * Finds the folders of a unit that have a certain suffix. They come in the order of the search path; within a directory the
 * folder with the more specific name comes first.
 */
function folderFinder(
  files: HostFiles,
  folders: FoldersBySuffix,
): (unit: UnitNames, suffix: FolderSuffix) => readonly string[] {
  // systemd resolves the path of a folder, and names the files in it by the result.
  const resolved = remember((folder: string) => searchedFiles(files).resolve(folder) ?? folder);
  // A unit is asked for its folders of each suffix in turn, and nearly all units have no folder at all.
  const haveFolders = new Set([...folders.values()].flatMap(ofSuffix => [...ofSuffix.keys()]));
  const namesWithFolders = rememberLast((unit: UnitNames) =>
    folderNames(unit)
      .map(names => names.filter(name => haveFolders.has(name)))
      .filter(names => names.length > 0),
  );
  return (unit, suffix) =>
    namesWithFolders(unit).flatMap(names => {
      const found = names.flatMap(name => folders.get(suffix)?.get(name) ?? []);
      return found.sort((a, b) => a.priority - b.priority).map(folder => resolved(folder.path));
    });
}

/** The entries of several folders, sorted by name. Of entries with the same name, the one in the first folder counts. */
function firstOfEachName<T extends FolderEntry>(
  folders: readonly string[],
  entriesOf: (folder: string) => readonly T[],
): readonly T[] {
  if (folders.length === 0) return [];
  const byName = new Map<string, T>();
  for (const folder of folders) {
    for (const entry of entriesOf(folder)) if (!byName.has(entry.name)) byName.set(entry.name, entry);
  }
  return [...byName.values()].sort((a, b) => compareBytes(a.name, b.name));
}

/** For each name of a unit, and for its type, the names that a folder for it may have. */
function folderNames({ id, names }: UnitNames): readonly (readonly string[])[] {
  const ofNames = names.map(name => {
    const unit = parseUnitName(name);
    return unit === undefined ? [name] : dropInNames(unit);
  });
  return [...ofNames, [id.slice(id.lastIndexOf('.') + 1)]];
}

/** A `NAME.d`, `NAME.wants` ... folder; a lower priority number means an earlier directory of the search path. */
interface NamedFolder {
  readonly priority: number;
  readonly path: string;
}

/** The folders of a search path, by the suffix of their names and then by the unit or the type that they are for. */
type FoldersBySuffix = Map<FolderSuffix, Map<string, NamedFolder[]>>;

/** The parts of the name of such a folder. */
interface FolderName {
  /** The unit or the type of units that the folder is for. */
  readonly unit: string;
  readonly suffix: FolderSuffix;
}

function addFolder(folders: FoldersBySuffix, { unit, suffix }: FolderName, folder: NamedFolder): void {
  const ofSuffix = folders.get(suffix) ?? new Map<string, NamedFolder[]>();
  folders.set(suffix, ofSuffix);
  append(ofSuffix, unit, folder);
}

const dependencyFolders = [
  { suffix: '.wants', kind: 'Wants' },
  { suffix: '.requires', kind: 'Requires' },
  { suffix: '.upholds', kind: 'Upholds' },
] as const;

const folderSuffixes = ['.d', ...dependencyFolders.map(({ suffix }) => suffix)] as const;
type FolderSuffix = (typeof folderSuffixes)[number];

/** An entry of a `.wants`, `.requires` or `.upholds` folder, and the link that it is if it counts. */
interface FoundLink {
  readonly entry: DependencyEntry;
  readonly link: DependencyLink;
}

/** The entries of all `.wants`, `.requires` and `.upholds` folders, by the name they lead to. */
function linksByTarget(
  folders: FoldersBySuffix,
  entriesOf: (folder: string) => readonly DependencyEntry[],
): ReadonlyMap<string, readonly FoundLink[]> {
  const byTarget = new Map<string, FoundLink[]>();
  for (const { suffix, kind } of dependencyFolders) {
    for (const [from, places] of folders.get(suffix) ?? []) {
      for (const entry of places.flatMap(folder => entriesOf(folder.path))) {
        const { name: to, path: link } = entry;
        append(byTarget, to, { entry, link: { kind, from, to, path: link } });
      }
    }
  }
  return byTarget;
}

/** systemd follows this many links between names (`FOLLOW_MAX`). */
const aliasHops = 8;

function searchDirectory(
  files: HostFiles,
  directory: string,
  listing: readonly DirectoryEntry[],
  version: number,
): SearchDirectory {
  const units = new Map(
    listing.filter(({ name }) => parseUnitName(name) !== undefined).map(({ name, kind }) => [name, kind]),
  );
  const byTarget = new Map<string, string[]>();
  for (const { name, target } of linksAmong(files, directory, listing)) append(byTarget, target, name);
  const pulls = pullingLinks(files, directory, listing, version);
  const dropInFolders = new Set(listing.map(entry => entry.name).filter(name => name.endsWith('.d')));
  return { directory, units, linksByTarget: byTarget, pulls, dropInFolders };
}

function pullingLinks(
  files: HostFiles,
  directory: string,
  listing: readonly DirectoryEntry[],
  version: number,
): SearchDirectory['pulls'] {
  const suffixes = dependencyFolders
    .map(folder => folder.suffix)
    .filter(suffix => suffix !== '.upholds' || version >= 254);
  // Debian's 247 looks into every folder.
  const isSearched = ({ name, kind }: DirectoryEntry) =>
    kind === 'directory' && (version < 248 || suffixes.some(suffix => name.endsWith(suffix)));
  const pulls = new Map<string, PullingLink[]>();
  for (const { name: folderName } of listing.filter(isSearched)) {
    const folder = `${directory}/${folderName}`;
    for (const link of linksAmong(files, folder, searchedFiles(files).list(folder))) {
      // Since 251 only the name of the link counts; for an instance, the name of its template counts as well.
      const other = version >= 251 ? templateName(link.name) : link.target;
      for (const about of new Set([link.name, other])) {
        if (about !== undefined) append(pulls, about, link);
      }
    }
  }
  return pulls;
}

function linksAmong(
  files: HostFiles,
  directory: string,
  listing: readonly DirectoryEntry[],
): readonly PullingLink[] {
  return listing
    .filter(({ kind }) => kind === 'symlink')
    .map(({ name }) => ({ name, target: path.posix.basename(files.readLink(`${directory}/${name}`)) }));
}

function templateName(name: string): string | undefined {
  const unit = parseUnitName(name);
  return unit?.kind === 'template' ? name : unit && templateOf(unit);
}

interface SearchedDirectories {
  /** The directories themselves and, since 251, their real paths. */
  readonly directories: ReadonlySet<string>;
  /** The real path of a folder; the path itself where it leads nowhere. */
  readonly resolve: (folder: string) => string;
  readonly version: number;
}

function searchedDirectories(
  files: HostFiles,
  unitPath: readonly string[],
  version: number,
): SearchedDirectories {
  const resolved =
    version < 251 ? [] : unitPath.flatMap(directory => searchedFiles(files).resolve(directory) ?? []);
  // Nearly all links lead to the same few folders.
  const resolve = remember((folder: string) => searchedFiles(files).resolve(folder) ?? folder);
  return { directories: new Set([...unitPath, ...resolved]), resolve, version };
}

/** @returns undefined when systemd ignores the entry */
function readEntry(
  files: HostFiles,
  search: SearchedDirectories,
  unit: UnitName,
  kind: FileKind,
  file: string,
): IndexEntry | undefined {
  if (kind === 'file') return { path: file, aliasOf: undefined, isLink: false };
  return kind === 'symlink' ? linkedFile(files, search, unit, file) : undefined;
}

/**
 * A link that stays inside the search path is an alias; one that leaves it (`systemctl link`, or /dev/null) is the
 * unit's own file.
 *
 * @returns undefined when systemd ignores the link
 */
function linkedFile(
  files: HostFiles,
  search: SearchedDirectories,
  unit: UnitName,
  file: string,
): IndexEntry | undefined {
  const target = path.posix.resolve(path.posix.dirname(file), files.readLink(file));
  // The parents of the target are resolved, but not its last component, which may itself be an alias.
  const simplified = path.posix.join(search.resolve(path.posix.dirname(target)), path.posix.basename(target));
  if (!isBelow(search.directories, simplified)) {
    // Until 247 the unit had the name of the file at the end of the link.
    return { path: search.version < 248 ? simplified : file, aliasOf: undefined, isLink: true };
  }
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
export function isValidAlias(unit: UnitName, targetName: string): boolean {
  const target = parseUnitName(targetName);
  if (target === undefined || target.name === unit.name || target.type !== unit.type) return false;
  if (!aliasable.has(unit.type)) return false;
  if (unit.kind === 'instance' && target.kind === 'template') return true;
  return target.kind === unit.kind && (target.kind !== 'instance' || target.instance === unit.instance);
}

/** `unit_type_may_alias()` */
const aliasable: ReadonlySet<UnitType> = new Set(['service', 'socket', 'target', 'device', 'timer', 'path']);

type Entries = ReadonlyMap<string, IndexEntry>;

const loop = Symbol('the links go round');

/** The file that a name leads to; undefined when there is none. */
function followAliases(entries: Entries, name: string): string | typeof loop | undefined {
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

/** For the name of each file, the other names that lead to it. */
function aliasesByName(entries: Entries, version: number): ReadonlyMap<string, readonly string[]> {
  const byName = new Map<string, string[]>();
  for (const [name, entry] of entries) {
    // Nearly all units are plain files and have no other name.
    if (entry.aliasOf === undefined && path.posix.basename(entry.path) === name) continue;
    const file = followAliases(entries, name);
    if (file === undefined || file === loop) continue;
    const base = path.posix.basename(file);
    const instance = parseUnitName(name)?.instance;
    const own = filledIn(base, instance);
    // A link from an instance to a template is a name of this one instance; until 248 it was no name at all.
    if (own !== base && version < 249) continue;
    append(byName, own, name);
  }
  return byName;
}

/** The names in a search path. */
interface KnownNames {
  readonly entries: Entries;
  /** For the name of each file, the other names that lead to it. */
  readonly aliases: ReadonlyMap<string, readonly string[]>;
  /** systemd's major version, which decides what links mean. */
  readonly version: number;
}

/** Source: `unit_file_find_fragment()`, and what `unit_load_fragment()` does with the names it gets. */
function locate(files: HostFiles, known: KnownNames, unit: UnitName): UnitLocation {
  const fragment = fragmentOf(known.entries, unit);
  if (fragment === undefined || fragment === loop) {
    return { fragment: undefined, id: unit.name, names: [unit.name], aliasLoop: fragment === loop };
  }
  const fileName = path.posix.basename(fragment);
  const nameByFile = filledIn(fileName, unit.instance);
  const aliases = [...(known.aliases.get(unit.name) ?? []), ...(known.aliases.get(fileName) ?? [])];
  // Nearly all units have one name: whether their file is a mask need not be asked.
  if (nameByFile === unit.name && aliases.length === 0) {
    return { fragment, id: unit.name, names: [unit.name], aliasLoop: false };
  }

  const masked = isMaskFile(files, fragment);
  const names = new Set([unit.name]);
  if (fileName !== unit.name && hasNameOfFile(known, fileName, masked)) names.add(nameByFile);
  if (!masked) {
    for (const name of aliasesForInstance(known.entries, aliases, unit, fileName)) names.add(name);
  }
  // The name of a masked template is not filled in: the instance keeps the name by which it was asked for.
  const goesByFile =
    names.has(nameByFile) &&
    (fileName === nameByFile || (!masked && !isOfAnotherFile(known, nameByFile, fragment)));
  const id = goesByFile ? nameByFile : unit.name;
  return { fragment, id, names: [id, ...[...names].filter(name => name !== id)], aliasLoop: false };
}

/** The file of a unit; for an instance without a file of its own, that of its template. */
function fragmentOf(entries: Entries, unit: UnitName): ReturnType<typeof followAliases> {
  const own = followAliases(entries, unit.name);
  if (own !== undefined) return own;
  const template = templateOf(unit);
  return template === undefined ? undefined : followAliases(entries, template);
}

/** Whether a unit also has the name of its file. Until 248 it needed a file that this name leads to, and that is no mask. */
function hasNameOfFile({ entries, version }: KnownNames, fileName: string, masked: boolean): boolean {
  return version >= 249 || (!masked && typeof followAliases(entries, fileName) === 'string');
}

/**
 * Whether an instance whose template was found has a file of its own. From 249 on a link to the template then keeps its own name (run:
 * 252, 257 and 262; 247 gives it the other).
 */
function isOfAnotherFile({ entries, version }: KnownNames, instance: string, fragment: string): boolean {
  if (version < 249) return false;
  const own = followAliases(entries, instance);
  return typeof own === 'string' && own !== fragment;
}

/** The aliases with the instance of a unit filled in, without those that lead to another file for this very instance. */
function aliasesForInstance(
  entries: Entries,
  aliases: readonly string[],
  unit: UnitName,
  fileName: string,
): readonly string[] {
  return aliases.flatMap(alias => {
    const name = filledIn(alias, unit.instance);
    if (name === alias) return [name];
    const file = followAliases(entries, name);
    return typeof file !== 'string' || path.posix.basename(file) === fileName ? [name] : [];
  });
}

/**
 * Whether a file masks a unit: it is empty, or a link to /dev/null, even if that device does not exist (in an unpacked
 * root).
 */
export function isMaskFile(files: HostFiles, file: string): boolean {
  if (file === '/dev/null') return true;
  const status = searchedFiles(files).status(file);
  if (status !== undefined) return status.kind === 'other' || (status.kind === 'file' && status.size === 0);
  try {
    return files.readLink(file) === '/dev/null';
  } catch {
    return false;
  }
}

/** The name of a template with the instance filled in; any other name as it is. */
function filledIn(name: string, instance: string | undefined): string {
  const unit = instance === undefined ? undefined : parseUnitName(name);
  return unit?.kind === 'template' && instance !== undefined ? withInstance(unit, instance) : name;
}

/** The unit or type that a folder with this name is for; undefined when a manager of this version does not read it. */
function readFolderName(name: string, version: number): FolderName | undefined {
  const suffix = folderSuffixes.find(known => name.endsWith(known));
  if (suffix === undefined || (suffix === '.upholds' && version < 254)) return undefined;
  const unit = name.slice(0, -suffix.length);
  const isForUnits = parseUnitName(unit) !== undefined || parseUnitName(`x.${unit}`) !== undefined;
  return isForUnits ? { unit, suffix } : undefined;
}

/** Since 250 the target of the link itself must be a directory, and a relative target starts at the root directory. */
function isLinkedFolder(files: HostFiles, directory: string, file: string, version: number): boolean {
  const target = path.posix.resolve(version < 250 ? directory : '/', files.readLink(file));
  return searchedFiles(files).status(target)?.kind === 'directory';
}

/** A file or link in one of a unit's folders. */
interface FolderEntry {
  readonly name: string;
  readonly path: string;
}

/** The drop-in files in a folder: `*.conf`, without hidden ones. */
function confFiles(files: HostFiles, folder: string): readonly FolderEntry[] {
  return searchedFiles(files)
    .list(folder)
    .filter(({ name }) => name.endsWith('.conf') && !name.startsWith('.'))
    .map(({ name }) => ({ name, path: `${folder}/${name}` }));
}

/** An entry of a `.wants`, `.requires` or `.upholds` folder. */
interface DependencyEntry extends FolderEntry {
  /** Whether it is a dependency: a link with the name of a unit that leads neither to /dev/null nor to an empty file. */
  readonly counts: boolean;
}

function dependencyEntries(files: HostFiles, folder: string): readonly DependencyEntry[] {
  return searchedFiles(files)
    .list(folder)
    .filter(({ name }) => !name.startsWith('.'))
    .map(({ name, kind }) => {
      const file = `${folder}/${name}`;
      const isDependency = once(
        () => kind === 'symlink' && parseUnitName(name) !== undefined && !isMaskFile(files, file),
      );
      return {
        name,
        path: file,
        get counts() {
          return isDependency();
        },
      };
    });
}

/** strcmp(3): JavaScript's own order of strings differs behind U+FFFF only. */
function compareBytes(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function append<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
