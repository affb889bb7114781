/** Shortens letters that are longer than a service accepts. */

/**
 * Leaves out whole lines at the end until the text fits, so that no markup is left open.
 *
 * @param sizeOf how the service counts the size of a text
 */
export function fitLines(text: string, most: number, sizeOf: (text: string) => number = characters): string {
  if (sizeOf(text) <= most) return text;
  const lines = text.split('\n');
  while (lines.length > 0 && sizeOf([...lines, more].join('\n')) > most) lines.pop();
  return lines.length === 0 ? beginningOf(text, most, sizeOf) : [...lines, more].join('\n');
}

/** The beginning of a single line that is too long. Such a line has no tags, so only an escape could be cut in two. */
function beginningOf(text: string, most: number, sizeOf: (text: string) => number): string {
  let end = most;
  while (sizeOf(text.slice(0, end) + more) > most) end -= Math.max(1, Math.floor(end / 50));
  return text.slice(0, end).replace(/(?:&[#\w]*|\\|[\uD800-\uDBFF])$/, '') + more;
}

const more = '…';

/** UTF-16 code units, as Telegram counts: no service counts more. */
function characters(text: string): number {
  return text.length;
}

export function byteLength(text: string): number {
  return Buffer.byteLength(text);
}
