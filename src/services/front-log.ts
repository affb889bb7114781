/**
 * What the front logs of the places behind it. A name that a machine has in its configuration is all that is taken from a line: the rest may
 * contain what another server has answered.
 *
 * Run: HAProxy 2.6.12, with `format iso`.
 */

/** The backend that chooses who answers. */
export const choosingBackend = 'answer';

/** The name of the servers that are the local LiteLLM: in the backend that moves requests, and in the section that cuts them. */
export const localServer = 'local';

export type FrontEvent = { readonly atMs: number } & (
  | { readonly kind: 'up' | 'down'; readonly server: string }
  /** HAProxy was stopped, or has read its configuration again: it takes all places for up until its checks say otherwise. */
  | { readonly kind: 'begun-anew' }
);

/** Reads the lines of a log, in order; what is no line about the choice is left out. */
export function readFrontLog(text: string): readonly FrontEvent[] {
  return text.slice(0, mostCharacters).split('\n').flatMap(eventOf);
}

const mostCharacters = 2 ** 16;

function eventOf(line: string): FrontEvent | readonly [] {
  const [, time = '', said = ''] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?[+-]\d\d:\d\d) (.{0,200})/.exec(line) ?? [];
  const atMs = Date.parse(time);
  if (Number.isNaN(atMs)) return [];
  if (said.startsWith(`Proxy ${choosingBackend} stopped `)) return { kind: 'begun-anew', atMs };
  const [, backend, server = '', state] =
    /^Server ([\w-]{1,64})\/([\w.-]{1,64}) is (UP|DOWN)[ ,.]/.exec(said) ?? [];
  if (backend !== choosingBackend) return [];
  return { kind: state === 'UP' ? 'up' : 'down', server, atMs };
}
