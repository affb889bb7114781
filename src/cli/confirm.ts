/** Asks the user for confirmation. */
import { once } from 'node:events';
import readline from 'node:readline/promises';
import type { Catalogue } from '../i18n/catalogue.ts';
import type { Context } from './context.ts';
import { badInput, Failure } from './failure.ts';
import type { Io } from './io.ts';
import type { ConfirmOptions } from './options.ts';
import { isOutputLost } from './lost-output.ts';
import { tell } from './output.ts';

/** Whether the user can be asked: stdin and stderr are terminals and `--no-input` is not given. */
function canAsk(wantsInput: boolean, { stdin, stderr }: Io): boolean {
  return wantsInput && stdin.isTTY === true && stderr.isTTY === true;
}

/**
 * Whether the user agrees to what has been shown, now or with `--yes`.
 *
 * @throws Failure when the user cannot be asked
 */
export async function expectYes(
  { yes, input }: ConfirmOptions,
  { format, catalogue, io }: Context,
  question = catalogue.fix.question,
): Promise<boolean> {
  if (yes) return true;
  // Nobody has seen what the question is about.
  if (isOutputLost(io.stdout)) throw new Failure(3, 'unread', catalogue.fix.unread);
  const { cannotAsk, useYes } = catalogue.fix;
  if (!canAsk(input, io) || format === 'json') throw badInput('not-confirmed', cannotAsk, undefined, useYes);
  return confirm(question, catalogue, io);
}

/**
 * Asks a question that is answered yes or no; no answer is no.
 *
 * @throws Failure for Ctrl-C
 */
async function confirm(question: string, { fix }: Catalogue, io: Io): Promise<boolean> {
  const { stdin, stderr } = io;
  const terminal = readline.createInterface({ input: stdin, output: stderr });
  let isInterrupted = false;
  terminal.once('SIGINT', () => {
    isInterrupted = true;
    terminal.close();
  });
  let isYes = false;
  try {
    // `question()` does not end when the input ends, so its end is awaited as well.
    const closed = once(terminal, 'close').then(() => '');
    const answer = await Promise.race([terminal.question(`${question} ${fix.yesOrNo} `), closed]);
    isYes = /^\s*(?:y|yes|是)\s*$/i.test(answer);
  } catch {
    // The question was not answered: nobody said yes.
  } finally {
    terminal.close();
  }
  if (isInterrupted) {
    tell(io, '');
    throw new Failure(3, 'interrupted', fix.interruptedAsking);
  }
  return isYes;
}
