/** Removes secrets from texts: people paste reports into issues, and logs and messages are stored by others. */
import { isList, isMapping } from '../json/value.ts';
import { inOrder, knownSpans, mayHoldSecrets, secretSpans, spansBy, spansOf } from './spans.ts';
import type { Span } from './recognition.ts';

/**
 * Replaces the secrets of a text; the number of lines stays the same. A name that certainly means a secret is enough,
 * since it is worse to show a secret than to hide another value. For a doubtful name, only values that look like
 * secrets are hidden. Everything that `isSecret()` accepts is hidden.
 *
 * @example withoutSecrets('Environment=API_KEY=sk-abc') // 'Environment=API_KEY=***'
 */
export function withoutSecrets(text: string): string {
  return without(secretSpans(text), text);
}

/**
 * Replaces the secrets in all texts of some data. Where an object has a `key` and a `value`, the key also says whether
 * the value is a secret. It returns the same object when there can be none, which is nearly always so.
 */
export function dataWithoutSecrets<T>(data: T): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of the same shape, with other texts
  return mayHoldSecretsWithin(data) ? (dataWithout(data) as T) : data;
}

function mayHoldSecretsWithin(data: unknown): boolean {
  if (typeof data === 'string') return mayHoldSecrets(data);
  if (isList(data)) return data.some(mayHoldSecretsWithin);
  if (!isMapping(data)) return false;
  const { key, value } = data;
  const isPair = typeof key === 'string' && typeof value === 'string';
  return (isPair && mayHoldSecrets(`${key}=${value}`)) || Object.values(data).some(mayHoldSecretsWithin);
}

function dataWithout(data: unknown): unknown {
  if (typeof data === 'string') return withoutSecrets(data);
  if (isList(data)) return data.map(dataWithout);
  if (!isMapping(data)) return data;
  const { key, value } = data;
  const members = Object.entries(data).map(([name, each]) => [name, dataWithout(each)] as const);
  if (typeof key !== 'string' || typeof value !== 'string') return Object.fromEntries(members);
  const spans = spansByKey(key, value);
  const words = new Set(spans.flatMap(({ start, end }) => value.slice(start, end).match(/\S+/g) ?? []));
  return Object.fromEntries([
    ...members.map(([name, each]) => [name, withoutItems(each, words)] as const),
    ['value', without(spans, value)],
  ]);
}

/** The secrets that a value shows by itself, and those that only its key makes known. */
function spansByKey(key: string, value: string): readonly Span[] {
  const start = key.length + 1;
  const byKey = secretSpans(`${key}=${value}`)
    .filter(span => span.end > start)
    .map(span => ({ start: Math.max(0, span.start - start), end: span.end - start }));
  return inOrder([...secretSpans(value), ...byKey]);
}

/** Masks the items of lists that are words of a secret: the words of a value are also told one by one. */
function withoutItems(data: unknown, words: ReadonlySet<string>): unknown {
  if (isList(data))
    return data.map(each =>
      typeof each === 'string' && words.has(each) ? '***' : withoutItems(each, words),
    );
  if (!isMapping(data)) return data;
  return Object.fromEntries(Object.entries(data).map(([name, each]) => [name, withoutItems(each, words)]));
}

/**
 * The words of a command, or any other list, without secrets, including those that are recognised by the words before
 * them.
 *
 * @example wordsWithoutSecrets(['redis-cli', '-a', 'abc']) // ['redis-cli', '-a', '***']
 */
export function wordsWithoutSecrets(words: readonly string[]): readonly string[] {
  const written = words.map(word => JSON.stringify(word));
  const spans = secretSpans(written.join(', '));
  let start = 0;
  return words.map((word, index) => {
    const spelling = written[index] ?? '';
    const [from, end] = [start + 1, start + spelling.length - 1];
    start = end + 1 + ', '.length;
    const own = spans
      .filter(span => span.start < end && span.end > from)
      .map(span => ({ start: Math.max(0, span.start - from), end: Math.min(span.end, end) - from }));
    if (own.length === 0) return word;
    // Offsets in the spelling match those in the word only if nothing in the word is escaped.
    return spelling.length === word.length + 2 ? without(own, word) : '***';
  });
}

