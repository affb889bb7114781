/** Asks the user: for confirmation, for a line, for a secret. */
import { once } from 'node:events';
import readline from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { Catalogue } from '../i18n/catalogue.ts';
import type { Context } from './context.ts';
import { badInput, Failure } from './failure.ts';
import type { Io } from './io.ts';
import type { ConfirmOptions } from './options.ts';
import { isOutputLost } from './lost-output.ts';
import { prompt, tell } from './output.ts';

/** Whether the user can be asked: stdin and stderr are terminals, and neither `--no-input` nor `--json` is given. */
function canAsk({ input }: Pick<ConfirmOptions, 'input'>, { format, io }: Context): boolean {
  return input && io.stdin.isTTY === true && io.stderr.isTTY === true && format !== 'json';
}

/** Whether a choice is the user's: they can be asked, and have not said with `--yes` that daruma may go on by itself. */
export function isInteractive(options: ConfirmOptions, context: Context): boolean {
  return canAsk(options, context) && !options.yes;
}

/** Whether {@link expectYes} has an answer: the user gave it before, or can be asked. */
export function mayAsk(options: ConfirmOptions, context: Context): boolean {
  return options.yes === true || (!isOutputLost(context.io.stdout) && canAsk(options, context));
}

/**
 * Whether the user agrees to what has been shown, now or with `--yes`.
 *
 * @throws Failure when the user cannot be asked
 */
export async function expectYes(
  options: ConfirmOptions,
  context: Context,
  question = context.catalogue.fix.question,
): Promise<boolean> {
  const { catalogue, io } = context;
  if (options.yes) return true;
  // Nobody has seen what the question is about.
  if (isOutputLost(io.stdout)) throw new Failure(3, 'unread', catalogue.fix.unread);
  const { cannotAsk, useYes } = catalogue.fix;
  if (!canAsk(options, context)) throw badInput('not-confirmed', cannotAsk, undefined, useYes);
  return confirm(question, catalogue, io);
}

/**
 * Asks a question that is answered yes or no; no answer is no.
 *
 * @throws Failure for Ctrl-C
 */
async function confirm(question: string, catalogue: Catalogue, io: Io): Promise<boolean> {
  const answer = await ask(`${question} ${catalogue.fix.yesOrNo}`, catalogue, io);
  // When the input ends, nobody has said yes.
  return /^\s*(?:y|yes|是)\s*$/i.test(answer ?? '');
}

/**
 * Asks for a line.
 *
 * @param isSecret whether the answer stays invisible
 * @returns undefined when the input ends
 * @throws Failure for Ctrl-C
 */
export async function ask(
  question: string,
  { fix }: Pick<Catalogue, 'fix'>,
  io: Io,
  isSecret = false,
): Promise<string | undefined> {
  const { stdin, stderr } = io;
  // readline shows what is typed by writing it.
  const unseen = new Writable({ write: (_piece, _encoding, done) => done() });
  const terminal = readline.createInterface(
    isSecret ? { input: stdin, output: unseen, terminal: true } : { input: stdin, output: stderr },
  );
  let isInterrupted = false;
  terminal.once('SIGINT', () => {
    isInterrupted = true;
    terminal.close();
  });
  let answer: string | undefined;
  try {
    // `question()` does not end when the input ends, so its end is awaited as well.
    const closed = once(terminal, 'close').then(() => undefined);
    if (isSecret) prompt(io, `${question} `);
    answer = await Promise.race([terminal.question(`${question} `), closed]);
  } catch {
    // The question was not answered.
  } finally {
    terminal.close();
    if (isSecret) tell(io, '');
  }
  if (isInterrupted) {
    tell(io, '');
    throw new Failure(3, 'interrupted', fix.interruptedAsking);
  }
  return answer;
}
