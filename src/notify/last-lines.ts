/** The last lines of a log for a message: few, short and without secrets. */
import { baseName } from '../services/command-words.ts';
import { runProgram } from '../programs/run.ts';
import { endWithoutSecrets, inShort, withoutSecrets, withoutValues } from '../secrets/redaction.ts';
import { shownText } from '../secrets/writings.ts';
import { journalCommand } from '../systemd/commands.ts';
import { unattributedLines } from '../systemd/host/journal.ts';
import type { ManagerScope } from '../systemd/search-path.ts';
import { resolveService, type Service } from '../systemd/service.ts';
import type { UnitLoader } from '../systemd/unit.ts';

/** The end of a program's output. */
export interface OutputEnd {
  readonly text: string;
  /** Whether the text is the whole output; otherwise it may begin in the middle of a line. */
  readonly isWhole: boolean;
}

/**
 * @param count number of lines; empty lines are left out and not counted
 * @param secrets what the program may have written in any form
 */
export function lastLines(
  { text, isWhole }: OutputEnd,
  count: number,
  secrets: readonly string[],
): readonly string[] {
  // Redact all lines together: a secret may have several lines. Escapes among its letters would hide it.
  const written = withoutValues(shownText(text), secrets);
  const shown = isWhole ? withoutSecrets(written) : `…\n${endWithoutSecrets(written)}`;
  const lines = shown.split('\n').filter(line => line.trim() !== '');
  return withFault(lines, count).map(line => inShort(line, longestLine));
}

/**
 * The last lines, and where none of them tells of a fault, the last one before them that does, with those after it. A program that writes
 * into a socket gives out its stdout in blocks, the last one at its end, and its stderr at once (setvbuf(3)): its banner then stands below
 * what it died of, and the journal does not tell the two streams apart (`StandardError=inherit`).
 */
function withFault(lines: readonly string[], count: number): readonly string[] {
  const last = lines.slice(-count);
  const before = lines.slice(0, -count);
  const at = before.findLastIndex(isFault);
  if (at === -1 || last.some(isFault)) return last;
  const room = Math.ceil(count / 2);
  const faulty = lines.slice(at, at + room);
  const rest = count - room;
  return [...faulty, '…', ...(rest === 0 ? [] : lines.slice(-rest))];
}

function isFault(line: string): boolean {
  return fault.test(line) && !refusedCaller.test(line);
}

/** LiteLLM calls it an error that it refuses a caller's key (litellm 1.108.7, `proxy/auth/auth_exception_handler.py`). It dies of none. */
const refusedCaller = /user_api_key_auth\(\): Exception occur/;

/** As programs name what they die of. */
const fault = /(?:error|exception|fatal|panic|traceback|critical|abort|segfault)/i;

const longestLine = 200;

export interface WantedLines {
  readonly count: number;
  /** What the program may have written in any form. */
  readonly secrets: readonly string[];
  /** The name of a unit's program in the journal. */
  readonly identifierOf: (unit: string) => string | undefined;
}

/**
 * The last lines that one run of a unit has logged, without secrets. Empty when they cannot be read, or the id is none: the
 * message is sent without them, since lines of another run would mislead.
 *
 * @param run the invocation id of the run
 */
export async function lastLogLines(
  unit: string,
  scope: ManagerScope,
  run: string,
  { count, secrets, identifierOf }: WantedLines,
  environment: NodeJS.ProcessEnv,
): Promise<readonly string[]> {
  if (count === 0 || !/^[0-9a-f]{32}$/.test(run)) return [];
  const linesBy = async (by: 'processes' | 'all') => {
    const { stdout, failure } = await runProgram(journalCommand(scope, unit, run, count + linesBefore, by), {
      environment,
      timeoutMs: 3_000,
      outputBytes: mostKept,
      keepsEnd: true,
    });
    if (failure !== undefined) return [];
    try {
      const text = by === 'all' ? untilRestart(stdout) : stdout;
      return lastLines({ text, isWhole: stdout.length < mostKept }, count, secrets);
    } catch {
      return [];
    }
  };
  // What the manager writes last of a run only repeats how it ended, which the message says.
  const own = await linesBy('processes');
  if (own.length > 0) return own;
  const most = count + linesBefore;
  const lost = scope === 'user' ? await unattributedLines(unit, run, identifierOf, most, environment) : [];
  return lost.length > 0
    ? lastLines({ text: lost.join('\n'), isWhole: lost.length < most }, count, secrets)
    : await linesBy('all');
}

/** The manager writes of the next start under the run that has ended (`service_enter_restart()`, and "Stopped ..." up to 253). */
function untilRestart(text: string): string {
  const lines = text.split('\n');
  const at = lines.findLastIndex(line => restartScheduled.test(line));
  return at === -1 ? text : lines.slice(0, at).join('\n');
}

const restartScheduled = /: Scheduled restart job, restart counter is at \d+\.$/;

/** By which names the journal has the lines of the programs of units. */
export function programNames(loader: UnitLoader): WantedLines['identifierOf'] {
  const { defaults, host } = loader;
  return name => identifierIn(resolveService(loader.load(name), defaults, host.systemd.version));
}

function identifierIn({ unit, settings }: Service): string | undefined {
  const own = unit.assignments.last('Service', 'SyslogIdentifier')?.value;
  const path = settings?.ExecStart.value[0]?.path;
  const given = own === undefined ? undefined : unit.expand(own);
  return typeof given === 'string' && given !== '' ? given : path && baseName(path);
}

/** Extra lines that are read but not shown: a secret may begin in one of them. */
const linesBefore = 60;

/** The most output that is searched for secrets, in bytes. */
const mostKept = 1024 * 1024;
