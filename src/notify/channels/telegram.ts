/**
 * A Telegram bot.
 *
 * Source: core.telegram.org/bots/api#sendmessage and #making-requests.
 */
import { channelDefaults } from '../../config/defaults.ts';
import type { HttpAnswer } from '../../http/request.ts';
import { isMapping } from '../../json/value.ts';
import type { Channel, ChannelFault, Receipt } from '../channel.ts';
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
              ...(settings.thread === undefined ? {} : { message_thread_id: settings.thread }),
              ...(settings.silent === undefined ? {} : { disable_notification: settings.silent }),
            },
            secrets: [token],
          },
          {
            ...reading,
            judge: (answer, fault) => {
              moved = movedTo(answer);
              return judge(fault);
            },
          },
          signal,
        );
      const receipt = await sendTo(settings.chat);
      return moved === undefined ? receipt : sendTo(moved);
    },
  };
}

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
  retryAfterSeconds: answer => {
    const seconds = fields(answer).parameters?.retry_after;
    return typeof seconds === 'number' ? seconds : undefined;
  },
};

function judge(fault: ChannelFault): Receipt | undefined {
  // Telegram answers 404 for a malformed token and 401 for a wrong one.
  if (fault.code === 'not-found') return { kind: 'later', fault: { ...fault, code: 'unauthorized' } };
  return isAboutChat.test(fault.detail)
    ? { kind: 'later', fault: { ...fault, code: 'not-found' } }
    : undefined;
}

/** Texts of errors about the configured chat, not about the letter. */
const isAboutChat = /chat not found|chat_id|message thread not found|not enough rights|group is deactivated/i;

/** The new id of a group that became a supergroup (ResponseParameters). */
function movedTo(answer: HttpAnswer): number | undefined {
  const chat = fields(answer).parameters?.migrate_to_chat_id;
  return typeof chat === 'number' ? chat : undefined;
}

function fields({ json }: HttpAnswer): TelegramAnswer {
  return isMapping(json) ? json : {};
}
