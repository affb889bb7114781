import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, runOrThrow } from './run.ts';

/** The folder inside `disk` that shows the lower root with the host's own changes on top. */
export function mergedFolder(disk: string): string {
  return join(disk, 'root');
}

/**
 * Mounts a tmpfs on `disk`, and in it an overlay over `lower`, which is never written to.
 * The changes stay until {@link unmountOverlay}, also after reboots and power cuts of the host.
 */
export async function mountOverlay(disk: string, lower: string): Promise<void> {
  mkdirSync(disk, { recursive: true });
  await runOrThrow(['mount', '-t', 'tmpfs', '-o', 'mode=755', 'daruma-lab', disk]);
  const [upper, work, merged] = [join(disk, 'upper'), join(disk, 'work'), mergedFolder(disk)];
  for (const folder of [upper, work, merged]) mkdirSync(folder, { mode: 0o755 });
  const layers = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
  await runOrThrow(['mount', '-t', 'overlay', '-o', layers, 'daruma-lab', merged]);
}

/** Unmounts both; a missing mount is no error. */
export async function unmountOverlay(disk: string): Promise<void> {
  for (const folder of [mergedFolder(disk), disk]) await unmount(folder);
}

/** Unmounts a folder if something is mounted there. */
export async function unmount(folder: string): Promise<void> {
  if (!isMounted(folder)) return;
  const { code } = await run(['umount', folder]);
  // A process still uses the folder, such as a shell: a lazy unmount detaches it now and releases it after the last use.
  if (code !== 0 && isMounted(folder)) await runOrThrow(['umount', '--lazy', folder]);
}

function isMounted(folder: string): boolean {
  return readFileSync('/proc/self/mounts', 'utf8').includes(` ${folder} `);
}
