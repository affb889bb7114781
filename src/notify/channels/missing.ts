/** The receipt of a channel whose secret is missing. */
import type { Receipt } from '../channel.ts';
import type { SecretReference } from '../../secrets/secret.ts';

/** The receipt names the reference, which is no secret: it says where the missing secret is expected. */
export function secretMissing(reference: SecretReference): Receipt {
  return { kind: 'later', fault: { code: 'secret-missing', status: null, detail: reference } };
}
