/**
 * A Matrix room, without encryption.
 *
 * Source: spec.matrix.org/v1.15/client-server-api, `PUT /rooms/{roomId}/send/{eventType}/{txnId}`: a message sent again with the
 * same transaction id is the same event.
 */
import type { Channel } from '../channel.ts';
import { exchange } from './http.ts';
import { errorText, hasField, numberIn } from './json-answer.ts';
import { secretMissing, type ChannelSettings, type SecretReader } from './settings.ts';

export function matrix(name: string, settings: ChannelSettings<'matrix'>, read: SecretReader): Channel {
  return {
    name,
    markup: 'plain',
    async send({ id, title, body }, signal) {
      const { server, room } = settings;
      const token = read(settings.token);
      if (token === undefined) return secretMissing(settings.token);
      const place = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/send/m.room.message/${encodeURIComponent(id)}`;
      return exchange(
        {
          method: 'PUT',
          url: `${server.replace(/\/$/, '')}${place}`,
          headers: { authorization: `Bearer ${token}` },
          json: { msgtype: 'm.text', body: `${title}\n${body}` },
          secrets: [token],
        },
        {
          isAccepted: answer => hasField(answer, 'event_id'),
          detail: answer => errorText(answer, 'error', 'errcode'),
          isAboutLetter: answer =>
            /^M_(?:BAD_JSON|NOT_JSON|TOO_LARGE)$/.test(errorText(answer, 'errcode') ?? ''),
          // Servers before v1.10 of the specification; newer ones send Retry-After.
          retryAfterSeconds: answer => {
            const milliseconds = numberIn(answer, 'retry_after_ms');
            return milliseconds === undefined ? undefined : milliseconds / 1_000;
          },
        },
        signal,
      );
    },
  };
}
