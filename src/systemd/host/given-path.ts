import path from 'node:path';

/**
 * A path as the kernel takes it from a working directory, which need not be that of the process. Not normalised: a slash
 * at its end, and `..` behind a symlink, mean what they mean there. The empty path leads nowhere (path_resolution(7)).
 */
export function givenPath(given: string, workingDirectory: string): string {
  return given === '' || path.isAbsolute(given) ? given : `${workingDirectory}/${given}`;
}
