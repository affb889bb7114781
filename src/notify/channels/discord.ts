/**
 * A webhook of Discord.
 *
 * Source: discord.com/developers/docs/resources/webhook#execute-webhook, topics/rate-limits and
 * topics/opcodes-and-status-codes#json.
 */
import { fieldOf } from '../../json/value.ts';
import type { Channel } from '../channel.ts';
import { fitLines } from './fit.ts';
import { secretAddress, exchange, secretsOfUrl } from './http.ts';
import { errorText, hasField, numberIn } from './json-answer.ts';
import { secretMissing, type ChannelSettings, type SecretReader } from './settings.ts';

export function discord(name: string, settings: ChannelSettings<'discord'>, read: SecretReader): Channel {
  return {
    name,
    markup: 'markdown',
    async send({ title, body }, signal) {
      const url = secretAddress(read(settings.url));
      if (url === undefined) return secretMissing(settings.url);
      // Without this, Discord answers with success before it has accepted the message.
      url.searchParams.set('wait', 'true');
      if (settings.thread !== undefined) url.searchParams.set('thread_id', settings.thread);
      return exchange(
        {
          url: url.href,
          json: {
            content: fitLines(`**${title}**\n${body}`, 2_000),
            // A log line that contains @name must not notify that person.
            allowed_mentions: { parse: [] },
          },
          secrets: secretsOfUrl(url),
        },
        {
          isAccepted: answer => hasField(answer, 'id'),
          detail: answer => errorText(answer, 'message'),
          retryAfterSeconds: answer => numberIn(answer, 'retry_after'),
          isAboutLetter: ({ json }) => emptyMessage === fieldOf(json, 'code') || hasFaultyContent(json),
          codeOf: answer => (placeFaults.has(numberIn(answer, 'code') ?? 0) ? 'forbidden' : undefined),
        },
        signal,
      );
    },
  };
}

/** JSON error codes of Discord. */
const emptyMessage = 50_006;
/** Of a form body that is not valid; which of its fields is at fault stands in `errors`. */
const invalidForm = 50_035;
/** The thread is archived, or locked; a forum channel needs a thread. */
const placeFaults: ReadonlySet<number> = new Set([50_083, 160_005, 220_001]);

function hasFaultyContent(json: unknown): boolean {
  return fieldOf(json, 'code') === invalidForm && fieldOf(fieldOf(json, 'errors'), 'content') !== undefined;
}
