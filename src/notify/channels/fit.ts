/** Letters that are longer than a service takes. */

/**
 * Leaves out what is too much, whole lines at a time, so that no markup is left open.
 *
 * @param sizeOf how the service counts
 */
export function fitLines(text: string, most: number, sizeOf: (text: string) => number = characters): string {
  if (sizeOf(text) <= most) return text;
  const lines = text.split('\n');
  while (lines.length > 0 && sizeOf([...lines, more].join('\n')) > most) lines.pop();
  return lines.length === 0 ? more : [...lines, more].join('\n');
}

const more = '…';

/** In UTF-16, as Telegram counts: nobody counts more. */
function characters(text: string): number {
  return text.length;
}

export function bytes(text: string): number {
  return Buffer.byteLength(text);
}