/** For texts whose names are judged by other functions: hides only secrets that are recognised by their own form. */
export function withoutKnownSecrets(text: string): string {
  return without(knownSpans(text), text);
}

function without(spans: readonly Span[], text: string): string {
  if (spans.length === 0) return text;
  const parts: string[] = [];
  let from = 0;
  for (const { start, end } of spans) {
    parts.push(text.slice(from, start), maskOf(text.slice(start, end)));
    from = end;
  }
  parts.push(text.slice(from));
  return parts.join('');
}

/** Masks each line of a secret separately, so that the number of lines stays the same. */
function maskOf(secret: string): string {
  const [first = '', ...lines] = secret.split('\n');
  const masked = lines.map(line => line.replace(/\S.*$/s, '***'));
  return [first === '' ? '' : '***', ...masked].join('\n');
}

/**
 * A text of others, without secrets. Of a long text, the beginning and the end remain, with a mark between them.
 *
 * @param longest the most characters that remain
 */
export function inShort(text: string, longest: number): string {
  return cut(text.length <= longestWhole ? withoutSecrets(text) : bothEndsWithoutSecrets(text), longest);
}

/**
 * The end of a text whose beginning is not known, without secrets. The part that may belong to a secret which began
 * earlier is removed together with the first word.
 */
export function endWithoutSecrets(text: string): string {
  const rest = withoutSecrets(text).slice(longestSecret);
  return rest.slice(rest.search(/\s|$/)).trimStart();
}

/** In a longer text, the middle is not searched and is removed. */
const longestWhole = 1024 * 1024;
/** How much is removed on both sides of a cut: no secret of several words is longer. */
const longestSecret = 4 * 1024;

function bothEndsWithoutSecrets(text: string): string {
  const beginning = withoutSecrets(text.slice(0, longestWhole / 2)).slice(0, -longestSecret);
  let end = beginning.length;
  while (end > 0 && !/\s/.test(beginning[end - 1] ?? '')) end -= 1;
  return beginning.slice(0, end).trimEnd() + mark + endWithoutSecrets(text.slice(-longestWhole / 2));
}

function cut(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const kept = longest - mark.length;
  const beginning = text.slice(0, Math.ceil((kept * 2) / 3)).replace(/[\uD800-\uDBFF]$/, '');
  const end = text.slice(text.length - Math.floor(kept / 3)).replace(/^[\uDC00-\uDFFF]/, '');
  return `${beginning}${mark}${end}`;
}

const mark = ' … ';

/**
 * Removes certain secrets from a text: in their own spelling, in those of URLs, JSON and a shell, in base64, in digits of their bytes, with
 * other spaces or quotes between their words, and where colours or invisible characters are between their letters.
 *
 * @param secrets the secrets that the author of the text may know
 */
export function withoutValues(text: string, secrets: readonly string[]): string {
  const written = new Set(secrets.flatMap(spellings).filter(secret => secret !== ''));
  const encoded = new Set(secrets.flatMap(base64Cores));
  const spans = [
    ...spansOf([...written], text),
    ...spansOf([...encoded], text).map(span => withNeighbours(span, text)),
    ...spansBy(text, plain => spansOfDigits(secrets, plain)),
    ...secrets.flatMap(secret => [...spansOfWords(secret, text)]),
  ];
  return without(inOrder(spans), text);
}

function spellings(secret: string): readonly string[] {
  const inUrl = encodeURIComponent(secret.toWellFormed());
  return [
    secret,
    inUrl,
    inUrl.replaceAll('%20', '+'),
    // As in a form, once its escapes are read.
    secret.replaceAll(' ', '+'),
    JSON.stringify(secret).slice(1, -1),
    secret.replaceAll("'", String.raw`'\''`),
  ];
}

/** The digits of a shorter one stand in many words. */
const shortestEncoded = 6;

/**
 * The characters of a secret in base64 that do not depend on what stands around it, as in `Basic` with its user: for each of the three
 * places in which it may begin, in both alphabets.
 */
function base64Cores(secret: string): readonly string[] {
  if (secret.length < shortestEncoded) return [];
  return [0, 1, 2].flatMap(before => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)]);
    const whole = bytes.length % 3 === 0 ? undefined : -1;
    // This form has no padding.
    const core = bytes.toString('base64url').slice(before && before + 1, whole);
    return [core, core.replaceAll('-', '+').replaceAll('_', '/')];
  });
}

