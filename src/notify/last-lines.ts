/** The last lines of a log, as they go into a message: without secrets, few, and none of them long. */
import { runProgram } from '../programs/run.ts';
import { endWithoutSecrets, inShort, withoutSecrets } from '../secrets/redaction.ts';
import { journalCommand } from '../systemd/commands.ts';
import type { ManagerScope } from '../systemd/search-path.ts';

/** What a program has printed last. */
export interface OutputEnd {
  readonly text: string;
  /** Whether it is all that there was; else it begins anywhere in a line. */
  readonly isWhole: boolean;
}

/** @param count of lines; empty ones are left out, and are none */
export function lastLines({ text, isWhole }: OutputEnd, count: number): readonly string[] {
  // Together: a secret may have several lines.
  const shown = isWhole ? withoutSecrets(text) : `…\n${endWithoutSecrets(text)}`;
  return shown
    .split('\n')
    .filter(line => line.trim() !== '')
    .slice(-count)
    .map(line => inShort(line, longestLine));
}

const longestLine = 200;

/** Of its journal, without secrets; none where that cannot be read: a message is worth more than the lines that go with it. */
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

/** A secret may have begun in a line that is not shown. */
const linesBefore = 60;

/** However much there is, no more of it is kept than may be looked through. */
const mostKept = 1024 * 1024;
