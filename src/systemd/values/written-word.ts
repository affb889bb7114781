/** Words as a unit file has them, so that systemd reads back what was meant. */

/** A word as systemd reads it back (systemd.service(5), "Command Lines"); specifiers stay what they are. */
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
