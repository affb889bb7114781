import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runtimeDirectoryOf, withRuntimeDirectory } from '../../../src/systemd/host/runtime-directory.ts';

const uid = process.getuid?.() ?? 0;
const usual = `/run/user/${uid}`;

function folderWith(socket: string | undefined): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'daruma-runtime-'));
  onTestFinished(() => fs.rmSync(folder, { recursive: true }));
  if (socket !== undefined) {
    fs.mkdirSync(path.dirname(path.join(folder, socket)), { recursive: true });
    fs.writeFileSync(path.join(folder, socket), '');
  }
  return folder;
}

describe('the runtime directory', () => {
  it.each(['systemd/private', 'bus'])('is the one of the environment with %s in it', socket => {
    const folder = folderWith(socket);
    const environment = { XDG_RUNTIME_DIR: folder, DBUS_SESSION_BUS_ADDRESS: 'unix:path=/mine' };
    expect(runtimeDirectoryOf(uid, environment)).toBe(folder);
    expect(withRuntimeDirectory(uid, environment)).toBe(environment);
  });

  it('is that of logind where the environment has none of this user', () => {
    const wrong = [undefined, '', '/nonexistent', 'relative', '.', '/etc/passwd'];
    expect(wrong.map(folder => runtimeDirectoryOf(uid, { XDG_RUNTIME_DIR: folder }))).toEqual(
      wrong.map(() => usual),
    );
    const ofAnother = folderWith('systemd/private');
    expect(runtimeDirectoryOf(uid + 1, { XDG_RUNTIME_DIR: ofAnother })).toBe(`/run/user/${uid + 1}`);
  });

  it('takes the address of another bus with it', () => {
    const environment = {
      HOME: '/home/kuma',
      XDG_RUNTIME_DIR: '/nonexistent',
      DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent/bus',
    };
    expect(withRuntimeDirectory(uid, environment)).toEqual({ HOME: '/home/kuma', XDG_RUNTIME_DIR: usual });
  });
});
