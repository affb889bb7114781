/**
 * Asks a manager about units in such a way that one of them costs no other its answer. A manager reads the files of a unit that it has
 * not loaded whenever it is asked about it, and does nothing else meanwhile, nor restarts a service: with 20,000 lines of `Environment=`
 * for two seconds, with 200,000 for minutes (ran on 257).
 */
import { noteLimit } from '../systemd/host/limit.ts';
import type { Host, LiveUnit } from '../systemd/host/host.ts';
import type { UnitLoader } from '../systemd/unit.ts';
import { parseUnitName } from '../systemd/unit-name.ts';

/**
 * The states of units, without those about which the manager was not asked or gave no answer: these are noted.
 *
 * @param loaded the units that the manager has loaded, by their primary names
 */
export async function askManager(
  names: readonly string[],
  loaded: ReadonlySet<string>,
  { host, index }: UnitLoader,
): Promise<ReadonlyMap<string, LiveUnit>> {
  const { manager } = host;
  if (manager === undefined) return new Map();
  const sizes = new Map(names.map(name => [name, bytesToRead(name)]));
  const isTooLarge = (name: string) => (sizes.get(name) ?? 0) > mostBytes;
  const live = await manager.units(names.filter(name => !isTooLarge(name)));
  for (const name of names) if (!live.has(name)) note(name, isTooLarge(name) ? 'question' : 'answer', host);
  return live;

  /** What the manager would read to answer. */
  function bytesToRead(name: string): number {
    const parsed = parseUnitName(name);
    if (parsed === undefined) return 0;
    const location = index.locate(parsed);
    if (loaded.has(location.id)) return 0;
    const files = [
      ...(location.fragment === undefined ? [] : [location.fragment]),
      ...index.dropIns(location),
    ];
    return files.reduce((sum, file) => sum + (host.files.status(file)?.size ?? 0), 0);
  }
}

function note(name: string, of: 'question' | 'answer', host: Host): void {
  const limit = of === 'question' ? { of, most: mostBytes } : { of };
  noteLimit(host, { source: { file: name, line: null }, limit });
}

/** Less takes a manager a second or two; real units have a hundredth of it. */
const mostBytes = 262_144;
