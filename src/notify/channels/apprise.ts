/**
 * A configuration of an Apprise API server, which supports about a hundred other services.
 *
 * Source: github.com/caronc/apprise-api, "API Details": 204 means that nothing is configured there, 424 that the server did not
 * reach at least one of the services.
 */
import type { Channel } from '../channel.ts';
import { exchange } from './http.ts';
import { errorText } from './json-answer.ts';
import { secretMissing, type ChannelSettings, type SecretReader } from './settings.ts';

export function apprise(name: string, settings: ChannelSettings<'apprise'>, read: SecretReader): Channel {
  return {
    name,
    markup: 'plain',
    async send({ title, body }, signal) {
      const { server, tag } = settings;
      const key = read(settings.key);
      if (key === undefined) return secretMissing(settings.key);
      return exchange(
        {
          url: `${server.replace(/\/$/, '')}/notify/${encodeURIComponent(key)}`,
          headers: { accept: 'application/json' },
          json: { title, body, type: 'info', format: 'text', ...(tag === undefined ? {} : { tag }) },
          secrets: [key],
        },
        {
          isAccepted: ({ status }) => status !== 204,
          detail: answer => errorText(answer, 'error'),
          codeOf: ({ status }) => (status === 424 ? 'server-error' : undefined),
        },
        signal,
      );
    },
  };
}
