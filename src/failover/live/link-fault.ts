/** What is wrong with a link, as data; words are made elsewhere. */
import type { Severity } from '../../check/severity.ts';
import type { CertificateProblem } from '../../http/certificate.ts';
import type { Content } from '../../http/content.ts';
import type { ProxyOnTheWay, SilentPhase } from '../../http/connection-fault.ts';

/** No value of it is or holds a secret. `host` has the port where it is not the usual one. */
export type LinkFault =
  /** No address that could be asked. */
  | { readonly code: 'address-invalid'; readonly address: string }
  /** The key, if any, goes over the network for all to read. */
  | { readonly code: 'plain-http'; readonly host: string; readonly sendsKey: boolean }
  | {
      readonly code: 'unreachable';
      readonly host: string;
      readonly how: 'name-not-found' | 'no-route' | 'refused' | 'cut-off' | 'no-connection' | 'proxy';
      /** In the words of the system. */
      readonly detail: string;
      readonly isOwnMachine: boolean;
      /** The one on the way; left out where there is none. */
      readonly proxy?: ProxyOnTheWay;
    }
  /** It takes the connection and then says nothing, or not all. */
  | {
      readonly code: 'hangs';
      readonly host: string;
      readonly phase: Exclude<SilentPhase, 'connect'>;
      readonly afterSeconds: number;
      readonly proxy?: ProxyOnTheWay;
    }
  | {
      readonly code: 'tls-failed';
      readonly host: string;
      readonly detail: string;
      readonly proxy?: ProxyOnTheWay;
    }
  | {
      readonly code: 'certificate-refused';
      readonly host: string;
      readonly problem: Exclude<CertificateProblem, 'expired' | 'not-yet-valid' | 'wrong-name'>;
      readonly issuer: string;
      /** The machine's own list has its authority; OpenClaw, which does not look there, has not. */
      readonly isKnownToMachine: boolean;
    }
  | { readonly code: 'certificate-expired'; readonly host: string; readonly sinceMs: number }
  | { readonly code: 'certificate-not-yet-valid'; readonly host: string; readonly fromMs: number }
  | { readonly code: 'certificate-wrong-name'; readonly host: string; readonly names: readonly string[] }
  | {
      readonly code: 'certificate-expires-soon';
      readonly host: string;
      readonly untilMs: number;
      readonly days: number;
    }
  | {
      readonly code: 'redirected';
      readonly host: string;
      readonly status: number;
      /** Where to, without what may be a secret in it. */
      readonly to: string;
      readonly isOtherHost: boolean;
    }
  | { readonly code: 'key-missing'; readonly place: string }
  | { readonly code: 'key-refused'; readonly host: string; readonly status: number }
  | { readonly code: 'key-readable'; readonly file: string; readonly mode: string }
  /** It answers without a key, too. */
  | { readonly code: 'open-to-all'; readonly host: string }
  | { readonly code: 'server-failed'; readonly host: string; readonly status: number; readonly said: string }
  | {
      readonly code: 'request-refused';
      readonly host: string;
      readonly status: number;
      readonly said: string;
    }
  | { readonly code: 'rate-limited'; readonly host: string }
  /** What answers there is something else. */
  | {
      readonly code: 'wrong-service';
      readonly url: string;
      readonly status: number;
      readonly expected: 'models' | 'completion';
      readonly came: Content;
    }
  /** It has no list of models: whether it has those of the chain is not known. */
  | { readonly code: 'models-not-listed'; readonly url: string; readonly status: number }
  | {
      readonly code: 'model-missing';
      readonly host: string;
      readonly model: string;
      readonly listed: number;
      readonly suggestion: string | null;
    }
  | { readonly code: 'slow'; readonly host: string; readonly seconds: number }
  /** What it has behind its models leads to another machine: never a fallback in the layer of the proxies. */
  | {
      readonly code: 'proxy-crosses';
      /** The machine that sends on, what is asked there, and the machine that it is sent on to. */
      readonly from: string;
      readonly model: string;
      readonly to: string;
      /** All machines on the way round, the first one again at the end; null where it does not come round. */
      readonly circle: readonly string[] | null;
    };

export type LinkFaultCode = LinkFault['code'];

/** Critical: whoever depends on this link gets no answer through it, or a secret is open to others. */
export function severityOf(fault: LinkFault): Severity {
  switch (fault.code) {
    case 'unreachable':
      // Many routers do not lead from the inside to their own public address.
      return fault.isOwnMachine ? 'info' : 'critical';
    case 'plain-http':
      return fault.sendsKey ? 'critical' : 'warning';
    case 'certificate-expires-soon':
    case 'rate-limited':
    case 'slow':
      return 'warning';
    case 'models-not-listed':
      return 'info';
    case 'proxy-crosses':
      return fault.circle === null ? 'warning' : 'critical';
    case 'address-invalid':
    case 'hangs':
    case 'tls-failed':
    case 'certificate-refused':
    case 'certificate-expired':
    case 'certificate-not-yet-valid':
    case 'certificate-wrong-name':
    case 'redirected':
    case 'key-missing':
    case 'key-refused':
    case 'key-readable':
    case 'open-to-all':
    case 'server-failed':
    case 'request-refused':
    case 'wrong-service':
    case 'model-missing':
      return 'critical';
    default:
      return fault satisfies never;
  }
}
