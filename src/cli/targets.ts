/** What the arguments name: units of a host, unit files, folders. */
import fs from 'node:fs';
import path from 'node:path';
import type { Catalogue } from '../i18n/catalogue.ts';
import { type Inventory, openInventory } from '../inventory/inventory.ts';
import { printable } from '../report/printable.ts';
import type { Host } from '../systemd/host/host.ts';
import { openLiveHost } from '../systemd/host/live-host.ts';
import { folderKind, openFolder, openOfflineHost, openUnitFolder } from '../systemd/host/offline-host.ts';
import { OfflineHostError } from '../systemd/host/offline-user.ts';
import { nearest } from '../systemd/nearest.ts';
import type { ManagerScope } from '../systemd/search-path.ts';
import { parseUnitName } from '../systemd/unit-name.ts';
import { badInput, Failure } from './failure.ts';

export interface TargetOptions {
  readonly scope: ManagerScope;
  readonly root: string | undefined;
  readonly home: string | undefined;
  readonly systemdVersion: number | undefined;
}

/** The services meant on one host. */
export interface Target {
  readonly inventory: Inventory;
  readonly names: readonly string[];
  /** The folder that was named, if one was. */
  readonly folder?: string;
}

/** What is said where a target has no services. */
export function noServices(folder: string | undefined, { status }: Catalogue): string {
  return folder === undefined ? status.noServices : status.noServicesIn(printable(folder));
}

/**
 * Opens what is meant: without arguments the own services of the host; else units by name, files and folders, those of
 * one host together.
 *
 * @throws Failure for names and paths that lead nowhere
 */
export async function openTargets(
  given: readonly string[],
  options: TargetOptions,
  catalogue: Catalogue,
): Promise<readonly Target[]> {
  if (given.length === 0) {
    const inventory = await openInventory(await openHost(options, catalogue));
    return [{ inventory, names: inventory.ownServices() }];
  }
  const targets: Target[] = [];
  const units = given.filter(argument => !isPath(argument));
  if (units.length > 0) {
    const inventory = await openInventory(await openHost(options, catalogue));
    targets.push({ inventory, names: units.map(name => findService(name, inventory, catalogue)) });
  }
  for (const argument of given.filter(isPath)) {
    targets.push(await openPath(argument, options, catalogue));
  }
  return targets;
}

async function openHost(options: TargetOptions, catalogue: Catalogue): Promise<Host> {
  const { scope, root, home, systemdVersion } = options;
  const version = systemdVersion === undefined ? {} : { systemdVersion };
  if (root === undefined && home === undefined) {
    return openLiveHost({ scope, ...version });
  }
  if (root === undefined) return explained(catalogue, () => openFolder(home ?? '', { scope, ...version }));
  const inside = home === undefined ? {} : { home };
  return explained(catalogue, () => openOfflineHost({ root, scope, ...inside, ...version }));
}

/** An argument with a slash, or one that names something here that no unit could be called. */
function isPath(argument: string): boolean {
  return argument.includes('/') || argument === '.' || argument === '..' || isFolderHere(argument);
}

function isFolderHere(argument: string): boolean {
  try {
    return fs.statSync(argument).isDirectory();
  } catch {
    return false;
  }
}

async function openPath(argument: string, options: TargetOptions, catalogue: Catalogue): Promise<Target> {
  if (options.root !== undefined) {
    throw badInput('exclusive-options', catalogue.errors.exclusive('--root', argument), argument);
  }
  const status = statusOf(argument, catalogue);
  const { scope, systemdVersion, home } = options;
  const folderOptions = {
    scope,
    ...(systemdVersion === undefined ? {} : { systemdVersion }),
    ...(home === undefined ? {} : { home }),
  };
  if (status.isDirectory()) {
    const inventory = await openInventory(explained(catalogue, () => openFolder(argument, folderOptions)));
    const isFolderOfUnits = folderKind(argument) === 'units';
    const names = isFolderOfUnits ? inventory.servicesIn(path.resolve(argument)) : inventory.ownServices();
    return { inventory, names, folder: argument };
  }
  // systemd takes a device for /dev/null: such a unit is masked. A pipe would keep its reader waiting.
  if (status.isFIFO() || status.isSocket()) {
    throw badInput('not-a-file', catalogue.errors.notAFile(argument), argument);
  }
  const name = path.basename(argument);
  expectService(name, catalogue, argument);
  expectReadable(argument, catalogue);
  const folder = path.dirname(path.resolve(argument));
  return { inventory: await openInventory(openUnitFolder(folder, folderOptions)), names: [name] };
}

