/**
 * Names of files, units and messages of ours that are made from what others have named: never the same for two of them,
 * and never longer than what they are for can take.
 */

/** What stands before the two hexadecimal digits of a byte: as in URLs, or as in names of units (systemd.unit(5)). */
export type EscapeMark = '%' | '\\x';

/**
 * Letters, digits and `_.-` stay what they are, all other bytes are escaped. What would be too long is cut, and ends in a
 * digest of the whole.
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

/** 128 bits. Loaded when it is needed: a hook has no time for it. */
function digest(text: string): string {
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(Buffer.from(text, 'utf16le')).digest('hex').slice(0, 32);
}
