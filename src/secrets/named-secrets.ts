/**
 * Finds values whose names show that they are secrets, as they are written in logs, unit files, JSON, YAML, variables,
 * URLs and on command lines. The text may be a mixture of all of these, and damaged: where the end of a value is not
 * clear, more text counts as the value rather than less.
 */
import {
  END_OF_QUOTED,
  endBeforeQuote,
  endOfLine,
  endOfQuoted,
  endOfWord,
  isQuote,
  longestQuoted,
  matchAt,
  REFERENCE,
} from './ends.ts';
import {
  looksLikeCode,
  looksMadeUp,
  looksRandom,
  suspectedNames,
  type SuspectedName,
  type Span,
} from './recognition.ts';

export function* namedSecrets(text: string): Iterable<Span> {
  yield* credentialsOfSchemes(text);
  /** Up to which offset the text was searched for the end of a value, for each way in which a value can begin. */
  const past = new Map<string, number>();
  for (const name of suspectedNames(text)) {
    const value = valueOf(text, name);
    if (value === undefined) continue;
    const opening = openingOf(text, value);
    // A value that is not a secret as a whole may contain others that have names of their own.
    const way = `${name.suspicion} ${value.by === 'spoken' ? 'spoken' : ''} `;
    if (value.start < (past.get(way + opening) ?? 0)) continue;
    const end = endOfValue(text, value);
    if (end === undefined) continue;
    past.set(way + opening, end);
    yield* secretsWithin(text, value, end);
    // `"a"b` is a single word.
    const isWhole = opening === '' || END_OF_QUOTED.test(text[end] ?? ' ');
    if (isWhole || value.by === 'spoken' || end < (past.get(way) ?? 0)) continue;
    const endOfAll = endOfWord(text, end);
    past.set(way, endOfAll);
    yield* secretsWithin(text, { ...value, start: end }, endOfAll);
  }
}

