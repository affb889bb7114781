/** A POST with JSON: for programs. */
import type { Channel, ChannelFault, Receipt } from '../channel.ts';

export function webhook(name: string, url: string): Channel {
  return {
    name,
    markup: 'plain',
    async send({ id, title, body, notices }, signal) {
      try {
        const response = await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'idempotency-key': id },
          body: JSON.stringify({ id, title, text: body, notices }),
          signal,
        });
        await response.arrayBuffer();
        return receiptOf(response);
      } catch (error) {
        return { kind: 'later', fault: faultOf(error) };
      }
    },
  };
}

function receiptOf(response: Response): Receipt {
  const { status, statusText: detail } = response;
  if (response.ok) return { kind: 'delivered' };
  if (status === 429) return { kind: 'later', fault: { code: 'rate-limited', status, detail } };
  if (status >= 500) return { kind: 'later', fault: { code: 'server-error', status, detail } };
  if (status === 401) return { kind: 'later', fault: { code: 'unauthorized', status, detail } };
  if (status === 403) return { kind: 'later', fault: { code: 'forbidden', status, detail } };
  if (status === 404) return { kind: 'later', fault: { code: 'not-found', status, detail } };
  return { kind: 'refused', fault: { code: 'rejected', status, detail } };
}

function faultOf(error: unknown): ChannelFault {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const errno = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const isTimeout = error instanceof Error && error.name === 'TimeoutError';
  return { code: isTimeout ? 'timeout' : (codes[errno] ?? 'unreachable'), status: null, detail: errno };
}

const codes: Readonly<Record<string, ChannelFault['code']>> = {
  ENOTFOUND: 'name-not-found',
  EAI_AGAIN: 'name-not-found',
  ECONNREFUSED: 'refused-connection',
  ECONNRESET: 'connection-lost',
  UND_ERR_SOCKET: 'connection-lost',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
};
