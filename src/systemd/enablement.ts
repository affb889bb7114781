/**
 * Whether a unit is enabled, as `systemctl is-enabled` words it, from files alone.
 * Source: systemctl(1) is-enabled; `unit_file_lookup_state()` and what it calls in `src/shared/install.c`.
 */
import path from 'node:path';
import { Assignments } from './assignments.ts';
import type { Host } from './host/host.ts';
import { searchedFiles } from './host/search.ts';
import { managerRuntimeFolder, userConfigHome } from './search-path.ts';
import type { Unit, UnitLoader } from './unit.ts';
import { isMaskFile, isValidAlias, type SearchDirectory } from './unit-index.ts';
import { parseUnitName, templateOf, type UnitName, withInstance } from './unit-name.ts';
import { unitSpecifiers } from './unit-specifiers.ts';
import { expandSpecifiers } from './values/specifier.ts';
import { extractWords } from './values/words.ts';

/**
 * Whether a unit is enabled, in the words of `systemctl is-enabled`.
 * Source: systemctl(1), is-enabled; `unit_file_state_table` in `src/shared/install.c`.
 */
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

/**
 * Works out whether a unit is enabled, from files alone, as `systemctl is-enabled` does.
 *
 * Source: systemctl(1), is-enabled; `unit_file_lookup_state()` in `src/shared/install.c`.
 *
 * @returns undefined for a unit without a file
 * @example
 * import { createUnitLoader, openOfflineHost, unitFileState } from 'daruma/systemd';
 *
 * const loader = createUnitLoader(openOfflineHost({ root: 'examples/neko', scope: 'user' }));
 * unitFileState(loader, loader.load('litellm.service')); // 'enabled'
 * unitFileState(loader, loader.load('basic.target')); // 'static'
 */
export function unitFileState(loader: UnitLoader, unit: Unit): UnitFileState | undefined {
  if (unit.fragment === undefined) return undefined;
  const name = parseUnitName(unit.name);
  const found = name && discover(loader, name);
  if (found === undefined) return 'bad';
  if (found.kind === 'masked') return isRuntime(loader.host, found.file) ? 'masked-runtime' : 'masked';

  if (path.posix.basename(found.file) !== unit.name && found.name.kind !== 'instance') return 'alias';
  const special = runtimeDirectories(loader.host).made.get(path.posix.dirname(found.file));
  if (special !== undefined) return special;

  // The links that `systemctl enable` would make come first, then all links that lead to the unit.
  const enabled = stateByLinks(loader, found, link => isKnownName(found, link));
  if (enabled !== undefined) return enabled;
  if (stateByLinks(loader, found, () => true) !== undefined) return 'indirect';
  const { install } = found;
  if ([install.aliases, install.wantedBy].some(names => names.length > 0)) return 'disabled';
  return install.also ? 'indirect' : 'static';
}

/** A unit file as `systemctl enable` and the like see it: with links followed and the [Install] section read. */
interface FoundUnitFile {
  readonly kind: 'regular' | 'masked';
  readonly name: UnitName;
  readonly file: string;
  readonly install: Install;
}

interface Install {
  /** The names as written, with their specifiers. */
  readonly aliases: readonly string[];
  /** The names of WantedBy=, RequiredBy= and UpheldBy=. */
  readonly wantedBy: readonly string[];
  readonly also: boolean;
  readonly defaultInstance: string | undefined;
}

/** One step from a name to its unit file: the file or the link that has the name. */
type NamedFile =
  | { readonly kind: 'regular' | 'masked'; readonly file: string }
  | { readonly kind: 'alias' | 'linked'; readonly file: string; readonly target: string };

/** systemd follows this many links (`UNIT_FILE_FOLLOW_SYMLINK_MAX`). */
const mostLinks = 64;

/** @returns undefined when the links lead to no file, form a circle, or lead to a file that cannot be read */
function discover(loader: UnitLoader, asked: UnitName): FoundUnitFile | undefined {
  const seen = new Set([asked.name]);
  let name = asked;
  let entry = search(loader, name);
  for (let hops = 0; entry !== undefined && (entry.kind === 'alias' || entry.kind === 'linked'); hops += 1) {
    // systemd reads the drop-ins of every name on the way.
    const isReadable = readInstall(loader, name, dropInsOf(loader, name)) !== undefined;
    if (hops === mostLinks || !isReadable) return undefined;
    const { target, kind } = entry;
    const base = path.posix.basename(target);
    const next = parseUnitName(fillIn(base, name));
    if (kind === 'linked' || base === name.name || next?.name === name.name) {
      entry = namedFileAt(loader, name, target);
    } else {
      if (next === undefined || seen.has(next.name)) return undefined;
      seen.add(next.name);
      name = next;
      entry = search(loader, name);
    }
  }
  if (entry === undefined) return undefined;
  const { kind, file } = entry;
  if (kind === 'masked') return { kind, name, file, install: nothingToInstall };
  const install = readInstall(loader, name, [file, ...dropInsOf(loader, name)]);
  return install && { kind: 'regular', name, file, install };
}

