/** The services that have hooks of `daruma notify`, where these lie, and where they lead. */
import { isAtRest } from '../inventory/downfall.ts';
import type { Inventory, ServiceEntry } from '../inventory/inventory.ts';
import { isDistributions } from '../inventory/purpose.ts';
import { wordsOf } from '../services/wrappers.ts';
import type { Host } from '../systemd/host/host.ts';
import { searchedFiles } from '../systemd/host/search.ts';
import { ownUnitFolder } from '../systemd/search-path.ts';
import { resolveService } from '../systemd/service.ts';
import type { ExecCommand } from '../systemd/service-settings.ts';
import { hooksDropInName } from './own-drop-ins.ts';
import { handlerOf, isOwnUnit, outboxService, signWakers } from '../systemd/own-units.ts';
import { parseUnitName, unitNameMax } from '../systemd/unit-name.ts';
import { isEarlierHook, isOwnHook } from './own-hooks.ts';
import type { CheckPolicy } from './policy.ts';
import { acceptanceIn, suppressionsOf } from './suppression.ts';

export interface HookedService {
  readonly unit: string;
  /** `earlier`: its hooks run daruma itself, and what happens while daruma is missing is lost. */
  readonly generation: 'present' | 'earlier';
  /** The program or the unit that is missing where the hooks lead to; null where they lead to daruma. */
  readonly missing: string | null;
}

/** All services of a host that have hooks. */
export function hookedServices({ host, loader }: Inventory): readonly HookedService[] {
  const units = watchedUnits(host);
  if (units.length === 0) return [];
  const commandsOf = (name: string, ...keys: readonly HookKey[]): readonly ExecCommand[] => {
    const { settings } = resolveService(loader.load(name), loader.defaults, host.systemd.version);
    return settings === undefined ? [] : keys.flatMap(key => settings[key].value);
  };
  const isThere = (name: string) => loader.index.entry(name) !== undefined;
  const missingProgram = (commands: readonly ExecCommand[]) =>
    commands.flatMap(pathsOf).find(path => host.files.status(path) === undefined);
  const missingTool = (commands: readonly ExecCommand[]) =>
    commands.flatMap(toolsOf).find(path => host.files.status(path) === undefined);
  const missingUnit = [outboxService, ...signWakers].find(name => !isThere(name));
  const missingFromSpool = missingUnit ?? missingProgram(commandsOf(outboxService, 'ExecStart')) ?? null;
  return units.map((unit): HookedService => {
    const commands = commandsOf(unit, 'ExecStartPost', 'ExecStopPost');
    const earlier = commands.filter(command => isEarlierHook(wordsOf(command)));
    return earlier.length > 0
      ? { unit, generation: 'earlier', missing: missingProgram(earlier) ?? null }
      : { unit, generation: 'present', missing: missingTool(commands) ?? missingFromSpool };
  });
}

/**
 * Of the units that wake daruma when there is a sign, those that somebody has stopped; none where no manager can be asked.
 *
 * @throws ManagerError when the manager does not answer
 */
export async function stoppedWakers({ manager }: Host): Promise<readonly string[]> {
  const live = await manager?.units([...signWakers]);
  return signWakers.filter(name => {
    const unit = live?.get(name);
    return unit !== undefined && unit.loadState === 'loaded' && isAtRest(unit);
  });
}

/** Whether a service has hooks: a drop-in of daruma's, or such lines from anywhere else. */
export function isHooked(unit: string, { host, loader }: Inventory): boolean {
  const folder = ownUnitFolder(host.scope, host.environment);
  if (folder !== undefined && isAnything(hooksDropIn(folder, unit), host)) return true;
  const { settings } = resolveService(loader.load(unit), loader.defaults, host.systemd.version);
  const commands = [...(settings?.ExecStartPost.value ?? []), ...(settings?.ExecStopPost.value ?? [])];
  return commands.some(command => isOwnHook(wordsOf(command)));
}

/**
 * Whether an installation of hooks that names no services means this one: it should run all the time, is a server that a socket or a bus
 * name starts, or stands for what its commands start; it is not daruma's own, and can have hooks.
 */
export function isToHook(entry: ServiceEntry): boolean {
  const { service, purpose } = entry;
  const { name } = service.unit;
  const isMeant = purpose?.isMeantToStay === true || isServerOnDemand(entry) || standsForOthers(entry);
  return isMeant && !isOwnUnit(name) && hasNameForHooks(name);
}

/**
 * Whether it starts when somebody asks it: of such a service a failure is told, and not that it ends when nobody asks any more. An instance
 * is not one. Those of the distribution are its own affair.
 */
