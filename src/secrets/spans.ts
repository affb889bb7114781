/**
 * Finds where secrets are in a text of any kind: a log, a unit file, JSON, YAML, variables, a command line.
 *
 * A hostile text may try to keep its reader busy. So each step scans the text forward, and none reads a character more
 * often than a fixed number of times, whatever the text contains.
 */
import {
  beginningsOfPrivateKeys,
  hasClue,
  jsonWebTokens,
  knownSecrets,
  looksLikeTokenOfUser,
  type Span,
} from './recognition.ts';
import { namedSecrets } from './named-secrets.ts';
import { namesProgramWithPassword, programSecrets } from './program-secrets.ts';
import { hasUnseen, writings } from './writings.ts';

/** The secrets in the order of the text; they do not overlap. */
export function secretSpans(text: string): readonly Span[] {
  return mayHoldSecrets(text) ? fullSearch(text) : [];
}

/**
 * Whether a text may contain a secret in any spelling. For most texts a quick look shows that there is none.
 */
export function mayHoldSecrets(text: string): boolean {
  return hasClue(text) || namesProgramWithPassword(text) || hasUnseen(text);
}

/** Like {@link secretSpans}, without a quick look at the text first; {@link secretSpans} must not find less. */
export function fullSearch(text: string): readonly Span[] {
  return spansBy(text, function* (written) {
    yield* shownByThemselves(written);
    yield* namedSecrets(written);
    yield* programSecrets(written);
  });
}

/** The secrets that are recognised by their own form, whatever their names are. */
export function knownSpans(text: string): readonly Span[] {
  return spansBy(text, shownByThemselves);
}

/** Where certain values are, in any spelling. */
export function spansOf(values: readonly string[], text: string): readonly Span[] {
  return spansBy(text, function* (written) {
    for (const value of values) {
      for (
        let start = written.indexOf(value);
        start !== -1;
        start = written.indexOf(value, start + value.length)
      )
        yield { start, end: start + value.length };
    }
  });
}

/** What is found in each way of writing a text, as with colours between its letters. */
export function spansBy(text: string, find: (written: string) => Iterable<Span>): readonly Span[] {
  const found: Span[] = [];
  for (const { text: written, offsetOf } of writings(text)) {
    for (const { start, end } of find(written)) found.push({ start: offsetOf(start), end: offsetOf(end) });
  }
  return inOrder(found);
}

/** The parts in the order of the text, with those that overlap or touch as one. */
export function inOrder(parts: readonly Span[]): readonly Span[] {
  const merged: { start: number; end: number }[] = [];
  for (const { start, end } of parts.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else merged.push({ start, end });
  }
  return merged;
}

function* shownByThemselves(text: string): Iterable<Span> {
  for (const { 0: all, index, groups } of text.matchAll(knownSecrets())) {
    const end = index + all.length;
    yield { start: end - (groups?.['secret'] ?? all).length, end };
  }
  for (const { index, length } of jsonWebTokens(text)) yield { start: index, end: index + length };
  yield* passwordsInUrls(text);
  yield* privateKeys(text);
}

/**
 * `postgres://user:password@host/`, and `https://TOKEN@host/` where the user looks like a token. A password that contains a
 * slash or an at sign should be escaped, and often is not; a port is no password.
 */
function* passwordsInUrls(text: string): Iterable<Span> {
  if (!text.includes('://')) return;
  const user = /[^\s/:@"'<>]*:/y;
  const alone = /[^\s/:@?#"'<>]*/y;
  const authority = /[^\s/?#"'<>]*/y;
  const address = /[^\s"'<>]{0,512}/y;
  for (const { index } of text.matchAll(/:\/\//g)) {
    user.lastIndex = index + 3;
    if (!user.test(text)) {
      alone.lastIndex = index + 3;
      const token = alone.exec(text)?.[0] ?? '';
      const isToken = text[index + 3 + token.length] === '@' && looksLikeTokenOfUser(token);
      if (isToken) yield { start: index + 3, end: index + 3 + token.length };
      continue;
    }
    const start = user.lastIndex;
    authority.lastIndex = start;
    const host = authority.exec(text)?.[0] ?? '';
    address.lastIndex = start;
    const within = host.includes('@') || /^\d{0,5}$/.test(host) ? host : (address.exec(text)?.[0] ?? '');
    const length = within.lastIndexOf('@');
    if (length > 0) yield { start, end: start + length };
  }
}

/**
 * Private keys with all text between their marks. When one of the marks is missing, the lines that look like the key
 * belong to it.
 */
function* privateKeys(text: string): Iterable<Span> {
  if (!text.includes('PRIVATE KEY')) return;
  let past = 0;
  let nextEnd = 0;
  for (const { 0: mark, index } of text.matchAll(beginningsOfPrivateKeys())) {
    if (index < past) continue;
    const body = index + mark.length;
    if (nextEnd < body && nextEnd !== -1) nextEnd = text.indexOf(endMark, body);
    const isEnded = nextEnd !== -1 && nextEnd - body < longestKey;
    past = isEnded ? endOfMark(text, nextEnd) : endOfKeyLines(text, body);
    yield { start: index, end: past };
  }
  past = 0;
  for (const { 0: mark, index } of text.matchAll(/-----END [A-Z\d ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g)) {
    yield { start: beginningOfKeyLines(text, past, index), end: index + mark.length };
    past = index + mark.length;
  }
}

const endMark = '-----END ';

function endOfMark(text: string, start: number): number {
  const mark = /[A-Z\d ]{0,60}-----/y;
  mark.lastIndex = start + endMark.length;
  return mark.test(text) ? mark.lastIndex : start + endMark.length;
}

/** Limit in characters; a key of 16,384 bits takes 13,000. */
const longestKey = 64 * 1024;
/** Limit in characters: with escapes that are not decoded here, a whole key may be in a single line. */
const longestKeyLine = 32 * 1024;

/** @param from the end of the mark */
function endOfKeyLines(text: string, from: number): number {
  let end = from;
  while (end < text.length && end - from < longestKey) {
    const newline = text.indexOf('\n', end + 1);
    const next = newline === -1 ? text.length : newline;
    const line = text.slice(end, next).trim();
    if (next - end > longestKeyLine || !isKeyLine(line)) break;
    // A word in the same line as the mark is an ordinary word.
    if (end === from && line.length > 0 && line.length < 16) break;
    end = next;
  }
  return end;
}

/** Whether a line may be in the body of PEM (RFC 7468, 3) or in its header (RFC 1421, 4.4). */
function isKeyLine(line: string): boolean {
  return /^(?:[A-Za-z\d+/=]*|[A-Z][A-Za-z-]*: \S.*)$/.test(line);
}

/** @param from the start of the mark */
function beginningOfKeyLines(text: string, least: number, from: number): number {
  let start = from;
  while (start > least) {
    const end = text[start - 1] === '\n' ? start - 1 : start;
    const before = text.slice(Math.max(least, end - longestKeyLine), end);
    const line = before.slice(before.lastIndexOf('\n') + 1);
    if (!/^[A-Za-z\d+/=]+$/.test(line.trim()) && !(start === from && line.trim() === '')) break;
    if (end === start && line === '') break;
    start = end - line.length;
  }
  return start;
}
