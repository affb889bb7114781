import { describe, expect, it } from 'vitest';
import { unpackedRoot } from '../support/root.ts';
import { daruma } from './daruma.ts';

const service = '[Service]\nExecStart=/bin/true\n';
const own = '.config/systemd/user';

describe('a word that names a folder in the working directory', () => {
  it.each(['status', 'explain', 'check'])(
    'is the service of that name where there is one: %s',
    async command => {
      const home = unpackedRoot({ 'litellm/config.yaml': '', [`${own}/litellm.service`]: service });
      const { stdout } = await daruma([command, 'litellm'], { cwd: home, env: { HOME: home } });
      expect(stdout).toContain('litellm');
      expect(stdout).not.toContain('no services in');
    },
  );

  it('is the folder where there is no such service', async () => {
    const home = unpackedRoot({ 'units/a.service': service, [`${own}/litellm.service`]: service });
    const { stdout } = await daruma(['status', 'units'], { cwd: home, env: { HOME: home } });
    expect(stdout).toMatch(/^ *a +✗/m);
  });

  it('is the folder with a dot and a slash before it', async () => {
    const home = unpackedRoot({ 'litellm/config.yaml': '', [`${own}/litellm.service`]: service });
    const { stdout } = await daruma(['status', './litellm'], { cwd: home, env: { HOME: home } });
    expect(stdout).toMatch(/^no services in .\/litellm$/m);
  });
});
