import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runOrThrow } from './run.ts';

/** A certificate with its private key, both as PEM. */
interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate authority of the lab. Only programs that receive its certificate trust it. */
export interface Authority extends Disposable {
  /** Its own certificate, as PEM, for NODE_EXTRA_CA_CERTS and the like. */
  readonly certificate: string;
  /** Makes a certificate for a host with its name in the network. */
  certify(hostName: string): Promise<Certificate>;
}

/**
 * Makes an authority with openssl. Its certificate and those that it makes are valid for 30 days.
 *
 * @example
 * using authority = await createAuthority();
 * const { certificate, key } = await authority.certify('kuma');
 */
export async function createAuthority(): Promise<Authority> {
  const folder = mkdtempSync(join(tmpdir(), 'daruma-lab-authority-'));
  const inside = (name: string) => join(folder, name);

  /** A new key in NAME.key and its certificate, signed by itself or by another, in NAME.pem. */
  async function make(
    name: string,
    subject: string,
    extensions: readonly string[],
    signer: readonly string[],
  ) {
    const request = 'openssl req -x509 -days 30 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'.split(
      ' ',
    );
    const output = ['-keyout', inside(`${name}.key`), '-out', inside(`${name}.pem`)];
    const added = extensions.flatMap(extension => ['-addext', extension]);
    await runOrThrow([...request, '-subj', `/CN=${subject}`, ...added, ...signer, ...output]);
    const read = (kind: string) => readFileSync(inside(`${name}.${kind}`), 'utf8');
    return { certificate: read('pem'), key: read('key') };
  }

  const { certificate } = await make('authority', 'daruma lab', ['keyUsage=critical,keyCertSign'], []);
  const signer = ['-CA', inside('authority.pem'), '-CAkey', inside('authority.key')];
  return {
    certificate,
    certify: hostName =>
      make(
        hostName,
        hostName,
        [`subjectAltName=DNS:${hostName}`, 'basicConstraints=critical,CA:FALSE'],
        signer,
      ),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}
