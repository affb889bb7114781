/** The last lines of a log for a message: few, short and without secrets. */
import { runProgram } from '../programs/run.ts';
import { endWithoutSecrets, inShort, withoutSecrets } from '../secrets/redaction.ts';
import { journalCommand } from '../systemd/commands.ts';
import type { ManagerScope } from '../systemd/search-path.ts';

/** The end of a program's output. */
export interface OutputEnd {
  readonly text: string;
  /** Whether the text is the whole output; otherwise it may begin in the middle of a line. */
  readonly isWhole: boolean;
}

/** @param count number of lines; empty lines are left out and not counted */
export function lastLines({ text, isWhole }: OutputEnd, count: number): readonly string[] {
  // Redact all lines together: a secret may have several lines.
  const shown = isWhole ? withoutSecrets(text) : `…\n${endWithoutSecrets(text)}`;
  return shown
    .split('\n')
    .filter(line => line.trim() !== '')
    .slice(-count)
    .map(line => inShort(line, longestLine));
}

const longestLine = 200;

/** The last lines of a unit's journal, without secrets. Empty when it cannot be read: the message is sent without them. */
export async function lastLogLines(
  unit: string,
  scope: ManagerScope,
  count: number,
  environment: NodeJS.ProcessEnv,
): Promise<readonly string[]> {
  if (count === 0) return [];
  const { stdout, failure } = await runProgram(journalCommand(scope, unit, count + linesBefore), {
    environment,
    timeoutMs: 3_000,
    outputBytes: mostKept,
    keepsEnd: true,
  });
  if (failure !== undefined) return [];
  try {
    return lastLines({ text: stdout, isWhole: stdout.length < mostKept }, count);
  } catch {
    return [];
  }
}

/** Extra lines that are read but not shown: a secret may begin in one of them. */
const linesBefore = 60;

/** The most output that is searched for secrets, in bytes. */
const mostKept = 1024 * 1024;
