/**
 * An application of Gotify.
 *
 * Source: gotify.net/docs/pushmsg and its API, `POST /message`.
 */
import type { Channel } from '../channel.ts';
import { exchange } from './http.ts';
import { errorText, hasField } from './json-answer.ts';
import { secretMissing, type ChannelSettings, type SecretReader } from './settings.ts';

export function gotify(name: string, settings: ChannelSettings<'gotify'>, read: SecretReader): Channel {
  return {
    name,
    markup: 'plain',
    async send({ title, body }, signal) {
      const { server, priority } = settings;
      const token = read(settings.token);
      if (token === undefined) return secretMissing(settings.token);
      return exchange(
        {
          url: `${server.replace(/\/$/, '')}/message`,
          headers: { 'x-gotify-key': token },
          json: { title, message: body, ...(priority === undefined ? {} : { priority }) },
          secrets: [token],
        },
        {
          isAccepted: answer => hasField(answer, 'id'),
          detail: answer => errorText(answer, 'errorDescription', 'error'),
        },
        signal,
      );
    },
  };
}
