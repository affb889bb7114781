/** The channels that a configuration names. */
import type { WrittenConfiguration } from '../../config/schema.ts';
import type { Channel } from '../channel.ts';
import { webhook } from './webhook.ts';

type WrittenChannel = NonNullable<NonNullable<WrittenConfiguration['notify']>['channels']>[number];

export function openChannels(written: WrittenConfiguration | undefined): readonly Channel[] {
  return (written?.notify?.channels ?? []).map(openChannel);
}

function openChannel(channel: WrittenChannel): Channel {
  return webhook(channel.name ?? channel.type, channel.url);
}
