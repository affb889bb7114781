/**
 * A text from elsewhere (a unit file, an argument, a path) that cannot speak to the terminal: control characters and
 * those that turn the direction of writing are spelt out.
 *
 * @example printable('a\u001b[2Jb') // 'a\\x1b[2Jb'
 */
export function printable(text: string): string {
  if (isPlain(text)) return text;
  return text.replaceAll(unprintable, character => {
    const code = character.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code}` : `\\x${code.padStart(2, '0')}`;
  });
}

const unprintable = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

/** Whether a text is printable ASCII throughout, as nearly all are: each character is one column, and none needs a closer look. */
export function isPlain(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}
