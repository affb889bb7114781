import { parseUnsigned } from './integer.ts';
import { parseSignal, shortSignalName } from './signal.ts';
import { extractWords } from './words.ts';

/** The exit statuses, and the numbers of the signals, that a list such as `SuccessExitStatus=` names. */
export type ExitStatusSet = { readonly statuses: ReadonlySet<number>; readonly signals: ReadonlySet<number> };

/** The empty set, to which an empty assignment resets a list. */
export const emptyExitStatusSet: ExitStatusSet = { statuses: new Set(), signals: new Set() };

/**
 * Reads one assignment of `SuccessExitStatus=`, `RestartPreventExitStatus=` or `RestartForceExitStatus=`: names of exit
 * statuses, numbers from 0 to 255, and names of signals. A number is always an exit status. Systemd ignores each word that is
 * none of these; all others count.
 *
 * The function reads one assignment alone: to reset the list at an empty one, and to add up the others, is up to the caller.
 *
 * Source: systemd.service(5), `SuccessExitStatus=`; `config_parse_set_status()` in `src/core/load-fragment.c`.
 *
 * @param version systemd's major version, such as 252, for the few names that are newer than 245; the newest when it is missing
 * @returns the set, and the words that systemd ignores as `invalid`
 * @example
 * import { parseExitStatusWords } from 'daruma/systemd';
 *
 * const { set, invalid } = parseExitStatusWords('TEMPFAIL 250 SIGKILL bogus');
 * set.statuses; // Set(2) { 75, 250 }
 * set.signals; // Set(1) { 9 }
 * invalid; // [ 'bogus' ]
 */
export function parseExitStatusWords(
  text: string,
  version?: number,
): { readonly set: ExitStatusSet; readonly invalid: readonly string[] } {
  const statuses = new Set<number>();
  const signals = new Set<number>();
  const invalid: string[] = [];
  const { words, rest } = extractWords(text);
  for (const word of words) {
    const status = exitStatusFromName(word, version) ?? parseUnsigned(word, 255);
    const signal = status === undefined ? parseSignal(word) : undefined;
    if (status !== undefined) statuses.add(status);
    else if (signal !== undefined) signals.add(signal);
    else invalid.push(word);
  }
  if (rest !== undefined) invalid.push(rest);
  return { set: { statuses, signals }, invalid };
}

/**
 * Writes a set as `systemctl show -p SuccessExitStatus` prints it: exit statuses as numbers, then signals without `SIG`, both in
 * rising order. All versions from 245 to 262 print it in the same way.
 *
 * Source: `print_property()` in `src/systemctl/systemctl-show.c`.
 *
 * @example
 * import { formatExitStatusSet, parseExitStatusWords } from 'daruma/systemd';
 *
 * formatExitStatusSet(parseExitStatusWords('SIGTERM TEMPFAIL').set); // '75 TERM'
 */
export function formatExitStatusSet(set: ExitStatusSet): string {
  const rising = (numbers: ReadonlySet<number>) => [...numbers].sort((a, b) => a - b);
  return [...rising(set.statuses).map(String), ...rising(set.signals).map(shortSignalName)].join(' ');
}

/**
 * The number of a named exit status (`TEMPFAIL` -> 75), undefined for every other text.
 *
 * @param version systemd's major version, for the few names that are newer than 245; the newest when it is missing
 */
export function exitStatusFromName(name: string, version = Number.POSITIVE_INFINITY): number | undefined {
  const status = STATUS_BY_NAME.get(name);
  return status === undefined || version < (SINCE.get(name) ?? 0) ? undefined : status;
}

/** The name systemd gives an exit status (75 -> `TEMPFAIL`), undefined when it has none. */
export function exitStatusName(status: number): string | undefined {
  return NAME_BY_STATUS.get(status);
}

/** systemd.exec(5), "Process Exit Codes": libc, LSB (2-7), BSD (64-78), systemd's own (200-255). */
const STATUS_BY_NAME: ReadonlyMap<string, number> = new Map(
  Object.entries({
    SUCCESS: 0,
    FAILURE: 1,
    INVALIDARGUMENT: 2,
    NOTIMPLEMENTED: 3,
    NOPERMISSION: 4,
    NOTINSTALLED: 5,
    NOTCONFIGURED: 6,
    NOTRUNNING: 7,
    USAGE: 64,
    DATAERR: 65,
    NOINPUT: 66,
    NOUSER: 67,
    NOHOST: 68,
    UNAVAILABLE: 69,
    SOFTWARE: 70,
    OSERR: 71,
    OSFILE: 72,
    CANTCREAT: 73,
    IOERR: 74,
    TEMPFAIL: 75,
    PROTOCOL: 76,
    NOPERM: 77,
    CONFIG: 78,
    CHDIR: 200,
    NICE: 201,
    FDS: 202,
    EXEC: 203,
    MEMORY: 204,
    LIMITS: 205,
    OOM_ADJUST: 206,
    SIGNAL_MASK: 207,
    STDIN: 208,
    STDOUT: 209,
    CHROOT: 210,
    IOPRIO: 211,
    TIMERSLACK: 212,
    SECUREBITS: 213,
    SETSCHEDULER: 214,
    CPUAFFINITY: 215,
    GROUP: 216,
    USER: 217,
    CAPABILITIES: 218,
    CGROUP: 219,
    SETSID: 220,
    CONFIRM: 221,
    STDERR: 222,
    PAM: 224,
    NETWORK: 225,
    NAMESPACE: 226,
    NO_NEW_PRIVILEGES: 227,
    SECCOMP: 228,
    SELINUX_CONTEXT: 229,
    PERSONALITY: 230,
    APPARMOR: 231,
    ADDRESS_FAMILIES: 232,
    RUNTIME_DIRECTORY: 233,
    CHOWN: 235,
    SMACK_PROCESS_LABEL: 236,
    KEYRING: 237,
    STATE_DIRECTORY: 238,
    CACHE_DIRECTORY: 239,
    LOGS_DIRECTORY: 240,
    CONFIGURATION_DIRECTORY: 241,
    NUMA_POLICY: 242,
    CREDENTIALS: 243,
    BPF: 244,
    KSM: 245,
    MEMORY_THP: 246,
    EXCEPTION: 255,
  }),
);
const NAME_BY_STATUS: ReadonlyMap<number, string> = new Map(
  [...STATUS_BY_NAME].map(([name, status]) => [status, name]),
);

const SINCE: ReadonlyMap<string, number> = new Map([
  ['CREDENTIALS', 247],
  ['BPF', 250],
  ['KSM', 254],
  ['MEMORY_THP', 260],
]);
