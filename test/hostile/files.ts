/** Files in memory, in the form that their readers expect. */
import type { OwnFiles } from '../../src/services/own-files.ts';
import type { HostFiles } from '../../src/systemd/host/host.ts';

export function filesOf(texts: Readonly<Record<string, string>>): OwnFiles & { readonly host: HostFiles } {
  const known = new Map(Object.entries(texts));
  const list = (folder: string) =>
    [...known.keys()]
      .filter(file => file.startsWith(`${folder}/`) && !file.slice(folder.length + 1).includes('/'))
      .map(file => file.slice(folder.length + 1));
  const read = (file: string) => {
    const text = known.get(file);
    if (text === undefined) throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
    return Buffer.from(text);
  };
  const ownContent: OwnFiles['read'] = file => {
    const text = known.get(file);
    return text === undefined ? { state: 'missing' } : { state: 'read', text };
  };
  return {
    read: ownContent,
    readScript: ownContent,
    list: folder => list(folder),
    resolve: file => file,
    host: {
      read,
      list: folder => list(folder).map(name => ({ name, kind: 'file' })),
      readLink: () => '',
      status: file => {
        const text = known.get(file);
        return text === undefined
          ? undefined
          : { kind: 'file', size: text.length, mode: 0o644, modifiedMs: 0 };
      },
      resolve: file => (known.has(file) ? file : undefined),
      physicalPath: file => file,
    },
  };
}
