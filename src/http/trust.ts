/** Whose certificates are believed. */
import { getCACertificates } from 'node:tls';

/** Node's own list, and what an administrator has added to the machine's. */
export function trustedAuthorities(): string[] {
  return [...new Set([...getCACertificates('default'), ...getCACertificates('system')])];
}
