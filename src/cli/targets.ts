/** Opens what the arguments name: units of a host, unit files or folders. */
import fs from 'node:fs';
import path from 'node:path';
import { errorCode } from '../kernel/errno.ts';
import { stateFolder } from '../store/state-folder.ts';
import type { Catalogue } from '../i18n/catalogue.ts';
import { darumaAs, darumaFrom } from '../i18n/shown-commands.ts';
import { othersWithServices } from '../inventory/other-users.ts';
import { type Inventory, takeInventory } from '../inventory/inventory.ts';
import { nearestService } from '../inventory/nearest-service.ts';
import { printable } from '../report/printable.ts';
import { limitText } from '../report/words.ts';
import type { Host } from '../systemd/host/host.ts';
import { takeLimits } from '../systemd/host/limit.ts';
import { openLiveHost } from '../systemd/host/live-host.ts';
import { givenPath } from '../systemd/host/given-path.ts';
import {
  type FolderOptions,
  folderKind,
  openAround,
  openFolder,
  openOfflineHost,
  openUnitFolder,
} from '../systemd/host/offline-host.ts';
import { OfflineHostError } from '../systemd/host/offline-user.ts';
import { newestKnownVersion } from '../systemd/host/version.ts';
import type { ManagerScope } from '../systemd/search-path.ts';
import { parseUnitName, serviceName } from '../systemd/unit-name.ts';
import { badInput, exclusive, Failure } from './failure.ts';
import type { Io, Run } from './io.ts';
import { commandFor, type HostOptions } from './options.ts';
import { type Settles, tellInterruptedIn } from './interrupted-fix.ts';
import { tell } from './output.ts';

export interface TargetOptions {
  readonly scope: ManagerScope;
  readonly root: string | undefined;
  readonly home: string | undefined;
  readonly systemdVersion: number | undefined;
  /** Whether a file in a home or an unpacked root is seen as a part of it, and not only with the files beside it. */
  readonly around?: true;
}

/** The selected services of one host. */
export interface Target {
  readonly inventory: Inventory;
  readonly names: readonly string[];
  /** Whether no names were given, so that the user's own services are meant. */
  readonly isOwn: boolean;
  /** The folder that was named, if one was. */
  readonly folder?: string;
  /** Drop-ins that were named, but whose units do not exist. */
  readonly strayDropIns?: readonly string[];
}

/**
 * The message for a target without services.
 *
 * @param command what was asked, such as `status`
 */
export function noServices(target: Target | undefined, catalogue: Catalogue, command: string): string {
  const { status, punctuation } = catalogue;
  const { folder, strayDropIns = [] } = target ?? {};
  if (strayDropIns.length > 0)
    return strayDropIns.map(file => status.strayDropIn(printable(file))).join('\n');
  if (folder !== undefined) return status.noServicesIn(printable(folder));
  const others =
    target?.isOwn === true ? whoHasServices(target.inventory.host, catalogue, command) : undefined;
  return others === undefined ? status.noServices : status.noServices + punctuation.semicolon + others;
}

/** For root: who has services, and how to ask the same about them. */
export function whoHasServices(
  host: Host,
  { status, punctuation }: Catalogue,
  command: string,
): string | undefined {
  const others = othersWithServices(host);
  const [first] = others;
  if (first === undefined) return undefined;
  const names = others.slice(0, mostNamed).map(({ name }) => printable(name));
  if (others.length > mostNamed) names.push('…');
  const asFirst = printable(darumaAs(first.name, command));
  const fromFiles = printable(darumaFrom(first.home, command));
  return status.othersHaveServices(
    names.join(punctuation.list),
    others.length,
    printable(first.name),
    asFirst,
    fromFiles,
  );
}

const mostNamed = 5;

/**
 * Opens the targets: without arguments the user's own services of the host, otherwise units by name, files and folders. Those of
 * one host or one folder are one target.
 *
 * @param hosts owns and closes every host that is opened: an open connection would keep the process from ending
 * @throws Failure for names and paths that do not exist
 */
