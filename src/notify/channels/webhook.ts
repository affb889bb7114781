/**
 * A POST request with JSON for programs, signed according to Standard Webhooks.
 *
 * Source: standardwebhooks.com, the specification, "Webhook headers" and "Signature scheme".
 */
import crypto from 'node:crypto';
import { contentOf } from '../../http/content.ts';
import type { Channel } from '../channel.ts';
import { exchange, secretsOfUrl } from './http.ts';
import { failureText, saysFailure } from './json-answer.ts';
import { secretMissing, type ChannelSettings, type SecretReader } from './settings.ts';

export function webhook(name: string, settings: ChannelSettings<'webhook'>, read: SecretReader): Channel {
  return {
    name,
    markup: 'plain',
    async send({ id, title, body, notices }, signal) {
      const { url, secret } = settings;
      const key = secret === undefined ? undefined : read(secret);
      if (secret !== undefined && key === undefined) return secretMissing(secret);
      const json = { id, title, text: body, notices };
      const timestamp = String(Math.floor(Date.now() / 1_000));
      const headers = {
        'idempotency-key': id,
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        ...(key === undefined
          ? {}
          : { 'webhook-signature': signature(key, id, timestamp, JSON.stringify(json)) }),
      };
      return exchange(
        { url, headers, json, secrets: [...secretsOfUrl(new URL(url)), ...(key === undefined ? [] : [key])] },
        {
          // A program may answer as it likes; a page is that of a login, or of a hotel.
          isAccepted: answer => contentOf(answer).kind !== 'page',
          isFailure: saysFailure,
          detail: failureText,
        },
        signal,
      );
    },
  };
}

function signature(secret: string, id: string, timestamp: string, payload: string): string {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : secret;
  return `v1,${crypto.createHmac('sha256', key).update(`${id}.${timestamp}.${payload}`).digest('base64')}`;
}
