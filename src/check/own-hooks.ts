/**
 * The lines that `daruma notify install` writes into units. Rules ask for them that would otherwise report them as a
 * mistake.
 */

/** A template; the name of its instance contains the unit that has failed. */
const handler = /^daruma-notify@.*\.service$/;

/**
 * Whether a unit is daruma's own handler of failures. systemd starts it at each failure, and it finds out itself
 * whether that was the last one; other hooks report ends and starts.
 */
export function isOwnHandler(unit: string): boolean {
  return handler.test(unit);
}

/** Whether a command is daruma's own hook. It records what happened, and a unit of its own waits in its place. */
export function isOwnHook(words: readonly string[]): boolean {
  const all = words.join(' ').split(' ');
  return all.some(
    (word, index) => word.includes('daruma') && all[index + 1] === 'notify' && all[index + 2] === 'hook',
  );
}
