/** Whatever is told of a unit is told without its secrets, and what is made of it is for nobody else to read. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { unpackedRoot } from '../support/root.ts';
import { daruma } from './daruma.ts';

const secret = 'sk-THISISASECRET1234567890abcd';

const unit = `[Service]
Envrionment=OPENAI_API_KEY=${secret}
RestartSec=${secret}
Restart=${secret}
no sign ${secret}
ExecStart=/bin/true
ExecStartPost=/usr/bin/curl -H "Authorization: Bearer ${secret}" http://x
[Install]
WantedBy=default.target
`;

function machine(): { readonly root: string; readonly folder: string } {
  const folder = 'home/kuma/.config/systemd/user';
  const root = unpackedRoot({
    'etc/passwd': 'kuma:x:1000:1000::/home/kuma:/bin/sh\n',
    'bin/true': '',
    'usr/bin/curl': '',
    [`${folder}/p.service`]: unit,
  });
  for (const program of ['bin/true', 'usr/bin/curl']) fs.chmodSync(path.join(root, program), 0o755);
  fs.chmodSync(path.join(root, folder, 'p.service'), 0o600);
  return { root, folder };
}

describe('a secret in a unit', () => {
  it.each([
    ...['human', 'json', 'sarif', 'github', 'markdown'].map(format => ['check', '--format', format]),
    ['explain'],
    ['explain', '--json'],
    ['status'],
    ['fix', '--dry-run'],
    ['fix', '--dry-run', '--json'],
    ['fix', '--yes'],
  ])('is not said by %s %s %s', async (...words) => {
    const { root } = machine();
    const { stdout, stderr } = await daruma([...words, '--root', root]);
    expect(stdout).toMatch(/\bp\b/);
    expect(stdout + stderr).not.toContain('THISISASECRET');
  });

  it('is in a drop-in that is for its owner alone, as the unit is', async () => {
    const { root, folder } = machine();
    expect((await daruma(['fix', '--yes', '--root', root])).code).toBe(0);
    const dropIn = path.join(root, folder, 'p.service.d/zz-daruma.conf');
    expect(fs.readFileSync(dropIn, 'utf8')).toContain(`Bearer ${secret}`);
    expect(fs.statSync(dropIn).mode & 0o777).toBe(0o600);
  });
});
