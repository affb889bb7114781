import { parseInt32 } from './integer.ts';

/** The names by number, as Linux has them on all architectures that systemd supports except alpha, mips, parisc and sparc. Source: signal(7), "Signal numbering for standard signals". */
const NAMES: readonly (string | undefined)[] = [
  undefined,
  ...'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT'.split(' '),
  ...'CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'.split(' '),
];
/** Names of the signals that have one, without `SIG`, by number. */
export const signalNames: readonly string[] = NAMES.filter(name => name !== undefined);
const NUMBERS: ReadonlyMap<string, number> = new Map(
  NAMES.flatMap((name, number) => (name === undefined ? [] : [[name, number] as const])),
);

/** Signals that the model names. Source: signal(7). */
export const sigabrt = 6;
export const sigkill = 9;
export const sigsegv = 11;
export const sigterm = 15;

/** glibc uses the first two real-time signals of the kernel, 32 and 33, for its threads. */
const RTMIN = 34;
const RTMAX = 64;

/**
 * Reads a signal: a number from 1 to 64, a name with or without `SIG`, `RTMIN`, `RTMIN+n`, `RTMAX` or `RTMAX-n`. Names are upper
 * case.
 *
 * Source: `signal_from_string()` in `src/basic/signal-util.c`.
 *
 * @returns the number of the signal; undefined when the text names none
 * @example
 * import { parseSignal } from 'daruma/systemd';
 *
 * parseSignal('TERM'); // 15
 * parseSignal('SIGRTMIN+3'); // 37
 * parseSignal('SIG15'); // undefined
 */
export function parseSignal(text: string): number | undefined {
  const asNumber = parseInt32(text);
  if (asNumber !== undefined) return asNumber >= 1 && asNumber <= RTMAX ? asNumber : undefined;
  const name = text.startsWith('SIG') ? text.slice(3) : text;
  return NUMBERS.get(name) ?? parseRealTime(name);
}

function parseRealTime(name: string): number | undefined {
  if (name === 'RTMIN') return RTMIN;
  if (name === 'RTMAX') return RTMAX;
  const offset = parseInt32(name.slice(5));
  if (offset === undefined) return undefined;
  if (name.startsWith('RTMIN+')) return offset >= 0 && offset <= RTMAX - RTMIN ? RTMIN + offset : undefined;
  if (name.startsWith('RTMAX-')) return offset <= 0 && offset >= RTMIN - RTMAX ? RTMAX + offset : undefined;
  return undefined;
}

/**
 * The name of a signal, with its prefix. A signal without a name stays a number.
 *
 * Source: signal(7); `signal_to_string()` in `src/basic/signal-util.c`.
 *
 * @param signal the number of a signal
 * @example
 * import { signalName } from 'daruma/systemd';
 *
 * signalName(15); // 'SIGTERM'
 * signalName(37); // 'SIGRTMIN+3'
 * signalName(33); // '33'
 */
export function signalName(signal: number): string {
  const name = shortSignalName(signal);
  return /^[0-9-]/.test(name) ? name : `SIG${name}`;
}

/** The name of a signal as systemd prints it in properties: `TERM`, `RTMIN+3`, `33`. Source: `signal_to_string()`. */
export function shortSignalName(signal: number): string {
  const name = NAMES[signal];
  if (name !== undefined) return name;
  return signal >= RTMIN && signal <= RTMAX ? `RTMIN+${signal - RTMIN}` : String(signal);
}
