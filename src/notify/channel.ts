/** A way to tell somebody. One file of `channels/` knows one of them. */
import type { ConnectionFault, ProxyOnTheWay } from '../http/connection-fault.ts';
import type { Notice } from './notice.ts';

export interface Channel {
  /** As the configuration calls it; its messages are kept under this name. */
  readonly name: string;
  readonly markup: Markup;
  /**
   * Hands a letter over once, without retries of its own. Never throws: what goes wrong is data, and holds no secret.
   *
   * @param signal ends the attempt
   */
  send(letter: Letter, signal: AbortSignal): Promise<Receipt>;
}

/** How the text of a letter is written. */
export type Markup = 'plain' | 'html' | 'markdown';

export interface Letter {
  /** The same when it is sent again: for services that drop what they already have. */
  readonly id: string;
  readonly title: string;
  /** In the channel's markup, without the title. */
  readonly body: string;
  /** What it says, for programs. */
  readonly notices: readonly Notice[];
}

export type Receipt =
  | { readonly kind: 'delivered' }
  /** It may work another time. */
  | { readonly kind: 'later'; readonly fault: ChannelFault; readonly retryAfterSeconds?: number }
  /** This very letter will never be taken. */
  | { readonly kind: 'refused'; readonly fault: ChannelFault };

export interface ChannelFault {
  readonly code:
    | ConnectionFault['code']
    | 'unauthorized'
    | 'forbidden'
    | 'not-found'
    /** Something else answers there than the service that is meant. */
    | 'wrong-service'
    | 'rate-limited'
    | 'server-error'
    | 'rejected'
    | 'secret-missing'
    | 'command-failed';
  /** HTTP or SMTP status, or the exit status of a command; null where there was none. */
  readonly status: number | null;
  /** In the words of the other side or of the system, without any secret. */
  readonly detail: string;
  /** The proxy on the way; left out where there is none. */
  readonly proxy?: ProxyOnTheWay;
}
