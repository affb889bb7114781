/** The abilities of the terminal, and the layout of text for it, with correct widths of CJK characters. */
import { styleText } from 'node:util';
import type { Severity } from '../check/severity.ts';
import { widthOf } from './width.ts';
import { breakLines } from './wrap.ts';

export interface Terminal {
  /** Maximum width of a line. */
  readonly columns: number;
  readonly color: boolean;
  /** False when the character set of the locale is ASCII only. */
  readonly unicode: boolean;
}

export type Style = 'good' | 'bad' | 'unsure' | 'note' | 'strong' | 'dim';

const formats = {
  good: 'green',
  bad: ['red', 'bold'],
  unsure: 'yellow',
  note: 'cyan',
  strong: 'bold',
  dim: 'dim',
} as const satisfies Record<Style, Parameters<typeof styleText>[0]>;

export const severityStyles = { critical: 'bad', warning: 'unsure', info: 'note' } as const satisfies Record<
  Severity,
  Style
>;

/** Colours a text if the terminal supports colours. */
export function paint(terminal: Terminal, style: Style, text: string): string {
  return terminal.color ? styleText(formats[style], text, { validateStream: false }) : text;
}

/** The marks in tables; each is one column wide. */
export function marksOf(terminal: Terminal): Marks {
  return terminal.unicode ? unicodeMarks : asciiMarks;
}

export interface Marks {
  readonly up: string;
  readonly down: string;
  readonly onDemand: string;
  readonly unsure: string;
  readonly none: string;
  readonly arrow: string;
  readonly separator: string;
  readonly dash: string;
}

const unicodeMarks: Marks = {
  up: '✓',
  down: '✗',
  onDemand: '◌',
  unsure: '?',
  none: '–',
  arrow: '→',
  separator: '·',
  dash: '–',
};
const asciiMarks: Marks = {
  up: '+',
  down: 'x',
  onDemand: 'o',
  unsure: '?',
  none: '-',
  arrow: '=>',
  separator: '|',
  dash: '-',
};

/** Pads a text with spaces to a number of columns. */
export function padTo(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)));
}

/** Cuts a text that is too wide and adds a mark at the cut. */
export function fitTo(terminal: Terminal, text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  const ellipsis = terminal.unicode ? '…' : '~';
  let kept = '';
  for (const character of text) {
    if (widthOf(kept + character) > columns - 1) break;
    kept += character;
  }
  return kept + ellipsis;
}

/**
 * Breaks a text into lines of the terminal's width.
 *
 * @param indent columns before the first line and before the others
 */
export function wrapText(
  terminal: Terminal,
  text: string,
  indent: readonly [first: number, others: number],
): string {
  const [first, others] = indent;
  const columns = Math.max(terminal.columns - Math.max(first, others), narrowest);
  const [head = '', ...rest] = breakLines(text, columns);
  return [' '.repeat(first) + head, ...rest.map(line => ' '.repeat(others) + line)].join('\n');
}

const narrowest = 20;

/** Wraps a sequence of texts; the mark between two of them never begins a line. */
export function wrapParts(
  terminal: Terminal,
  parts: readonly string[],
  style: Style | undefined,
  indent: readonly [first: number, others: number],
): string {
  const text = parts.join(`${unbreakable}${marksOf(terminal).separator} `);
  const painted = style === undefined ? text : paint(terminal, style, text);
  return wrapText(terminal, painted, indent).replaceAll(unbreakable, ' ');
}

const unbreakable = '\u00a0';
