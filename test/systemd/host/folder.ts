import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';

/** A file's text, or where a symlink leads. */
type Entry = string | { readonly link: string };

/** Makes a folder that is gone after the test. Names that end in `/` are directories. */
export function folderWith(entries: Readonly<Record<string, Entry>>): string {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'daruma-host-')));
  onTestFinished(() => fs.rmSync(folder, { recursive: true }));
  for (const [name, entry] of Object.entries(entries)) {
    const file = path.join(folder, name);
    fs.mkdirSync(name.endsWith('/') ? file : path.dirname(file), { recursive: true });
    if (typeof entry !== 'string') fs.symlinkSync(entry.link, file);
    else if (!name.endsWith('/')) fs.writeFileSync(file, entry);
  }
  return folder;
}
