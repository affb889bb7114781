/** Makes certificates for tests with a test authority, by openssl(1). */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

export interface Authority {
  /** PEM. */
  readonly certificate: string;
  /** Path of the certificate, for `NODE_EXTRA_CA_CERTS`. */
  readonly file: string;
  issue(subject: CertificateSubject): ServerIdentity;
}

interface CertificateSubject {
  /** Names in the syntax of openssl: `DNS:localhost`, `IP:127.0.0.1`. */
  readonly names: readonly string[];
  /** Days from now; negative for the past. */
  readonly fromDays: number;
  readonly toDays: number;
  /** Further extensions in the syntax of openssl. */
  readonly extensions?: readonly string[];
}

/** Key and certificate for `https.createServer()`. */
export interface ServerIdentity {
  readonly key: string;
  readonly cert: string;
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** A self-signed certificate. */
export function selfSigned(folder: string, name: string): ServerIdentity {
  const [key, cert] = [path.join(folder, 'self-key.pem'), path.join(folder, 'self-cert.pem')];
  const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
  openssl('req', '-x509', ...newKey, '-keyout', key, '-out', cert, '-days', '60', ...names);
  return { key: fs.readFileSync(key, 'utf8'), cert: fs.readFileSync(cert, 'utf8') };
}

/** @param folder the folder for its files */
export function createAuthority(folder: string, name: string): Authority {
  const place = (file: string) => path.join(folder, `${name}-${file}`);
  const read = (file: string) => fs.readFileSync(place(file), 'utf8');
  const own = ['-keyout', place('key.pem'), '-out', place('ca.pem'), '-subj', `/O=Tests/CN=${name}`];
  const uses = ['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=keyCertSign'];
  openssl('req', '-x509', ...newKey, ...own, '-days', '3650', ...uses);
  fs.writeFileSync(place('index'), '');
  fs.writeFileSync(place('ca.conf'), authorityConfiguration(place('index'), folder));
  let count = 0;
  return {
    certificate: read('ca.pem'),
    file: place('ca.pem'),
    issue({ names, fromDays, toDays, extensions = [] }) {
      count += 1;
      const made = (kind: string) => place(`${count}-${kind}.pem`);
      openssl('req', '-new', ...newKey, '-keyout', made('key'), '-out', made('csr'), '-subj', '/CN=server');
      fs.writeFileSync(made('ext'), [`subjectAltName=${names.join(',')}`, ...extensions].join('\n'));
      const by = ['-config', place('ca.conf'), '-cert', place('ca.pem'), '-keyfile', place('key.pem')];
      const files = ['-in', made('csr'), '-out', made('cert'), '-extfile', made('ext')];
      const dates = ['-startdate', dateIn(fromDays), '-enddate', dateIn(toDays)];
      openssl('ca', '-batch', '-notext', '-md', 'sha256', ...by, ...files, ...dates);
      return { key: fs.readFileSync(made('key'), 'utf8'), cert: fs.readFileSync(made('cert'), 'utf8') };
    },
  };
}

/** Configuration for `openssl ca`, which is needed for dates in the past. */
function authorityConfiguration(index: string, folder: string): string {
  return `[ca]
default_ca=own
[own]
database=${index}
rand_serial=yes
new_certs_dir=${folder}
policy=any
unique_subject=no
[any]
commonName=supplied
`;
}

/** `YYYYMMDDHHMMSSZ` */
function dateIn(days: number): string {
  const date = new Date(Date.now() + days * 86_400_000);
  return date.toISOString().replaceAll(/[-:T]|\.\d+/g, '');
}

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
