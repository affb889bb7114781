/** The interface of the texts of `daruma notify setup`. */
import type { ChatOrigin } from '../services/openclaw-chats.ts';
import type { WritersAnswer } from '../notify/setup/writers.ts';

export interface SetupTexts {
  readonly heading: string;
  readonly noBots: string;
  /** `number`: of the bot; `key` and `file`: where OpenClaw has its token. */
  bot(number: string, key: string, file: string): string;
  readonly noChats: string;
  chat(chat: string): string;
  readonly origins: Readonly<Record<ChatOrigin, string>>;
  readonly askToken: string;
  askBot(count: number): string;
  readonly askChat: string;
  /** Without an answer Telegram is asked. */
  readonly askChatOrLook: string;
  chooseChat(count: number): string;
  readonly badToken: string;
  badChat(text: string): string;
  readonly nobodyWrote: string;
  /** Why it is not known who wrote to the bot. */
  readonly notSaid: Readonly<Record<Exclude<WritersAnswer['kind'], 'writers' | 'fault'>, string>>;
  noAnswer(cause: string): string;
  readonly noToken: string;
  readonly noTokenHint: string;
  noChat(bot: string): string;
  severalChats(chats: string): string;
  readonly nameChat: string;
  question(bot: string, chat: string): string;
  notArrived(fault: string): string;
  readonly writeFirst: string;
  copied(file: string): string;
  notEditable(file: string): string;
  /** No file can be the configuration. */
  readonly nowhere: string;
  addYourself(channel: string): string;
  /** Where messages go already. */
  channels(names: string): string;
  readonly alreadyThere: string;
  readonly tryThem: string;
  readonly addMore: string;
}
