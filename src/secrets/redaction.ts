/** Texts without the secrets in them: reports are pasted into issues, logs and messages are kept by others. */
import { isList, isMapping } from '../json/value.ts';
import { knownSpans, mayHoldSecrets, secretSpans } from './spans.ts';
import type { Span } from './span.ts';

/**
 * A text whose secrets are left out, line for line. A name that says so is enough, since a value that is none of it is
 * missed less than one that is shown; of a name that may say it, only values that look like secrets. All that `isSecret()`
 * finds is among what is left out.
 *
 * @example withoutSecrets('Environment=API_KEY=sk-abc') // 'Environment=API_KEY=***'
 */
export function withoutSecrets(text: string): string {
  return without(secretSpans(text), text);
}

/** Data, in whose texts the secrets are left out; the very same where there can be none, as nearly always. */
export function dataWithoutSecrets<T>(data: T): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of the same shape, with other texts
  return mayHoldSecretsWithin(data) ? (dataWithout(data) as T) : data;
}

function mayHoldSecretsWithin(data: unknown): boolean {
  if (typeof data === 'string') return mayHoldSecrets(data);
  if (isList(data)) return data.some(mayHoldSecretsWithin);
  return isMapping(data) && Object.values(data).some(mayHoldSecretsWithin);
}

function dataWithout(data: unknown): unknown {
  if (typeof data === 'string') return withoutSecrets(data);
  if (isList(data)) return data.map(dataWithout);
  if (!isMapping(data)) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, dataWithout(value)]));
}

/**
 * The words of a command, or a list of whatever else, without secrets: those count, too, that are known by the words before
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
    // Offsets are those of the word itself only where nothing in it is escaped.
    return spelling.length === word.length + 2 ? without(own, word) : '***';
  });
}

/** Where names are judged by others: without those secrets that show by themselves what they are. */
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

/** Each line of it keeps its place. */
function maskOf(secret: string): string {
  const [first = '', ...lines] = secret.split('\n');
  const masked = lines.map(line => line.replace(/\S.*$/s, '***'));
  return [first === '' ? '' : '***', ...masked].join('\n');
}

/**
 * What somebody else says, without secrets. Of what is too long the beginning and the end are kept, with a mark between them.
 *
 * @param longest characters that are left of it
 */
export function inShort(text: string, longest: number): string {
  return cut(text.length <= longestWhole ? withoutSecrets(text) : endsWithoutSecrets(text), longest);
}

/**
 * The end of a text whose beginning is not known, without secrets: what may belong to one that began before it is left out,
 * with the first word.
 */
export function endWithoutSecrets(text: string): string {
  const rest = withoutSecrets(text).slice(longestSecret);
  return rest.slice(rest.search(/\s|$/)).trimStart();
}

/** What lies in the middle of more than this is not looked at. */
const longestWhole = 1024 * 1024;
/** What is left out on both sides of a cut: no secret of several words is longer. */
const longestSecret = 4 * 1024;

function endsWithoutSecrets(text: string): string {
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
 * A text without certain secrets, as they are and as URLs and JSON write them.
 *
 * @param secrets that may have been told to whoever says this
 */
export function withoutValues(text: string, secrets: readonly string[]): string {
  const written = secrets.flatMap(secret => [
    secret,
    encodeURIComponent(secret.toWellFormed()),
    JSON.stringify(secret).slice(1, -1),
  ]);
  return [...new Set(written)]
    .filter(secret => secret !== '')
    .toSorted((a, b) => b.length - a.length)
    .reduce((each, secret) => each.replaceAll(secret, '***'), text);
}
