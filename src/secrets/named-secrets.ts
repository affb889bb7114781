/**
 * Values whose names say that they are secrets, as they are written in logs, unit files, JSON, YAML, variables, URLs and on
 * command lines. The text may be a mixture of all of these, and broken: where it is not clear how far a value goes, more of
 * it is taken rather than less.
 */
import { suggestsSecret } from './recognition.ts';
import type { Span } from './spans.ts';

export function* namedSecrets(text: string): Iterable<Span> {
  /** What belongs to a value has been gone through, by all values that begin in the same way. */
  const past = new Map<string, number>();
  for (const { 0: name, index } of text.matchAll(/[\w-]+/g)) {
    if (!suggestsSecret(name)) continue;
    const value = valueOf(text, { name, start: index, end: index + name.length });
    if (value === undefined) continue;
    const opening = openingOf(text, value);
    if (value.start < (past.get(opening) ?? 0)) continue;
    const end = endOfValue(text, value);
    if (end === undefined) continue;
    past.set(opening, end);
    yield { start: value.start, end };
    // `"a"b` is one word.
    if (opening === '' || END_OF_QUOTED.test(text[end] ?? ' ') || end < (past.get('') ?? 0)) continue;
    past.set('', endOfWord(text, end));
    yield { start: end, end: past.get('') ?? end };
  }
}

/** Bounds what is looked through for each name. */
const longestPrefix = 100;

/** The quote or bracket that a value stands in; empty for one that stands alone. */
function openingOf(text: string, { start, of, by }: Value): string {
  // `"NAME=value of several words"`, `"prefix.name=value"`.
  const prefix = text.slice(Math.max(0, of.start - longestPrefix), of.start);
  // bounded: 100 characters, by longestPrefix
  const before = prefix.at(prefix.search(/[\w.-]*$/) - 1) ?? '';
  if (by === 'equals' && isQuote(before) && !isQuote(text[of.end] ?? '')) return before;
  const first = text[start] ?? '';
  return isQuote(first) || first === '[' ? first : '';
}

interface Name extends Span {
  readonly name: string;
}

/** Where a value begins, and what it has to do with its name. */
interface Value {
  readonly start: number;
  readonly of: Name;
  readonly by: 'equals' | 'colon' | 'option';
  /** The name comes first in its line, after this many characters; undefined where something else does. */
  readonly indentation: number | undefined;
}

function valueOf(text: string, of: Name): Value | undefined {
  const [separator, end] = matchAt(SEPARATOR, text, of.end) ?? [];
  if (separator !== undefined && end !== undefined) {
    const by = separator.includes(':') && !separator.includes('=') ? 'colon' : 'equals';
    const indentation = indentationOf(text, of.start);
    // On a command line a blank after `NAME=` ends it, and in a file of variables it does not.
    const isEmpty = by === 'equals' && indentation === undefined && /^\S*=$/.test(separator);
    const first = isEmpty ? end : (matchAt(BLANKS, text, end)?.[1] ?? end);
    const start = matchAt(SCHEME, text, first)?.[1] ?? first;
    return { start, of, by, indentation };
  }
  const [, start] = (/^-|--\w/.test(of.name) && matchAt(OPTION, text, of.end)) || [];
  return start === undefined || text[start] === '-'
    ? undefined
    : { start, of, by: 'option', indentation: undefined };
}