const nothingToInstall: Install = { aliases: [], wantedBy: [], also: false, defaultInstance: undefined };

function fillIn(target: string, name: UnitName): string {
  const template = parseUnitName(target);
  return template?.kind === 'template' && name.instance !== undefined
    ? withInstance(template, name.instance)
    : target;
}

/** The file or link of a name, or else of its template, in the first directory that has one. */
function search(loader: UnitLoader, name: UnitName): NamedFile | undefined {
  for (const candidate of [name.name, templateOf(name)]) {
    if (candidate === undefined) continue;
    const place = loader.index.directories().find(({ units }) => units.has(candidate));
    if (place === undefined) continue;
    const file = `${place.directory}/${candidate}`;
    // The listing of the directory already says which entries are links.
    if (place.units.get(candidate) !== 'file') return namedFileAt(loader, name, file);
    return { kind: isMaskFile(loader.host.files, file) ? 'masked' : 'regular', file };
  }
  return undefined;
}

function namedFileAt(loader: UnitLoader, name: UnitName, file: string): NamedFile | undefined {
  const { files } = loader.host;
  let text: string;
  try {
    text = files.readLink(file);
  } catch {
    const kind = searchedFiles(files).status(file)?.kind;
    if (isMaskFile(files, file)) return { kind: 'masked', file };
    return kind === 'file' ? { kind: 'regular', file } : undefined;
  }
  const directory = path.posix.dirname(file);
  const link = path.posix.resolve(directory, text);
  const isNew = loader.host.systemd.version >= 251;
  const target = isNew ? withParentResolved(loader, link) : link;
  const inside = loader.index.unitPath.some(searched => target.startsWith(`${searched}/`));
  if (isNew) {
    // systemd judges a link by its own name; where a template's link leads to the unit, that is not the unit's name.
    const own = parseUnitName(path.posix.basename(file));
    if (inside && (own === undefined || !isValidAlias(own, path.posix.basename(target)))) return undefined;
    if (isMaskFile(files, target)) return { kind: 'masked', file };
    return { kind: inside ? 'alias' : 'linked', file, target };
  }
  if (isMaskFile(files, file)) return { kind: 'masked', file };
  // Until 250 every link had to lead to a name of the same kind, inside the search path or not.
  const other = parseUnitName(path.posix.basename(target));
  const fits =
    other?.type === name.type &&
    (other.kind === name.kind || (name.kind === 'instance' && other.kind === 'template'));
  return fits ? { kind: 'alias', file, target } : undefined;
}

function withParentResolved(loader: UnitLoader, file: string): string {
  const parent = path.posix.dirname(file);
  return path.posix.join(
    searchedFiles(loader.host.files).resolve(parent) ?? parent,
    path.posix.basename(file),
  );
}

/** Only the folders of the name itself and of its template count here, not those of prefixes and of the whole type. */
function dropInsOf({ host, index }: UnitLoader, name: UnitName): readonly string[] {
  const folders = [name.name, templateOf(name)].flatMap(owner =>
    // Hardly any unit has such a folder: only folders that exist are listed.
    index
      .directories()
      .filter(({ dropInFolders }) => owner !== undefined && dropInFolders.has(`${owner}.d`))
      .map(({ directory }) => `${directory}/${owner}.d`),
  );
  const byName = new Map<string, string>();
  for (const folder of folders) {
    for (const entry of searchedFiles(host.files).list(folder)) {
      const counts = entry.name.endsWith('.conf') && !entry.name.startsWith('.') && !byName.has(entry.name);
      if (counts) byName.set(entry.name, `${folder}/${entry.name}`);
    }
  }
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, file]) => file);
}

