/** Describes an answer that is not the one that was expected. */
import { inShort } from '../secrets/redaction.ts';
import type { HttpAnswer } from './request.ts';

export interface Content {
  readonly kind: 'page' | 'json' | 'text' | 'empty';
  /** The title of a page, or the words of one without a title, or the beginning of any other text; without secrets, in one line of at most 80 characters. */
  readonly said: string;
}

export function contentOf({ text, json }: Pick<HttpAnswer, 'text' | 'json'>): Content {
  const beginning = text.slice(0, longestLookedAt).trim();
  if (beginning === '') return { kind: 'empty', said: '' };
  const page = wordsOfPage(text);
  if (page !== undefined) return { kind: 'page', said: inOneLine(page) };
  return { kind: json === undefined ? 'text' : 'json', said: inOneLine(beginning) };
}

/** Whether a text is a web page, by its beginning: a login page may have any type and any status. */
export function isPage(text: string): boolean {
  return beginsPage(text.slice(0, longestLookedAt).trim());
}

/** What a text of a server says: of a page its title, or else its words; any other text is returned as it is. */
export function wordsOf(text: string): string {
  return wordsOfPage(text) ?? text;
}

/** @returns undefined when the text is not a page */
function wordsOfPage(text: string): string | undefined {
  const beginning = text.slice(0, longestLookedAt).trim();
  if (!beginsPage(beginning)) return undefined;
  const [, title = ''] = /<title[^<>]*>([^<]*)/i.exec(beginning) ?? [];
  if (title.trim() !== '') return title.trim();
  const visible = beginning.replaceAll(/<(script|style)\b[^]*?(?:<\/\1>|$)|<!--[^]*?(?:-->|$)/gi, ' ');
  return visible
    .replaceAll(/<[^<>]*(?:>|$)/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

function beginsPage(beginning: string): boolean {
  return /^<(?:!doctype|!--|\?xml|(?:html|head|body|title|center|h1|p)\b)/i.test(beginning);
}

function inOneLine(text: string): string {
  return inShort(text, longestSaid).replaceAll(/\s+/g, ' ').trim();
}

const longestLookedAt = 8 * 1024;
const longestSaid = 80;
