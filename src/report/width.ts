/** The width of a text in columns of a terminal. */
import { stripVTControlCharacters } from 'node:util';
import { eastAsianWidth } from 'get-east-asian-width';
import { once } from '../systemd/remember.ts';
import { isPlain } from './printable.ts';

/** Width in columns: 0 for colours and combining marks, 2 for wide characters and emoji. */
export function widthOf(text: string): number {
  if (isPlain(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes().segment(stripVTControlCharacters(text)))
    width += widthOfGrapheme(segment);
  return width;
}

function widthOfGrapheme(grapheme: string): number {
  if (invisible.test(grapheme)) return 0;
  if (emoji().test(grapheme)) return 2;
  return eastAsianWidth(grapheme.codePointAt(0) ?? 0);
}

const invisible = /^[\p{Default_Ignorable_Code_Point}\p{Control}\p{Mark}]+$/u;
// V8 spells out the thousands of emoji where it reads this pattern, which takes half as long as the start of Node.
// unchecked: recheck does not support the flag v; the pattern is one set, tested against one grapheme
const emoji = once(() => /^\p{RGI_Emoji}$/v);

/**
 * Splits a text into what people see as one character. It is created for the first text that is not ASCII, since that takes as
 * long as reading dozens of units.
 */
export const graphemes = once(() => new Intl.Segmenter(undefined, { granularity: 'grapheme' }));
