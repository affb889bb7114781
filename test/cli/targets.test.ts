import fs from 'node:fs';
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

describe('a file that daruma explains', () => {
  const enabled = '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=default.target\n';
  const enable = (folder: string) => {
    fs.mkdirSync(`${folder}/default.target.wants`);
    fs.symlinkSync('../a.service', `${folder}/default.target.wants/a.service`);
  };
  /** What explain says of enablement, and of a logout. */
  const explained = async (file: string, ...more: readonly string[]) => {
    const { stdout } = await daruma(['explain', file, '--on', 'logout', '--json', ...more]);
    const [unit] = JSON.parse(stdout).units;
    return {
      enabled: unit.enabled,
      because: unit.outcomes[0].because.map(({ code }: { code: string }) => code),
    };
  };

  it('is seen with the unpacked root around it', async () => {
    const root = unpackedRoot({
      'etc/passwd': 'kuma:x:1000:1000::/home/kuma:/bin/bash\nada:x:1001:1001::/home/ada:/bin/bash\n',
      'var/lib/systemd/linger/kuma': '',
      'usr/lib/systemd/user/default.target': '[Unit]\n',
      [`home/kuma/${own}/a.service`]: enabled,
      [`home/ada/${own}/a.service`]: enabled,
      'etc/systemd/system/a.service': enabled,
    });
    enable(`${root}/home/kuma/${own}`);
    const inKuma = await explained(`${root}/home/kuma/${own}/a.service`);
    expect(inKuma.enabled).toBe('enabled');
    expect(inKuma.because).toContain('linger-on');
    const inAda = await explained(`${root}/home/ada/${own}/a.service`);
    expect(inAda).toEqual({ enabled: 'disabled', because: expect.arrayContaining(['linger-off']) });
    const inEtc = await explained(`${root}/etc/systemd/system/a.service`, '--system');
    expect(inEtc.enabled).toBe('disabled');
  });

  it('is seen with the home around it', async () => {
    const home = unpackedRoot({
      [`${own}/a.service`]: enabled,
      [`${own}/b.service`]: enabled,
    });
    enable(`${home}/${own}`);
    expect(await explained(`${home}/${own}/a.service`)).toMatchObject({ enabled: 'enabled' });
    expect(await explained(`${home}/${own}/b.service`)).toMatchObject({ enabled: 'disabled' });
  });

  it('is said to be disabled nowhere else: other folders may enable it', async () => {
    const folder = unpackedRoot({ 'units/a.service': enabled, 'home/kuma/x': '' });
    expect(await explained(`${folder}/units/a.service`)).toEqual({
      enabled: null,
      because: expect.arrayContaining(['linger-unknown']),
    });
  });
});
