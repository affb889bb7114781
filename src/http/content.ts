/** Describes an answer that is not the one that was expected. */
import { inShort } from '../secrets/redaction.ts';
import type { HttpAnswer } from './request.ts';

export interface Content {
  readonly kind: 'page' | 'json' | 'text' | 'empty';
  /** The title of a page, or the beginning of any other text; without secrets, in one line of at most 80 characters. */
  readonly said: string;
}

export function contentOf({ text, json }: Pick<HttpAnswer, 'text' | 'json'>): Content {
  const beginning = text.slice(0, longestLookedAt).trim();
  if (beginning === '') return { kind: 'empty', said: '' };
  if (/^<(?:!doctype|html|\?xml)/i.test(beginning)) {
    const [, title = ''] = /<title>([^<]*)/i.exec(beginning) ?? [];
    return { kind: 'page', said: inOneLine(title) };
  }
  return { kind: json === undefined ? 'text' : 'json', said: inOneLine(beginning) };
}

function inOneLine(text: string): string {
  return inShort(text, longestSaid).replaceAll(/\s+/g, ' ').trim();
}

const longestLookedAt = 8 * 1024;
const longestSaid = 80;