/** `=`, `:`, `=>`, `:=`, with the quote or bracket before it that ends the name; no `::` and no `://`. */
const SEPARATOR = /["'`]?\]?[ \t]*(?:=>|:=|==?|:(?![:/]))/y;
const BLANKS = /[ \t]+/y;
/** `--api-key abc`, `["--api-key", "abc"]`. */
const OPTION = /["'],\s*|[ \t]+/y;
/** `Bearer abc`: which scheme it is may be known (RFC 9110, 11.4). */
const SCHEME = /(?:bearer|basic|token|apikey|dpop|negotiate|privatetoken)[ \t]+/iy;
/** Those with several parameters: all of them are taken. */
const PARAMETERS = /(?:digest|oauth|hoba|mutual|vapid|aws4-[\w-]{1,20}|scram-[\w-]{1,20})[ \t]/iy;

function matchAt(pattern: RegExp, text: string, at: number): readonly [string, number] | undefined {
  pattern.lastIndex = at;
  const found = pattern.exec(text)?.[0];
  return found === undefined ? undefined : [found, at + found.length];
}

function indentationOf(text: string, start: number): number | undefined {
  const before = text.slice(Math.max(0, start - deepestIndentation), start);
  const newline = before.lastIndexOf('\n');
  if (newline === -1 && start > deepestIndentation) return undefined;
  const line = before.slice(newline + 1);
  // bounded: what deepestIndentation leaves
  return /^([\s>+#-]*)(?:(?:export|set|env)[ \t]+)?["']?[^\s=:"']*$/.exec(line)?.[1]?.length;
}

/** Bounds what is looked through for each name. */
const deepestIndentation = 200;

/** @returns undefined where it is none: a reference to where the secret is, a plain setting, more with names of its own */
function endOfValue(text: string, value: Value): number | undefined {
  const { start } = value;
  const first = text[start] ?? '\n';
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

/** A variable, or what a command prints, stands in its place. */
const REFERENCE = /["']?\$/y;

/** In JSON a secret is a text. */
const LITERAL = /(?:true|false|null|-?\d[\d.eE+-]{0,30})(?=[,}\]\s]|$)/y;

function isQuote(character: string): boolean {
  return character === '"' || character === "'" || character === '`';
}

/** Yes, no, nothing, and counts of tokens, which are none. */
function isSetting(written: string, { of }: Value): boolean {
  if (written.length === longestSetting) return false;
  const setting = written.replace(/[,;}\])]{1,9}$/, '');
  if (/^(?:""|''|true|false|yes|no|on|off|null|none)?$/i.test(setting)) return true;
  return /tokens$/i.test(of.name) && /^\d{1,16}$/.test(setting);
}

const longestSetting = 32;

function endOfPlain(text: string, value: Value): number | undefined {
  const { start, indentation, by } = value;
  if (matchAt(PARAMETERS, text, start) !== undefined) return endOfLine(text, start);
  if (isQuote(text[start] ?? '')) return endOfQuoted(text, start, text[start] ?? '');
  if (matchAt(BLOCK, text, start) !== undefined && by === 'colon') return endBelow(text, value);
  if (indentation === undefined) return endOfWord(text, start);
  // All of the line belongs to it, in a file of variables and in YAML.
  const end = Math.max(endOfLine(text, start), endOfWord(text, start));
  return by === 'colon' ? endOfDeeper(text, end, indentation, false) : end;
}

/** How YAML announces a text of several lines. */
const BLOCK = /[|>][+-]?\d?[+-]?[ \t]*(?=\r?\n)/y;

function endOfLine(text: string, from: number): number {
  const newline = text.indexOf('\n', from);
  return newline === -1 ? text.length : newline;
}

/** A quote that nothing closes ends with its line. */
function endOfQuoted(text: string, open: number, quote: string): number {
  const limit = Math.min(text.length, open + longestQuoted);
  for (let at = open + 1; at < limit; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === quote) return at + 1;
  }
  return endOfLine(text, open);
}

const longestQuoted = 16 * 1024;

/** Of a value that stands in quotes together with its name. */
function endBeforeQuote(text: string, start: number, quote: string): number {
  const end = endOfQuoted(text, start - 1, quote);
  return text[end - 1] === quote ? end - 1 : end;
}

/** What follows a quote that closes, and not one that opens. */
const END_OF_QUOTED = /[\s,;:)}\]&>|]/;

/** As a shell has it: quotes in the middle, and a backslash keeps what follows, also the next line. */
function endOfWord(text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    const character = text[at] ?? '';
    if (character === '\\') at += text.startsWith('\r\n', at + 1) ? 3 : 2;
    else if (/\s/.test(character)) return at;
    else if (!isQuote(character)) at += 1;
    else if (END_OF_QUOTED.test(text[at + 1] ?? ' ')) return at;
    else at = endOfQuoted(text, at, character);
  }
  return Math.min(at, text.length);
}

/** To the bracket that closes it; one of objects has names of its own. */
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

/** The value stands below its name: JSON that is spread out, a list or a text of YAML. */
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

/** `name: `, `- name: `: a mapping begins. */
const KEY = /(?:-[ \t]+)?["']?[\w.-]+["']?[ \t]*:(?:\s|$)/y;

/** @param isList whose items may stand right below the name */
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
