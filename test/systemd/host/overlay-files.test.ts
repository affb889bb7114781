import { describe, expect, it } from 'vitest';
import { type FileState, overlayFiles } from '../../../src/systemd/host/overlay-files.ts';
import { rootedFiles } from '../../../src/systemd/host/files.ts';
import { unpackedRoot } from '../../support/root.ts';

const file = (content: string, mode = 0o644): FileState => ({
  kind: 'file',
  content: Buffer.from(content),
  mode,
});
const absent: FileState = { kind: 'absent' };

function overlay(changes: Readonly<Record<string, FileState>>) {
  const root = unpackedRoot({
    'etc/a.conf': 'before',
    'etc/b.conf': 'b',
    'dotfiles/systemd/': '',
    'home/config': { link: '/dotfiles' },
  });
  return overlayFiles(rootedFiles(root), new Map(Object.entries(changes)));
}

const names = (entries: readonly { readonly name: string }[] | undefined) =>
  entries?.map(entry => entry.name).toSorted();

describe('files as they would be', () => {
  it('reads what would be written, and leaves the rest', () => {
    const files = overlay({ '/etc/a.conf': file('after') });
    expect(files.read('/etc/a.conf').toString()).toBe('after');
    expect(files.read('/etc/b.conf').toString()).toBe('b');
    expect(files.status('/etc/a.conf')).toMatchObject({ kind: 'file', size: 5, mode: 0o644 });
  });

  it('has folders above a new file', () => {
    const files = overlay({ '/etc/x.d/y/z.conf': file('z') });
    expect(names(files.list('/etc'))).toEqual(['a.conf', 'b.conf', 'x.d']);
    expect(files.list('/etc/x.d')).toEqual([{ name: 'y', kind: 'directory' }]);
    expect(files.status('/etc/x.d')?.kind).toBe('directory');
    expect(files.resolve('/etc/x.d/y')).toBe('/etc/x.d/y');
  });

  it('no longer has what would be removed', () => {
    const files = overlay({ '/etc/a.conf': absent });
    expect(names(files.list('/etc'))).toEqual(['b.conf']);
    expect(files.status('/etc/a.conf')).toBeUndefined();
    expect(files.resolve('/etc/a.conf')).toBeUndefined();
    expect(() => files.read('/etc/a.conf')).toThrow('ENOENT');
    expect(() => files.readLink('/etc/a.conf')).toThrow('ENOENT');
  });

  it('does not make a folder of what would be removed', () => {
    expect(overlay({ '/none/a.conf': absent }).list('/none')).toBeUndefined();
  });

  it('shows other permission bits of a file that stays', () => {
    const files = overlay({ '/etc/a.conf': { kind: 'mode', mode: 0o600 } });
    expect(files.status('/etc/a.conf')).toMatchObject({ kind: 'file', size: 6, mode: 0o600 });
    expect(files.read('/etc/a.conf').toString()).toBe('before');
  });

  it('follows a new link', () => {
    const files = overlay({ '/etc/c.conf': { kind: 'link', target: 'b.conf' } });
    expect(files.read('/etc/c.conf').toString()).toBe('b');
    expect(files.readLink('/etc/c.conf')).toBe('b.conf');
    expect(files.resolve('/etc/c.conf')).toBe('/etc/b.conf');
    expect(files.list('/etc')).toContainEqual({ name: 'c.conf', kind: 'symlink' });
  });

  it('knows a path by each of its names', () => {
    const files = overlay({ '/home/config/systemd/a.conf': file('a') });
    expect(files.read('/dotfiles/systemd/a.conf').toString()).toBe('a');
    expect(names(files.list('/dotfiles/systemd'))).toEqual(['a.conf']);
    expect(files.resolve('/home/config/systemd/a.conf')).toBe('/dotfiles/systemd/a.conf');
  });
});
