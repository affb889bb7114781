/**
 * An incoming webhook of Slack, or of a compatible service (Mattermost, Rocket.Chat, Zulip).
 *
 * Sources: docs.slack.dev/messaging/sending-messages-using-incoming-webhooks,
 * docs.slack.dev/messaging/formatting-message-text.
 */
import { wordsOf } from '../../http/content.ts';
import { isMapping } from '../../json/value.ts';
import type { Channel } from '../channel.ts';
import { escapeMarkup } from '../escape.ts';
import { fitLines } from './fit.ts';
import { secretAddress, exchange, secretsOfUrl } from './http.ts';
import { saysFailure } from './json-answer.ts';
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
          // Slack and Mattermost answer `ok` as text, others in JSON of their own: Rocket.Chat `{"success":true}`, Zulip
          // `{"result":"success"}`. What answers every request with success is a page.
          isAccepted: ({ text: said, json }) => said.trim() === 'ok' || isMapping(json),
          isFailure: saysFailure,
          detail: ({ text: said }) => wordsOf(said),
          codeOf: ({ text: said }) => (said.startsWith('invalid_token') ? 'unauthorized' : undefined),
          isAboutLetter: ({ text: said }) => isAboutLetter.test(said),
        },
        signal,
      );
    },
  };
}

/** All other errors that Slack documents are about the channel, the workspace or the webhook. */
const isAboutLetter =
  /^(?:invalid_payload|invalid_blocks|no_text|too_many_attachments|msg_(?:blocks_)?too_long)/;
