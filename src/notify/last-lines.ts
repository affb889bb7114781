/** The last lines of a log, as they go into a message: without secrets, few, and none of them long. */
import { endWithoutSecrets, inShort, withoutSecrets } from '../secrets/redaction.ts';

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
