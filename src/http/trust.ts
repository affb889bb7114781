/** The certificates that daruma trusts. */
import { getCACertificates } from 'node:tls';

/** Node's own list, and the certificates that an administrator has added to those of the machine. */
export function trustedAuthorities(): string[] {
  return [...new Set([...getCACertificates('default'), ...getCACertificates('system')])];
}
