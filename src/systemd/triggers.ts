/**
 * The units that start a service on demand: sockets, paths, timers and bus names.
 * Source: systemd.socket(5) Service=; systemd.path(5) and systemd.timer(5) Unit=; D-Bus specification, "Message Bus
 * Starting Services (Activation)", SystemdService=.
 */
import type { Host } from './host/host.ts';
import { searchedFiles } from './host/search.ts';
import type { Source } from './service-settings.ts';
import { readUnitFile } from './read-unit-file.ts';
import { parseUnitName } from './unit-name.ts';
import type { Unit, UnitLoader } from './unit.ts';
import { parseBoolean } from './values/boolean.ts';

/** What can start a service on demand. */
export interface ActivationUnit {
  readonly kind: 'socket' | 'path' | 'timer' | 'dbus';
  /** Name of the unit, or the bus name. */
  readonly name: string;
  /** The line that names the service; the first line of the file when the unit starts the service of its own name. */
  readonly source: Source;
}

/**
 * Finds what can start services on demand. It reads every `.socket`, `.path` and `.timer` unit of the host and every bus name
 * that can be activated, once; the function that it returns only looks up.
 *
 * Source: systemd.socket(5), Service=; systemd.path(5) and systemd.timer(5), Unit=; D-Bus specification, "Message Bus Starting
 * Services (Activation)".
 *
 * @returns a function from the `id` of a service to what can start it
 * @throws the errno error of a directory of bus names that exists and cannot be listed
 * @example
 * import { createUnitLoader, findActivation, openOfflineHost } from 'daruma/systemd';
 *
 * const activationOf = findActivation(createUnitLoader(openOfflineHost({ root: 'examples/neko', scope: 'user' })));
 * activationOf('litellm.service'); // []
 */
export function findActivation(loader: UnitLoader): (serviceId: string) => readonly ActivationUnit[] {
  const byService = activationByService(loader);
  return id => byService.get(id) ?? [];
}

/**
 * Whether a unit is an instance that a socket with `Accept=yes` has started for one connection: its name begins with the number of the
 * connection. Source: `instance_from_socket()` and `socket_load_service_unit()` in `src/core/socket.c`.
 */
export function isOfConnection(name: string, loader: UnitLoader): boolean {
  const parsed = parseUnitName(name);
  if (parsed?.type !== 'service' || parsed.instance === undefined) return false;
  if (!/^\d+-/.test(parsed.instance)) return false;
  // Of all instances of a socket the connections have the same template.
  return [`${parsed.prefix}.socket`, `${parsed.prefix}@.socket`].some(socket => {
    return loader.index.entry(socket) !== undefined && acceptsEach(loader.load(socket));
  });
}

/** A socket with `Accept=yes` starts a new instance of a template for each connection. */
function acceptsEach({ assignments }: Pick<Unit, 'assignments'>): boolean {
  const accepts = assignments.get('Socket', 'Accept').flatMap(({ value }) => parseBoolean(value) ?? []);
  return accepts.at(-1) === true;
}

/** What can start services on demand, by the `id` of the service. */
export function activationByService(loader: UnitLoader): ReadonlyMap<string, readonly ActivationUnit[]> {
  const byService = new Map<string, ActivationUnit[]>();
  const add = (service: string, unit: ActivationUnit) => {
    const name = parseUnitName(service);
    const id = name === undefined ? service : loader.index.locate(name).id;
    const units = byService.get(id);
    if (units === undefined) byService.set(id, [unit]);
    else units.push(unit);
  };
  const { index } = loader;
  const names = index.names.filter(isActivator);
  const linked = index.linkedNames(name => isActivator(name) && index.entry(name) === undefined);
  for (const name of [...names, ...linked]) addUnit(loader, name, add);
  for (const folder of busFolders(loader.host)) addBusNames(loader.host, folder, add);
  return byService;
}

