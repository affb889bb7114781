import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, runOrThrow } from './run.ts';

/** The folder inside `disk` that shows the lower root with the host's own changes on top. */
export function mergedFolder(disk: string): string {
  return join(disk, 'root');
}

/**
 * Mounts a tmpfs on `disk` and in it an overlay over `lower`, which is never written to.
 * The changes last until {@link unmountOverlay}, over reboots and losses of power.
 */
export async function mountOverlay(disk: string, lower: string): Promise<void> {
  mkdirSync(disk, { recursive: true });
  await runOrThrow(['mount', '-t', 'tmpfs', '-o', 'mode=755', 'daruma-lab', disk]);
  const [upper, work, merged] = [join(disk, 'upper'), join(disk, 'work'), mergedFolder(disk)];
  for (const folder of [upper, work, merged]) mkdirSync(folder, { mode: 0o755 });
  const layers = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
  await runOrThrow(['mount', '-t', 'overlay', '-o', layers, 'daruma-lab', merged]);
}

/** Unmounts both; what is not mounted is no error. */
export async function unmountOverlay(disk: string): Promise<void> {
  for (const folder of [mergedFolder(disk), disk]) await unmount(folder);
}

/** Unmounts a folder if something is mounted there. */
export async function unmount(folder: string): Promise<void> {
  if (!isMounted(folder)) return;
  const { code } = await run(['umount', folder]);
  // Somebody looks into it (a shell standing there): detach now, the kernel lets go when the last user does.
  if (code !== 0 && isMounted(folder)) await runOrThrow(['umount', '--lazy', folder]);
}

function isMounted(folder: string): boolean {
  return readFileSync('/proc/self/mounts', 'utf8').includes(` ${folder} `);
}
