/** Makes one HTTP request for a channel and turns the answer into a receipt. */
import { sendRequest, type HttpAnswer, type HttpRequest } from '../../http/request.ts';
import { connectionFault } from '../../http/connection-fault.ts';
import { inShort } from '../../secrets/redaction.ts';
import type { ChannelFault, Receipt } from '../channel.ts';

/** How a channel interprets the answers of its service. */
export interface AnswerReading {
  /** Whether a successful answer really comes from this service: some servers answer 200 to any request. */
  readonly isAccepted?: (answer: HttpAnswer) => boolean;
  /** Whether an answer of this service says that it failed, though its status does not. */
  readonly isFailure?: (answer: HttpAnswer) => boolean;
  /** The error message of the service. */
  readonly detail?: (answer: HttpAnswer) => string | undefined;
  readonly retryAfterSeconds?: (answer: HttpAnswer) => number | undefined;
  /** The code for a status below 500 to which the service gives a special meaning. */
  readonly codeOf?: (answer: HttpAnswer) => ChannelFault['code'] | undefined;
  /** Whether the service finds fault with this letter, and not with the place or with who sends it: it takes others. */
  readonly isAboutLetter?: (answer: HttpAnswer) => boolean;
}

/** The address that a secret contains; undefined when it is not a valid one. */
export function secretAddress(secret: string | undefined): URL | undefined {
  const url = secret === undefined ? null : URL.parse(secret);
  return url !== null && /^https?:$/.test(url.protocol) ? url : undefined;
}

/** All parts of a secret address that must not appear in a message. */
export function secretsOfUrl({ href, pathname, searchParams }: URL): readonly string[] {
  const parts = [...pathname.split('/'), ...searchParams.values()];
  return [href, pathname, ...parts.filter(part => part.length >= 8)];
}

/** Sends one request. It never throws. */
export async function exchange(
  request: Omit<HttpRequest, 'method'> & { readonly method?: 'PUT' },
  reading: AnswerReading,
  signal: AbortSignal,
): Promise<Receipt> {
  try {
    return receiptOf(await sendRequest({ method: 'POST', ...request }, signal), reading);
  } catch (error) {
    return { kind: 'later', fault: connectionFault(error) };
  }
}

function receiptOf(answer: HttpAnswer, reading: AnswerReading): Receipt {
  const { status } = answer;
  // Only of a fault: to look for secrets in a text takes as long as to send it.
  const fault = (code: ChannelFault['code']): ChannelFault => ({
    code,
    status,
    detail: inShort(reading.detail?.(answer) ?? '', longestDetail),
  });
  if (status >= 200 && status < 300) {
    if (reading.isFailure?.(answer) === true) return { kind: 'later', fault: fault('rejected') };
    return reading.isAccepted?.(answer) === false
      ? { kind: 'later', fault: fault('wrong-service') }
      : { kind: 'delivered' };
  }
  if (status < 400) return { kind: 'later', fault: fault('wrong-service') };
  if (status < 500 && (status === contentTooLarge || reading.isAboutLetter?.(answer) === true)) {
    return { kind: 'refused', fault: fault('rejected') };
  }
  const code = status >= 500 ? 'server-error' : (reading.codeOf?.(answer) ?? codes[status] ?? 'rejected');
  const retryAfterSeconds = reading.retryAfterSeconds?.(answer) ?? retryAfter(answer.header('retry-after'));
  return {
    kind: 'later',
    fault: fault(code),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
}

const longestDetail = 200;

/** RFC 9110, 15.5.14: the one status that is about the letter whoever answers. */
const contentTooLarge = 413;

const codes: Readonly<Record<number, ChannelFault['code']>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
  407: 'proxy',
  408: 'timeout',
  410: 'not-found',
  429: 'rate-limited',
};

/** The seconds of a Retry-After header, which gives seconds or a date (RFC 9110, 10.2.3). */
function retryAfter(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value)) return Number(value);
  const atMs = Date.parse(value);
  return Number.isNaN(atMs) ? undefined : Math.max(0, (atMs - Date.now()) / 1_000);
}
