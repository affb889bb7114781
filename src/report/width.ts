/** How many columns of a terminal a text takes. */
import { stripVTControlCharacters } from 'node:util';
import { eastAsianWidth } from 'get-east-asian-width';
import { once } from '../systemd/remember.ts';
import { isPlain } from './printable.ts';

/** Columns that a text takes: none for colours and marks that combine, two for wide characters and emoji. */
export function widthOf(text: string): number {
  if (isPlain(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes().segment(stripVTControlCharacters(text)))
    width += widthOfGrapheme(segment);
  return width;
}

function widthOfGrapheme(grapheme: string): number {
  if (invisible.test(grapheme)) return 0;
  if (emoji.test(grapheme)) return 2;
  return eastAsianWidth(grapheme.codePointAt(0) ?? 0);
}

const invisible = /^[\p{Default_Ignorable_Code_Point}\p{Control}\p{Mark}]+$/u;
// unchecked: recheck knows no flag v; it is one set, and what is tested is one grapheme
const emoji = /^\p{RGI_Emoji}$/v;

/** What people see as one character. Made for the first text that is not ASCII: it takes as long as reading dozens of units. */
export const graphemes = once(() => new Intl.Segmenter(undefined, { granularity: 'grapheme' }));
