/** A part of a text. */

/** Offsets in a text: the first, and the one after the last. */
export interface Span {
  readonly start: number;
  readonly end: number;
}