/** How the digits of bytes are written in a text. */
interface Digits {
  /** All digits of a secret. */
  readonly of: (secret: string) => string;
  /** What may be such digits, with what separates their bytes. */
  readonly runs: RegExp;
  /** Whether a place in a run has one of them. */
  readonly isDigit: (run: string, at: number) => boolean;
}

const digits: readonly Digits[] = [
  // `73 6b`, `73:6b`, `0x73, 0x6b`, `\\x73\\x6b`, `%73%6b`.
  {
    of: secret => Buffer.from(secret).toString('hex'),
    runs: /[\da-fx\\\s:,;%-]{12,}/gi,
    // That of `0x` is none.
    isDigit: (run, at) =>
      /[\da-f]/i.test(run[at] ?? '') && !(run[at] === '0' && /x/i.test(run[at + 1] ?? '')),
  },
  // `\163\153` as in C, `163 153` as of od(1), `\0163\0153` as of printf(1).
  {
    of: secret => [...Buffer.from(secret)].map(byte => byte.toString(8).padStart(3, '0')).join(''),
    runs: /[0-7\\\s:,;]{18,}/g,
    // That behind the backslash is none where three follow.
    isDigit: (run, at) =>
      /[0-7]/.test(run[at] ?? '') && !(run[at - 1] === '\\' && /^0[0-7]{3}/.test(run.slice(at, at + 4))),
  },
  // `[115, 107]`, as programs print bytes.
  {
    of: secret => [...Buffer.from(secret)].join(''),
    runs: /[\d\s,;]{12,}/g,
    isDigit: (run, at) => /\d/.test(run[at] ?? ''),
  },
];

/** Secrets in hexadecimal, octal or decimal digits, whatever separates their bytes. */
function* spansOfDigits(secrets: readonly string[], text: string): Iterable<Span> {
  const encodable = secrets.filter(secret => secret.length >= shortestEncoded);
  if (encodable.length === 0) return;
  for (const { of, runs, isDigit } of digits) {
    const known = encodable.map(of);
    for (const { 0: run, index } of text.matchAll(runs)) {
      const places: number[] = [];
      for (let at = 0; at < run.length; at += 1) if (isDigit(run, at)) places.push(at);
      const written = places.map(at => run[at]?.toLowerCase()).join('');
      for (const { start, end } of spansOf(known, written)) {
        const [first = 0, last = 0] = [places[start], places[end - 1]];
        yield { start: index + first, end: index + last + 1 };
      }
    }
  }
}

/** The characters on both sides in which a part of the secret may stand. */
function withNeighbours({ start, end }: Span, text: string): Span {
  const isDigit = (index: number) => /[\w+/=-]/.test(text[index] ?? '');
  let [from, to] = [start, end];
  while (from > start - 3 && isDigit(from - 1)) from -= 1;
  while (to < end + 3 && isDigit(to)) to += 1;
  return { start: from, end: to };
}

/** The words of a secret one after the other, as in a list, in words of a command or broken at the end of a line. */
function* spansOfWords(secret: string, text: string): Iterable<Span> {
  const [first, ...rest] = secret.split(/\s+/).filter(word => word !== '');
  if (first === undefined || rest.length === 0 || rest.length > mostWords) return;
  for (let start = text.indexOf(first); start !== -1; start = text.indexOf(first, start + first.length)) {
    const end = rest.reduce((at, word) => endOfNext(word, text, at), start + first.length);
    if (end !== -1) yield { start, end };
  }
}

/** @returns where a word ends that stands behind a few spaces, commas or quotes; -1 where another stands there, or `at` is -1 */
function endOfNext(word: string, text: string, at: number): number {
  if (at === -1) return -1;
  let start = at;
  while (start < at + mostBetween && /["',\\\s]/.test(text[start] ?? '')) start += 1;
  return start > at && text.startsWith(word, start) ? start + word.length : -1;
}

/** As in JSON that has a line for each item of a list. */
const mostBetween = 16;

/** More are no passphrase. */
const mostWords = 32;
