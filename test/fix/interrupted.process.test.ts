import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { darumaProcess } from '../cli/daruma.ts';
import { unpackedRoot } from '../support/root.ts';
import { begin, gone } from './begun-fix.ts';
import { exampleRecord } from './example-fix.ts';

describe('a fix that was interrupted', () => {
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
});
