/** The values that a channel is created with, and its receipt where the secret among them is missing. */
import type { WrittenChannel } from '../../config/schema.ts';
import type { SecretReference } from '../../secrets/secret.ts';
import type { Receipt } from '../channel.ts';

export type ChannelSettings<Type extends WrittenChannel['type']> = Extract<
  WrittenChannel,
  { readonly type: Type }
>;

/** @returns undefined when the secret is missing */
export type SecretReader = (reference: SecretReference) => string | undefined;

/** The receipt names the reference, which is no secret: it says where the missing secret is expected. */
export function secretMissing(reference: SecretReference): Receipt {
  return { kind: 'later', fault: { code: 'secret-missing', status: null, detail: reference } };
}
