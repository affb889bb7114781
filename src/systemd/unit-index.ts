/**
 * Which file a unit name leads to, which other names it has, and which folders belong to it: one pass over the search
 * path, as a manager does it at daemon-reload.
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
  /** The file or link that is read; undefined when no directory has one. */
  readonly fragment: string | undefined;
  /** The name the unit goes by: the fragment's own, with the instance filled in, where systemd finds its way to it. */
  readonly id: string;
  /** All names of the unit, the id first. */
  readonly names: readonly string[];
  /** Names that lead round in a circle, or too deep (systemd follows 8). */
  readonly aliasLoop: boolean;
}

/** Under which names the folders of a unit are looked for. */
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
  /** Drop-in files of a unit in the order they are applied, later ones win; symlinks in their folders' paths resolved. */
  dropIns(location: UnitLocation): readonly string[];
  /** The folders that its drop-ins are read from; of two files with one name, that in the first of them counts. */
  dropInFolders(unit: UnitNames): readonly string[];
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
  /** What stands where, directory by directory, hidden entries included. */
  directories(): readonly SearchDirectory[];
}

/** One directory of the search path. */
export interface SearchDirectory {
  readonly directory: string;
  /** Its files and links that are called like units. */
  readonly units: ReadonlyMap<string, FileKind>;
  /** Its links, by the last component of what they say; with the names of the links. */
  readonly linksByTarget: ReadonlyMap<string, readonly string[]>;
  /** The links in its folders that pull units in, by the units they may be about. */
  readonly pulls: ReadonlyMap<string, readonly PullingLink[]>;
  /** What in it is called like a folder of drop-ins, `NAME.d`. */
  readonly dropInFolders: ReadonlySet<string>;
}

/** A link in a folder such as `default.target.wants`. */
export interface PullingLink {
  /** Name of the link. */
  readonly name: string;
  /** The last component of what it says. */
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
 * Lists the directories of a search path, once, and finds out which names lead to which files. As for systemd, a directory that
 * cannot be read counts as empty.
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
  const entries = new Map<string, IndexEntry>();
  const folders: FoldersBySuffix = new Map();
  const listings = new Map<string, readonly DirectoryEntry[]>();
  const search = searchedDirectories(files, unitPath, version);

  for (const [priority, directory] of unitPath.entries()) {
    const listing = searchedFiles(files).list(directory);
    listings.set(directory, listing);
    for (const { name, kind } of listing) {
      const file = `${directory}/${name}`;
      const unit = parseUnitName(name);
      if (kind === 'directory' || (kind === 'symlink' && unit === undefined)) {
        const folder = readFolderName(name, version);
        if (folder === undefined) continue;
        if (kind === 'symlink' && !isLinkedFolder(files, directory, file, version)) continue;
        const ofSuffix = folders.get(folder.suffix) ?? new Map<string, Folder[]>();
        folders.set(folder.suffix, ofSuffix);
        append(ofSuffix, folder.unit, { priority, path: file });
      } else if (unit !== undefined && (kind === 'file' || kind === 'symlink') && !entries.has(name)) {
        const entry = kind === 'file' ? plainFile(file) : linkedFile(files, search, unit, file);
        if (entry !== undefined) entries.set(name, entry);
      }
    }
  }

  const aliases = aliasesByName(entries, version);
  // systemd resolves the folder, and names the file in it by the result.
  const resolved = remember((folder: string) => searchedFiles(files).resolve(folder) ?? folder);
  const confOf = remember((folder: string) => confFiles(files, folder));
  const entriesOf = remember((folder: string) => dependencyEntries(files, folder));

