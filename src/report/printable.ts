/**
 * A text from elsewhere (a unit file, an argument, a path) that is one line and cannot speak to the terminal: what is not
 * seen, or changes how the rest is seen, is spelt out.
 *
 * @example printable('a\u001b[2Jb') // 'a\\x1b[2Jb'
 */
export function printable(text: string): string {
  if (isPlain(text)) return text;
  return text.replaceAll(unprintable, character =>
    character < '\u0100' ? `\\x${hex(character, 2)}` : inUtf16(character),
  );
}

/** As JavaScript, JSON and most languages write it: `\u202e`; two of them for a character beyond U+FFFF. */
export function inUtf16(character: string): string {
  return Array.from({ length: character.length }, (_, at) => `\\u${hex(character.charAt(at), 4)}`).join('');
}

function hex(unit: string, digits: number): string {
  return unit.charCodeAt(0).toString(16).padStart(digits, '0');
}

/**
 * Controls (C0, DEL, C1), characters of formatting (direction of writing, joiners, tags), lone surrogates, separators of
 * lines and paragraphs, and all else that Unicode says to show nothing for. What joins emoji, or has a sign shown as one, is
 * part of them.
 */
export const unprintable =
  // oxlint-disable-next-line no-misleading-character-class -- what joins is meant by itself
  /[[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]--\u200d--\ufe0f]|(?<!\p{Extended_Pictographic})\ufe0f|(?<!\p{Extended_Pictographic}\ufe0f?)\u200d|\u200d(?!\p{Extended_Pictographic})/gv; // unchecked: recheck knows no flag v; it takes one character, and looks at two beside it

/** Whether a text is printable ASCII throughout, as nearly all are: each character is one column, and none needs a closer look. */
export function isPlain(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}
