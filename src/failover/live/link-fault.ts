/** Faults of a link as data; `i18n/` makes the text. */
import type { Severity } from '../../check/severity.ts';
import type { CertificateProblem } from '../../http/certificate.ts';
import type { Content } from '../../http/content.ts';
import type { ProxyOnTheWay, SilentPhase } from '../../http/connection-fault.ts';
import type { KeyHolder, WantedKey } from './link.ts';

/** No value contains a secret. `host` includes the port when it is not the default one. */
export type LinkFault =
  /** The address is not valid. */
  | { readonly code: 'address-invalid'; readonly address: string }
  /** The request, with the key if there is one, crosses the network without encryption. */
  | { readonly code: 'plain-http'; readonly host: string; readonly sendsKey: boolean }
  | {
      readonly code: 'unreachable';
      readonly host: string;
      readonly how: 'name-not-found' | 'no-route' | 'refused' | 'cut-off' | 'no-connection' | 'proxy';
      /** The message of the system. */
      readonly detail: string;
      readonly isOwnMachine: boolean;
      /** The proxy that was used; left out when there is none. */
      readonly proxy?: ProxyOnTheWay;
    }
  /** It accepts the connection and then sends no answer or only a part. */
  | {
      readonly code: 'hangs';
      readonly host: string;
      readonly phase: Exclude<SilentPhase, 'connect'>;
      readonly afterSeconds: number;
      /** Whether a time limit of its provider ends the turn; `no-provider` for the address of a machine. */
      readonly limit: 'set' | 'missing' | 'no-provider';
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
      /** Whether the machine's list contains the authority. OpenClaw does not use that list. */
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
      /** The target, without possible secrets. */
      readonly to: string;
      readonly isOtherHost: boolean;
    }
  | ({
      readonly code: 'key-missing';
      /**
       * Who goes without it: agents of this machine, at its own proxy or at another one; or daruma alone, which reads the keys of nodes to
       * hand them on, this machine's own only for the others.
       */
      readonly whose: 'own-proxy' | 'provider' | 'other-node' | 'own-node';
    } & WantedKey)
  /** OpenClaw has the key and daruma does not: whether it is accepted was not asked. */
  | {
      readonly code: 'key-not-tried';
      readonly place: string;
      readonly holder: KeyHolder;
      /** The command with which OpenClaw itself asks. */
      readonly command: string;
    }
  | {
      readonly code: 'key-refused';
      readonly host: string;
      readonly status: number;
      /** The node at the same address whose key is accepted, and the files that the refused one is in; left out where there is none. */
      readonly accepted?: { readonly node: string; readonly files: readonly string[] };
    }
  | { readonly code: 'key-readable'; readonly file: string; readonly mode: string }
  /** It answers strangers as well. */
  | { readonly code: 'open-to-all'; readonly host: string }
  | { readonly code: 'server-failed'; readonly host: string; readonly status: number; readonly said: string }
  | {
      readonly code: 'request-refused';
      readonly host: string;
      readonly status: number;
      readonly said: string;
    }
  | { readonly code: 'rate-limited'; readonly host: string }
  /** Another service answers at this address. */
  | {
      readonly code: 'wrong-service';
      readonly url: string;
      readonly status: number;
      readonly expected: 'models' | 'completion';
      readonly came: Content;
    }
  /** The unit of the service at this address does not run, or listens elsewhere, and another program answers there. */
  | {
      readonly code: 'other-program';
      /** The unit, or the name of the service in a container. */
      readonly service: string;
      readonly host: string;
      readonly state: 'not-running' | 'other-port';
      /** Whether that program lists the models. */
      readonly lists: boolean;
    }
  /** Nothing is at its address but under the `/v1` that it lacks. */
  | {
      readonly code: 'version-missing';
      readonly url: string;
      readonly status: number;
      /** The address with it. */
      readonly better: string;
    }
  /** It has no list of models, so it is not known whether it has those of the chain. */
  | { readonly code: 'models-not-listed'; readonly url: string; readonly status: number }
  | {
      readonly code: 'model-missing';
      readonly host: string;
      readonly model: string;
      readonly listed: number;
      readonly suggestion: string | null;
    }
  /** A service behind it has an answer for everybody, and none from those that it asks: they may not accept its credentials. */
  | {
      readonly code: 'credentials-refused';
      readonly service: string;
      readonly url: string;
      /** Null without an answer. */
      readonly status: number | null;
    }
  | { readonly code: 'slow'; readonly host: string; readonly seconds: number }
  /** An answer ended before it was complete. */
  | { readonly code: 'answer-cut'; readonly host: string; readonly seconds: number }
  /** It came to its end without a word. */
  | { readonly code: 'answer-empty'; readonly host: string }
  /** It ended for a reason with which OpenClaw has it for failed: `content_filter`, `refusal`, one that it does not know ... */
  | {
      readonly code: 'answer-stopped';
      readonly host: string;
      readonly reason: string;
      /** Whether it is known for that of a filter of contents. */
      readonly isOfFilter: boolean;
    }
  /** A web server in front that by default ends an answer after less silence than OpenClaw waits. */
  | {
      readonly code: 'answer-may-be-cut';
      readonly server: 'nginx' | 'Cloudflare';
      readonly seconds: number;
      readonly waitsSeconds: number;
    }
  /** A tunnel that passes no events on: OpenClaw has all answers as events. */
  | { readonly code: 'events-not-passed'; readonly host: string }
  /** A deployment behind its models leads to another machine. Fallbacks between machines do not belong into proxies. */
  | {
      readonly code: 'proxy-crosses';
      /** The machine that forwards, the model, and the machine that receives the request. */
      readonly from: string;
      readonly model: string;
      readonly to: string;
      /** All machines of the circle, with the first one repeated at the end; null when there is no circle. */
      readonly circle: readonly string[] | null;
    };

