import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { beginMark, markText } from '../../src/transaction/begun-mark.ts';
import { ownIdentity } from '../../src/kernel/process-identity.ts';
import { stateFolder } from '../../src/store/state-folder.ts';
import { openOfflineHost } from '../../src/systemd/host/offline-host.ts';
import { checkout, darumaProcess } from '../cli/daruma.ts';
import { unpackedRoot } from '../support/root.ts';
import { begin, begunBy, gone } from './begun-fix.ts';
import { exampleRecord } from './example-fix.ts';

/** Several processes one after the other: on a busy machine each takes seconds. */
const timeout = 120_000;

describe('a fix that was interrupted', { timeout }, () => {
  it.skipIf(process.getuid?.() !== 0)(
    'of the system is told to every user, and keeps none from anything',
    () => {
      const state = path.join(unpackedRoot({}), 'state/daruma');
      fs.chmodSync(path.dirname(path.dirname(state)), 0o755);
      begin(state, exampleRecord(state), gone[0][1]);
      const env = { XDG_STATE_HOME: path.dirname(state), NODE_COMPILE_CACHE: undefined };
      // The record is another's, as root's are in /var/lib/daruma.
      const { code, stderr } = darumaProcess(['rules', 'linger-off'], { env, uid: 65_534 });
      expect({ code, stderr }).toEqual({
        code: 0,
        stderr: expect.stringContaining('20261124T040000Z was interrupted'),
      });
    },
  );

  it('is none while somebody is at it', () => {
    expect(darumaProcess(['rules'], { env: begunBy(ownIdentity()).env }).stderr).toBe('');
  });

  it('keeps any other out while somebody is at it', () => {
    const root = unpackedRoot({});
    fs.cpSync(path.join(checkout, 'examples/neko'), root, { recursive: true, verbatimSymlinks: true });
    const env = { XDG_STATE_HOME: unpackedRoot({}) };
    const state = stateFolder(openOfflineHost({ root, scope: 'user' }), env) ?? '';
    begin(state, { ...exampleRecord(root), operations: [], folders: [] }, gone[0][1]);
    fs.writeFileSync(beginMark(state), markText('20261124T040000Z', ownIdentity()));
    const busy = darumaProcess(['fix', '--root', root, '--yes', '--json'], { env });
    expect(JSON.parse(busy.stdout)).toMatchObject({
      error: {
        code: 'fix-under-way',
        message: expect.stringMatching(
          new RegExp(`process ${process.pid} .* since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC`),
        ),
      },
    });
  });
});
