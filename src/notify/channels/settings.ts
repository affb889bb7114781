/** The values that a channel is opened with. */
import type { WrittenChannel } from '../../config/schema.ts';
import type { SecretReference } from '../../secrets/secret.ts';

export type ChannelSettings<Type extends WrittenChannel['type']> = Extract<
  WrittenChannel,
  { readonly type: Type }
>;

/** @returns undefined when the secret is missing */
export type SecretReader = (reference: SecretReference) => string | undefined;
