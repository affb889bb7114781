import { paint, type Style, type Terminal, wrapText } from './terminal.ts';
import { widthOf } from './width.ts';

/**
 * A line with a label on the left and a text on the right.
 *
 * @param labelColumns width of the longest label
 */
export function labelledLine(
  terminal: Terminal,
  labelColumns: number,
  [label, style]: readonly [label: string, style: Style],
  text: string,
): string {
  const indent = labelIndent(labelColumns);
  const body = wrapText(terminal, text, [indent, indent]).slice(indent);
  const space = ' '.repeat(indent - 2 - widthOf(label));
  return `${space}${paint(terminal, style, label)}  ${body}`;
}

/** The column at which the text begins. */
export function labelIndent(labelColumns: number): number {
  return 2 + labelColumns + 2;
}
