/** Asking a person, where there is one. */
import { once } from 'node:events';
import readline from 'node:readline/promises';
import type { Catalogue } from '../i18n/catalogue.ts';
import type { Context } from './context.ts';
import { badInput } from './failure.ts';
import type { Io } from './io.ts';
import type { ConfirmOptions } from './options.ts';

/** Whether somebody can be asked: both ends are a terminal, and nobody has forbidden it. */
function canAsk(wantsInput: boolean, { stdin, stderr }: Io): boolean {
  return wantsInput && stdin.isTTY === true && stderr.isTTY === true;
}

/**
 * Whether somebody says yes to what has been shown, now or with `--yes`.
 *
 * @throws Failure where nobody can be asked
 */
export async function expectYes(
  { yes, input }: ConfirmOptions,
  { format, catalogue, io }: Context,
  question = catalogue.fix.question,
): Promise<boolean> {
  if (yes) return true;
  const { cannotAsk, useYes } = catalogue.fix;
  if (!canAsk(input, io) || format === 'json') throw badInput('not-confirmed', cannotAsk, undefined, useYes);
  return confirm(question, catalogue, io);
}

/** Asks a question that is answered yes or no; no answer is no. */
async function confirm(question: string, { fix }: Catalogue, { stdin, stderr }: Io): Promise<boolean> {
  const terminal = readline.createInterface({ input: stdin, output: stderr });
  try {
    // The question itself does not end when its input does.
    const closed = once(terminal, 'close').then(() => '');
    const answer = await Promise.race([terminal.question(`${question} ${fix.yesOrNo} `), closed]);
    return /^\s*(?:y|yes|是)\s*$/i.test(answer);
  } catch {
    // Ctrl-C or Ctrl-D: nobody said yes.
    return false;
  } finally {
    terminal.close();
  }
}
