/**
 * Makes names of daruma's own files, units and messages from names of others: two different names never give the same
 * one, and no name is longer than allowed.
 */

/** The text before the two hexadecimal digits of a byte: as in URLs, or as in names of units (systemd.unit(5)). */
export type EscapeMark = '%' | '\\x';

/**
 * Keeps letters, digits and `_.-`, and escapes all other bytes. A name that would be too long is cut, and ends in a
 * digest of the whole name.
 *
 * @example ownName('litellm@blue', '\\x', 200) // 'litellm\x40blue'
 */
export function ownName(text: string, mark: EscapeMark, mostBytes: number): string {
  const name = text.replaceAll(/[^\w.-]+/g, part => escaped(part, mark));
  // Half a surrogate pair has no bytes of its own.
  if (name.length <= mostBytes && text.isWellFormed()) return name;
  const end = `${mark}-${digest(text)}`;
  return name.slice(0, Math.max(0, mostBytes - end.length)) + end;
}

function escaped(text: string, mark: EscapeMark): string {
  return [...Buffer.from(text)].map(byte => mark + byte.toString(16).padStart(2, '0')).join('');
}

/** 128 bits. The module is loaded when it is needed, since a hook must be fast. */
function digest(text: string): string {
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(Buffer.from(text, 'utf16le')).digest('hex').slice(0, 32);
}
