/**
 * Cuts the text of a unit file into items exactly where systemd cuts it, without losing anything: the `raw` texts of
 * all items together are the file, byte for byte. This file does not judge keys or values.
 * Source: systemd.syntax(7), and `config_parse()` and `read_line_full()` for what the page leaves out.
 */
import { isUtf8 } from 'node:buffer';

/** A unit file, cut into items. The `raw` texts of all items together are the file, byte for byte. */
export interface UnitFile {
  readonly items: readonly UnitFileItem[];
  /** Where and why systemd stops reading. Nothing after it counts; in a main unit file it makes the load fail. */
  readonly fatal: UnitFileFatal | undefined;
  /** The line from which on the file was not read because it has more than {@link mostLines} lines. systemd itself reads on. */
  readonly cutAt: number | undefined;
  /** How `raw` maps to bytes: `latin1` (one character for each byte) when any part of the file is not valid UTF-8. */
  readonly encoding: 'utf8' | 'latin1';
}

/** One item of a unit file: a logical line, with the lines that continue it. */
export type UnitFileItem = SectionItem | AssignmentItem | StrayItem | CommentItem | BlankItem | UnreadItem;

interface ItemBase {
  /** 1-based number of the item's first physical line. */
  readonly line: number;
  /** The item's source text with its line ends. */
  readonly raw: string;
}

/** The header of a section, such as `[Service]`; `name` is without the brackets. */
export interface SectionItem extends ItemBase {
  readonly kind: 'section';
  readonly name: string;
}

/** A line `key=value`. */
export interface AssignmentItem extends ItemBase {
  readonly kind: 'assignment';
  /** Name of the section that the line belongs to; systemd may not know the section. */
  readonly section: string;
  readonly key: string;
  /** The value, with continuation lines joined and without the white space around it. */
  readonly value: string;
}

/** A line that is no assignment, or that comes before any section: systemd warns and reads on. */
export interface StrayItem extends ItemBase {
  readonly kind: 'stray';
  readonly problem: 'missing-equals' | 'missing-key' | 'outside-section';
  readonly text: string;
}

/** A line that begins with `#` or `;`. */
export interface CommentItem extends ItemBase {
  readonly kind: 'comment';
}

/** A line without text. */
export interface BlankItem extends ItemBase {
  readonly kind: 'blank';
}

/** The rest of the file from a fatal line on, that line included; or the part beyond the limit of lines. */
export interface UnreadItem extends ItemBase {
  readonly kind: 'unread';
}

/** Where and why systemd stops reading a file. `line` counts from 1. */
export interface UnitFileFatal {
  readonly line: number;
  readonly problem: 'line-too-long' | 'invalid-utf8' | 'invalid-section-header';
}

/** Limit of lines: a file of a hundred megabytes may have a hundred million lines, and each of them is kept in memory. */
export const mostLines = 1_000_000;

/**
 * Cuts the text of a unit file into items, at the places where systemd cuts it. It does not judge keys and values, and it never
 * throws: broken lines are items, too.
 *
 * Source: systemd.syntax(7); `config_parse()` in `src/shared/conf-parser.c`, `read_line_full()` in `src/basic/fileio.c`.
 *
 * @param source the text, or the bytes of the file: these may be invalid UTF-8
 * @param version systemd's major version, such as 252; the newest when it is missing
 * @example
 * import { parseUnitFile } from 'daruma/systemd';
 *
 * const { items } = parseUnitFile('[Service]\nRestart=always\n');
 * items[1]; // { kind: 'assignment', section: 'Service', key: 'Restart', value: 'always', line: 2, raw: 'Restart=always\n' }
 */
export function parseUnitFile(source: Uint8Array | string, version = Number.POSITIVE_INFINITY): UnitFile {
  const bytes =
    typeof source === 'string'
      ? Buffer.from(source)
      : Buffer.from(source.buffer, source.byteOffset, source.byteLength);
  const encoding = isUtf8(bytes) ? 'utf8' : 'latin1';
  return new Cutter(bytes.toString(encoding), encoding, version).cut();
}

/**
 * Writes a parsed unit file: the bytes that it was parsed from.
 *
 * @example
 * import { parseUnitFile, serializeUnitFile } from 'daruma/systemd';
 *
 * serializeUnitFile(parseUnitFile('[Service]\nRestart = no\n')).toString(); // '[Service]\nRestart = no\n'
 */