/** @returns undefined when a file cannot be read to its end */
function readInstall(loader: UnitLoader, name: UnitName, parts: readonly string[]): Install | undefined {
  const { host } = loader;
  const { version } = host.systemd;
  const assignments = new Assignments({ sections: new Set(['Install']), version });
  for (const part of parts) {
    try {
      if (assignments.read(part, loader.parse(part)) !== undefined) return undefined;
    } catch {
      return undefined;
    }
  }

  const words = (key: string) =>
    assignments
      .get('Install', key)
      .flatMap(({ value }) => extractWords(value, { unquote: true, retainEscape: true }).words);
  const expand = (text: string) => expandSpecifiers(text, unitSpecifiers(host, name.name, parts[0]));
  const also = assignments.get('Install', 'Also').flatMap(({ value }) => extractWords(value).words);
  const isUnit = (word: string) => {
    const expanded = expand(word);
    return typeof expanded === 'string' && parseUnitName(expanded) !== undefined;
  };
  if (!also.every(isUnit)) return undefined;
  const given = name.kind === 'template' ? assignments.last('Install', 'DefaultInstance')?.value : undefined;
  const defaultInstance = given === undefined ? undefined : expand(given);
  if (typeof defaultInstance === 'object') return undefined;
  if (defaultInstance !== undefined && parseUnitName(withInstance(name, defaultInstance)) === undefined) {
    return undefined;
  }
  return {
    aliases: words('Alias'),
    wantedBy: ['WantedBy', 'RequiredBy', 'UpheldBy'].flatMap(words),
    also: also.length > 0,
    defaultInstance,
  };
}

/** Whether the unit's own [Install] section gives links this name. */
function isKnownName({ name, install }: FoundUnitFile, link: string): boolean {
  if (link === name.name || install.aliases.includes(link)) return true;
  const { defaultInstance } = install;
  return (
    name.kind === 'template' && defaultInstance !== undefined && link === withInstance(name, defaultInstance)
  );
}

/** The state that the links to a unit give it. Source: `find_symlinks_in_scope()`. */
function stateByLinks(
  loader: UnitLoader,
  found: FoundUnitFile,
  counts: (link: string) => boolean,
): UnitFileState | undefined {
  const { host } = loader;
  const persistent = persistentDirectories(host);
  let runtime = false;
  let elsewhere = false;
  let linked: UnitFileState | undefined;
  // The file itself hides links of its own name in later directories.
  let behind = false;
  for (const place of loader.index.directories()) {
    const links = linksIn(place, found.name, behind, host.systemd.version);
    if (links.leading.some(counts)) {
      if (persistent.has(place.directory)) return 'enabled';
      if (isRuntime(host, place.directory)) runtime = true;
      else elsewhere = true;
    } else if (links.sameName) {
      if (place.directory === persistent.values().next().value) linked = 'linked';
      else if (isRuntime(host, place.directory)) linked ??= 'linked-runtime';
    }
    behind ||= found.file.startsWith(`${place.directory}/`);
  }
  if (runtime) return 'enabled-runtime';
  // A link in any other directory comes with a package. It counts for an instance only, which exists because a link names it.
  if (elsewhere && found.name.kind === 'instance') return 'static';
  return linked;
}

interface LeadingLinks {
  /** Names of the links that lead to the unit. */
  readonly leading: readonly string[];
  /** Whether the directory has a link of the unit's own name that leads to a file of that name. */
  readonly sameName: boolean;
}

function linksIn(place: SearchDirectory, { name }: UnitName, behind: boolean, version: number): LeadingLinks {
  const pulling = (place.pulls.get(name) ?? []).filter(
    link => version >= 251 || link.target === name || !behind,
  );
  const toName = place.linksByTarget.get(name) ?? [];
  const leading = toName.filter(link => link !== name || behind);
  const sameName = !behind && toName.includes(name);
  const own = !behind && !sameName && place.units.get(name) === 'symlink' ? [name] : [];
  return { leading: [...pulling.map(link => link.name), ...leading, ...own], sameName };
}

/** The directory that `systemctl enable` writes to comes first; for users the directory of `enable --global` follows. */
function persistentDirectories(host: Host): ReadonlySet<string> {
  if (host.scope === 'system') return new Set(['/etc/systemd/system']);
  return new Set([`${userConfigHome(host.environment) ?? ''}/systemd/user`, '/etc/systemd/user']);
}

interface RuntimeDirectories {
  readonly base: string | undefined;
  /** Directories whose units a program has written; nobody enables them. */
  readonly made: ReadonlyMap<string, 'generated' | 'transient'>;
}

function runtimeDirectories(host: Host): RuntimeDirectories {
  const base = managerRuntimeFolder(host.scope, host.environment);
  const made = new Map(
    ['generator', 'generator.early', 'generator.late'].map(
      name => [`${base}/systemd/${name}`, 'generated'] as const,
    ),
  );
  return { base, made: new Map([...made, [`${base}/systemd/transient`, 'transient'] as const]) };
}

function isRuntime(host: Host, file: string): boolean {
  if (file.startsWith('/run/')) return true;
  const { base } = runtimeDirectories(host);
  return base !== undefined && file.startsWith(`${base}/systemd/`);
}
