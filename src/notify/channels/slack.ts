/**
 * An incoming webhook of Slack, or of a compatible service (Mattermost, Rocket.Chat).
 *
 * Sources: docs.slack.dev/messaging/sending-messages-using-incoming-webhooks,
 * docs.slack.dev/messaging/formatting-message-text.
 */
import { wordsOf } from '../../http/content.ts';
import type { Channel } from '../channel.ts';
import { escapeMarkup } from '../escape.ts';
import { fitLines } from './fit.ts';
import { secretAddress, exchange, secretsOfUrl } from './http.ts';
import { secretMissing, type ChannelSettings, type SecretReader } from './settings.ts';

export function slack(name: string, settings: ChannelSettings<'slack'>, read: SecretReader): Channel {
  return {
    name,
    markup: 'plain',
    async send({ title, body }, signal) {
      const url = secretAddress(read(settings.url));
      if (url === undefined) return secretMissing(settings.url);
      const text = fitLines(body, 2_900);
      return exchange(
        {
          url: url.href,
          json: {
            // Shown by services without blocks, and in notifications.
            text: escapeMarkup(`${title}\n${text}`),
            blocks: [
              { type: 'header', text: { type: 'plain_text', text: title.slice(0, 150), emoji: false } },
              { type: 'section', text: { type: 'plain_text', text: text || ' ', emoji: false } },
            ],
          },
          secrets: secretsOfUrl(url),
        },
        {
          isAccepted: answer => answer.text.trim() === 'ok',
          detail: ({ text: said }) => wordsOf(said),
          // `invalid_token`, `no_service`, `channel_not_found`, `action_prohibited`: faults of the configuration, not of the letter.
          judge: (answer, fault) =>
            answer.text.startsWith('invalid_token')
              ? { kind: 'later', fault: { ...fault, code: 'unauthorized' } }
              : undefined,
        },
        signal,
      );
    },
  };
}