export function serializeUnitFile(file: UnitFile): Buffer {
  return Buffer.from(file.items.map(item => item.raw).join(''), file.encoding);
}

/** A line of this many bytes or more is refused (`LONG_LINE_MAX`). */
const lineLimitBytes = 1024 * 1024;

/** Every mix of \n, \r and NUL in which none occurs twice and NUL comes last is one line end (`read_line_full()`). */
// oxlint-disable-next-line no-control-regex -- NUL is a line end to systemd
const lineEnd = /\r\n\0?|\n\r\0?|[\r\n]\0?|\0/g;

const byteOrderMark = '\uFEFF';
const byteOrderMarkLatin1 = '\u00EF\u00BB\u00BF';

/** Cuts one file in one pass. Its fields are the state that `config_parse()` keeps between lines. */
class Cutter {
  readonly #text: string;
  readonly #encoding: UnitFile['encoding'];
  readonly #items: UnitFileItem[] = [];
  readonly #mark: string;
  readonly #checksSectionNames: boolean;
  /**
   * Nearly all files contain neither line ends other than
   *  nor noncharacters: a file without them is not searched line by line.
   */
  readonly #hasPlainLineEnds: boolean;
  readonly #mayHaveNoncharacters: boolean;
  #position = 0;
  #line = 0;
  #section: string | undefined;
  #markSeen = false;

  constructor(text: string, encoding: UnitFile['encoding'], version: number) {
    this.#text = text;
    this.#encoding = encoding;
    this.#mark = encoding === 'utf8' ? byteOrderMark : byteOrderMarkLatin1;
    this.#checksSectionNames = version >= 251;
    this.#hasPlainLineEnds = !text.includes('\r') && !text.includes('\0');
    this.#mayHaveNoncharacters = encoding === 'latin1' || noncharacter.test(text);
  }

