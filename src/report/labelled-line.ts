import { paint, type Style, type Terminal, wrapText } from './terminal.ts';
import { widthOf } from './width.ts';

/**
 * A line that says on the left what kind of thing it is, and on the right what it says.
 *
 * @param labelColumns of the longest label
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

/** Where the text begins. */
export function labelIndent(labelColumns: number): number {
  return 2 + labelColumns + 2;
}
