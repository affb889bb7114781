import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { createAuthority } from '../../lab/authority.ts';

test('a host is certified under its name, and by nobody else', async () => {
  using authority = await createAuthority();
  using other = await createAuthority();
  const { certificate, key } = await authority.certify('kuma');
  const kuma = new X509Certificate(certificate);
  expect([kuma.checkHost('kuma'), kuma.checkHost('neko')]).toEqual(['kuma', undefined]);
  expect(kuma.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true);
  expect(kuma.verify(new X509Certificate(other.certificate).publicKey)).toBe(false);
  expect(kuma.ca).toBe(false);
  expect(key).toMatch(/^-----BEGIN PRIVATE KEY-----/);
});
