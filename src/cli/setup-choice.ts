/** Chooses the bot and the chat of `daruma notify setup`, and asks the user where files leave it open. */
import type { Bot } from '../notify/setup/channel.ts';
import { botNumber, type FoundBots, isBotToken } from '../notify/setup/openclaw-bots.ts';
import { askForWriters } from '../notify/setup/writers.ts';
import { printable } from '../report/printable.ts';
import { chatLines } from '../report/telegram-bots.ts';
import { wrapText } from '../report/terminal.ts';
import type { ChatOrigin, FoundChat } from '../services/openclaw-chats.ts';
import { ask, isInteractive } from './confirm.ts';
import type { Context } from './context.ts';
import { badInput, Failure } from './failure.ts';
import type { ConfirmOptions } from './options.ts';
import { tell } from './output.ts';

/** A bot, with the chats that OpenClaw knows; undefined for a bot that OpenClaw certainly does not have. */
export interface ChosenBot extends Bot {
  readonly chats: readonly FoundChat[] | undefined;
}

/** @throws Failure when the user cannot be asked */
export async function chooseBot(
  { bots, mayHaveMore }: FoundBots,
  options: ConfirmOptions,
  context: Context,
): Promise<ChosenBot> {
  const { setup } = context.catalogue;
  const isAsked = isInteractive(options, context);
  const [first] = bots;
  if (first === undefined && !isAsked)
    throw badInput('no-token', setup.noToken, undefined, setup.noTokenHint);
  if (first === undefined) {
    const token = await askUntil(
      setup.askToken,
      text => (isBotToken(text) ? text : undefined),
      setup.badToken,
      context,
      true,
    );
    return { token, reference: undefined, api: undefined, chats: mayHaveMore ? [] : undefined };
  }
  if (bots.length === 1 || !isAsked) return bots.find(({ chats }) => surest(chats).length === 1) ?? first;
  const choice = (text: string) => bots[indexOf(text, bots.length)];
  return await askUntil(setup.askBot(bots.length), choice, undefined, context);
}

/**
 * The given chat, or the only one that is surely the user's, or what the user answers.
 *
 * @throws Failure when the user cannot be asked
 */
export async function chooseChat(
  bot: ChosenBot,
  given: number | string | undefined,
  options: ConfirmOptions,
  context: Context,
): Promise<number | string> {
  if (given !== undefined) return given;
  const { setup, punctuation } = context.catalogue;
  const sure = surest(bot.chats ?? []);
  if (sure.length === 1 && sure[0] !== undefined) return sure[0].id;
  if (isInteractive(options, context)) {
    if (bot.chats === undefined) return askAboutOwnBot(bot, context);
    return bot.chats.length === 0 ? askForChat(setup.askChat, context) : chooseAmong(bot.chats, context);
  }
  const message =
    sure.length === 0
      ? setup.noChat(botNumber(bot.token))
      : setup.severalChats(sure.map(({ id }) => String(id)).join(punctuation.list));
  throw badInput(sure.length === 0 ? 'no-chat' : 'several-chats', message, undefined, setup.nameChat);
}

/** The chats of the surest kind among those whose people somebody has let in. */
function surest(chats: readonly FoundChat[]): readonly FoundChat[] {
  const letIn = chats.filter(({ origin }) => isLetIn[origin]);
  return letIn.filter(({ origin }) => origin === letIn[0]?.origin);
}

/** Others may be strangers. */
const isLetIn: Readonly<Record<ChatOrigin, boolean>> = {
  owner: true,
  allowed: true,
  paired: true,
  direct: false,
  group: false,
  waiting: false,
};

/** Of a bot that OpenClaw does not have, Telegram may be asked who wrote to it. */
async function askAboutOwnBot({ token, api }: Bot, context: Context): Promise<number | string> {
  const { setup, notify } = context.catalogue;
  for (;;) {
    const answer = await line(setup.askChatOrLook, context);
    const chat = chatOf(answer);
    if (chat !== undefined) return chat;
    if (answer !== '') {
      tell(context.io, printable(setup.badChat(answer)));
      continue;
    }
    const said = await askForWriters(token, api, AbortSignal.timeout(timeoutMs));
    if (said.kind === 'writers' && said.writers.length > 0) return chooseAmong(said.writers, context);
    const complaint =
      said.kind === 'writers'
        ? setup.nobodyWrote
        : said.kind === 'fault'
          ? setup.noAnswer(notify.fault({ ...said.fault, status: null }))
          : setup.notSaid[said.kind];
    tell(context.io, printable(complaint));
  }
}

const timeoutMs = 20_000;

function chooseAmong(
  chats: readonly { readonly id: number; readonly origin?: ChatOrigin; readonly name: string | undefined }[],
  context: Context,
): Promise<number | string> {
  const { io, terminal, catalogue } = context;
  for (const [index, text] of chatLines(chats, catalogue).entries())
    tell(io, wrapText(terminal, `${index + 1}  ${text}`, [2, 5]));
  // A short number is meant to be one of the list, though it is none.
  const choice = (text: string) =>
    /^\d{1,3}$/.test(text) ? chats[indexOf(text, chats.length)]?.id : chatOf(text);
  return askUntil(catalogue.setup.chooseChat(chats.length), choice, undefined, context);
}

function askForChat(question: string, context: Context): Promise<number | string> {
  return askUntil(question, chatOf, undefined, context);
}

/** The chat that a person names, as a configuration may have it; undefined for any other text. */
export function chatOf(text: string): number | string | undefined {
  if (/^-?\d{1,16}$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  return /^@\w+$/.test(text) ? text : undefined;
}

/** The index of a choice that is counted from 1; -1 for any other text. */
function indexOf(text: string, count: number): number {
  return /^\d{1,3}$/.test(text) && Number(text) <= count ? Number(text) - 1 : -1;
}

/** @param complaint told about an answer that is not taken; undefined to ask again without a word */
async function askUntil<T>(
  question: string,
  take: (answer: string) => T | undefined,
  complaint: string | undefined,
  context: Context,
  isSecret = false,
): Promise<T> {
  for (;;) {
    const taken = take(await line(question, context, isSecret));
    if (taken !== undefined) return taken;
    if (complaint !== undefined) tell(context.io, complaint);
  }
}

/** @throws Failure when the input ends */
async function line(
  question: string,
  { catalogue, io, terminal }: Context,
  isSecret = false,
): Promise<string> {
  const answer = await ask(wrapText(terminal, question, [0, 2]), catalogue, io, isSecret);
  if (answer === undefined) throw new Failure(3, 'interrupted', catalogue.fix.interruptedAsking);
  return answer.trim();
}
