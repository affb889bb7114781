import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { Host } from '../../src/systemd/host/host.ts';
import { openOfflineHost } from '../../src/systemd/host/offline-host.ts';
import type { ManagerScope } from '../../src/systemd/search-path.ts';

/** Contents of files and targets of symbolic links, by path. Names that end in `/` are directories. */
export type Tree = Readonly<Record<string, string | Uint8Array | { readonly link: string }>>;

/** Writes a tree below a folder. */
export function writeTree(folder: string, tree: Tree): void {
  for (const [name, entry] of Object.entries(tree)) {
    const file = path.join(folder, name);
    fs.mkdirSync(name.endsWith('/') ? file : path.dirname(file), { recursive: true });
    if (typeof entry === 'object' && 'link' in entry) fs.symlinkSync(entry.link, file);
    else if (!name.endsWith('/')) fs.writeFileSync(file, entry);
  }
}

/**
 * Makes an unpacked root file system, which is removed after the test.
 *
 * @example unpackedRoot({ 'etc/systemd/user/a.service': '[Service]\nExecStart=/bin/true\n' })
 */
export function unpackedRoot(tree: Tree): string {
  const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'daruma-root-')));
  onTestFinished(() => fs.rmSync(root, { recursive: true }));
  writeTree(root, tree);
  return root;
}

export interface RootOptions {
  readonly scope?: ManagerScope;
  readonly version?: number;
}

/** The host of such a root, for the user kuma (uid 1000) or for the system manager. */
export function hostOf(tree: Tree, { scope = 'user', version = 252 }: RootOptions = {}): Host {
  const passwd = 'root:x:0:0:root:/root:/bin/bash\nkuma:x:1000:1000::/home/kuma:/bin/bash\n';
  const root = unpackedRoot({ 'etc/passwd': passwd, 'home/kuma/': '', ...tree });
  return openOfflineHost({ root, scope, systemdVersion: version });
}
