/** Writes words for a unit file so that systemd reads them back unchanged. */

/**
 * Writes a word that systemd reads back unchanged (systemd.service(5), "Command Lines"), except that specifiers remain
 * specifiers.
 */
export function quoted(word: string): string {
  if (word !== '' && !/[\s"'\\;]/.test(word)) return word;
  return `"${word.replace(/["\\\n\r]/g, character => escapes[character] ?? character)}"`;
}

/** A line feed or a carriage return would end the line. */
const escapes: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r' };

/** A word in which systemd finds neither a specifier nor a variable (systemd.service(5), "Command Lines"). */
export function literal(word: string): string {
  return word.replaceAll('%', '%%').replaceAll('$', '$$$$');
}
