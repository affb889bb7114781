/**
 * An ntfy topic, on ntfy.sh or on the user's own server.
 *
 * Source: docs.ntfy.sh/publish, "Publish as JSON"; ntfy turns a longer message into an attachment (message-size-limit).
 */
import { channelDefaults } from '../../config/defaults.ts';
import type { Channel } from '../channel.ts';
import { byteLength, fitLines } from './fit.ts';
import { exchange } from './http.ts';
import { errorText, hasField } from './json-answer.ts';
import { secretMissing, type ChannelSettings, type SecretReader } from './settings.ts';

export function ntfy(name: string, settings: ChannelSettings<'ntfy'>, read: SecretReader): Channel {
  return {
    name,
    markup: 'plain',
    async send({ title, body }, signal) {
      const { server = channelDefaults.ntfyServer, topic, priority } = settings;
      const token = settings.token === undefined ? undefined : read(settings.token);
      if (settings.token !== undefined && token === undefined) return secretMissing(settings.token);
      return exchange(
        {
          url: server,
          headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
          json: {
            topic,
            title,
            message: fitLines(body, 4_000, byteLength),
            ...(priority === undefined ? {} : { priority }),
          },
          // Anybody who knows the topic can read it, so the topic is a secret.
          secrets: token === undefined ? [topic] : [topic, token],
        },
        { isAccepted: answer => hasField(answer, 'id'), detail: answer => errorText(answer, 'error') },
        signal,
      );
    },
  };
}
