/** Templates: texts of the user that replace those of daruma. The first line is the title; `{name}` is replaced by a value. */
import type { Markup } from '../../notify/channel.ts';
import type { Notice } from '../../notify/notice.ts';
import { printable } from '../printable.ts';
import { type Line, renderLines } from './markup.ts';

/** Templates by kind of notice. */
export type NoticeTemplates = { readonly [Kind in Notice['kind']]?: string | undefined };

/** The texts of a notice that a template may use. */
export interface NoticeParts {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly unit: string;
  readonly host: string;
  readonly time: string;
}

/** The names that may be used in braces. */
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
