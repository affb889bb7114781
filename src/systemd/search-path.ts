/**
 * The directories in which a manager looks for units, in order: it takes a name from the first directory that has it.
 * Source: systemd.unit(5) "Unit File Load Path", and `lookup_paths_init()` for what the page leaves out.
 */

/** The kind of manager: that of one user (`systemctl --user`), or that of the system. */
export type ManagerScope = 'user' | 'system';

/** The environment variables that decide in which directories a manager looks. */
export interface SearchPathEnvironment {
  readonly HOME?: string;
  readonly XDG_CONFIG_HOME?: string;
  readonly XDG_DATA_HOME?: string;
  readonly XDG_RUNTIME_DIR?: string;
  readonly XDG_CONFIG_DIRS?: string;
  readonly XDG_DATA_DIRS?: string;
  readonly SYSTEMD_UNIT_PATH?: string;
}

/**
 * The unit search path of a manager: absolute directories without duplicates, the one with the highest priority first. The
 * directories need not exist.
 *
 * Source: systemd.unit(5), "Unit File Load Path"; `lookup_paths_init()` in `src/libsystemd/sd-path/path-lookup.c`.
 *
 * @param environment that of the manager; a variable that is missing counts as not set
 * @param version systemd's major version, such as 252
 * @example
 * import { unitSearchPath } from 'daruma/systemd';
 *
 * unitSearchPath('user', { HOME: '/home/kuma' }, 252)[0]; // '/home/kuma/.config/systemd/user.control'
 * unitSearchPath('system', {}, 252)[4]; // '/etc/systemd/system'
 */
export function unitSearchPath(
  scope: ManagerScope,
  environment: SearchPathEnvironment,
  version: number,
): readonly string[] {
  const given = environment.SYSTEMD_UNIT_PATH;
  // With an empty element anywhere but at the end the variable is invalid, and the manager refuses to start. No running manager
  // can have such a value, so it counts as not set.
  if (given === undefined || given === '' || given.startsWith(':') || given.includes('::')) {
    return unique(defaultPath(scope, environment, version));
  }
  const directories = given.split(':').filter(directory => directory !== '');
  return unique(
    given.endsWith(':') ? [...directories, ...defaultPath(scope, environment, version)] : directories,
  );
}

/** The directory of a user's configuration: `$XDG_CONFIG_HOME`, else `~/.config`; undefined without a home. */
export function userConfigHome(environment: SearchPathEnvironment): string | undefined {
  return environment.XDG_CONFIG_HOME || (environment.HOME && `${environment.HOME}/.config`) || undefined;
}

/**
 * The directory that `systemctl enable` and `systemctl edit` write to: the user's own, or the administrator's; undefined
 * without a home.
 */
export function ownUnitFolder(scope: ManagerScope, environment: SearchPathEnvironment): string | undefined {
  if (scope === 'system') return '/etc/systemd/system';
  const config = userConfigHome(environment);
  return config === undefined ? undefined : `${config}/systemd/user`;
}

/** The directory that `%t` means in units: the one of the manager's volatile files; undefined where it is not known. */
export function managerRuntimeFolder(
  scope: ManagerScope,
  { XDG_RUNTIME_DIR: runtime }: SearchPathEnvironment,
): string | undefined {
  return scope === 'system' ? '/run' : runtime || undefined;
}

function defaultPath(
  scope: ManagerScope,
  environment: SearchPathEnvironment,
  version: number,
): readonly string[] {
  return scope === 'system' ? systemPath(version) : userPath(environment, version);
}

function systemPath(version: number): readonly string[] {
  return [
    '/etc/systemd/system.control',
    '/run/systemd/system.control',
    '/run/systemd/transient',
    '/run/systemd/generator.early',
    '/etc/systemd/system',
    '/etc/systemd/system.attached',
    '/run/systemd/system',
    '/run/systemd/system.attached',
    '/run/systemd/generator',
    '/usr/local/lib/systemd/system',
    // Up to 254 some builds support a split /usr (Debian's up to 252) and look here first; on all other systems the symlink
    // /lib makes this the same directory as the next one.
    ...(version < 255 ? ['/lib/systemd/system'] : []),
    '/usr/lib/systemd/system',
    '/run/systemd/generator.late',
  ];
}

function userPath(environment: SearchPathEnvironment, version: number): readonly string[] {
  const config = userConfigHome(environment);
  const data =
    environment.XDG_DATA_HOME || (environment.HOME && `${environment.HOME}/.local/share`) || undefined;
  const runtime = environment.XDG_RUNTIME_DIR || undefined;
  const under = (base: string | undefined, path: string) => (base === undefined ? [] : [`${base}/${path}`]);
  // Users can attach portable services since 260 (NEWS, "portablectl gained --user").
  const attached = (base: string | undefined) => (version >= 260 ? under(base, 'systemd/user.attached') : []);
  return [
    ...under(config, 'systemd/user.control'),
    ...under(runtime, 'systemd/user.control'),
    ...under(runtime, 'systemd/transient'),
    ...under(runtime, 'systemd/generator.early'),
    ...under(config, 'systemd/user'),
    ...attached(config),
    ...list(environment.XDG_CONFIG_DIRS, version >= 256 ? '/etc' : '/etc/xdg').map(
      directory => `${directory}/systemd/user`,
    ),
    '/etc/systemd/user',
    ...under(runtime, 'systemd/user'),
    ...attached(runtime),
    '/run/systemd/user',
    ...under(runtime, 'systemd/generator'),
    ...under(data, 'systemd/user'),
    ...list(environment.XDG_DATA_DIRS, '/usr/local/share:/usr/share').map(
      directory => `${directory}/systemd/user`,
    ),
    '/usr/local/lib/systemd/user',
    '/usr/local/share/systemd/user',
    '/usr/lib/systemd/user',
    '/usr/share/systemd/user',
    ...under(runtime, 'systemd/generator.late'),
  ];
}

function list(value: string | undefined, fallback: string): readonly string[] {
  return (value ?? fallback).split(':').filter(directory => directory !== '');
}

function unique(directories: readonly string[]): readonly string[] {
  return [...new Set(directories.map(directory => directory.replace(/(?<=[^/]|^\/)\/+$/, '')))];
}
