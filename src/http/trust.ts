/** The certificates that daruma trusts. */
import tls from 'node:tls';

/** Node's own list, and the certificates that an administrator has added to those of the machine. */
export function trustedAuthorities(): string[] {
  return [...new Set([...tls.getCACertificates('default'), ...tls.getCACertificates('system')])];
}

/** The certificates in a text in PEM, whatever stands between them. */
export function certificatesIn(text: string): readonly string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
}
