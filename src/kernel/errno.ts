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
