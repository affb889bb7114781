/** A flush by hand opens the host, and asks it what it needs, once. */
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { unpackedRoot } from '../support/root.ts';
import { daruma } from './daruma.ts';

it('asks systemd as often as a look at the status does', async () => {
  const HOME = unpackedRoot({ '.config/daruma/config.yaml': 'notify: {}\n' });
  const bin = path.join(HOME, 'bin');
  const asked = path.join(HOME, 'asked');
  fs.mkdirSync(bin);
  fs.writeFileSync(path.join(bin, 'systemctl'), `#!/bin/sh\necho "$@" >> ${asked}\necho 'systemd 257'\n`, {
    mode: 0o755,
  });
  const PATH = `${bin}:${process.env['PATH'] ?? ''}`;
  const questionsOf = async (action: string) => {
    fs.writeFileSync(asked, '');
    const { code } = await daruma(['notify', action], { env: { HOME, PATH } });
    expect(code).toBe(0);
    return fs.readFileSync(asked, 'utf8').split('\n').length - 1;
  };
  const ofStatus = await questionsOf('status');
  expect(ofStatus).toBeGreaterThan(0);
  expect(await questionsOf('flush')).toBe(ofStatus);
});
