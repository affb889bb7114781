/** Where the configuration of a host is looked for. Loads nothing: most hosts have none. */
import path from 'node:path';
import { localFiles } from '../systemd/host/files.ts';
import type { Host, HostFiles } from '../systemd/host/host.ts';
import { userConfigHome } from '../systemd/search-path.ts';

/** What names a place: `--config`, `$DARUMA_CONFIG`, the user's own folder, the machine's. */
type PlaceOrigin = 'option' | 'environment' | 'user' | 'machine';

export interface ConfigurationPlace {
  readonly origin: PlaceOrigin;
  /** As the owner of `files` sees it; absolute. */
  readonly path: string;
  readonly files: HostFiles;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The places where the configuration of a host may be, the first that exists wins. One that was named has no
 * alternative.
 *
 * The configuration belongs to the machine that is looked at: of an unpacked root or a home it is the one inside, and
 * the variables of whoever looks do not count. A folder of units belongs to nobody.
 *
 * @param option what `--config` says
 * @param environment of this process
 * @param workingDirectory where a relative path that was given begins
 */
export function configurationPlaces(
  host: Host,
  option: string | undefined,
  environment: Environment,
  workingDirectory: string,
): readonly ConfigurationPlace[] {
  if (option !== undefined) return [namedPlace(option, workingDirectory)];
  const isElsewhere = host.kind === 'offline' && host.reach !== 'units';
  const variable = environment['DARUMA_CONFIG'];
  if (variable && !isElsewhere) return [{ ...namedPlace(variable, workingDirectory), origin: 'environment' }];
  if (host.reach === 'units') return [];
  const { files } = host;
  const folder = host.kind === 'live' ? liveConfigHome(host, environment) : userConfigHome(host.environment);
  return [
    ...(folder === undefined ? [] : [{ origin: 'user', path: `${folder}/${fileName}`, files } as const]),
    // A home that was brought here has left its machine behind.
    ...(host.reach === 'home' ? [] : [{ origin: 'machine', path: `/etc/${fileName}`, files } as const]),
  ];
}

/** The place that counts: one that was named, else the first where there is something. */
export function configurationPlace(places: readonly ConfigurationPlace[]): ConfigurationPlace | undefined {
  return places.find(place => isNamedPlace(place) || exists(place));
}

/** A file of this machine that somebody named. */
export function namedPlace(file: string, workingDirectory: string): ConfigurationPlace {
  return { origin: 'option', path: path.resolve(workingDirectory, file), files: localFiles() };
}

export function exists({ files, path: file }: ConfigurationPlace): boolean {
  return files.status(file) !== undefined;
}

const fileName = 'daruma/config.yaml';

/** Whether somebody has said that it is this file, which then has to be there. */
export function isNamedPlace({ origin }: ConfigurationPlace): boolean {
  return origin === 'option' || origin === 'environment';
}

/** A relative `$XDG_CONFIG_HOME` is invalid and to be ignored (XDG Base Directory Specification, "Basics"). */
function liveConfigHome(host: Host, environment: Environment): string | undefined {
  const { HOME = host.user?.home, XDG_CONFIG_HOME: given = '' } = environment;
  return userConfigHome({
    ...(HOME === undefined ? {} : { HOME }),
    ...(path.isAbsolute(given) ? { XDG_CONFIG_HOME: given } : {}),
  });
}
