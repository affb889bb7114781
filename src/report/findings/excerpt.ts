/** The lines of a file around the faulty one, without secrets. */
import { withoutSecrets } from '../../secrets/redaction.ts';
import type { Source } from '../../systemd/service-settings.ts';
import type { UnitLoader } from '../../systemd/unit.ts';
import type { UnitFile } from '../../systemd/unit-file.ts';
import { printable } from '../printable.ts';

export interface ExcerptLine {
  /** 1-based. */
  readonly number: number;
  readonly text: string;
  /** Whether this is the faulty line. */
  readonly isMarked: boolean;
}

/**
 * The faulty line and its neighbours, without empty lines. Empty when the source names no line, or the file lacks the line or
 * cannot be read.
 */
export function excerptOf(source: Source, loader: Pick<UnitLoader, 'parse'>): readonly ExcerptLine[] {
  const { line } = source;
  if (line === null) return [];
  const file = linesOf(source.file, loader);
  return [line - 1, line, line + 1].flatMap(number => {
    const text = file?.lines[number - 1];
    const isMarked = number === line;
    if (file === undefined || text === undefined || (!isMarked && text.trim() === '')) return [];
    const shown = lineWithoutSecrets(file, number - 1)
      .replaceAll('\t', '    ')
      .trimEnd();
    return { number, text: printable(shown), isMarked };
  });
}

interface ReadLines {
  readonly lines: readonly string[];
  /** The last block of lines that was redacted, kept since each line of a file may have a fault. */
  shown: { readonly first: number; readonly lines: readonly string[] };
}

/** A line without secrets. It is redacted together with the lines around it, since a secret may have several lines. */
function lineWithoutSecrets(file: ReadLines, index: number): string {
  const block = index - (index % blockLines);
  const first = Math.max(0, block - contextLines);
  if (file.shown.first !== first) {
    const lines = file.lines.slice(first, block + blockLines + contextLines).map(cut);
    file.shown = { first, lines: withoutSecrets(lines.join('\n')).split('\n') };
  }
  return file.shown.lines[index - first] ?? '';
}

const blockLines = 256;
/** More than the lines of a long secret: a key of 4,096 bits has 54. */
const contextLines = 128;

/** A line that is cut if it is too long to read, between words, so that no secret loses the end by which it is recognised. */
function cut(line: string): string {
  return line.length <= longestLine ? line : `${line.slice(0, longestLine).replace(/(?<!\S)\S+$/, '')}…`;
}

const longestLine = 1000;

function linesOf(file: string, loader: Pick<UnitLoader, 'parse'>): ReadLines | undefined {
  try {
    const parsed = loader.parse(file);
    const known = linesOfParsed.get(parsed);
    if (known !== undefined) return known;
    const text = parsed.items.map(item => item.raw).join('');
    const read = { lines: text.replace(/\n$/, '').split('\n'), shown: { first: -1, lines: [] } };
    linesOfParsed.set(parsed, read);
    return read;
  } catch {
    // A file that cannot be read has its own finding, if that matters.
    return undefined;
  }
}

const linesOfParsed = new WeakMap<UnitFile, ReadLines>();
