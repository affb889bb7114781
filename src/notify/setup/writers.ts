/** Asks Telegram who has written to a bot. */
import { channelDefaults } from '../../config/defaults.ts';
import { connectionFault, type ConnectionFault } from '../../http/connection-fault.ts';
import { sendRequest } from '../../http/request.ts';
import { fieldOf, fieldsOf, itemsOf, textIn } from '../../json/value.ts';

interface Writer {
  /** The number of the chat. */
  readonly id: number;
  /** What the chat or its person is called: a foreign text. */
  readonly name: string | undefined;
}

/** `taken`: another program gets the messages of the bot. */
export type WritersAnswer =
  | { readonly kind: 'writers'; readonly writers: readonly Writer[] }
  | { readonly kind: 'taken' | 'unauthorized' | 'unknown' }
  | { readonly kind: 'fault'; readonly fault: ConnectionFault };

/**
 * Asks once. Without `offset` nothing counts as read, and without `allowed_updates` the bot goes on getting what it got before.
 *
 * Not for the bot of a program that runs: of two that ask, Telegram refuses one, and such a program may give its account up.
 * Source: core.telegram.org/bots/api#getupdates
 *
 * @param token a token, see `isBotToken`
 */
export async function askForWriters(
  token: string,
  api: string | undefined,
  signal: AbortSignal,
): Promise<WritersAnswer> {
  const url = `${(api ?? channelDefaults.api).replace(/\/$/, '')}/bot${token}/getUpdates`;
  try {
    const { status, json } = await sendRequest(
      { method: 'POST', url, json: { timeout: 0, limit: 100 }, secrets: [token] },
      signal,
    );
    if (status === 409) return { kind: 'taken' };
    if (status === 401 || status === 404) return { kind: 'unauthorized' };
    if (status !== 200 || fieldOf(json, 'ok') !== true) return { kind: 'unknown' };
    return { kind: 'writers', writers: writersIn(fieldOf(json, 'result')) };
  } catch (error) {
    return { kind: 'fault', fault: connectionFault(error) };
  }
}

/** Each chat once, that of the last message first. */
function writersIn(updates: unknown): readonly Writer[] {
  const byId = new Map<number, Writer>();
  for (const update of itemsOf(updates).toReversed()) {
    const message = fieldsOf(update, 'message', 'channel_post', 'my_chat_member').find(
      each => each !== undefined,
    );
    const chat = fieldOf(message, 'chat');
    const id = fieldOf(chat, 'id');
    if (typeof id !== 'number' || !Number.isSafeInteger(id) || id === 0 || byId.has(id)) continue;
    const username = textIn(chat, 'username');
    const name =
      username === undefined ? (textIn(chat, 'title') ?? textIn(chat, 'first_name')) : `@${username}`;
    byId.set(id, { id, name });
  }
  return [...byId.values()].slice(0, mostWriters);
}

const mostWriters = 20;
