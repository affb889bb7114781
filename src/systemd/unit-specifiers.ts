/**
 * The values of `%h`, `%i` and the other specifiers in one unit on one host.
 * Source: systemd.unit(5) "Specifiers"; the table of `unit_full_printf()`, per version.
 */
import path from 'node:path';
import type { Host } from './host/host.ts';
import { userConfigHome } from './search-path.ts';
import { parseUnitName, unescapeUnitName, unescapeUnitPath } from './unit-name.ts';

/**
 * Looks up the values of a unit's specifiers.
 *
 * Where the version knows a specifier and its value cannot be known here (the boot ID of an unpacked root, the instance of a
 * template), the specifier itself is the value: `%b`, `%i`.
 *
 * @param fragment the unit's file, for `%y` and `%Y`
 * @returns undefined for letters that this version does not know, and where the unit's name cannot be unescaped
 */
export function unitSpecifiers(
  host: Host,
  id: string,
  fragment: string | undefined,
): (specifier: string) => string | undefined {
  let values: Values | undefined;
  return specifier => {
    const first = firstVersion[specifier];
    if (first === undefined || host.systemd.version < first) return undefined;
    // Most units have no specifiers: the values are worked out when the first one is asked for.
    values ??= specifierValues(host, id, fragment);
    const value = values[specifier];
    return value === undefined ? `%${specifier}` : value();
  };
}

type Values = Readonly<Record<string, () => string | undefined>>;

function specifierValues(host: Host, id: string, fragment: string | undefined): Values {
  const unit = parseUnitName(id);
  const prefix = unit?.prefix ?? id;
  const isTemplate = unit?.kind === 'template';
  const instance = unit?.instance ?? '';
  const last = prefix.slice(prefix.lastIndexOf('-') + 1);

  return {
    i: () => (isTemplate ? '%i' : instance),
    I: () => (isTemplate ? '%I' : unescapeUnitName(instance)),
    j: () => last,
    J: () => unescapeUnitName(last),
    n: () => id,
    N: () => id.slice(0, id.lastIndexOf('.')),
    p: () => prefix,
    P: () => unescapeUnitName(prefix),
    f: () => (isTemplate ? '%f' : unescapeUnitPath(unit?.instance ?? prefix)),
    y: () => fragment ?? '%y',
    Y: () => (fragment === undefined ? '%Y' : path.posix.dirname(fragment)),
    H: () => host.hostName,
    l: () => host.hostName.split('.')[0] ?? '',
    T: () => '/tmp',
    V: () => '/var/tmp',
    ...directories(host),
    ...identity(host),
  };
}

/** Whether a text differs between the instances of a template. */
export function dependsOnInstance(text: string): boolean {
  return /(?<!%)(?:%%)*%[iIf]/.test(text);
}

function directories(host: Host): Readonly<Record<string, () => string>> {
  if (host.scope === 'system') {
    return {
      C: () => '/var/cache',
      D: () => '/usr/share',
      E: () => '/etc',
      L: () => '/var/log',
      S: () => '/var/lib',
      t: () => '/run',
    };
  }
  const { environment } = host;
  const home = environment['HOME'] ?? '/';
  const config = userConfigHome(environment) ?? `${home}/.config`;
  // Until 253 a user's state and logs were in the directory of the configuration (NEWS, version 254).
  const state = environment['XDG_STATE_HOME'] ?? `${home}/.local/state`;
  const hasStateHome = host.systemd.version >= 254;
  return {
    C: () => environment['XDG_CACHE_HOME'] ?? `${home}/.cache`,
    D: () => environment['XDG_DATA_HOME'] ?? `${home}/.local/share`,
    E: () => config,
    L: () => `${hasStateHome ? state : config}/log`,
    S: () => (hasStateHome ? state : config),
    t: () => environment['XDG_RUNTIME_DIR'] ?? `/run/user/${host.user?.uid ?? '%U'}`,
  };
}

/** The user that the manager itself runs as; `User=` of a unit does not matter here. */
function identity(host: Host): Readonly<Record<string, () => string>> {
  const user = host.user ?? { name: 'root', uid: 0, gid: 0, home: '/root', shell: '/bin/sh' };
  return {
    h: () => host.environment['HOME'] ?? user.home,
    s: () => user.shell,
    u: () => user.name,
    U: () => String(user.uid),
    G: () => String(user.gid),
  };
}

/** The version from which each specifier is known; 245 stands for "or earlier". */
const firstVersion: Readonly<Record<string, number>> = {
  ...since(245, 'bcfghijmnprstuvCEGHIJLNPRSTUV'),
  ...since(246, 'l'),
  ...since(247, 'aowBW'),
  ...since(249, 'AM'),
  ...since(251, 'dqyY'),
  ...since(257, 'D'),
};

function since(version: number, letters: string): Readonly<Record<string, number>> {
  return Object.fromEntries(letters.split('').map(letter => [letter, version]));
}
