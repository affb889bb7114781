/** Limits the messages about a file that contains the same fault many times. */

/** Enough examples of one kind; the user can then correct all others. */
export const toldOfAKind = 20;

/** The first items of a kind; the last one of them carries the number of further items. */
export function countedAfter<T extends { readonly alike?: number }>(
  most: number,
  alike: readonly T[],
): readonly T[] {
  const last = alike[most - 1];
  const more = alike.length - most;
  return last === undefined || more <= 0 ? alike : [...alike.slice(0, most - 1), { ...last, alike: more }];
}
