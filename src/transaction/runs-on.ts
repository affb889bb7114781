/**
 * What runs on after an undo otherwise than the files say. An undo stops what only daruma needs; a service is the user's, who may have
 * started it themselves, so it is left running.
 */
import path from 'node:path';
import { countsFromReload } from '../systemd/counts-from-reload.ts';
import type { Host, LiveUnit } from '../systemd/host/host.ts';
import { statesOf } from '../systemd/host/states.ts';
import { parseUnitName } from '../systemd/unit-name.ts';
import type { Undone } from './apply.ts';
import type { FileOperation } from './file-operation.ts';
import type { FixRecord } from './journal.ts';
import { settingsChanged } from './unit-settings.ts';

export interface RunsOn {
  readonly unit: string;
  /**
   * `without-file`: the undo has removed its unit file; `with-settings`: it was started while settings of the fix stood that a process
   * keeps; `was-down`: it was down before the fix, which started it; `later-run`: so too, and what goes on is a later run, which
   * systemd or somebody has started since.
   */
  readonly kind: 'without-file' | 'with-settings' | 'was-down' | 'later-run';
}

/** Asks the manager after an undo; nothing where there is none, or where it ends meanwhile since lingering is off again. */
export async function runsOn(
  { id, operations, restarted, broughtUp = [], runs = {} }: FixRecord,
  { restored, edited, outcome }: Undone,
  { manager }: Host,
): Promise<readonly RunsOn[]> {
  if (manager === undefined || outcome !== 'now') return [];
  const back = new Set([...restored, ...edited]);
  const taken = operations.filter(({ path: file }) => back.has(file));
  const unitsOf = (isMeant: (operation: FileOperation) => boolean) => [
    ...new Set(taken.filter(isMeant).flatMap(unitOf)),
  ];
  const made = unitsOf(({ before }) => before.kind === 'absent');
  const changed = unitsOf(isForProcess);
  // The undo is done: a manager that goes away as it is asked does not make it a failure.
  const live = await statesOf([...made, ...changed, ...broughtUp], manager);
  const isUp = (unit: string) => upStates.has(live.get(unit)?.activeState ?? '');
  const isWithoutFile = (unit: string) => live.get(unit)?.loadState === 'not-found';
  const fromFix = (unit: string) =>
    restarted.includes(unit) || startedSeconds(live.get(unit)) > secondsOf(id);
  const brought = broughtUp.filter(isUp);
  const isOfFix = (unit: string) => runs[unit] !== undefined && live.get(unit)?.invocation === runs[unit];
  const named = (units: readonly string[], kind: RunsOn['kind']) => units.map(unit => ({ unit, kind }));
  return [
    ...named(
      made.filter(unit => isUp(unit) && isWithoutFile(unit)),
      'without-file',
    ),
    ...named(
      changed.filter(unit => isUp(unit) && !isWithoutFile(unit) && fromFix(unit)),
      'with-settings',
    ),
    ...named(brought.filter(isOfFix), 'was-down'),
    ...named(
      brought.filter(unit => !isOfFix(unit)),
      'later-run',
    ),
  ];
}

/** Unit files that the fix has made and that stay, since others have edited them: systemd goes on with what is in them. */
export function madeAndLeft(
  { operations }: FixRecord,
  { edited, untouched, gone }: Undone,
): readonly { readonly unit: string; readonly file: string }[] {
  const left = new Set([...edited, ...untouched.filter(file => !gone.includes(file))]);
  return operations
    .filter(({ path: file, before }) => before.kind === 'absent' && left.has(file) && !file.endsWith('.conf'))
    .flatMap(operation => unitOf(operation).map(unit => ({ unit, file: operation.path })));
}

/** What is `deactivating` ends by itself; what waits for a restart (`activating`) begins again. */
const upStates = new Set(['active', 'activating', 'reloading', 'refreshing']);

/** The unit of a unit file or a drop-in. */
function unitOf({ path: file, after }: FileOperation): readonly string[] {
  if (after.kind === 'link') return [];
  const name = file.endsWith('.conf') ? path.basename(path.dirname(file), '.d') : path.basename(file);
  const parsed = parseUnitName(name);
  return parsed === undefined || parsed.kind === 'template' ? [] : [name];
}

/** Whether an undo changes settings that a process receives at its start. */
function isForProcess(operation: FileOperation): boolean {
  return settingsChanged(operation).some(({ section, key }) => !countsFromReload(section, key));
}

function startedSeconds(state: LiveUnit | undefined): number {
  return state?.mainStartedSeconds ?? 0;
}

/** The time in the id of a fix, in seconds since 1970. */
function secondsOf(id: string): number {
  const [, day, time] = /^(\d{8})T(\d{6})Z/.exec(id) ?? [];
  if (day === undefined || time === undefined) return Number.POSITIVE_INFINITY;
  const [date, clock] = [day.replace(/(....)(..)(..)/, '$1-$2-$3'), time.replace(/(..)(..)(..)/, '$1:$2:$3')];
  return Date.parse(`${date}T${clock}Z`) / 1000;
}
