/** What a manager passes on to its services, held against what a service was really given. */
import { expect, test } from 'vitest';
import type { Host } from '../../lab/host.ts';
import { describeLab, usualVersions } from '../../lab/vitest.ts';

const home = '/home/kuma';
const user = 'kuma';
const gateway = '/usr/bin/node /usr/lib/node_modules/openclaw/dist/index.js gateway --port 18789';
const config = {
  gateway: { mode: 'local' },
  models: {
    providers: Object.fromEntries(
      ['FROM_FILE', 'BY_HAND'].map(name => [
        name.toLowerCase().replace('_', '-'),
        {
          baseUrl: 'https://neko.example.com/v1',
          apiKey: `\${${name}}`,
          api: 'openai-completions',
          models: [{ id: 'claude', name: 'claude' }],
        },
      ]),
    ),
  },
  agents: { defaults: { model: { primary: 'from-file/claude', fallbacks: ['by-hand/claude'] } } },
};

for (const systemd of usualVersions(import.meta.url)) {
  describeLab(`systemd ${systemd}`, { systemd, users: [user] }, lab => {
    test('variables of environment.d and of set-environment come before .env, and are gone by what daruma says', {
      timeout: 60_000,
    }, async () => {
      const host = await lab.host();
      const write = (file: string, text: string) =>
        host.writeFile(`${home}/${file}`, text, { user, mode: 0o600 });
      await write('.openclaw/openclaw.json', JSON.stringify(config));
      await write('.openclaw/.env', 'FROM_FILE=new\nBY_HAND=new\n');
      await write('.config/environment.d/10-keys.conf', 'PART=old\nFROM_FILE=$PART-${NONE:-one}\n');
      await write('.config/systemd/user/openclaw-gateway.service', `[Service]\nExecStart=${gateway}\n`);
      await write(
        '.config/systemd/user/shown.service',
        "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'env > %h/shown'\n",
      );
      await systemctl(host, 'set-environment', 'BY_HAND=old');
      await systemctl(host, 'daemon-reload');
      expect(await given(host)).toEqual(['BY_HAND=old', 'FROM_FILE=old-one']);
      const said = await hidden(host);
      expect(said.map(({ details }) => [details.name, details.file, details.byManager])).toEqual([
        ['BY_HAND', null, true],
        ['FROM_FILE', `${home}/.config/environment.d/10-keys.conf`, true],
      ]);

      // Not what is written, but what the manager has counts.
      await write('.config/environment.d/10-keys.conf', 'FROM_FILE=new\n');
      expect((await hidden(host)).map(({ details }) => details.file)).toEqual([null, null]);
      await systemctl(host, 'unset-environment', 'BY_HAND');
      await host.exec(['rm', `${home}/.config/environment.d/10-keys.conf`]);
      await systemctl(host, 'daemon-reload');
      expect(await given(host)).toEqual([]);
      expect(await hidden(host)).toEqual([]);
    });
  });
}

async function systemctl(host: Host, ...args: readonly string[]): Promise<void> {
  expect(await host.exec(['systemctl', '--user', ...args], { user })).toMatchObject({ code: 0 });
}

async function given(host: Host): Promise<readonly string[]> {
  await systemctl(host, 'start', 'shown');
  const { stdout } = await host.exec(['cat', `${home}/shown`]);
  return stdout
    .split('\n')
    .filter(line => /^(?:FROM_FILE|BY_HAND)=/.test(line))
    .sort();
}

interface Hidden {
  readonly details: { readonly name: string; readonly file: string | null; readonly byManager: boolean };
}

async function hidden(host: Host): Promise<readonly Hidden[]> {
  const { stdout } = await host.exec(['node', '/opt/daruma/bin/daruma.cjs', 'check', '--json'], { user });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a schema of our own
  const { findings } = JSON.parse(stdout) as { findings: readonly (Hidden & { readonly rule: string })[] };
  return findings
    .filter(({ rule }) => rule === 'failover-key-hidden')
    .toSorted((a, b) => (a.details.name < b.details.name ? -1 : 1));
}
