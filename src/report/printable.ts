/**
 * Makes a foreign text (of a unit file, an argument, a path) one line that cannot control the terminal: characters that are
 * invisible or change the display of others are written as escapes.
 *
 * @example printable('a\u001b[2Jb') // 'a\\x1b[2Jb'
 */
export function printable(text: string): string {
  if (isPlain(text)) return text;
  return text.replaceAll(unprintable, character =>
    character < '\u0100' ? `\\x${hex(character, 2)}` : inUtf16(character),
  );
}

/** An escape as in JavaScript and JSON, such as `\u202e`; two escapes for a character beyond U+FFFF. */
export function inUtf16(character: string): string {
  return Array.from({ length: character.length }, (_, at) => `\\u${hex(character.charAt(at), 4)}`).join('');
}

function hex(unit: string, digits: number): string {
  return unit.charCodeAt(0).toString(16).padStart(digits, '0');
}

/**
 * Control characters (C0, DEL, C1), format characters (writing direction, joiners, tags), lone surrogates, line and paragraph
 * separators, and all other characters that Unicode defines as invisible. Joiners and variation selectors inside emoji are
 * allowed.
 */
export const unprintable =
  // oxlint-disable-next-line no-misleading-character-class -- the joiner itself is meant
  /[[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]--\u200d--\ufe0f]|(?<!\p{Extended_Pictographic})\ufe0f|(?<!\p{Extended_Pictographic}\ufe0f?)\u200d|\u200d(?!\p{Extended_Pictographic})/gv; // unchecked: recheck knows no flag v; it takes one character, and looks at two beside it

/** Whether a text is printable ASCII only, as nearly all texts are: each character is one column, and none needs an escape. */
export function isPlain(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}
