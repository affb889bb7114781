/** What is told of a file in which the same is wrong thousands of times. */

/** Whoever has put these right knows what to do with all others. */
export const toldOfAKind = 20;

/** The first of those that are alike, and with the last of these how many more there are. */
export function countedAfter<T extends { readonly alike?: number }>(
  most: number,
  alike: readonly T[],
): readonly T[] {
  const last = alike[most - 1];
  const more = alike.length - most;
  return last === undefined || more <= 0 ? alike : [...alike.slice(0, most - 1), { ...last, alike: more }];
}
