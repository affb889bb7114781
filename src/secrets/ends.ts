/** Where quotes, words and lines end, in whatever is written like a command line. */

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

/** A quote that nothing closes ends with its line. */
export function endOfQuoted(text: string, open: number, quote: string): number {
  const limit = Math.min(text.length, open + longestQuoted);
  for (let at = open + 1; at < limit; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === quote) return at + 1;
  }
  return endOfLine(text, open);
}

export const longestQuoted = 16 * 1024;

/** Of a value that stands in quotes together with its name. */
export function endBeforeQuote(text: string, start: number, quote: string): number {
  const end = endOfQuoted(text, start - 1, quote);
  return text[end - 1] === quote ? end - 1 : end;
}

/** What follows a quote that closes, and not one that opens. */
export const END_OF_QUOTED = /[\s,;:)}\]&>|]/;

/** In a Chinese sentence no blank follows a word. */
const END_OF_WORD = /[\s，。；、！？）】]/;

/** As a shell has it: quotes in the middle, and a backslash keeps what follows, also the next line. */
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

/** A variable, or what a command prints, stands in its place. */
export const REFERENCE = /["']?\$/y;
