/**
 * The lines that `daruma notify install` writes into units. Rules ask for them that would otherwise report them as a
 * mistake.
 */

/** The name under which the shell of a hook runs. */
export const signProgram = 'daruma-sign';

/** Takes the signs and delivers messages. */
export const outboxService = 'daruma-outbox.service';
/** They start it: when there is a sign, and each minute. */
export const signWakers = ['daruma-outbox.path', 'daruma-outbox.timer'] as const;

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
  return words.includes(signProgram) || isEarlierHook(words);
}

/** Whether a command is the hook of an earlier installation: it runs daruma, which must not be missing, and takes longer. */
export function isEarlierHook(words: readonly string[]): boolean {
  const all = words.join(' ').split(' ');
  return all.some(
    (word, index) => word.includes('daruma') && all[index + 1] === 'notify' && all[index + 2] === 'hook',
  );
}
