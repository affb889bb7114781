/** Reads the environment with which a process was started. */

/**
 * @param text content of `/proc/PID/environ`: entries `NAME=value`, each ended by a NUL, proc_pid_environ(5)
 * @returns the value of each name; what has none is left out
 */
export function processEnvironment(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\0').flatMap(entry => {
      const at = entry.indexOf('=');
      return at > 0 ? [[entry.slice(0, at), entry.slice(at + 1)] as const] : [];
    }),
  );
}
