/** Finds the configuration file of a host. It does not load the readers of it, since most hosts have no configuration. */
import path from 'node:path';
import { localFiles } from '../systemd/host/files.ts';
import type { Host, HostFiles } from '../systemd/host/host.ts';
import { userConfigHome } from '../systemd/search-path.ts';

/** Where a path comes from: `--config`, `$DARUMA_CONFIG`, the user's own folder, or the machine's. */
type PlaceOrigin = 'option' | 'environment' | 'user' | 'machine';

export interface ConfigurationPlace {
  readonly origin: PlaceOrigin;
  /** Absolute path, as `files` resolves it. */
  readonly path: string;
  readonly files: HostFiles;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The places where the configuration of a host may be. The first one that exists is used; a place that the user named is the
 * only one.
 *
 * The configuration belongs to the host: for an unpacked root or a home it is the one inside, and the variables of the user who
 * runs daruma are ignored. A bare folder of units has no configuration of its own.
 *
 * @param option value of `--config`
 * @param environment of this process
 * @param workingDirectory from which a relative path is resolved
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
    // A home folder on its own comes without the files of its machine.
    ...(host.reach === 'home' ? [] : [{ origin: 'machine', path: `/etc/${fileName}`, files } as const]),
  ];
}

/** The place to use: the one that the user named, or else the first one that exists. */
export function configurationPlace(places: readonly ConfigurationPlace[]): ConfigurationPlace | undefined {
  return places.find(place => isNamedPlace(place) || exists(place));
}

/** A file of this machine that the user named. */
export function namedPlace(file: string, workingDirectory: string): ConfigurationPlace {
  return { origin: 'option', path: path.resolve(workingDirectory, file), files: localFiles() };
}

export function exists({ files, path: file }: ConfigurationPlace): boolean {
  return files.status(file) !== undefined;
}

const fileName = 'daruma/config.yaml';

/** Whether the user named this file; then it has to exist. */
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
