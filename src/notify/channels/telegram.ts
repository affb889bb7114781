/**
 * A Telegram bot.
 *
 * Source: core.telegram.org/bots/api#sendmessage and #making-requests.
 */
import { channelDefaults } from '../../config/defaults.ts';
import type { HttpAnswer } from '../../http/request.ts';
import { isMapping } from '../../json/value.ts';
import type { Channel, ChannelFault } from '../channel.ts';
import { secretMissing, type ChannelSettings, type SecretReader } from './settings.ts';
import { escapeMarkup } from '../escape.ts';
import { fitLines } from './fit.ts';
import { type AnswerReading, exchange } from './http.ts';

export function telegram(name: string, settings: ChannelSettings<'telegram'>, read: SecretReader): Channel {
  return {
    name,
    markup: 'html',
    async send({ title, body }, signal) {
      const token = read(settings.token);
      if (token === undefined) return secretMissing(settings.token);
      // The General topic has the id 1 in links, and none in the Bot API: "message thread not found".
      const thread = settings.thread === generalTopic ? undefined : settings.thread;
      let moved: number | undefined;
      const sendTo = (chat: string | number) =>
        exchange(
          {
            url: `${(settings.api ?? channelDefaults.api).replace(/\/$/, '')}/bot${token}/sendMessage`,
            json: {
              chat_id: chat,
              text: `<b>${escapeMarkup(title)}</b>\n${fitLines(body, longestText - title.length)}`,
              parse_mode: 'HTML',
              link_preview_options: { is_disabled: true },
              ...(thread === undefined ? {} : { message_thread_id: thread }),
              ...(settings.silent === undefined ? {} : { disable_notification: settings.silent }),
            },
            secrets: [token],
          },
          {
            ...reading,
            codeOf: answer => {
              moved = movedTo(answer);
              return codeOf(answer);
            },
          },
          signal,
        );
      const receipt = await sendTo(settings.chat);
      if (moved === undefined) return receipt;
      const detail = `chat: ${moved}`;
      const again = await sendTo(moved);
      return again.kind === 'delivered'
        ? { kind: 'delivered', remark: { code: 'moved', status: null, detail } }
        : again;
    },
  };
}

const generalTopic = 1;

/** Telegram allows 4,096 characters without tags and escapes. They are counted here, so a lower limit is safe. */
const longestText = 4_000;

interface TelegramAnswer {
  readonly ok?: unknown;
  readonly description?: unknown;
  readonly parameters?: { readonly retry_after?: unknown; readonly migrate_to_chat_id?: unknown };
}

const reading: AnswerReading = {
  isAccepted: answer => fields(answer).ok === true,
  detail: answer => {
    const { description } = fields(answer);
    return typeof description === 'string' ? description : undefined;
  },
  isAboutLetter: answer => {
    const { description } = fields(answer);
    return typeof description === 'string' && isAboutLetter.test(description);
  },
  retryAfterSeconds: answer => {
    const seconds = fields(answer).parameters?.retry_after;
    return typeof seconds === 'number' ? seconds : undefined;
  },
};

/** Telegram tells what is wrong in words; the statuses are those of HTTP, and 400 for most. */
function codeOf(answer: HttpAnswer): ChannelFault['code'] | undefined {
  // 404 is a malformed token, 401 a wrong one.
  if (answer.status === 404) return 'unauthorized';
  const { description } = fields(answer);
  if (typeof description !== 'string') return undefined;
  if (isAboutPlace.test(description)) return 'not-found';
  return isAboutRights.test(description) ? 'forbidden' : undefined;
}

const isAboutPlace =
  /chat not found|chat_id|thread not found|TOPIC_DELETED|PEER_ID_INVALID|CHANNEL_INVALID|group is deactivated/i;
const isAboutRights = /\brights\b|TOPIC_CLOSED|CHAT_RESTRICTED|_FORBIDDEN|CHAT_ADMIN_REQUIRED/i;
const isAboutLetter =
  /can't parse entities|message is too long|message text is empty|text must be (?:non-empty|encoded)|MESSAGE_(?:TOO_LONG|EMPTY)|ENTIT(?:Y|IES)_/i;

/** The new id of a group that became a supergroup (ResponseParameters). */
function movedTo(answer: HttpAnswer): number | undefined {
  const chat = fields(answer).parameters?.migrate_to_chat_id;
  return typeof chat === 'number' ? chat : undefined;
}

function fields({ json }: HttpAnswer): TelegramAnswer {
  return isMapping(json) ? json : {};
}
