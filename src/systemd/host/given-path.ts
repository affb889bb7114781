import path from 'node:path';

/**
 * Makes a path absolute as the kernel does, from a working directory that need not be that of the process. It is not
 * normalised: a slash at its end, and `..` behind a symlink, keep their meaning. The empty path leads nowhere
 * (path_resolution(7)).
 */
export function givenPath(given: string, workingDirectory: string): string {
  return given === '' || path.isAbsolute(given) ? given : `${workingDirectory}/${given}`;
}
