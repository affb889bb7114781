/** Observes the units of a host: by its journal, by `systemctl show`, and by the notes of the actors. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shownDirectives } from '../../src/systemd/shown-settings.ts';
import type { ManagerScope } from '../../src/systemd/search-path.ts';
import type { Host } from '../host.ts';
import { labUser } from './case.ts';

export interface Observation {
  /** Properties that `systemctl show` printed at the end. */
  readonly properties: Readonly<Record<string, string>>;
  readonly events: readonly UnitEvent[];
  readonly notes: readonly Note[];
  /** Whether the unit changed while it was asked: then its properties are from two moments. */
  readonly inMotion: boolean;
}

/** A log line of the manager about a unit. The time is when the journal received the line: CLOCK_MONOTONIC in seconds. */
type UnitEvent =
  | { readonly kind: 'ended'; readonly at: number; readonly result: string }
  | { readonly kind: 'restart-scheduled'; readonly at: number; readonly nRestarts: number }
  | { readonly kind: 'gave-up'; readonly at: number };

/** A line that an actor noted. */
export interface Note {
  readonly at: number;
  readonly role: string;
  readonly what: 'start' | 'end';
}

/** The manager in which a unit runs. */
export interface Place {
  readonly unit: string;
  readonly scope: ManagerScope;
}

/** Runs `systemctl` as the owner of a manager. */
export function systemctl(host: Host, scope: ManagerScope, ...args: readonly string[]) {
  const command = ['systemctl', ...(scope === 'user' ? ['--user'] : []), ...args];
  return host.exec(command, scope === 'user' ? { user: labUser } : {});
}

/** Asks for properties of units; returns them by unit name. */
export async function showUnits(
  host: Host,
  places: readonly Place[],
): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
  const names = [
    'Id',
    'LoadState',
    'ActiveState',
    'SubState',
    'Result',
    'NRestarts',
    ...shownDirectives.map(propertyOf),
  ];
  const shown = new Map<string, Readonly<Record<string, string>>>();
  for (const scope of ['system', 'user'] as const) {
    const units = places.filter(place => place.scope === scope).map(({ unit }) => unit);
    if (units.length === 0) continue;
    const { stdout, stderr } = await systemctl(
      host,
      scope,
      'show',
      `--property=${names.join(',')}`,
      '--',
      ...units,
    );
    const blocks = stdout.trimEnd().split('\n\n');
    if (blocks.length !== units.length) {
      throw new Error(`show: ${blocks.length} of ${units.length}: ${stderr}`);
    }
    for (const block of blocks) {
      const properties = Object.fromEntries(block.split('\n').map(cutAtEqualsSign));
      shown.set(properties['Id'] ?? '', properties);
    }
  }
  return shown;
}

function cutAtEqualsSign(line: string): readonly [string, string] {
  const at = line.indexOf('=');
  return [line.slice(0, at), line.slice(at + 1)];
}

/** The property that shows a directive; time spans are microseconds on the bus. */
export function propertyOf(directive: string): string {
  return directive.endsWith('Sec') ? directive.replace(/Sec$/, 'USec') : directive;
}

/** Observes units now. */
export async function observe(
  host: Host,
  places: readonly Place[],
): Promise<ReadonlyMap<string, Observation>> {
  const from = now();
  const shown = await showUnits(host, places);
  const to = now();
  const events = await readEvents(host);
  return new Map(
    places.map(({ unit, scope }) => {
      const properties = shown.get(unit) ?? {};
      const notes = readNotes(host, unit).filter(note => note.at < to);
      const all = events.get(unit) ?? [];
      const told = all.filter(event => event.at < to);
      const inMotion = [...all, ...notes].some(({ at }) => at > from - journalLag && at < to + journalLag);
      return [
        unit,
        {
          properties,
          notes,
          events: scope === 'user' ? withSuccesses(told, properties, notes) : told,
          inMotion,
        },
      ];
    }),
  );
}

/** Seconds that the journal may need to store a line. */
const journalLag = 0.3;

/** CLOCK_MONOTONIC in seconds, which hosts share with the machine. */
function now(): number {
  return Number(process.hrtime.bigint()) / 1e9;
}

/** Adds successful ends, which a user manager does not log (`unit_log_success()`): a later event without a failure before it. */
function withSuccesses(
  told: readonly UnitEvent[],
  properties: Observation['properties'],
  notes: readonly Note[],
): readonly UnitEvent[] {
  const events: UnitEvent[] = [];
  for (const event of told) {
    const isUntold = event.kind === 'restart-scheduled' && events.at(-1)?.kind !== 'ended';
    events.push(...(isUntold ? [{ kind: 'ended', at: event.at, result: 'success' } as const] : []), event);
  }
  const isDown = properties['ActiveState'] === 'inactive' || properties['SubState'] === 'auto-restart';
  const last = notes.at(-1);
  return isDown && last !== undefined && events.at(-1)?.kind !== 'ended'
    ? [...events, { kind: 'ended', at: last.at, result: 'success' }]
    : events;
}

async function readEvents(host: Host): Promise<ReadonlyMap<string, UnitEvent[]>> {
  await host.exec(['journalctl', '--sync']);
  const fields = 'MESSAGE_ID,MESSAGE,UNIT,USER_UNIT,UNIT_RESULT,N_RESTARTS';
  const { stdout } = await host.exec([
    'journalctl',
    '--output=json',
    `--output-fields=${fields}`,
    '--boot',
    '--all',
  ]);
  const events = new Map<string, UnitEvent[]>();
  for (const line of stdout.split('\n')) {
    if (line === '') continue;
    const entry: Readonly<Record<string, unknown>> = JSON.parse(line);
    const unit = entry['UNIT'] ?? entry['USER_UNIT'];
    const event = eventOf(entry);
    if (typeof unit !== 'string' || event === undefined) continue;
    const known = events.get(unit);
    if (known === undefined) events.set(unit, [event]);
    else known.push(event);
  }
  return events;
}

function eventOf(entry: Readonly<Record<string, unknown>>): UnitEvent | undefined {
  const at = Number(entry['__MONOTONIC_TIMESTAMP']) / 1e6;
  switch (entry['MESSAGE_ID']) {
    case '7ad2d189f7e94e70a38c781354912448':
      return { kind: 'ended', at, result: 'success' };
    case '0e4284a0caca4bfc81c0bb6786972673':
    case 'd9b373ed55a64feb8242e02dbe79a49c':
      return { kind: 'ended', at, result: String(entry['UNIT_RESULT']) };
    case '5eb03494b6584870a536b337290809b3':
      return { kind: 'restart-scheduled', at, nRestarts: Number(entry['N_RESTARTS']) };
    default:
      // This message has no MESSAGE_ID.
      return String(entry['MESSAGE']).includes('Start request repeated too quickly')
        ? { kind: 'gave-up', at }
        : undefined;
  }
}

/** The notes of a unit's actors. */
export function readNotes(host: Host, unit: string): readonly Note[] {
  const text = readFileSync(join(host.rootDir, 'opt/actor/log', unit), 'utf8');
  return text
    .split('\n')
    .filter(Boolean)
    .map(line => {
      const [at, role = '', what] = line.split(' ');
      return { at: Number(at) / 1e6, role, what: what === 'end' ? 'end' : 'start' } as const;
    })
    .sort((a, b) => a.at - b.at);
}
