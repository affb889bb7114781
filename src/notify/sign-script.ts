/**
 * The hooks as text: lines of sh that write what systemd says into a file of the spool. They need nothing of daruma's, so that a
 * sign is kept although daruma is missing, and take some milliseconds. `spool.ts` reads the files.
 */
import { signProgram } from '../check/own-hooks.ts';
import type { Command } from '../programs/command.ts';
import { literal, quoted } from '../systemd/values/written-word.ts';

/** The unit's start, its end, or its failure. */
export type SignKind = 'started' | 'ended' | 'failed';

/** First line of a sign, and last one: a file without it is not complete. */
export const signHead = 'daruma-sign 1';
export const signEnd = 'end';

/** Where timeout(1) may lie; the last one is NixOS's. */
export const timeoutPrograms = [
  '/usr/bin/timeout',
  '/bin/timeout',
  '/usr/local/bin/timeout',
  '/run/current-system/sw/bin/timeout',
] as const;

export type TimeoutProgram = (typeof timeoutPrograms)[number];

/** How long a hook may take, and how much longer where it does not heed SIGTERM. */
export interface HookBound {
  readonly seconds: number;
  readonly graceSeconds: number;
}

/**
 * The command line of a hook for a unit file.
 *
 * @param unit with its specifiers, such as `%n`
 * @param bound after this time timeout(1) ends what the hook waits for
 */
export function signCommand(
  kind: SignKind,
  timeout: TimeoutProgram,
  spool: string,
  unit: '%n' | '%i',
  { seconds, graceSeconds }: HookBound,
): string {
  const words = ['/bin/sh', '-c', scriptOf(kind), signProgram, kind, spool].map(word =>
    quoted(literal(word)),
  );
  return `-+${timeout} -k ${graceSeconds} ${seconds} ${words.join(' ')} ${unit}`;
}

/** A command that succeeds where all that the hooks run is there, and runs as they run it. */
export function trialCommand(timeout: TimeoutProgram): Command {
  const script = `${ownPath}; command -v mkdir && command -v sync`;
  return { program: timeout, options: ['-k', '1', '30', '/bin/sh', '-c', script], operands: [] };
}

/**
 * The command line of the service behind the socket to which the front logs who answers: of the lines that come within a moment it makes
 * one sign. Without the spool nobody takes signs; what came is read all the same, or the socket would start the service again at once.
 *
 * It is a line of sh for the same reasons as the other hooks: what is logged is kept while daruma is missing, and daruma runs once for it,
 * started as for any sign.
 *
 * @param places the local one, and the others in their order
 */
export function movesCommand(spool: string, places: readonly string[]): string {
  const script = [
    ownPath,
    'umask 77',
    'set -C',
    // Each read(2) takes one line, of which HAProxy makes no longer one, and dd keeps to a number of them: the next ones start it again.
    'l=$(timeout 2 dd bs=1024 count=24 2>/dev/null)',
    's=$1; shift; [ -d "$s" ] || exit 0',
    `f="$s/$INVOCATION_ID.$$"; printf "%s\\n" "${signHead}" ${movedKind} "$@" "" "$l" ${signEnd} >"$f" && sync "$f" "$s" 2>/dev/null`,
    'exit 0',
  ].join('; ');
  return ['/bin/sh', '-c', script, signProgram, spool, ...places]
    .map(word => quoted(literal(word)))
    .join(' ');
}

/** The second line of such a sign. */
export const movedKind = 'moved';

/** A unit may have a PATH of its own, in which they are missing, or are somebody else's: the hook runs with all permissions. */
const ownPath = 'PATH=/usr/bin:/bin:/run/current-system/sw/bin${PATH:+:$PATH}';

function scriptOf(kind: SignKind): string {
  const prefix = kind === 'failed' ? '$MONITOR_' : '$';
  const facts = ['SERVICE_RESULT', 'EXIT_CODE', 'EXIT_STATUS', 'INVOCATION_ID'].map(
    name => `"${prefix}${name}"`,
  );
  const lines = [`"${signHead}"`, '"$1"', '"$3"', ...facts, signEnd];
  return [
    // On a machine that is too slow for the limit, the sign is still written.
    'trap : TERM',
    ownPath,
    // The sign is its owner's, and no sign overwrites another one.
    'umask 77',
    'set -C',
    '[ -d "$2" ] || mkdir -p "$2"',
    // One write: all of it is in the file, or the last line is missing. Then it is flushed, with its folder.
    `f="$2/$INVOCATION_ID.$$"; printf "%s\\n" ${lines.join(' ')} >"$f" && ${flushed}`,
    // After a reload that takes the hooks away systemd has forgotten the `-` of one that runs, and its failure would end the service.
    'exit 0',
  ].join('; ');
}

/** Whoever takes signs may be faster, and then there is nothing to flush. Any other fault is said by the second attempt. */
const flushed = '{ sync "$f" "$2" 2>/dev/null || [ $? -gt 128 ] || { [ -e "$f" ] && sync "$f" "$2"; }; }';
