/** What a channel says when it does not have what it needs. */
import type { Receipt } from '../channel.ts';
import type { SecretReference } from '../../secrets/secret.ts';

/** The reference is told, which is no secret: where one looks for what is missing. */
export function secretMissing(reference: SecretReference): Receipt {
  return { kind: 'later', fault: { code: 'secret-missing', status: null, detail: reference } };
}
