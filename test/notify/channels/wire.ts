/** The other ends of channels: a letter, and a proxy in front of a real server that can fail. */
import type { Letter } from '../../../src/notify/channel.ts';
import { serve, type WireFault } from '../../support/http-server.ts';

/**
 * Stands in front of a real server.
 *
 * @param faultOf undefined lets a request through
 */
export function faultProxy(target: string, faultOf: (index: number) => WireFault | undefined) {
  let index = 0;
  return serve(async ({ method, path, headers, body }) => {
    const fault = faultOf(index);
    index += 1;
    if (fault !== undefined && fault !== 'reset-mid-body') return fault;
    const sent = { 'content-type': headers['content-type'] ?? '' };
    const answer = await fetch(`${target}${path}`, {
      method,
      headers: sent,
      ...(body === '' ? {} : { body }),
    });
    const text = await answer.text();
    return fault ?? { status: answer.status, headers: { 'content-type': 'application/json' }, body: text };
  });
}

export const letter: Letter = {
  id: 'daruma-own-17-1',
  title: '🔄 litellm <restarted> & up',
  body: 'It exited with status 3.\nIt was down for 7 s.',
  notices: [{ kind: 'text', atMs: 0, host: 'neko', text: 'litellm' }],
};