  // Every unit asks for folders of each kind, and nearly all have none of any.
  const haveFolders = new Set([...folders.values()].flatMap(ofSuffix => [...ofSuffix.keys()]));
  const namesWithFolders = rememberLast((unit: UnitNames) =>
    folderNames(unit)
      .map(names => names.filter(name => haveFolders.has(name)))
      .filter(names => names.length > 0),
  );
  // Folders of one name come in the order of the search path and, within a directory, the more specific name first.
  const folderPaths = (unit: UnitNames, suffix: FolderSuffix): readonly string[] =>
    namesWithFolders(unit).flatMap(candidates => {
      const found = candidates.flatMap(candidate => folders.get(suffix)?.get(candidate) ?? []);
      return found.sort((a, b) => a.priority - b.priority).map(folder => resolved(folder.path));
    });

  const reversed = once(() => linksByTarget(folders, entriesOf));

  const directories = once(() =>
    [...listings].map(([directory, listing]) => searchDirectory(files, directory, listing, version)),
  );

  return {
    unitPath,
    directories,
    names: [...entries.keys()],
    entry: name => entries.get(name),
    locate: unit => locate(files, entries, aliases, unit, version),
    dropIns: location => {
      const paths = folderPaths(location, '.d');
      if (paths.length === 0) return paths;
      const byName = new Map<string, string>();
      for (const folder of paths) {
        for (const name of confOf(folder)) if (!byName.has(name)) byName.set(name, `${folder}/${name}`);
      }
      return inOrder(byName);
    },
    dropInFolders: unit => folderPaths(unit, '.d'),
    get linkedNames() {
      return [...reversed().keys()];
    },
    linksTo: names => names.flatMap(name => reversed().get(name) ?? []),
    dependencyLinks: location =>
      dependencyFolders.flatMap(({ suffix, kind }) => {
        const paths = folderPaths(location, suffix);
        if (paths.length === 0) return [];
        // As with drop-ins, an entry hides those of the same name further back; one that is no link hides them too.
        const byName = new Map<string, DependencyEntry>();
        for (const folder of paths) {
          for (const entry of entriesOf(folder)) if (!byName.has(entry.name)) byName.set(entry.name, entry);
        }
        return inOrder(byName)
          .filter(entry => entry.counts)
          .map(({ name, path: link }) => ({ kind, from: location.id, to: name, path: link }));
      }),
  };
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
interface Folder {
  readonly priority: number;
  readonly path: string;
}

/** The folders of a search path by what their names end with, then by the unit or the type that they are for. */
type FoldersBySuffix = Map<FolderSuffix, Map<string, Folder[]>>;

const dependencyFolders = [
  { suffix: '.wants', kind: 'Wants' },
  { suffix: '.requires', kind: 'Requires' },
  { suffix: '.upholds', kind: 'Upholds' },
] as const;

const folderSuffixes = ['.d', ...dependencyFolders.map(({ suffix }) => suffix)] as const;
type FolderSuffix = (typeof folderSuffixes)[number];

/** All links of all `.wants`, `.requires` and `.upholds` folders, by the name they lead to. */
function linksByTarget(
  folders: FoldersBySuffix,
  entriesOf: (folder: string) => readonly DependencyEntry[],
): ReadonlyMap<string, readonly DependencyLink[]> {
  const byTarget = new Map<string, DependencyLink[]>();
  for (const { suffix, kind } of dependencyFolders) {
    for (const [from, places] of folders.get(suffix) ?? []) {
      for (const { name, path: link, counts } of places.flatMap(folder => entriesOf(folder.path))) {
        if (counts) append(byTarget, name, { kind, from, to: name, path: link });
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

function searchDirectory(
  files: HostFiles,
  directory: string,
  listing: readonly DirectoryEntry[],
  version: number,
): SearchDirectory {
  const links = listing.filter(entry => entry.kind === 'symlink');
  const byTarget = new Map<string, string[]>();
  for (const { name } of links)
    append(byTarget, path.posix.basename(files.readLink(`${directory}/${name}`)), name);
  const suffixes = dependencyFolders
    .map(folder => folder.suffix)
    .filter(suffix => suffix !== '.upholds' || version >= 254);
  // Debian's 247 looks into every folder there is.
  const folders = listing.filter(
    ({ name, kind }) =>
      kind === 'directory' && (version < 248 || suffixes.some(suffix => name.endsWith(suffix))),
  );
  const pulls = new Map<string, PullingLink[]>();
  for (const folder of folders) {
    for (const { name, kind } of searchedFiles(files).list(`${directory}/${folder.name}`)) {
      if (kind !== 'symlink') continue;
      const target = path.posix.basename(files.readLink(`${directory}/${folder.name}/${name}`));
      // Since 251 only the name of the link counts, be it that of an instance of the unit.
      const other = version >= 251 ? templateName(name) : target;
      for (const about of new Set([name, other])) {
        if (about !== undefined) append(pulls, about, { name, target });
      }
    }
  }
  const units = new Map(
    listing.filter(({ name }) => parseUnitName(name) !== undefined).map(({ name, kind }) => [name, kind]),
  );
  const dropInFolders = new Set(listing.map(entry => entry.name).filter(name => name.endsWith('.d')));
  return { directory, units, linksByTarget: byTarget, pulls, dropInFolders };
}

function templateName(name: string): string | undefined {
  const unit = parseUnitName(name);
  return unit?.kind === 'template' ? name : unit && templateOf(unit);
}

interface SearchedDirectories {
  /** The directories themselves and, since 251, what they lead to. */
  readonly directories: ReadonlySet<string>;
  readonly version: number;
}

function searchedDirectories(
  files: HostFiles,
  unitPath: readonly string[],
  version: number,
): SearchedDirectories {
  const resolved =
    version < 251 ? [] : unitPath.flatMap(directory => searchedFiles(files).resolve(directory) ?? []);
  return { directories: new Set([...unitPath, ...resolved]), version };
}

/**
 * A link that stays inside the search path is an alias; one that leaves it (`systemctl link`, or /dev/null) is the
 * unit's own file.
 *
 * @returns undefined when systemd passes the link over
 */
function linkedFile(
  files: HostFiles,
  search: SearchedDirectories,
  unit: UnitName,
  file: string,
): IndexEntry | undefined {
  const target = path.posix.resolve(path.posix.dirname(file), files.readLink(file));
  // Parents are resolved, the last component is not: it may itself be an alias.
  const parent = searchedFiles(files).resolve(path.posix.dirname(target)) ?? path.posix.dirname(target);
  const simplified = path.posix.join(parent, path.posix.basename(target));
  if (!isBelow(search.directories, simplified)) {
    // Until 247 the unit went by the file at the other end.
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

/** For each file's own name, the other names that lead to it. */
function aliasesByName(entries: Entries, version: number): ReadonlyMap<string, readonly string[]> {
  const byName = new Map<string, string[]>();
  for (const [name, entry] of entries) {
    // Nearly all units are plain files and have no other name.
    if (entry.aliasOf === undefined && path.posix.basename(entry.path) === name) continue;
    const file = follow(entries, name);
    if (file === undefined || file === loop) continue;
    const base = path.posix.basename(file);
    const instance = parseUnitName(name)?.instance;
    const own = filledIn(base, instance);
    // A link from an instance to a template is a name of that one instance; until 248 it was none at all.
    if (own !== base && version < 249) continue;
    append(byName, own, name);
  }
  return byName;
}

/** Source: `unit_file_find_fragment()`, and what `unit_load_fragment()` does with the names it gets. */
function locate(
  files: HostFiles,
  entries: Entries,
  aliases: ReadonlyMap<string, readonly string[]>,
  unit: UnitName,
  version: number,
): UnitLocation {
  const template = templateOf(unit);
  const own = follow(entries, unit.name);
  const fragment = own ?? (template === undefined ? undefined : follow(entries, template));
  if (fragment === undefined || fragment === loop) return nowhere(unit.name, fragment === loop);

  const base = path.posix.basename(fragment);
  const id = filledIn(base, unit.instance);
  const ofUnit = aliases.get(unit.name);
  const ofFile = aliases.get(base);
  if (id === unit.name && ofUnit === undefined && ofFile === undefined) {
    return { fragment, id, names: [id], aliasLoop: false };
  }

  const others = [...(ofUnit ?? []), ...(ofFile ?? [])];
  const names = new Set([unit.name]);
  // A mask has no other names; since 249 it still has that of its own file.
  const masked = isMaskFile(files, fragment);
  const hasFile = typeof follow(entries, base) === 'string';
  if (base !== unit.name && (version >= 249 || (!masked && hasFile))) names.add(id);
  for (const alias of masked ? [] : others) {
    const name = filledIn(alias, unit.instance);
    // A template's alias may lead elsewhere for this very instance.
    if (name === alias || leadsTo(follow(entries, name), base)) names.add(name);
  }
  // A template's own name stands for the unit only where it was found by its aliases.
  const found = names.has(id) && (base === id || !masked);
  const chosen = found ? id : unit.name;
  return {
    fragment,
    id: chosen,
    names: [chosen, ...[...names].filter(name => name !== chosen)],
    aliasLoop: false,
  };
}

function nowhere(name: string, aliasLoop: boolean): UnitLocation {
  return { fragment: undefined, id: name, names: [name], aliasLoop };
}

function leadsTo(file: ReturnType<typeof follow>, base: string): boolean {
  return typeof file !== 'string' || path.posix.basename(file) === base;
}

/** An empty file or a link to /dev/null, be that device there (on a live machine) or not (in an unpacked root). */
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

/** A template's name with the instance put in; any other name as it is. */
function filledIn(name: string, instance: string | undefined): string {
  const unit = instance === undefined ? undefined : parseUnitName(name);
  return unit?.kind === 'template' && instance !== undefined ? withInstance(unit, instance) : name;
}

/** The unit or type that a folder of this name is for; undefined when a manager of this version does not look into it. */
function readFolderName(
  name: string,
  version: number,
): { readonly unit: string; readonly suffix: FolderSuffix } | undefined {
  const suffix = folderSuffixes.find(known => name.endsWith(known));
  if (suffix === undefined || (suffix === '.upholds' && version < 254)) return undefined;
  const unit = name.slice(0, -suffix.length);
  const isForUnits = parseUnitName(unit) !== undefined || parseUnitName(`x.${unit}`) !== undefined;
  return isForUnits ? { unit, suffix } : undefined;
}

/** Since 250 a link's own text has to name a directory, and a relative one is taken from the root directory. */
function isLinkedFolder(files: HostFiles, directory: string, file: string, version: number): boolean {
  const target = path.posix.resolve(version < 250 ? directory : '/', files.readLink(file));
  return searchedFiles(files).status(target)?.kind === 'directory';
}

/** Names of the drop-in files in a folder: `*.conf`, hidden ones passed over. */
function confFiles(files: HostFiles, folder: string): readonly string[] {
  return searchedFiles(files)
    .list(folder)
    .map(entry => entry.name)
    .filter(name => name.endsWith('.conf') && !name.startsWith('.'));
}

/** What stands in a `.wants` folder. */
interface DependencyEntry {
  readonly name: string;
  readonly path: string;
  /** Files that are no links, links to /dev/null or to something empty, and names of no unit do not count. */
  readonly counts: boolean;
}

function dependencyEntries(files: HostFiles, folder: string): readonly DependencyEntry[] {
  return searchedFiles(files)
    .list(folder)
    .filter(({ name }) => !name.startsWith('.'))
    .map(({ name, kind }) => {
      const file = `${folder}/${name}`;
      const counts = kind === 'symlink' && parseUnitName(name) !== undefined && !isMaskFile(files, file);
      return { name, path: file, counts };
    });
}

function inOrder<T>(byName: ReadonlyMap<string, T>): readonly T[] {
  return [...byName].sort(([a], [b]) => compareBytes(a, b)).map(([, value]) => value);
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
