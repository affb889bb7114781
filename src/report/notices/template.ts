/** Words of one's own in place of daruma's: the first line is the title, `{name}` stands for what is known. */
import type { Markup } from '../../notify/channel.ts';
import type { Notice } from '../../notify/notice.ts';
import { printable } from '../printable.ts';
import { type Line, renderLines } from './markup.ts';

/** By what they tell of. */
export type NoticeTemplates = { readonly [Kind in Notice['kind']]?: string | undefined };

/** A notice in words, by what a template may ask for. */
export interface NoticeParts {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly unit: string;
  readonly host: string;
  readonly time: string;
}

/** What may stand in braces. */
const placeholders = {
  title: ({ title }) => title,
  unit: ({ unit }) => unit,
  host: ({ host }) => host,
  time: ({ time }) => time,
  details: ({ lines }) => renderLines(lines, 'plain'),
} as const satisfies Readonly<Record<string, (parts: NoticeParts) => string>>;

export function filledTemplate(
  template: string,
  parts: NoticeParts,
  markup: Markup,
): { readonly title: string; readonly body: string } {
  const filled = template.replaceAll(/\{(\w+)\}/g, (whole, name: string) =>
    isPlaceholder(name) ? placeholders[name](parts) : whole,
  );
  const [title = '', ...lines] = filled.trimEnd().split('\n');
  return {
    title: printable(title),
    body: renderLines(
      lines.map((line): Line => [line]),
      markup,
    ),
  };
}

function isPlaceholder(name: string): name is keyof typeof placeholders {
  return Object.hasOwn(placeholders, name);
}
