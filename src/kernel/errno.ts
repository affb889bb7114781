/** Errors of the kernel, as Node has them: which one it is, and such as the kernel itself would give. */

/**
 * The code of an error: the name of the errno (`ENOENT`) for what the kernel refuses, a name of Node's or of a library's for other
 * errors that have one (nodejs.org/api/errors.html#errorcode).
 */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/**
 * An error as the kernel's would be: for what is refused in its place, and for what Node says without a path.
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