/** For each type, the setting that names what it starts, and the settings of what it waits for: systemd refuses a unit without any of these (`socket_verify()` and the like). */
const activators = {
  socket: {
    section: 'Socket',
    key: 'Service',
    waitsFor: [
      'ListenStream',
      'ListenDatagram',
      'ListenSequentialPacket',
      'ListenFIFO',
      'ListenNetlink',
      'ListenSpecial',
      'ListenMessageQueue',
      'ListenUSBFunction',
    ],
  },
  path: {
    section: 'Path',
    key: 'Unit',
    waitsFor: ['PathExists', 'PathExistsGlob', 'PathChanged', 'PathModified', 'DirectoryNotEmpty'],
  },
  timer: {
    section: 'Timer',
    key: 'Unit',
    waitsFor: [
      'OnActiveSec',
      'OnBootSec',
      'OnStartupSec',
      'OnUnitActiveSec',
      'OnUnitInactiveSec',
      'OnCalendar',
      'OnClockChange',
      'OnTimezoneChange',
    ],
  },
} as const;

type Add = (service: string, unit: ActivationUnit) => void;

function isActivator(name: string): boolean {
  return Object.keys(activators).some(type => name.endsWith(`.${type}`));
}

function addUnit(loader: UnitLoader, name: string, add: Add): void {
  const parsed = parseUnitName(name);
  if (parsed === undefined) return;
  const { type } = parsed;
  if (type !== 'socket' && type !== 'path' && type !== 'timer') return;
  if (loader.index.entry(name)?.aliasOf !== undefined) return;
  const unit = loader.load(name);
  if (unit.load !== 'loaded' || unit.fragment === undefined) return;
  const { section, key, waitsFor } = activators[type];
  const { assignments } = unit;
  if (waitsFor.every(directive => (assignments.get(section, directive).at(-1)?.value ?? '') === '')) return;
  // The names of what it starts are not known in advance.
  if (acceptsEach(unit)) return;
  const named = assignments.get(section, key).at(-1);
  const expanded = named === undefined || named.value === '' ? undefined : unit.expand(named.value);
  const own = `${name.slice(0, -type.length)}service`;
  const source =
    expanded === undefined || named === undefined ? { file: unit.fragment, line: 1 } : named.source;
  const service = typeof expanded === 'string' ? expanded : own;
  // A template starts nothing itself: only its instances do, and they start instances of another template.
  if (parsed.kind === 'template' && parseUnitName(service)?.kind !== 'template') return;
  add(service, { kind: type, name, source });
}

function busFolders(host: Host): readonly string[] {
  if (host.scope === 'system') {
    return ['/usr/local/share', '/usr/share', '/lib', '/etc'].map(base => `${base}/dbus-1/system-services`);
  }
  const { environment } = host;
  const home = environment['XDG_DATA_HOME'] ?? `${environment['HOME'] ?? ''}/.local/share`;
  const shared = environment['XDG_DATA_DIRS'] ?? '/usr/local/share:/usr/share';
  return [home, ...shared.split(':')].map(base => `${base}/dbus-1/services`);
}

function addBusNames(host: Host, folder: string, add: Add): void {
  for (const entry of searchedFiles(host.files).list(folder)) {
    if (!entry.name.endsWith('.service')) continue;
    const file = `${folder}/${entry.name}`;
    const values = readBusService(host, file);
    const busName = values.get('Name');
    const service = values.get('SystemdService');
    if (busName === undefined || service === undefined) continue;
    add(service.value, { kind: 'dbus', name: busName.value, source: { file, line: service.line } });
  }
}

function readBusService(
  host: Host,
  file: string,
): ReadonlyMap<string, { readonly value: string; readonly line: number }> {
  try {
    const { items } = readUnitFile(host, file);
    const own = items.filter(item => item.kind === 'assignment' && item.section === 'D-BUS Service');
    return new Map(own.flatMap(item => (item.kind === 'assignment' ? [[item.key, item] as const] : [])));
  } catch {
    // The bus daemon runs as the same user: a file that cannot be read here cannot be read there either.
    return new Map();
  }
}
