/** Asking a person, where there is one. */
import readline from 'node:readline/promises';
import type { Catalogue } from '../i18n/catalogue.ts';

/** Whether somebody can be asked: both ends are a terminal, and nobody has forbidden it. */
export function canAsk(wantsInput: boolean): boolean {
  return wantsInput && process.stdin.isTTY && process.stderr.isTTY;
}

/** Asks a question that is answered yes or no; no answer is no. */
export async function confirm(question: string, { fix }: Catalogue): Promise<boolean> {
  const terminal = readline.createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} ${fix.yesOrNo} `);
    return /^\s*(?:y|yes|是)\s*$/i.test(answer);
  } catch {
    // The terminal was closed, or Ctrl-C: nobody said yes.
    return false;
  } finally {
    terminal.close();
  }
}
