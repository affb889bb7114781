/**
 * Breaks text into lines for Chinese and English: at spaces, and between two words of a script without spaces, but never
 * before a closing or after an opening punctuation mark. What people copy stays in one piece: paths, and what stands in quotes.
 * Source: Unicode Standard Annex 14 (line breaking), the part that our texts need.
 */
import { stripVTControlCharacters } from 'node:util';
import { once } from '../systemd/remember.ts';
import { isPlain } from './printable.ts';
import { graphemesOf, widthOf } from './width.ts';

/**
 * Breaks a text into lines.
 *
 * @param text may contain colour sequences, which have no width
 * @param columns maximum width of a line
 * @param wideWords what to do with a word that is wider: keep it whole, so that it can be copied, or break it, for a column of
 * a table
 */
export function breakLines(
  text: string,
  columns: number,
  wideWords: 'broken' | 'whole' = 'whole',
): readonly string[] {
  if (mostWidthOf(text) <= columns) return [text.trimEnd()];
  const lines: string[] = [];
  let line = '';
  let width = 0;
  const end = () => {
    const ended = line.trimEnd();
    // Spaces before the first word make no line of their own.
    const isBlank = widthOf(ended) === 0;
    if (!isBlank) lines.push(ended);
    line = isBlank ? ended : '';
    width = 0;
  };
  for (const chunk of withQuotesWhole(unbreakableChunks(text), columns)) {
    const needed = widthOf(chunk.trimEnd());
    if (width > 0 && width + needed > columns) end();
    const isBroken = wideWords === 'broken' && needed > columns;
    for (const piece of isBroken ? hardPieces(chunk, columns) : [chunk]) {
      const pieceWidth = widthOf(piece);
      if (width > 0 && width + widthOf(piece.trimEnd()) > columns) end();
      line += piece;
      width += pieceWidth;
    }
  }
  lines.push(line.trimEnd());
  return lines;
}

/** No text is wider than this many columns: most texts are known to fit without a look at each of their characters. */
function mostWidthOf(text: string): number {
  let width = text.length;
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 0x7e) width += 1;
  return width;
}

/** The text cut at every place where a line may end; each chunk keeps the spaces behind it. */
function unbreakableChunks(text: string): readonly string[] {
  if (isPlain(text)) return text.split(/(?<= )(?! )/);
  const chunks: string[] = [];
  let chunk = '';
  let colors = '';
  let before: string | undefined;
  let isInPath = false;
  let at = 0;
  const words = wordsIn(stripVTControlCharacters(text));
  for (const { token, isColor } of tokens(text)) {
    if (isColor) {
      // A colour sequence belongs to the text after it, so it never ends a line.
      colors += token;
      continue;
    }
    const isMet = before !== undefined && mayBreak(before, token) && (words === undefined || words.has(at));
    at += token.length;
    if (isMet && !(isInPath && !endsPath.has(token))) {
      chunks.push(chunk);
      chunk = '';
    }
    chunk += colors + token;
    colors = '';
    isInPath = isInPath
      ? !endsPath.has(token)
      : token === '/' && (before === undefined || beginsPath.has(before));
    before = token;
  }
  return [...chunks, chunk + colors];
}

/**
 * Where the words of a text begin; undefined where it has no two Chinese characters side by side. A break within a word of them is
 * allowed, and reads badly.
 */
function wordsIn(text: string): ReadonlySet<number> | undefined {
  if (!/\p{Script=Han}{2}/u.test(text)) return undefined;
  const begins = new Set(Array.from(segmenter().segment(text), ({ index }) => index));
  for (const { 0: term, index } of text.matchAll(terms))
    for (let at = index + 1; at < index + term.length; at += 1) begins.delete(at);
  return begins;
}

/** Terms of the trade, which the dictionary of ICU does not have: it takes their characters for words of their own. */
const terms =
  /重启|机器人|管理器|密钥|超时|提供方|回退|网关|免打扰|链接|定时器|套接字|注销|内核|转储|看门狗|加载|端口|域名|手动/g;

const segmenter = once(() => new Intl.Segmenter('zh', { granularity: 'word' }));

/** The names of a path may be Chinese: it ends at a space, or at a mark that a sentence has behind it. */
const endsPath: ReadonlySet<string> = new Set(' ，。、；：？！）】」』》”’');
const beginsPath: ReadonlySet<string> = new Set(' ~=:"（【「『《“‘([');

/** Puts together the chunks of what stands in quotes, most often a command, where that fits into a line. */
function withQuotesWhole(chunks: readonly string[], columns: number): readonly string[] {
  const whole: string[] = [];
  for (let at = 0; at < chunks.length; at += 1) {
    const end = endOfQuote(chunks, at, columns);
    whole.push(chunks.slice(at, end + 1).join(''));
    at = end;
  }
  return whole;
}

/** The index of the chunk in which the quote of a chunk ends; the chunk itself when it has none, or when it is too wide. */
function endOfQuote(chunks: readonly string[], at: number, columns: number): number {
  const [, opening, rest = ''] = OPENED.exec(chunks[at] ?? '') ?? [];
  if (opening === undefined) return at;
  const closing = opening === '"' ? '"' : '”';
  if (rest.includes(closing)) return at;
  let width = widthOf(chunks[at] ?? '');
  for (let end = at + 1; end < chunks.length; end += 1) {
    const chunk = chunks[end] ?? '';
    if (width + widthOf(chunk.trimEnd()) > columns) return at;
    if (chunk.includes(closing)) return end;
    width += widthOf(chunk);
  }
  return at;
}

// oxlint-disable-next-line no-control-regex -- a colour sequence begins with ESC
const OPENED = /^(?:\u001B\[[\d;]*m|[(（])*(["“])(.*)$/s;

function mayBreak(before: string, after: string): boolean {
  if (after === ' ') return false;
  if (before === ' ') return true;
  if (closing.has(after) || opening.has(before)) return false;
  return withoutSpaces.test(before) || withoutSpaces.test(after);
}

/** Scripts that are written without spaces between words, and their own punctuation. */
const withoutSpaces = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303F\uFF00-\uFF60]/u;

const closing: ReadonlySet<string> = new Set('，。、；：？！）】」』》”’…,.;:?!)]}%');
const opening: ReadonlySet<string> = new Set('（【「『《“‘([{');

/** A chunk that is wider than a line, cut into pieces that fit. */
function hardPieces(chunk: string, columns: number): readonly string[] {
  const pieces: string[] = [];
  let piece = '';
  let width = 0;
  for (const { token, isColor } of tokens(chunk)) {
    const needed = isColor ? 0 : widthOf(token);
    // The width is added up and the piece is not measured again, since it may contain any number of characters without width.
    if (width + needed > columns) {
      pieces.push(piece);
      piece = '';
      width = 0;
    }
    piece += token;
    width += needed;
  }
  return [...pieces, piece];
}

interface Token {
  readonly token: string;
  readonly isColor: boolean;
}

// oxlint-disable-next-line no-control-regex -- a colour sequence begins with ESC
const colorOrRest = /(\u001B\[[\d;]*m)|([^\u001B]+)/g;

function* tokens(text: string): Iterable<Token> {
  for (const [, color, rest] of text.matchAll(colorOrRest)) {
    if (color !== undefined) yield { token: color, isColor: true };
    for (const token of graphemesOf(rest ?? '')) yield { token, isColor: false };
  }
}
