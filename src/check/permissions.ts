/** Which users may read a file. */
import path from 'node:path';
import type { Host } from '../systemd/host/host.ts';

/**
 * Whether any other user of the machine may read a file: its own mode and the modes of all directories above it allow
 * that.
 *
 * @returns undefined when that is not known: the file may come from another machine, or may not be inspected
 */
export function isOpenToOthers({ files, reach }: Host, file: string): boolean | undefined {
  // A file that was copied here has the mode that the copy gave it.
  if (reach !== 'machine') return undefined;
  try {
    const real = files.resolve(file);
    const mode = real === undefined ? undefined : files.status(real)?.mode;
    if (real === undefined || mode === undefined) return undefined;
    return (
      (mode & 0o004) !== 0 &&
      foldersOf(real).every(folder => ((files.status(folder)?.mode ?? 0) & 0o001) !== 0)
    );
  } catch {
    return undefined;
  }
}

/**
 * The directories above a file without `/`, which everybody may enter. In an unpacked root, `/` has the mode of some
 * other folder.
 */
function foldersOf(file: string): readonly string[] {
  const folders: string[] = [];
  for (let folder = path.posix.dirname(file); folder !== '/'; folder = path.posix.dirname(folder)) {
    folders.push(folder);
  }
  return folders;
}
