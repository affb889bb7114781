/** Whether a manager still loads the units that a fix has changed: what it refuses can no longer be started, also at the next boot. */
import path from 'node:path';
import { type Host, type Manager, ManagerError } from '../systemd/host/host.ts';
import { statesOf } from '../systemd/host/states.ts';
import { parseUnitName } from '../systemd/unit-name.ts';
import type { FixRecord } from './journal.ts';

/** The manager refuses a unit that it loaded before. */
export class UnitRefused extends Error {
  readonly unit: string;
  /** systemd's word. */
  readonly loadState: string;

  constructor({ unit, loadState }: Refused) {
    super(`${unit}: LoadState=${loadState}`);
    this.name = 'UnitRefused';
    this.unit = unit;
    this.loadState = loadState;
  }
}

interface Refused {
  readonly unit: string;
  readonly loadState: string;
}

/** The `LoadState` of each unit that a record is about; nothing where no manager answers. */
export async function loadStatesOf(
  record: FixRecord,
  { kind, manager }: Host,
): Promise<ReadonlyMap<string, string>> {
  if (kind !== 'live' || manager === undefined || !record.isReloaded) return new Map();
  const states = await statesOf(await unitsIn(record, manager), manager);
  return new Map([...states].map(([unit, { loadState }]) => [unit, loadState]));
}

/** The units that the manager refuses since, other than those whose files were taken away. */
export function refusedSince(
  { operations }: FixRecord,
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly Refused[] {
  const changed = new Set(operations.map(({ path: file }) => path.basename(file)));
  return [...after].flatMap(([unit, loadState]) => {
    const was = before.get(unit);
    const isMissing =
      was === 'loaded' && loadState === 'not-found' && !filesOf(unit).some(file => changed.has(file));
    const isBad = was !== undefined && !isRefusal(was) && isRefusal(loadState);
    return isMissing || isBad ? [{ unit, loadState }] : [];
  });
}

function isRefusal(loadState: string): boolean {
  return loadState === 'bad-setting' || loadState === 'error';
}

/** The names that the file of a unit may have. */
function filesOf(unit: string): readonly string[] {
  const name = parseUnitName(unit);
  return name?.kind === 'instance' ? [unit, `${name.prefix}@.${name.type}`] : [unit];
}

/** The units that a record names or whose files it changes; of templates the instances that are loaded. */
async function unitsIn({ units, operations }: FixRecord, manager: Manager): Promise<readonly string[]> {
  const ofFiles = operations.map(({ path: file }) => {
    const folder = path.basename(path.dirname(file));
    return folder.endsWith('.d') ? folder.slice(0, -2) : path.basename(file);
  });
  const names = [...new Set([...units, ...ofFiles])].flatMap(name => parseUnitName(name) ?? []);
  const templates = new Set(names.flatMap(({ kind, name }) => (kind === 'template' ? [name] : [])));
  const loaded = templates.size === 0 ? [] : await loadedUnits(manager);
  return [
    ...names.flatMap(({ kind, name }) => (kind === 'template' ? [] : [name])),
    ...loaded.filter(name => filesOf(name).some(file => templates.has(file))),
  ];
}

async function loadedUnits(manager: Manager): Promise<readonly string[]> {
  try {
    return (await manager.loadedUnits()).map(({ name }) => name);
  } catch (error) {
    if (error instanceof ManagerError) return [];
    throw error;
  }
}