function isServerOnDemand({ service: { unit, settings }, purpose, activation }: ServiceEntry): boolean {
  if (purpose?.isMeantToStay !== false || settings?.Type.value === 'oneshot') return false;
  const isAsked = activation.some(({ kind }) => kind === 'socket' || kind === 'dbus');
  return isAsked && parseUnitName(unit.name)?.kind === 'plain' && !isDistributions(unit);
}

/**
 * Whether its commands end and it is to stay active (`RemainAfterExit=yes`), as one that starts a container: what it is for is there only
 * where its start succeeded. A job that a timer or a path unit starts is none, and those of the distribution are its own affair.
 */
function standsForOthers({
  service: { unit },
  facts,
  purpose,
  activation,
  isOfConnection,
}: ServiceEntry): boolean {
  if (facts === undefined || purpose?.isMeantToStay !== false || isOfConnection) return false;
  const isCalled = activation.length > 0 || isDistributions(unit);
  return facts.settings.RemainAfterExit.value && facts.surroundings.boot.started && !isCalled;
}

/** systemd ignores an OnFailure= whose name is too long, with a line in the journal that nobody reads. */
export function hasNameForHooks(unit: string): boolean {
  return Buffer.byteLength(handlerOf(unit)) <= unitNameMax;
}

export interface UnhookedServices {
  /** An installation of hooks that names no services gives them some. */
  readonly services: readonly string[];
  /** Jobs that a timer or a path unit starts: they are meant to end, and get hooks only by their names. Those of the distribution are its own affair. */
  readonly jobs: readonly string[];
}

/** Of the named services those that have no hooks, and of which that is not accepted. */
export async function unhookedServices(
  inventory: Inventory,
  names: readonly string[],
  { units }: Pick<CheckPolicy, 'units'>,
): Promise<UnhookedServices> {
  const services: string[] = [];
  const jobs: string[] = [];
  for await (const entry of inventory.services(names)) {
    const { unit } = entry.service;
    const list = isToHook(entry) ? services : isJobToHook(entry) ? jobs : undefined;
    if (list === undefined || isHooked(unit.name, inventory)) continue;
    const suppressions = suppressionsOf(unit, inventory.loader);
    const acceptance = acceptanceIn(units.get(unit.name), suppressions, 'hooks-lead-nowhere');
    if (acceptance === undefined) list.push(unit.name);
  }
  return { services: services.sort(), jobs: jobs.sort() };
}

function isJobToHook({ service: { unit }, facts, purpose }: ServiceEntry): boolean {
  const triggers = facts?.surroundings.triggers ?? [];
  const isCalled = triggers.some(({ kind }) => kind === 'timer' || kind === 'path');
  const isJob = isCalled && purpose?.isMeantToStay === false;
  return isJob && !isOwnUnit(unit.name) && !isDistributions(unit) && hasNameForHooks(unit.name);
}

type HookKey = 'ExecStart' | 'ExecStartPost' | 'ExecStopPost';

/** The files of a command that runs daruma: Node and the script, which stand before the action. */
function pathsOf(command: ExecCommand): readonly string[] {
  const words = wordsOf(command);
  const action = Math.max(words.indexOf('notify'), 0);
  return words.slice(Math.max(action - 2, 0), action).filter(word => word.startsWith('/'));
}

/** The programs of a hook that writes signs: timeout(1) and the shell. */
function toolsOf(command: ExecCommand): readonly string[] {
  const words = wordsOf(command);
  if (!isOwnHook(words)) return [];
  return words.slice(0, words.indexOf('-c')).filter(word => word.startsWith('/'));
}

/** The services of a host that have hooks. */
export function watchedUnits(host: Host): readonly string[] {
  const folder = ownUnitFolder(host.scope, host.environment);
  return folder === undefined ? [] : hookedUnits(folder, host);
}

/** Services that have the drop-in with the hooks. */
export function hookedUnits(folder: string, host: Host): readonly string[] {
  return (host.files.list(folder) ?? [])
    .filter(({ name }) => name.endsWith('.service.d'))
    .map(({ name }) => name.slice(0, -'.d'.length))
    .filter(unit => isAnything(hooksDropIn(folder, unit), host))
    .sort();
}

/** The drop-in with the hooks of a service. */
export function hooksDropIn(folder: string, unit: string): string {
  return `${folder}/${unit}.d/${hooksDropInName}`;
}

/** Whether there is anything by that name, also a link that leads nowhere. */
export function isAnything(path: string, { files }: Host): boolean {
  const at = path.lastIndexOf('/');
  return searchedFiles(files)
    .list(path.slice(0, at))
    .some(({ name }) => name === path.slice(at + 1));
}
