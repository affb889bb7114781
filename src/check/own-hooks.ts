/**
 * The lines that `daruma notify install` writes into units. Rules ask for them that would otherwise report them as a
 * mistake.
 */

/** The name under which the shell of a hook runs. */
export const signProgram = 'daruma-sign';

/** Whether a command is daruma's own hook. It records what happened, and a unit of its own waits in its place. */
export function isOwnHook(words: readonly string[]): boolean {
  return words.includes(signProgram) || isEarlierHook(words);
}

/** Whether a command is the hook of an earlier installation: it runs daruma, which must not be missing, and takes longer. */
export function isEarlierHook(words: readonly string[]): boolean {
  const all = words.join(' ').split(' ');
  return all.some(
    (word, index) => word.includes('daruma') && all[index + 1] === 'notify' && all[index + 2] === 'hook',
  );
}
