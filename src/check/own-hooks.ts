/** What `daruma notify install` writes into units, for the rules that would take it for somebody's mistake. */

/** A template; its instance names the unit that has failed. */
const handler = /^daruma-notify@.*\.service$/;

/**
 * It is told of each failure, and finds out itself whether it was the last one; ends and starts are told by the hooks
 * beside it.
 */
export function isOwnHandler(unit: string): boolean {
  return handler.test(unit);
}

/** It notes what happened and hands the waiting to a unit of its own. */
export function isOwnHook(words: readonly string[]): boolean {
  const all = words.join(' ').split(' ');
  return all.some(
    (word, index) => word.includes('daruma') && all[index + 1] === 'notify' && all[index + 2] === 'hook',
  );
}
