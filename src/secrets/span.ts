/** A part of a text. */

/** Offsets in a text: that of the first character, and the one after the last. */
export interface Span {
  readonly start: number;
  readonly end: number;
}
