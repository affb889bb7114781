/** The interface of a channel, which delivers messages to people. Each file of `channels/` implements one. */
import type { ConnectionFault, ProxyOnTheWay } from '../http/connection-fault.ts';
import type { Notice } from './notice.ts';

export interface Channel {
  /** The channel's name in the configuration; the outbox stores its messages under this name. */
  readonly name: string;
  readonly markup: Markup;
  /**
   * Makes one attempt to deliver a letter, without retries. It never throws: a fault is data and contains no secret.
   *
   * @param signal aborts the attempt
   */
  send(letter: Letter, signal: AbortSignal): Promise<Receipt>;
}

/** The markup language of a letter's text. */
export type Markup = 'plain' | 'html' | 'markdown';

export interface Letter {
  /** The same for every attempt, so that services can drop a letter that they have already received. */
  readonly id: string;
  readonly title: string;
  /** In the channel's markup, without the title. */
  readonly body: string;
  /** Its content as data, for programs. */
  readonly notices: readonly Notice[];
}

export type Receipt =
  /** The remark is about the configuration: it is told, and the letter is delivered all the same. */
  | { readonly kind: 'delivered'; readonly remark?: ChannelFault }
  /** A later attempt may succeed. */
  | { readonly kind: 'later'; readonly fault: ChannelFault; readonly retryAfterSeconds?: number }
  /** The service will never accept this letter, but accepts others. */
  | { readonly kind: 'refused'; readonly fault: ChannelFault };

export interface ChannelFault {
  readonly code:
    | ConnectionFault['code']
    | 'unauthorized'
    | 'forbidden'
    | 'not-found'
    /** Another service than the expected one answered. */
    | 'wrong-service'
    | 'rate-limited'
    | 'server-error'
    /** Not accepted, be it for the letter or for the place. */
    | 'rejected'
    /** The chat has a new id. */
    | 'moved'
    /** No connection, and the kind of encryption is not the usual one at the port. */
    | 'wrong-security'
    | 'secret-missing'
    | 'command-failed';
  /** HTTP or SMTP status, or the exit status of a command; null when there was none. */
  readonly status: number | null;
  /** The message of the service or of the system, without secrets. */
  readonly detail: string;
  /** The proxy that was used; left out when there is none. */
  readonly proxy?: ProxyOnTheWay;
}
