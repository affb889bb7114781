/** A link: one address that can be asked for answers. It is a provider of OpenClaw or the public address of a machine. */
import type { SourceLine } from '../../systemd/service-settings.ts';

export interface Link {
  readonly kind: 'provider' | 'node';
  /** The id of the provider, or the name of the machine. */
  readonly name: string;
  /** The unit of the gateway that has this provider; null for a machine, and when no service reads the configuration. */
  readonly unit: string | null;
  readonly source: SourceLine | null;
  /** The address as written, without a slash at the end. */
  readonly baseUrl: string;
  readonly api: ApiName;
  /** How long OpenClaw waits for a sign of it; left out for a machine, and where the provider does not say. */
  readonly timeoutSeconds?: number;
  readonly key: LinkKey;
  /** The models that the chain asks for at this link. */
  readonly models: readonly string[];
  /**
   * Where it leads: to a service of this machine over loopback, to the public address of this machine, or to another machine.
   */
  readonly leadsTo: 'loopback' | 'own-machine' | 'elsewhere';
  /** The service of this machine whose address it is, by its name as a proxy; left out for any other address. */
  readonly proxy?: string;
  /** Set where the files of this machine say that the LiteLLM which answers there asks everybody for a key. */
  readonly isGuarded?: true;
  /** Services of this machine behind it whose credentials can be asked about. */
  readonly behind: readonly BehindLink[];
  /** The certificate authorities that OpenClaw trusts, in PEM. */
  readonly authorities: readonly string[];
  /** Headers that OpenClaw adds to each request, by name in lower case. Their values may be secrets. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A service of this machine, and the address that says whether others accept its credentials. */
export interface BehindLink {
  /** The proxy's name. */
  readonly name: string;
  readonly url: string;
  /** The statuses of a good answer. */
  readonly statuses: readonly number[];
}

/** The key that is sent with a request. */
export type LinkKey =
  /** `place` is where the key is expected, which is no secret. */
  | ({ readonly kind: 'none' } & WantedKey)
  | ({ readonly kind: 'missing' } & WantedKey)
  /** OpenClaw gets it from its own store, or from a program, where daruma does not look. */
  | {
      readonly kind: 'withheld';
      readonly place: string;
      readonly holder: KeyHolder;
      /** The command with which OpenClaw itself asks, for a person. */
      readonly command: string;
    }
  | { readonly kind: 'known'; readonly value: string; readonly files: readonly KeyFile[] };

export interface WantedKey {
  /** As it is written. */
  readonly place: string;
  /** What has to hold it; left out where a person has to find that out. */
  readonly home?: KeyHome;
}

/** `nothing`: nobody says of a key. */
export type KeyHome =
  | { readonly of: 'node'; readonly in: 'variable'; readonly name: string }
  | { readonly of: 'node' | 'provider'; readonly in: 'file'; readonly file: string }
  /** `file` is the gateway's `.env`. */
  | { readonly of: 'provider'; readonly in: 'variable'; readonly name: string; readonly file: string }
  | { readonly of: 'node' | 'provider'; readonly in: 'nothing' };

/** What has a key that daruma does not know. */
export type KeyHolder = 'openclaw' | 'program';

/** A file that contains the key. */
export interface KeyFile {
  readonly file: string;
  /** Permission bits, as in `0o644`. */
  readonly mode: number;
  /** Whether any other user of the machine may read it; undefined when this is not known. */
  readonly isOpenToOthers: boolean | undefined;
}

/** The APIs of OpenClaw that daruma supports. */
export type ApiName = 'openai-completions' | 'openai-responses' | 'anthropic-messages';