/** The whole value when its name is proof; else the words of the value that look like secrets. */
function* secretsWithin(text: string, { start, of, by }: Value, end: number): Iterable<Span> {
  if (by === 'spoken') {
    if (isSpokenSecret(text, of, start, end)) yield { start, end };
  } else if (of.suspicion === 'certain') {
    yield { start, end };
  } else {
    // In `name=>value` the second character may belong to the value.
    const first = /=[=>]/.test(text.slice(start - 2, start)) ? start - 1 : start;
    for (const { 0: word, index } of text.slice(first, end).matchAll(/[^\s"'`]+/g)) {
      const from = Math.max(start, first + index);
      if (looksMadeUp(of.name, word)) yield { start: from, end: first + index + word.length };
    }
  }
}

/** `Bearer abc` without the name of a header (RFC 9110, 11.4; RFC 6750, 2.1). */
function* credentialsOfSchemes(text: string): Iterable<Span> {
  for (const { 0: all, index, groups } of text.matchAll(
    /\b(?:bearer|basic)[ \t]+(?<secret>[\w.~+/-]{8,})/gi,
  )) {
    const secret = groups?.['secret'] ?? '';
    const isWord = !/\d/.test(secret) && (secret.length < 16 || !/[a-z][A-Z]/.test(secret));
    const end = index + all.length;
    if (!isWord) yield { start: end - secret.length, end };
  }
}

/** Limit of the text that is searched before each name, in characters. */
const longestPrefix = 100;

/** The quote or bracket that contains a value; empty when there is none. */
function openingOf(text: string, { start, of, by }: Value): string {
  // `"NAME=value of several words"`, `"prefix.name=value"`.
  const prefix = text.slice(Math.max(0, of.start - longestPrefix), of.start);
  // bounded: 100 characters, by longestPrefix
  const before = prefix.at(prefix.search(/[\w.-]*$/) - 1) ?? '';
  if (by === 'equals' && isQuote(before) && !isQuote(text[of.end] ?? '')) return before;
  const first = text[start] ?? '';
  return isQuote(first) || first === '[' ? first : '';
}

/** Where a value begins, and how it is connected with its name. */
interface Value {
  readonly start: number;
  readonly of: SuspectedName;
  readonly by: 'equals' | 'colon' | 'option' | 'spoken';
  /** How many characters precede the name in its line; undefined when anything but an indentation precedes it. */
  readonly indentation: number | undefined;
}

function valueOf(text: string, of: SuspectedName): Value | undefined {
  const [separator, end] = matchAt(SEPARATOR, text, of.end) ?? [];
  const isClosed =
    separator?.startsWith(')') && !/\s\($/.test(text.slice(Math.max(0, of.start - 2), of.start));
  if (separator !== undefined && end !== undefined && !isClosed) {
    const by = /[:：]/.test(separator) && !/[=＝]/.test(separator) ? 'colon' : 'equals';
    const indentation = indentationOf(text, of.start);
    // On a command line, a space after `NAME=` ends the value; in a file of variables it does not.
    const isEmpty =
      by === 'equals' &&
      indentation === undefined &&
      /^\S*=$/.test(separator) &&
      !looksLikeCode(matchAt(WORD_ALONE, text, end)?.[0].trim() ?? '');
    const first = isEmpty ? end : (matchAt(BLANKS, text, end)?.[1] ?? end);
    const start = matchAt(SCHEME, text, first)?.[1] ?? first;
    return { start, of, by, indentation };
  }
  const [, start] = (/^-|--\w/.test(of.name) && matchAt(OPTION, text, of.end)) || [];
  if (start !== undefined && text[start] !== '-') return { start, of, by: 'option', indentation: undefined };
  const [, spoken] = (of.suspicion === 'certain' && matchAt(SPOKEN, text, of.end)) || [];
  return spoken === undefined ? undefined : { start: spoken, of, by: 'spoken', indentation: undefined };
}

/**
 * `=`, `:`, `=>`, `:=`, and the Chinese forms, with the text that ends the name before it: a quote, a bracket, a
 * remark. `::` and `://` do not count.
 */
const SEPARATOR =
  /["'`]?\]?(?:\)|[ \t]?\([\w -]{1,40}\)|[ \t]provided)?[ \t]*(?:=>|:=|==?|:(?![:/])|[：＝])/y;
/** A word that is neither an assignment nor an option. */
const WORD_ALONE = /[ \t]{1,9}[^\s=-][^\s=]{7,99}(?!\S)/y;
const BLANKS = /[ \t\u3000]+/y;
/** `password is abc`, `secret "abc"`. */
const SPOKEN = /[ \t]*(?:[是为為]|(?<=[ \t])(?:is|was)(?=[ \t:]))[ \t:：]*|[ \t]+/y;
/** `--api-key abc`, `["--api-key", "abc"]`. */
const OPTION = /["'],\s*|[ \t]+/y;
/** `Bearer abc`: the scheme may be one of those that are known (RFC 9110, 11.4). */
const SCHEME = /(?:bearer|basic|token|apikey|dpop|negotiate|privatetoken)[ \t]+/iy;
/** Schemes with several parameters, all of which count as the secret. */
const PARAMETERS = /(?:digest|oauth|hoba|mutual|vapid|aws4-[\w-]{1,20}|scram-[\w-]{1,20})[ \t]/iy;

function indentationOf(text: string, start: number): number | undefined {
  const before = text.slice(Math.max(0, start - deepestIndentation), start);
  const newline = before.lastIndexOf('\n');
  if (newline === -1 && start > deepestIndentation) return undefined;
  const line = before.slice(newline + 1);
  // bounded: what deepestIndentation leaves
  return /^((?:[\s>+#]|-(?!-))*)(?:(?:export|set|env)[ \t]+)?["']?[^\s=:"'，。；：、]*$/.exec(line)?.[1]
    ?.length;
}

/** Limit of the indentation that is read before each name, in characters. */
const deepestIndentation = 200;

/**
 * @returns undefined when it is no secret: a reference to the place of the secret, a plain setting, or several values
 * with names of their own
 */
function endOfValue(text: string, value: Value): number | undefined {
  const { start } = value;
  const first = text[start] ?? '\n';
  if (value.by === 'spoken') return isQuote(first) ? endOfQuoted(text, start, first) : endOfWord(text, start);
  if (matchAt(REFERENCE, text, start) !== undefined || first === '{') return undefined;
  if (text[value.of.end] === '"' && matchAt(LITERAL, text, start) !== undefined) return undefined;
  if (first === '[') return endOfList(text, start);
  if (first === '\n' || first === '\r') return value.by === 'colon' ? endBelow(text, value) : undefined;
  const opening = openingOf(text, value);
  const isAround = isQuote(opening) && opening !== first;
  const end = isAround ? endBeforeQuote(text, start, opening) : endOfPlain(text, value);
  if (end === undefined) return undefined;
  return isSetting(text.slice(start, Math.min(end, start + longestSetting)), value) ? undefined : end;
}

/** Literals of JSON; a secret is a string there. */
const LITERAL = /(?:true|false|null|-?\d[\d.eE+-]{0,30})(?=[,}\]\s]|$)/y;

/**
 * Whether a word that follows the name in a sentence is a secret. Most such words belong to the sentence: `token is
 * missing`, `Unexpected token 'a'`.
 */
function isSpokenSecret(text: string, of: SuspectedName, start: number, end: number): boolean {
  const said = text.slice(start, end);
  const quote = said[0] ?? '';
  if (isQuote(quote) && !(said.length > 2 && said.endsWith(quote))) return false;
  const isPlain = said.length < 6 || !/\d/.test(said) || !/[a-z]/i.test(said);
  const isAnnounced =
    isQuote(quote) ||
    /\S/.test(text[start - 1] ?? '') ||
    /(?:is|was|[是为為:：])[ \t]*$/.test(text.slice(Math.max(0, start - 8), start));
  if (isAnnounced) return !isPlain;
  return looksRandom(said) || (isNamedInSentence(text, of) && looksLikeCode(said));
}

/** Whether a secret follows such a name in a sentence: `gateway_token abc`, `API key abc is invalid`. */
function isNamedInSentence(text: string, { name, start }: SuspectedName): boolean {
  if (/unexpected[ \t]$/i.test(text.slice(Math.max(0, start - 12), start))) return false;
  const isOfSeveralWords = /[A-Za-z\d][_-][A-Za-z\d]|[a-z][A-Z]/.test(name) && !/s$|auth$/i.test(name);
  return isOfSeveralWords || /^(?:token|key|password|passwd|passphrase)$/i.test(name);
}

/** Whether a value is a setting: yes or no, nothing, a count, or a method of authentication. */
function isSetting(written: string, { of }: Value): boolean {
  if (/tokens$/i.test(of.name) && /^\d{1,16}(?![^\s,;)}\]])/.test(written)) return true;
  if (written.length === longestSetting) return false;
  const setting = written.replace(/[,;}\])]{1,9}$/, '');
  if (/^(?:""|''|true|false|yes|no|on|off|null|none)?$/i.test(setting)) return true;
  if (/[^\w-]/.test(of.name) && /^[\u4e00-\u9fff]{1,16}$/.test(setting)) return true;
  if (/^pass$/i.test(of.name) && /^\d{1,4}$/.test(setting)) return true;
  return /auth$/i.test(of.name) && /^["']?[a-z]{1,12}["']?$/i.test(setting);
}

const longestSetting = 32;

function endOfPlain(text: string, value: Value): number | undefined {
  const { start, indentation, by, of } = value;
  if (matchAt(PARAMETERS, text, start) !== undefined) return endOfLine(text, start);
  if (isQuote(text[start] ?? '')) return endOfQuoted(text, start, text[start] ?? '');
  if (matchAt(BLOCK, text, start) !== undefined && by === 'colon') return endBelow(text, value);
  const before = text.slice(Math.max(0, of.start - longestPrefix), of.start);
  if (by === 'equals' && /[?&][\w.-]*$/.test(before)) return matchAt(PARAMETER, text, start)?.[1];
  const isEntry = text[of.end] === '"' ? /[{,]\s?"$/.test(before) : /\{\s?$/.test(before);
  if (by === 'colon' && isEntry) return matchAt(ENTRY, text, start)?.[1];
  if (indentation === undefined) return endOfWord(text, start);
  // In a file of variables and in YAML, the whole line belongs to the value.
  const end = Math.max(endOfLine(text, start), endOfWord(text, start));
  return by === 'colon' ? endOfDeeper(text, end, indentation, false) : endOfContinued(text, end);
}

/** @param line the end of a line, which the next line continues after a backslash (systemd.syntax(7)) */
function endOfContinued(text: string, line: number): number {
  let end = line;
  while (end < text.length && text[text[end - 1] === '\r' ? end - 2 : end - 1] === '\\')
    end = endOfLine(text, end + 1);
  return end;
}

/** A parameter of a URL ends where the next one begins (RFC 3986, 3.4). */
const PARAMETER = /[^\s&#"'`<>]*/y;
/** A value without quotes in the braces of JSON or YAML ends before a comma or a brace. */
const ENTRY = /(?:[^\n,}]|[,}](?![\s,}"'\]]|$))*/y;

/** How YAML marks a text of several lines. */
const BLOCK = /[|>][+-]?\d?[+-]?[ \t]*(?=\r?\n)/y;

/** The end of a list, which is its closing bracket; undefined for a list of objects, which have names of their own. */
function endOfList(text: string, start: number): number | undefined {
  const [, inside = start] = matchAt(/\[\s*/y, text, start) ?? [];
  if (text[inside] === '{' || text[inside] === ']') return undefined;
  const limit = Math.min(text.length, start + longestQuoted);
  let at = inside;
  while (at < limit && text[at] !== ']') {
    const character = text[at] ?? '';
    at = isQuote(character) ? endOfQuoted(text, at, character) : at + 1;
  }
  return text[at] === ']' ? at + 1 : endOfWord(text, start);
}

/** The end of a value on the lines below its name: in indented JSON, or a list or a text in YAML. */
function endBelow(text: string, { start, indentation }: Value): number | undefined {
  const line = endOfLine(text, start);
  const [, next = line] = matchAt(/\s*/y, text, line) ?? [];
  const first = text[next] ?? '';
  const isBlock = line > start && text[start] !== '\r';
  if (!isBlock) {
    if (isQuote(first) && matchAt(REFERENCE, text, next) === undefined)
      return matchAt(KEY, text, next) === undefined ? endOfQuoted(text, next, first) : undefined;
    if (first === '{' || first === '[' || matchAt(KEY, text, next) !== undefined) return undefined;
  }
  if (indentation === undefined) return undefined;
  const end = endOfDeeper(text, line, indentation, first === '-');
  return end === line ? undefined : end;
}

/** `name: `, `- name: `: the beginning of a mapping. */
const KEY = /(?:-[ \t]+)?["']?[\w.-]+["']?[ \t]*:(?:\s|$)/y;

/** @param isList whether the value is a list, whose items may have the same indentation as the name */
function endOfDeeper(text: string, line: number, indentation: number, isList: boolean): number {
  let end = line;
  let at = line;
  while (at < text.length) {
    const [, inner = at + 1] = matchAt(BLANKS, text, at + 1) ?? [];
    const next = endOfLine(text, inner);
    const depth = inner - at - 1;
    const isBlank = inner === next || text[inner] === '\r';
    if (!isBlank && depth <= indentation && !(isList && depth === indentation && text[inner] === '-')) break;
    at = next;
    if (!isBlank) end = next;
  }
  return end;
}
