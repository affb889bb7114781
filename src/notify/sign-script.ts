/**
 * The hooks as text: lines of sh that write what systemd says into a file of the spool. They need nothing of daruma's, so that a
 * sign is kept although daruma is missing, and take some milliseconds. `spool.ts` reads the files.
 */
import { signProgram } from '../check/own-hooks.ts';
import type { ManagerScope } from '../systemd/search-path.ts';
import { literal, quoted } from '../systemd/values/written-word.ts';

/** The unit's start, its end, or its failure. */
export type SignKind = 'started' | 'ended' | 'failed';

/** First line of a sign, and last one: a file without it is not complete. */
export const signHead = 'daruma-sign 1';
export const signEnd = 'end';

/** What stands in place of the jobs where the manager did not answer. */
export const noAnswer = '?';

/**
 * The command line of a hook for a unit file.
 *
 * @param unit with its specifiers, such as `%n`
 * @param seconds after this time timeout(1) ends what the hook waits for
 */
export function signCommand(
  kind: SignKind,
  spool: string,
  unit: '%n' | '%i',
  scope: ManagerScope,
  seconds: number,
): string {
  const words = ['/bin/sh', '-c', scriptOf(kind, scope), signProgram, kind, spool].map(word =>
    quoted(literal(word)),
  );
  const runtime = kind === 'ended' && scope === 'user' ? ' %t' : '';
  return `-+/usr/bin/timeout -k 1 ${seconds} ${words.join(' ')} ${unit}${runtime}`;
}

function scriptOf(kind: SignKind, scope: ManagerScope): string {
  const prefix = kind === 'failed' ? '$MONITOR_' : '$';
  const facts = ['SERVICE_RESULT', 'EXIT_CODE', 'EXIT_STATUS', 'INVOCATION_ID'].map(
    name => `"${prefix}${name}"`,
  );
  const more = kind === 'ended' ? ['"$j"', '"$t"'] : [];
  const lines = [`"${signHead}"`, '"$1"', '"$3"', ...facts, ...more, signEnd];
  return [
    // When the time is up, what it waits for is ended, and the sign is still written.
    'trap : TERM',
    // The sign is its owner's, and no sign overwrites another one.
    'umask 77',
    'set -C',
    '[ -d "$2" ] || mkdir -p "$2"',
    ...(kind === 'ended' ? jobScript(scope) : []),
    // One write: all of it is in the file, or the last line is missing. Then it is flushed, with its folder.
    `f="$2/$INVOCATION_ID.$$"; printf "%s\\n" ${lines.join(' ')} >"$f" && exec sync "$f" "$2"`,
  ].join('; ');
}

/**
 * Only the manager knows whether a job ended the service, and only now. Where one did, the times tell whether the process was
 * already gone.
 */
function jobScript(scope: ManagerScope): readonly string[] {
  const systemctl = scope === 'user' ? 'XDG_RUNTIME_DIR="$4" systemctl --user' : 'systemctl --system';
  return [
    `j=$(${systemctl} list-jobs --no-legend --full -- "$3" shutdown.target 2>/dev/null) || j=${noAnswer}`,
    `t=; case "$j" in *" stop "*|*" restart "*) t=$(${systemctl} show -p ActiveExitTimestampMonotonic -p ExecMainExitTimestampMonotonic -- "$3" 2>/dev/null);; esac`,
  ];
}
