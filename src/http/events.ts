/** Reads a stream of events (html.spec.whatwg.org, server-sent events). */

/**
 * The data of each event that is complete or ends with the text.
 *
 * @param type the content type that the server names: some send events without naming theirs
 * @returns undefined when the text is no stream of events
 */
export function eventsIn(text: string, type: string | undefined): readonly string[] | undefined {
  const isStream = /^text\/event-stream\b/i.test(type ?? '') || beginsLikeEvents.test(text);
  if (!isStream) return undefined;
  const events: string[] = [];
  let data: string[] = [];
  const finish = () => {
    if (data.length > 0) events.push(data.join('\n'));
    data = [];
  };
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (line === '') finish();
    else if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''));
  }
  finish();
  return events;
}

/** A field, or a comment that keeps the connection awake. */
const beginsLikeEvents = /^(?:event|data|id|retry)?:/;
