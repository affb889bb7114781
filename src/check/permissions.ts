/** Who may read a file. */
import path from 'node:path';
import type { Host } from '../systemd/host/host.ts';

/**
 * Whether any other user of the machine may read a file: its mode says so, and so do all directories that lead to it.
 *
 * @returns undefined where that is not known: the file may lie elsewhere, or may not be asked for
 */
export function isOpenToOthers({ files, reach }: Host, file: string): boolean | undefined {
  // What was brought here has the modes that it got on the way.
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

/** Without `/`, which everybody may enter: of an unpacked root it has the mode of some folder. */
function foldersOf(file: string): readonly string[] {
  const folders: string[] = [];
  for (let folder = path.posix.dirname(file); folder !== '/'; folder = path.posix.dirname(folder)) {
    folders.push(folder);
  }
  return folders;
}
