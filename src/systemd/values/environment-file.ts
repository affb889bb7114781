import { WHITESPACE } from './integer.ts';

/** One variable of a file that `EnvironmentFile=` names. */
export interface EnvironmentFileVariable {
  readonly name: string;
  readonly value: string;
  /** Number of the line in which its value ends, from 1. */
  readonly line: number;
}

/**
 * Reads a file in the syntax of `EnvironmentFile=`. It is not the syntax of the shell: `export` has no meaning, nothing is
 * expanded, and a quote counts only at the beginning of a value and right after a quoted part.
 *
 * @returns the variables in order, without those whose names systemd refuses; of several with one name the last one counts
 * @example
 * parseEnvironmentFile('PORT=4000\nHOST="127.0.0.1" # no comment\n', 257)[1]?.value; // '127.0.0.1# no comment'
 *
 * Source: systemd.exec(5), "EnvironmentFile="; `parse_env_file_internal()` in `src/basic/env-file.c`.
 */
export function parseEnvironmentFile(text: string, version: number): readonly EnvironmentFileVariable[] {
  const variables: EnvironmentFileVariable[] = [];
  let line = 1;
  let counted = 0;
  for (let position = 0; position < text.length; ) {
    const start = skip(text, position, WHITESPACE);
    if (start >= text.length) break;
    if ('#;'.includes(text.charAt(start))) {
      position = endOfComment(text, start, version);
      continue;
    }
    const equals = indexOfAny(text, start, '=\n\r');
    if (text.charAt(equals) !== '=') {
      position = equals + 1;
      continue;
    }
    const name = text.slice(start, equals).replace(/(?<![ \t])[ \t]+$/, '');
    const { value, end } = readValue(text, equals + 1);
    line += text.slice(counted, end).split('\n').length - 1;
    counted = end;
    if (VALID_NAME.test(name)) variables.push({ name, value, line });
    position = end + 1;
  }
  return variables;
}

const NEWLINE = '\n\r';
/** Source: `env_name_is_valid()`. */
const VALID_NAME = /^[A-Za-z_]\w*$/;

/** Until 253 a backslash at the end of a comment made the next line part of the comment. */
function endOfComment(text: string, start: number, version: number): number {
  let position = start;
  while (position < text.length && !NEWLINE.includes(text.charAt(position))) {
    const isEscape = text.charAt(position) === '\\';
    position += isEscape && (version < 254 || !NEWLINE.includes(text.charAt(position + 1))) ? 2 : 1;
  }
  return position + 1;
}

/** Reads a value up to the end of its line, without the blanks around it and between its quoted parts. */
function readValue(text: string, start: number): { readonly value: string; readonly end: number } {
  let value = '';
  let position = start;
  while (position < text.length) {
    const character = text.charAt(position);
    if (NEWLINE.includes(character)) return { value, end: position };
    if (character === "'") {
      const close = indexOfAny(text, position + 1, "'");
      value += text.slice(position + 1, close);
      position = close + 1;
    } else if (character === '"') {
      const quoted = readDoubleQuoted(text, position + 1);
      value += quoted.value;
      position = quoted.end + 1;
    } else if (' \t'.includes(character)) {
      position++;
    } else {
      // From here on to the end of the line quotes are ordinary characters.
      const bare = readBare(text, position);
      return { value: value + bare.value, end: bare.end };
    }
  }
  return { value, end: position };
}

function readDoubleQuoted(text: string, start: number): { readonly value: string; readonly end: number } {
  let value = '';
  let position = start;
  for (; position < text.length && text.charAt(position) !== '"'; position++) {
    if (text.charAt(position) !== '\\') {
      value += text.charAt(position);
      continue;
    }
    const escaped = text.charAt(++position);
    if ('"\\`$'.includes(escaped)) value += escaped;
    else if (escaped !== '\n') value += `\\${escaped}`;
  }
  return { value, end: position };
}

function readBare(text: string, start: number): { readonly value: string; readonly end: number } {
  let value = '';
  /** Length of the value without the blanks at its end; an escaped blank belongs to the value. */
  let kept = 0;
  let position = start;
  for (; position < text.length && !NEWLINE.includes(text.charAt(position)); position++) {
    const isEscaped = text.charAt(position) === '\\';
    if (isEscaped) position++;
    const character = text.charAt(position);
    if (!isEscaped || !NEWLINE.includes(character)) value += character;
    if (isEscaped || !' \t'.includes(character)) kept = value.length;
  }
  return { value: value.slice(0, kept), end: position };
}

function skip(text: string, start: number, characters: string): number {
  let position = start;
  while (position < text.length && characters.includes(text.charAt(position))) position++;
  return position;
}

/** The position of the first of some characters; the end of the text when there is none of them. */
function indexOfAny(text: string, start: number, characters: string): number {
  let position = start;
  while (position < text.length && !characters.includes(text.charAt(position))) position++;
  return position;
}
