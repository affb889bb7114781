/** A folder for files that are to be judged before they are written where they belong. They may contain keys. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/**
 * Runs work with a folder that only this user may enter, and removes it.
 *
 * @param own environment of daruma
 */
export async function inPrivateFolder<T>(
  own: NodeJS.ProcessEnv,
  purpose: string,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = fs.mkdtempSync(path.join(volatileFolder(own), `daruma-${purpose}-`));
  try {
    return await work(folder);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes a file, and the folders on the way to it. */
export function writePrivately(file: string, text: string): void {
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  fs.writeFileSync(file, text, { mode: 0o600 });
}

/** The runtime folder if there is one: it lies in memory and is removed with the session (pam_systemd(8)). */
function volatileFolder({ XDG_RUNTIME_DIR: runtime }: NodeJS.ProcessEnv): string {
  return runtime !== undefined && fs.existsSync(runtime) ? runtime : os.tmpdir();
}