function statusOf(argument: string, catalogue: Catalogue): fs.Stats {
  const { errors } = catalogue;
  try {
    return fs.statSync(argument);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ELOOP') throw badInput('link-loop', errors.linkLoop(argument), argument);
    if (errno === 'EACCES')
      throw new Failure(3, 'unreadable', errors.unreadable(argument, errno), { where: argument });
    throw isLink(argument)
      ? badInput('dangling-link', errors.danglingLink(argument), argument)
      : badInput('missing-file', errors.missingFile(argument), argument);
  }
}

function isLink(argument: string): boolean {
  try {
    return fs.lstatSync(argument).isSymbolicLink();
  } catch {
    return false;
  }
}

function expectReadable(file: string, { errors }: Catalogue): void {
  try {
    fs.accessSync(file, fs.constants.R_OK);
  } catch (error) {
    throw new Failure(3, 'unreadable', errors.unreadable(file, errnoOf(error)), {
      where: file,
      cause: error,
    });
  }
}

function errnoOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'EIO';
}

/** Runs what opens a host and words its refusal. */
function explained(catalogue: Catalogue, open: () => Host): Host {
  try {
    return open();
  } catch (error) {
    throw error instanceof OfflineHostError ? toFailure(error, catalogue) : error;
  }
}

function toFailure(error: OfflineHostError, { errors }: Catalogue): Failure {
  const { code, path: where, candidates } = error;
  const options = { where, cause: error };
  if (code === 'several-users') {
    const users = candidates.map(user => user.name).join(', ');
    const homes = candidates.map(user => `--home ${user.home}`).join(', ');
    return new Failure(2, code, errors.severalUsers(users), { ...options, hint: homes });
  }
  if (code === 'no-home') return new Failure(2, code, errors.noSuchHome(where), options);
  const isThere = fs.existsSync(where);
  const message = isThere ? errors.notADirectory(where) : errors.missingFile(where);
  return new Failure(2, isThere ? 'not-a-directory' : 'missing-file', message, options);
}

/** The full name of a service that is there. */
function findService(given: string, inventory: Inventory, catalogue: Catalogue): string {
  const name = parseUnitName(given) === undefined ? `${given}${suffix}` : given;
  expectService(name, catalogue, given);
  const parsed = parseUnitName(name);
  const location = parsed && inventory.loader.index.locate(parsed);
  if (location?.fragment !== undefined || location?.aliasLoop === true) return name;
  const { errors } = catalogue;
  const services = inventory.loader.index.names.filter(known => known.endsWith(suffix));
  const near = nearest(
    name.slice(0, -suffix.length),
    services.map(known => known.slice(0, -suffix.length)),
  );
  const { host } = inventory;
  const where = host.scope === 'user' ? (host.user?.name ?? host.hostName) : host.hostName;
  throw badInput(
    'unknown-unit',
    errors.unknownUnit(name, where),
    given,
    near === undefined ? errors.listUnits : errors.didYouMean(near + suffix),
  );
}

const suffix = '.service';

function expectService(name: string, { errors }: Catalogue, given = name): void {
  const parsed = parseUnitName(name);
  if (parsed === undefined) throw badInput('bad-unit-name', errors.notAUnitName(given), given);
  if (parsed.type !== 'service') throw badInput('not-a-service', errors.notAService(given), given);
}
