/** Errors of the kernel as Node represents them: finds out which one it is, and makes the same kind of error. */

/**
 * The code of an error: the name of the errno (`ENOENT`) when the kernel refused something; a name of Node or a library
 * for other errors that have a code (nodejs.org/api/errors.html#errorcode).
 */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/**
 * Makes an error like one of the kernel, where daruma refuses something itself, or where Node's own error lacks the
 * path.
 *
 * @param code such as `ENOENT`
 * @param meaning in the words of errno(3)
 * @param call the system call that would have failed
 */
export function errnoError(
  code: string,
  meaning: string,
  call: 'open' | 'read' | 'readlink',
  file: string,
): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${meaning}, ${call} '${file}'`), {
    code,
    syscall: call,
    path: file,
  });
}
