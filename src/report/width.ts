/** The width of a text in columns of a terminal. */
import { stripVTControlCharacters } from 'node:util';
import { eastAsianWidth } from 'get-east-asian-width';
import { once } from '../systemd/remember.ts';
import { isPlain } from './printable.ts';

/** Width in columns: 0 for colours and combining marks, 2 for wide characters and emoji. */
export function widthOf(text: string): number {
  if (isPlain(text)) return text.length;
  let width = 0;
  for (const grapheme of graphemesOf(stripVTControlCharacters(text))) width += widthOfGrapheme(grapheme);
  return width;
}

/** What people see as one character each. */
export function graphemesOf(text: string): Iterable<string> {
  return simple.test(text) ? text : Array.from(segmenter().segment(text), ({ segment }) => segment);
}

/**
 * Texts in which each character stands for itself: Latin, dashes and quotes, arrows, the marks of tables, Chinese and Japanese with
 * their punctuation. None of them is a mark, invisible, or joined to what is beside it.
 */
const simple =
  /^[\x20-\x7e\xa0-\xac\xae-\u02ff\u2010-\u2027\u2190-\u27bf\u3000-\u3029\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uff01-\uff60]*$/;

function widthOfGrapheme(grapheme: string): number {
  if (simple.test(grapheme)) return eastAsianWidth(grapheme.charCodeAt(0));
  if (invisible.test(grapheme)) return 0;
  if (emoji().test(grapheme)) return 2;
  return eastAsianWidth(grapheme.codePointAt(0) ?? 0);
}

const invisible = /^[\p{Default_Ignorable_Code_Point}\p{Control}\p{Mark}]+$/u;
// V8 spells out the thousands of emoji where it reads this pattern, which takes half as long as the start of Node.
// unchecked: recheck does not support the flag v; the pattern is one set, tested against one grapheme
const emoji = once(() => /^\p{RGI_Emoji}$/v);

/** It is created for the first text that needs it, since that takes as long as reading dozens of units. */
const segmenter = once(() => new Intl.Segmenter(undefined, { granularity: 'grapheme' }));
