/** Names of channels. */
import type { WrittenChannel } from './schema.ts';

/** The name of a channel, which is its type unless it has its own name. */
export function channelName({ name, type }: WrittenChannel): string {
  return name ?? type;
}