export type LinkFaultCode = LinkFault['code'];

/** Critical means: no answer comes through this link, or others can read a secret. */
export function linkSeverity(fault: LinkFault): Severity {
  switch (fault.code) {
    case 'unreachable':
      // Many routers do not route connections from inside to their own public address.
      return fault.isOwnMachine ? 'info' : 'critical';
    case 'plain-http':
      return fault.sendsKey ? 'critical' : 'warning';
    case 'certificate-expires-soon':
    case 'rate-limited':
    case 'credentials-refused':
    case 'slow':
    case 'events-not-passed':
      return 'warning';
    case 'models-not-listed':
    case 'key-not-tried':
    case 'answer-may-be-cut':
      return 'info';
    case 'key-missing':
      return keySeverities[fault.whose];
    case 'other-program':
      return fault.lists ? 'warning' : 'critical';
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
    case 'key-refused':
    case 'key-readable':
    case 'open-to-all':
    case 'server-failed':
    case 'request-refused':
    case 'wrong-service':
    case 'version-missing':
    case 'answer-cut':
    case 'answer-empty':
    case 'answer-stopped':
    case 'model-missing':
      return 'critical';
    default:
      return fault satisfies never;
  }
}

/** No agent asks with the key of a node: OpenClaw has those of its providers. */
const keySeverities = {
  'own-proxy': 'critical',
  provider: 'critical',
  'other-node': 'warning',
  'own-node': 'info',
} as const satisfies Readonly<
  Record<Extract<LinkFault, { readonly code: 'key-missing' }>['whose'], Severity>
>;

/** Why daruma does not ask a provider of the chain. */
export type NotAskedReason =
  /** Its address is built into OpenClaw, or is not known. */
  | { readonly code: 'no-address' }
  | { readonly code: 'unknown-api'; readonly api: string }
  | { readonly code: 'not-declared' }
  /** It has settings that daruma's own request would not have. */
  | { readonly code: 'not-followed'; readonly settings: readonly string[] };
