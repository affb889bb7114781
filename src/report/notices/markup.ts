/** Writes the lines of a letter in the markup of its channel; foreign text is escaped. */
import type { Markup } from '../../notify/channel.ts';
import { escapeMarkup } from '../../notify/escape.ts';
import { printable } from '../printable.ts';

/** Plain text, and code to copy. */
export type Line = readonly (string | { readonly code: string })[];

export function renderLines(lines: readonly Line[], markup: Markup): string {
  return lines.map(line => line.map(part => renderPart(part, markup)).join('')).join('\n');
}

function renderPart(part: Line[number], markup: Markup): string {
  const isCode = typeof part !== 'string';
  const text = printable(isCode ? part.code : part);
  switch (markup) {
    case 'plain':
      return text;
    case 'html':
      return isCode ? `<code>${escapeMarkup(text)}</code>` : escapeMarkup(text);
    case 'markdown':
      // A code span ends at the next backtick, even after a backslash (CommonMark 0.31, 6.1).
      return isCode
        ? `\`${text.replaceAll('`', "'")}\``
        : text.replaceAll(/[\\`*_~[\]<>|#]/g, String.raw`\$&`);
    default:
      return markup satisfies never;
  }
}
