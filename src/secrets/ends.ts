/** Finds where quotes, words and lines end in any text that is written like a command line. */

export function matchAt(pattern: RegExp, text: string, at: number): readonly [string, number] | undefined {
  pattern.lastIndex = at;
  const found = pattern.exec(text)?.[0];
  return found === undefined ? undefined : [found, at + found.length];
}

export function isQuote(character: string): boolean {
  return character === '"' || character === "'" || character === '`';
}

export function endOfLine(text: string, from: number): number {
  const newline = text.indexOf('\n', from);
  return newline === -1 ? text.length : newline;
}

/** The end of a quoted text, its closing quote included. An open quote that is never closed ends with its line. */
export function endOfQuoted(text: string, open: number, quote: string): number {
  const limit = Math.min(text.length, open + longestQuoted);
  for (let at = open + 1; at < limit; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === quote) return at + 1;
  }
  return endOfLine(text, open);
}

export const longestQuoted = 16 * 1024;

/** The end of a value that is inside the same quotes as its name. */
export function endBeforeQuote(text: string, start: number, quote: string): number {
  const end = endOfQuoted(text, start - 1, quote);
  return text[end - 1] === quote ? end - 1 : end;
}

/** The characters that follow a closing quote, but not an opening one. */
export const END_OF_QUOTED = /[\s,;:)}\]&>|]/;

/** The characters that end a word; no space follows a word in a Chinese sentence. */
const END_OF_WORD = /[\s，。；、！？）】]/;

/**
 * The end of a word as a shell reads it: it may contain quotes, and a backslash quotes the next character or continues
 * the line.
 */
export function endOfWord(text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    const character = text[at] ?? '';
    if (character === '\\') at += text.startsWith('\r\n', at + 1) ? 3 : 2;
    else if (END_OF_WORD.test(character)) return at;
    else if (!isQuote(character)) at += 1;
    else if (END_OF_QUOTED.test(text[at + 1] ?? ' ')) return at;
    else at = endOfQuoted(text, at, character);
  }
  return Math.min(at, text.length);
}

/**
 * In place of a value: a variable, a command substitution, or where the value stands, as daruma's own configuration
 * (`env:`, `file:`, `openclaw:`) and LiteLLM's (`os.environ/`) say it.
 */
export const REFERENCE =
  /["']?(?:\$|(?:(?:env:|os\.environ\/)[A-Za-z_]\w{0,100}|file:~?\/[\w./~-]{1,200}|openclaw:channels\.[\w.-]{1,100})(?=[\s"',;)}\]]|$))/y;