export async function openTargets(
  given: readonly string[],
  options: TargetOptions,
  run: Run,
  hosts: AsyncDisposableStack,
): Promise<readonly Target[]> {
  const { io } = run;
  const openOwn = async () => takeInventory(hosts.use(await openHost(options, run)));
  if (given.length === 0) {
    const inventory = await openOwn();
    const names = [...inventory.ownServices(), ...(await inventory.forgottenInstances())].sort();
    return [{ inventory, names, isOwn: true }];
  }
  const targets: Target[] = [];
  const paths = new Set(given.filter(isPath));
  if (paths.size < given.length) {
    const inventory = await openOwn();
    const words = given.filter(argument => !paths.has(argument));
    // A file in the working directory has priority over a unit of the same name, unless it is that unit's own file.
    const files = options.root === undefined ? words.filter(word => isOtherFile(word, inventory, io)) : [];
    // A folder has none: programs keep their files in folders that are called as they are (`~/litellm`).
    const folders = words.filter(word => isFolderHere(word, io) && !hasUnit(serviceName(word), inventory));
    for (const named of [...files, ...folders]) paths.add(named);
    const units = words.filter(word => !paths.has(word));
    const names = onePerUnit(
      units.map(name => findService(name, inventory, options, run)),
      inventory,
    );
    if (units.length > 0) targets.push({ inventory, names, isOwn: false });
  }
  for (const group of inGroups(
    given.filter(argument => paths.has(argument)),
    options,
    run,
  )) {
    targets.push(await openPaths(group, options, run, hosts));
  }
  return targets;
}

/**
 * @param settles decides which interrupted fix is not reported
 * @throws Failure for an invalid root or home
 */
export async function openHost(
  options: TargetOptions,
  run: Run,
  settles: Settles = () => false,
): Promise<Host> {
  const { scope, root, home, systemdVersion } = options;
  const {
    environment,
    io: { workingDirectory },
  } = run;
  const own = { scope, environment, workingDirectory };
  const version = systemdVersion === undefined ? {} : { systemdVersion };
  if (root === undefined && home === undefined) {
    return openLiveHost({ scope, environment, ...version });
  }
  const inside = home === undefined ? {} : { home };
  const host = explained(run, () =>
    root === undefined
      ? openFolder(home ?? '', { ...own, ...version })
      : openOfflineHost({ root, ...own, ...inside, ...version }),
  );
  await tellInterruptedIn(stateFolder(host, run.environment), hostOptions(options), run, settles);
  return host;
}

function hostOptions({ scope, root, home }: TargetOptions): HostOptions {
  return {
    ...(scope === 'system' ? { system: true as const } : {}),
    ...(root === undefined ? {} : { root }),
    ...(home === undefined ? {} : { home }),
  };
}

/** Reports a systemd that is newer than the newest one whose behaviour is known, once. */
export function tellNewer(
  targets: readonly Target[],
  { quiet, io, catalogue }: Run & { readonly quiet: boolean },
): void {
  const newest = Math.max(0, ...targets.map(({ inventory }) => inventory.host.systemd.version));
  if (quiet || newest <= newestKnownVersion) return;
  tell(io, catalogue.errors.newerThanKnown(newest, newestKnownVersion));
}

/** Reports texts that were not read completely because of a limit. */
export function tellLimits(
  targets: readonly Target[],
  { quiet, io, catalogue }: Run & { readonly quiet: boolean },
): void {
  if (quiet) return;
  for (const { inventory } of targets) {
    for (const met of takeLimits(inventory.host)) tell(io, limitText(met, catalogue));
  }
}

/** Removes further names of one unit; the first name is kept. */
function onePerUnit(names: readonly string[], { loader }: Inventory): readonly string[] {
  const byId = new Map<string, string>();
  for (const name of names) {
    const parsed = parseUnitName(name);
    const id = parsed === undefined ? name : loader.index.locate(parsed).id;
    if (!byId.has(id)) byId.set(id, name);
  }
  return [...byId.values()];
}

/** Whether an argument can only be a path. */
function isPath(argument: string): boolean {
  return argument.includes('/') || argument === '.' || argument === '..';
}

function isFolderHere(argument: string, io: Io): boolean {
  return statusHere(argument, io)?.isDirectory() ?? false;
}

/** Whether a word names a file or link in the working directory that is not the file of the host's unit with that name. */
function isOtherFile(word: string, { host, loader }: Inventory, io: Io): boolean {
  const name = parseUnitName(word);
  if (name === undefined || !word.endsWith(suffix)) return false;
  const { fragment } = loader.index.locate(name);
  if (statusHere(word, io) === undefined) return fragment === undefined && isLink(word, io);
  return fragment === undefined || fs.realpathSync(here(word, io)) !== host.files.resolve(fragment);
}

function here(argument: string, { workingDirectory }: Io): string {
  return givenPath(argument, workingDirectory);
}

function statusHere(argument: string, io: Io): fs.Stats | undefined {
  try {
    return fs.statSync(here(argument, io));
  } catch {
    return undefined;
  }
}

/** A folder, or files in one folder. */
type Paths =
  | { readonly kind: 'folder'; readonly argument: string }
  | { readonly kind: 'files'; readonly folder: string; readonly files: UnitPath[] };