  cut(): UnitFile {
    let start = 0;
    let firstLine = 0;
    let logical: string | undefined;
    let logicalBytes = 0;
    const finish = (end: Partial<Pick<UnitFile, 'fatal' | 'cutAt'>> = {}): UnitFile => ({
      items: this.#items,
      fatal: undefined,
      cutAt: undefined,
      ...end,
      encoding: this.#encoding,
    });
    const leaveRest = (line: number) =>
      this.#items.push({ kind: 'unread', line, raw: this.#text.slice(start) });
    const stop = (problem: UnitFileFatal['problem'], line: number): UnitFile => {
      leaveRest(line);
      return finish({ fatal: { line, problem } });
    };

    for (;;) {
      if (logical === undefined) start = this.#position;
      const physical = this.#nextLine();
      if (physical === undefined) break;
      if (logical === undefined) {
        firstLine = this.#line;
        if (firstLine > mostLines) {
          leaveRest(firstLine);
          return finish({ cutAt: firstLine });
        }
      }
      if (this.#isLong(physical)) return stop('line-too-long', this.#line);

      // A comment between continuation lines is skipped, and remains part of the raw text of the item.
      if (isComment(physical)) {
        if (logical === undefined)
          this.#items.push({ kind: 'comment', line: firstLine, raw: this.#raw(start) });
        continue;
      }
      const line = this.#withoutMark(physical);
      // The lines that are already joined are not examined again: a whole file may be one long continuation.
      const continues = endsInBackslash(line);
      if (logical !== undefined || continues) {
        logicalBytes = (logical === undefined ? 0 : logicalBytes) + Buffer.byteLength(line, this.#encoding);
        if (logicalBytes >= lineLimitBytes) return stop('line-too-long', this.#line);
      }
      if (continues) {
        logical = `${logical ?? ''}${line.slice(0, -1)} `;
        continue;
      }
      const problem = this.#logicalLine((logical ?? '') + line, firstLine, start);
      if (problem !== undefined) return stop(problem, firstLine);
      logical = undefined;
    }

    // A file may end in a continuation line: systemd uses the text up to there.
    if (logical !== undefined) {
      const problem = this.#logicalLine(logical, firstLine, start);
      if (problem !== undefined) return stop(problem, firstLine);
    }
    return finish();
  }

  #nextLine(): string | undefined {
    if (this.#position >= this.#text.length) return undefined;
    this.#line += 1;
    const start = this.#position;
    if (this.#hasPlainLineEnds) {
      const newline = this.#text.indexOf('\n', start);
      this.#position = newline === -1 ? this.#text.length : newline + 1;
      return this.#text.slice(start, newline === -1 ? undefined : newline);
    }
    lineEnd.lastIndex = start;
    const end = lineEnd.exec(this.#text);
    this.#position = end === null ? this.#text.length : lineEnd.lastIndex;
    return this.#text.slice(start, end?.index);
  }

  #isLong(line: string): boolean {
    // A UTF-16 unit has at most three bytes in UTF-8: nearly every line is short enough without counting its bytes.
    if (line.length * 3 < lineLimitBytes) return false;
    return Buffer.byteLength(line, this.#encoding) >= lineLimitBytes;
  }

  #withoutMark(line: string): string {
    if (this.#markSeen || !line.startsWith(this.#mark)) return line;
    this.#markSeen = true;
    return line.slice(this.#mark.length);
  }

  /** @returns why systemd stops reading at this line; undefined when it reads on */
  #logicalLine(joined: string, line: number, start: number): UnitFileFatal['problem'] | undefined {
    const text = this.#decode(strip(joined));
    if (text === undefined) return 'invalid-utf8';
    if (text === '') {
      this.#items.push({ kind: 'blank', line, raw: this.#raw(start) });
      return undefined;
    }
    if (text.startsWith('[')) {
      if (!text.endsWith(']')) return 'invalid-section-header';
      const name = text.slice(1, -1);
      if (this.#checksSectionNames && unsafeInSectionName.test(name)) return 'invalid-section-header';
      this.#section = name;
      this.#items.push({ kind: 'section', name, line, raw: this.#raw(start) });
      return undefined;
    }
    if (this.#section === undefined) {
      this.#items.push({ kind: 'stray', problem: 'outside-section', text, line, raw: this.#raw(start) });
      return undefined;
    }
    const equals = text.indexOf('=');
    if (equals <= 0) {
      const problem = equals === 0 ? 'missing-key' : 'missing-equals';
      this.#items.push({ kind: 'stray', problem, text, line, raw: this.#raw(start) });
      return undefined;
    }
    const key = strip(text.slice(0, equals));
    const value = strip(text.slice(equals + 1));
    this.#items.push({ kind: 'assignment', section: this.#section, key, value, line, raw: this.#raw(start) });
    return undefined;
  }

  /** The text of a logical line; undefined when systemd does not accept it as UTF-8. */
  #decode(text: string): string | undefined {
    const decoded = this.#encoding === 'utf8' ? text : decodeLatin1(text);
    if (!this.#mayHaveNoncharacters || decoded === undefined) return decoded;
    return noncharacter.test(decoded) ? undefined : decoded;
  }

  /** The source text since `start`. */
  #raw(start: number): string {
    return this.#text.slice(start, this.#position);
  }
}

/** Code points that Unicode reserves; systemd refuses them in the same way as invalid UTF-8 (`unichar_is_valid()`). */
const noncharacter = /\p{Noncharacter_Code_Point}/u;

/** Control characters, quotes and backslashes (`string_is_safe()`). */
// oxlint-disable-next-line no-control-regex -- these are what systemd looks for
const unsafeInSectionName = /[\u0001-\u001F"'\\\u007F]/;

function decodeLatin1(text: string): string | undefined {
  const bytes = Buffer.from(text, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}

function isComment(line: string): boolean {
  let start = 0;
  while (isSpace(line.charCodeAt(start))) start += 1;
  const first = line.charCodeAt(start);
  return first === numberSign || first === semicolon;
}

const numberSign = 0x23;
const semicolon = 0x3b;

/** An odd number of backslashes at the end: the last one is not itself escaped. */
function endsInBackslash(line: string): boolean {
  let count = 0;
  while (line.charCodeAt(line.length - 1 - count) === backslash) count += 1;
  return count % 2 === 1;
}

const backslash = 0x5c;

/** Removes systemd's white space at both ends, which is less than that of `String.trim()`. */
function strip(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start += 1;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
}
