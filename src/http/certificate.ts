/** Looks at the certificate that a server presents, trusted or not. */
import type { X509Certificate } from 'node:crypto';
import https from 'node:https';
import net from 'node:net';
import type { TLSSocket } from 'node:tls';
import { connectionFault, faultError, silence, ThroughProxyError } from './connection-fault.ts';
import { proxyFor } from './proxy.ts';

export interface ShownCertificate {
  /** The host names and addresses that it is valid for. */
  readonly names: readonly string[];
  /** The issuer, as the certificate names it. */
  readonly issuer: string;
  readonly validFromMs: number;
  readonly validToMs: number;
  /** Everything for which it is not trusted; empty when it is trusted. */
  readonly problems: readonly CertificateProblem[];
}

export type CertificateProblem =
  | 'expired'
  | 'not-yet-valid'
  | 'wrong-name'
  | 'self-signed'
  /** A certificate of an issuer has expired. */
  | 'issuer-expired'
  /** The server does not send the certificates of its issuers. */
  | 'incomplete-chain'
  | 'unknown-issuer'
  | 'not-accepted';

/**
 * Looks at the certificate of a server without sending a request, on the way that a request would take.
 *
 * @param authorities the trusted certificates in PEM
 * @throws Error that `connectionFault()` understands
 */
export async function lookAtCertificate(
  url: URL,
  authorities: readonly string[],
  limits: { readonly connectMs: number; readonly handshakeMs: number },
): Promise<ShownCertificate> {
  const proxy = proxyFor(url, process.env);
  const agent = new https.Agent(proxy === undefined ? {} : { proxyEnv: { https_proxy: proxy.href } });
  const stage = { isConnected: false };
  const limitMs = limits.connectMs + limits.handshakeMs;
  const { promise, resolve, reject } = Promise.withResolvers<ShownCertificate>();
  const request = https.request(url, {
    agent,
    method: 'HEAD',
    ca: [...authorities],
    // The certificate is examined here, and nothing is sent to the server that presents it.
    rejectUnauthorized: false,
  });
  request.on('error', reject);
  request.on('socket', socket => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the agent of https makes no others
    const peer = socket as TLSSocket & { readonly secureConnecting?: boolean };
    const see = () => resolve(shownBy(peer, url.hostname.replaceAll(/[[\]]/g, '')));
    socket.once('connect', () => {
      stage.isConnected = true;
    });
    if (peer.secureConnecting === false) see();
    else peer.once('secureConnect', see);
  });
  const connecting = setTimeout(() => stage.isConnected || reject(silence('connect')), limits.connectMs);
  const handshaking = setTimeout(() => reject(silence('tls')), limitMs);
  try {
    return await promise;
  } catch (error) {
    if (proxy === undefined) throw error;
    // The certificate of the server is accepted here in any case: a refused one belongs to the proxy.
    const { detail } = connectionFault(error);
    throw new ThroughProxyError(
      proxy,
      /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT_)/.test(detail),
      error,
    );
  } finally {
    clearTimeout(connecting);
    clearTimeout(handshaking);
    request.destroy();
    agent.destroy();
  }
}

function shownBy(socket: TLSSocket, host: string): ShownCertificate {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) throw faultError('ERR_TLS_NO_CERTIFICATE');
  return {
    names: namesOf(certificate),
    issuer: nameOf(certificate.issuer),
    validFromMs: Date.parse(certificate.validFrom),
    validToMs: Date.parse(certificate.validTo),
    problems: problemsOf(certificate, host, String(socket.authorizationError ?? '')),
  };
}

/** OpenSSL reports only one problem; those that the certificate itself shows are looked up there. */
function problemsOf(
  certificate: X509Certificate,
  host: string,
  verdict: string,
): readonly CertificateProblem[] {
  const nowMs = Date.now();
  const isExpired = Date.parse(certificate.validTo) < nowMs;
  const isEarly = Date.parse(certificate.validFrom) > nowMs;
  const isFor = net.isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host);
  const own: readonly (CertificateProblem | false)[] = [
    isExpired && 'expired',
    isEarly && 'not-yet-valid',
    isFor === undefined && 'wrong-name',
  ];
  const seen = own.filter(problem => problem !== false);
  const other = problemOfVerdict(certificate, verdict, isExpired || isEarly);
  return other === undefined ? seen : [...seen, other];
}

/** Source: `X509_verify_cert_error_string()`; Node's names for the verdicts: `X509ErrorCode()` in `crypto_common.cc`. */
function problemOfVerdict(
  certificate: X509Certificate,
  verdict: string,
  isOutOfDate: boolean,
): CertificateProblem | undefined {
  switch (verdict) {
    case '':
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return undefined;
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return isOutOfDate ? undefined : 'issuer-expired';
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return 'self-signed';
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_GET_ISSUER_CERT':
      // Certificates of public authorities name an address for the issuer's certificate (RFC 5280, 4.2.2.1).
      return certificate.issuerCertificate === undefined &&
        certificate.infoAccess?.includes('CA Issuers') === true
        ? 'incomplete-chain'
        : 'unknown-issuer';
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return 'unknown-issuer';
    default:
      return 'not-accepted';
  }
}

/** `DNS:kuma.example.com, IP Address:10.0.0.1`; an unusual name is quoted. */
function namesOf({ subjectAltName, subject }: X509Certificate): readonly string[] {
  const names = [...(subjectAltName ?? '').matchAll(/(?:DNS|IP Address):("[^"]*"|[^,]*)/g)];
  return names.length > 0 ? names.map(([, name = '']) => name) : [nameOf(subject)];
}

/** The parts of the name are lines: `O=Let's Encrypt`, `CN=R11`. */
function nameOf(distinguishedName: string): string {
  const lines = distinguishedName.split('\n');
  const part = (key: string) => lines.find(line => line.startsWith(`${key}=`))?.slice(key.length + 1);
  return [part('O'), part('CN')].filter(name => name !== undefined).join(' ');
}
