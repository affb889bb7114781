/** One way to an answer, as it is asked: a provider of OpenClaw, or the public side of a machine. */
import type { SourceLine } from '../../systemd/service-settings.ts';

export interface Link {
  readonly kind: 'provider' | 'node';
  /** The provider's id, the machine's name. */
  readonly name: string;
  /** Whose provider it is; null for a machine, and where no service reads the configuration. */
  readonly unit: string | null;
  readonly source: SourceLine | null;
  /** As it is written, without a slash at the end. */
  readonly baseUrl: string;
  readonly api: ApiName;
  readonly key: LinkKey;
  /** What the chain asks for there. */
  readonly models: readonly string[];
  /**
   * Where it leads: to a service of this machine over loopback, to the public side of this very machine, to another one.
   */
  readonly leadsTo: 'loopback' | 'own-machine' | 'elsewhere';
  /** Whose certificates OpenClaw believes, in PEM. */
  readonly authorities: readonly string[];
}

/** The key that goes with a request. */
export type LinkKey =
  /** `place` is where it would stand, which is no secret. */
  | { readonly kind: 'none'; readonly place: string }
  | { readonly kind: 'missing'; readonly place: string }
  | { readonly kind: 'known'; readonly value: string; readonly files: readonly KeyFile[] };

/** A file that the key stands in. */
export interface KeyFile {
  readonly file: string;
  /** Permission bits, as in `0o644`. */
  readonly mode: number;
  /** Whether any other user of the machine may read it; undefined where that is not known. */
  readonly isOpenToOthers: boolean | undefined;
}

/** Those that OpenClaw speaks and daruma can, too. */
export type ApiName = 'openai-completions' | 'openai-responses' | 'anthropic-messages';