interface UnitPath {
  readonly argument: string;
  /** The full name of the unit. For a drop-in: its unit, or the prefix or suffix of names that it applies to. */
  readonly unit: string;
  readonly isDropIn: boolean;
}

/** Groups files by folder, so that each folder is opened once; otherwise keeps the order. */
function inGroups(given: readonly string[], options: TargetOptions, run: Run): readonly Paths[] {
  const groups: Paths[] = [];
  const filesByFolder = new Map<string, UnitPath[]>();
  for (const argument of given) {
    if (options.root !== undefined) {
      throw exclusive('--root', argument, run.catalogue);
    }
    if (statusOf(argument, run).isDirectory()) {
      expectReadable(argument, fs.constants.R_OK | fs.constants.X_OK, run);
      groups.push({ kind: 'folder', argument });
      continue;
    }
    const { folder, ...file } = readUnitPath(argument, run);
    const files = filesByFolder.get(folder) ?? [];
    if (files.length === 0) groups.push({ kind: 'files', folder, files });
    files.push(file);
    filesByFolder.set(folder, files);
  }
  return groups;
}

/** The unit that a file belongs to, and the folder of that unit. */
function readUnitPath(argument: string, run: Run): UnitPath & { readonly folder: string } {
  const { io, catalogue } = run;
  const status = statusOf(argument, run);
  // systemd treats a device as /dev/null, which masks the unit. Reading a pipe would block.
  if (status.isFIFO() || status.isSocket()) {
    throw badInput('not-a-file', catalogue.errors.notAFile(argument), argument);
  }
  const file = path.resolve(io.workingDirectory, argument);
  const parent = path.dirname(file);
  // systemd.unit(5): foo.service.d/, foo-.service.d/ for a prefix, service.d/ for all services.
  const dropInOf = file.endsWith('.conf') ? /^(.*\.service|service)\.d$/.exec(path.basename(parent)) : null;
  const unit = dropInOf?.[1] ?? path.basename(file);
  if (dropInOf === null) expectUnitFile(unit, catalogue, argument);
  expectReadable(argument, fs.constants.R_OK, run);
  const isDropIn = dropInOf !== null;
  return { argument, unit, isDropIn, folder: isDropIn ? path.dirname(parent) : parent };
}

async function openPaths(
  paths: Paths,
  options: TargetOptions,
  run: Run,
  hosts: AsyncDisposableStack,
): Promise<Target> {
  const { scope, systemdVersion, home } = options;
  const {
    environment,
    io: { workingDirectory },
  } = run;
  const folderOptions = {
    scope,
    environment,
    workingDirectory,
    ...(systemdVersion === undefined ? {} : { systemdVersion }),
    ...(home === undefined ? {} : { home }),
  };
  if (paths.kind === 'folder') {
    const { argument: folder } = paths;
    const host = explained(run, () => openFolder(folder, folderOptions));
    const inventory = await takeInventory(hosts.use(host));
    const isFolderOfUnits = folderKind(folder, workingDirectory) === 'units';
    const names = isFolderOfUnits
      ? inventory.servicesIn(path.resolve(workingDirectory, folder))
      : inventory.ownServices();
    return { inventory, names, isOwn: !isFolderOfUnits, folder };
  }
  const around = options.around === true ? await inventoryAround(paths, folderOptions, hosts) : undefined;
  const inventory = around ?? (await takeInventory(hosts.use(openUnitFolder(paths.folder, folderOptions))));
  const named = paths.files.map(file => ({ file, names: servicesOf(file, paths.folder, inventory) }));
  return {
    inventory,
    names: [...new Set(named.flatMap(({ names }) => names))],
    isOwn: false,
    strayDropIns: named.filter(({ names }) => names.length === 0).map(({ file }) => file.argument),
  };
}

/** The home or the root that files are a part of; undefined when their units are not these files there. */
async function inventoryAround(
  { folder, files }: Extract<Paths, { readonly kind: 'files' }>,
  options: FolderOptions,
  hosts: AsyncDisposableStack,
): Promise<Inventory | undefined> {
  const opened = openAround(folder, options);
  if (opened === undefined) return undefined;
  const { host, root } = opened;
  const inventory = await takeInventory(hosts.use(host));
  const areThere = files.every(({ unit, isDropIn }) => {
    const name = parseUnitName(unit);
    const { fragment } = name === undefined ? {} : inventory.loader.index.locate(name);
    return isDropIn
      ? hasUnit(unit, inventory)
      : fragment !== undefined && root + fragment === `${folder}/${unit}`;
  });
  return areThere ? inventory : undefined;
}

