/** The lines of a file around the one at fault, without the secrets that may stand in them. */
import { withoutSecrets } from '../../secrets/redaction.ts';
import type { Source } from '../../systemd/service-settings.ts';
import type { UnitLoader } from '../../systemd/unit.ts';
import type { UnitFile } from '../../systemd/unit-file.ts';
import { printable } from '../printable.ts';

export interface ExcerptLine {
  /** 1-based. */
  readonly number: number;
  readonly text: string;
  /** The line at fault. */
  readonly isMarked: boolean;
}

/** The line and its neighbours, empty ones left out; none where no line is meant, the file has no such line or cannot be read. */
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
  /** What was shown last: a file may have a fault in each of its lines. */
  shown: { readonly first: number; readonly lines: readonly string[] };
}

/** Looked at with the lines around it: a secret may have several. */
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
/** A key of 4,096 bits has 54. */
const contextLines = 128;

/** Cut between words, so that no secret loses the end that it is known by; what is more than this nobody reads. */
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
    // That it cannot be read is said by the finding itself, if it is worth one.
    return undefined;
  }
}

const linesOfParsed = new WeakMap<UnitFile, ReadLines>();