/** The services that a file applies to; empty for a drop-in without a unit. */
function servicesOf({ unit, isDropIn }: UnitPath, folder: string, inventory: Inventory): readonly string[] {
  if (!isDropIn) return [unit];
  if (unit === 'service') return inventory.servicesIn(folder);
  const prefix = /^(.*-)\.service$/.exec(unit)?.[1];
  if (prefix !== undefined) return inventory.servicesIn(folder).filter(name => name.startsWith(prefix));
  return hasUnit(unit, inventory) ? [unit] : [];
}

function statusOf(argument: string, { io, catalogue: { errors } }: Run): fs.Stats {
  try {
    return fs.statSync(here(argument, io));
  } catch (error) {
    const errno = errorCode(error) ?? 'EIO';
    if (errno === 'ELOOP') throw badInput('link-loop', errors.linkLoop(argument), argument);
    if (errno === 'EACCES')
      throw new Failure(3, 'unreadable', errors.unreadable(argument, errno), { where: argument });
    throw isLink(argument, io)
      ? badInput('dangling-link', errors.danglingLink(argument), argument)
      : badInput('missing-file', errors.missingFile(argument), argument);
  }
}

function isLink(argument: string, io: Io): boolean {
  try {
    return fs.lstatSync(here(argument, io)).isSymbolicLink();
  } catch {
    return false;
  }
}

function expectReadable(file: string, mode: number, { io, catalogue: { errors } }: Run): void {
  try {
    fs.accessSync(here(file, io), mode);
  } catch (error) {
    throw new Failure(3, 'unreadable', errors.unreadable(file, errorCode(error) ?? 'EIO'), {
      where: file,
      cause: error,
    });
  }
}

/** Opens a host and turns its errors into failures. */
function explained(run: Run, open: () => Host): Host {
  try {
    return open();
  } catch (error) {
    throw error instanceof OfflineHostError ? toFailure(error, run) : error;
  }
}

function toFailure(error: OfflineHostError, { io, catalogue: { errors } }: Run): Failure {
  const { code, path: where, candidates } = error;
  const options = { where, cause: error };
  if (code === 'several-users') {
    const users = candidates.map(user => user.name).join(', ');
    const homes = candidates.map(user => `--home ${user.home}`).join(', ');
    return new Failure(2, code, errors.severalUsers(users), { ...options, hint: homes });
  }
  if (code === 'no-home') return new Failure(2, code, errors.noSuchHome(where), options);
  const isThere = fs.existsSync(here(where, io));
  const message = isThere ? errors.notADirectory(where) : errors.missingFile(where);
  return new Failure(2, isThere ? 'not-a-directory' : 'missing-file', message, options);
}

/** The full name of an existing service. */
function findService(
  given: string,
  inventory: Inventory,
  options: TargetOptions,
  { io, catalogue }: Run,
): string {
  const name = serviceName(given);
  expectService(name, catalogue, given);
  // Some services run on without their files.
  if (hasUnit(name, inventory) || inventory.ownServices().includes(name)) return name;
  if (name !== given && statusHere(given, io) !== undefined) expectUnitFile(given, catalogue);
  const { errors } = catalogue;
  const near = nearestService(name, inventory.loader);
  const { host } = inventory;
  const where = host.scope === 'user' ? (host.user?.name ?? host.hostName) : host.hostName;
  throw badInput(
    'unknown-unit',
    errors.unknownUnit(name, where),
    given,
    near === undefined
      ? errors.listUnits(commandFor('status', hostOptions(options)))
      : errors.didYouMean(near),
  );
}

function hasUnit(name: string, { loader }: Inventory): boolean {
  const parsed = parseUnitName(name);
  const location = parsed && loader.index.locate(parsed);
  return location?.fragment !== undefined || location?.aliasLoop === true;
}

const suffix = '.service';

/** @throws Failure for a file whose name is not a unit name */
function expectUnitFile(name: string, catalogue: Catalogue, given = name): void {
  const { errors } = catalogue;
  if (parseUnitName(name) === undefined) {
    const message = name.endsWith(suffix) ? errors.badUnitFileName(given) : errors.notAUnitFile(given);
    throw badInput('not-a-unit-file', message, given);
  }
  expectService(name, catalogue, given);
}

function expectService(name: string, { errors }: Catalogue, given = name): void {
  const parsed = parseUnitName(name);
  if (parsed === undefined) throw badInput('bad-unit-name', errors.notAUnitName(given), given);
  if (parsed.type !== 'service') throw badInput('not-a-service', errors.notAService(given), given);
}
