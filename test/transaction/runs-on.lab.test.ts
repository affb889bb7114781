/** What an undo leaves running, told by `daruma undo`, and what the manager says of it. */
import { describe, expect, test } from 'vitest';
import type { Host } from '../../lab/host.ts';
import { describeLab, usualVersions } from '../../lab/vitest.ts';
import { asKuma } from '../check/live-findings.ts';
import { schemaErrors } from '../report/schema-errors.ts';

/** Commands that are printed to be pasted, each in a line of its own. */
function commandsIn(text: string): readonly string[] {
  return [...text.matchAll(/^ {2}\$ (.*)$/gm)].map(([, command = '']) => command);
}

const daruma = (host: Host, ...args: readonly string[]) =>
  host.exec(['node', '/opt/daruma/bin/daruma.cjs', ...args], { user: 'kuma' });

/** Its keep-alives come from a child, which `NotifyAccess=` has to allow: a fix sets what a process keeps. */
const keeper = `[Service]
ExecStart=/bin/sh -c "while :; do systemd-notify WATCHDOG=1; sleep 1; done"
Restart=on-failure
WatchdogSec=600
[Install]
WantedBy=default.target
`;
const fallen = `[Service]
ExecStart=/bin/sleep infinity
Restart=on-failure
[Install]
WantedBy=default.target
`;

describe.each(usualVersions(import.meta.url))('systemd %i', systemd => {
  describeLab('an undo', { name: 'runs-on', systemd, users: ['kuma'] }, lab => {
    test('names what the fix had started or restarted, and leaves it running', {
      timeout: 240_000,
    }, async () => {
      const host = await lab.host();
      const units = '/home/kuma/.config/systemd/user';
      await host.writeFile(`${units}/keeper.service`, keeper, { user: 'kuma' });
      await host.writeFile(`${units}/fallen.service`, fallen, { user: 'kuma' });
      await asKuma(
        host,
        `systemctl --user daemon-reload
         systemctl --user --quiet enable keeper fallen
         systemctl --user start keeper fallen
         kill -TERM $(systemctl --user show --property=MainPID --value fallen)
         while systemctl --user --quiet is-active fallen; do sleep 0.1; done`,
      );
      const fixed = await daruma(host, 'fix', '--restart', '--yes');
      expect(fixed.code).toBe(0);
      const undone = await daruma(host, 'undo', '--json');
      expect(undone.code).toBe(0);
      const document = JSON.parse(undone.stdout);
      expect(schemaErrors('undo', document)).toEqual([]);
      expect(document.runsOn).toEqual([
        { unit: 'keeper.service', kind: 'with-settings' },
        { unit: 'fallen.service', kind: 'was-down' },
      ]);
      const states = await asKuma(host, 'systemctl --user is-active keeper fallen');
      expect(states).toBe('active\nactive\n');
      // What somebody has started since is theirs: no command to stop it is named.
      await asKuma(host, 'kill -TERM $(systemctl --user show --property=MainPID --value fallen)');
      await asKuma(host, 'while systemctl --user --quiet is-active fallen; do sleep 0.1; done');
      expect(await daruma(host, 'fix', '--restart', '--yes', 'fallen')).toMatchObject({ code: 0 });
      await asKuma(host, 'systemctl --user restart fallen');
      const later = (await daruma(host, 'undo')).stdout.replaceAll(/\s+/g, ' ');
      expect(later).toContain(
        "running now by a later start of systemd's or somebody's, so left running: fallen.service.",
      );
      expect(later).not.toContain('systemctl --user stop');
      // What ran before a fix has kept its settings, so an undo changes nothing for it.
      expect(await daruma(host, 'fix', '--yes')).toMatchObject({ code: 0 });
      expect((await daruma(host, 'undo')).stdout.split('\n').slice(1)).toEqual(['']);
    });

    test('stops no timer that ran before the fix', { timeout: 120_000 }, async () => {
      const host = await lab.host();
      const units = '/home/kuma/.config/systemd/user';
      await host.writeFile(`${units}/hooked.service`, fallen, { user: 'kuma' });
      await host.writeFile(
        '/home/kuma/.config/daruma/config.yaml',
        'notify: {channels: [{type: command, command: [/bin/true]}]}\n',
        { user: 'kuma' },
      );
      await asKuma(host, 'systemctl --user daemon-reload');
      expect(await daruma(host, 'notify', 'install', '--yes', 'hooked')).toMatchObject({ code: 0 });
      // As an earlier version wrote them.
      const wakers = 'daruma-outbox.timer daruma-outbox.path';
      await asKuma(
        host,
        `cd ${units} && cp ${wakers} /tmp && sed -i '1s/.*/# of before/' ${wakers} && systemctl --user daemon-reload`,
      );
      expect(await daruma(host, 'notify', 'install', '--yes', 'hooked')).toMatchObject({ code: 0 });
      expect(await daruma(host, 'undo')).toMatchObject({ code: 0 });
      const after = await asKuma(
        host,
        `cd ${units} && head -qn1 ${wakers}; systemctl --user is-active ${wakers}`,
      );
      expect(after).toBe('# of before\n# of before\nactive\nactive\n');
      // The first installation had started them, and they go with their files.
      await asKuma(host, `cd /tmp && cp ${wakers} ${units}`);
      expect(await daruma(host, 'undo')).toMatchObject({ code: 0 });
      expect(await asKuma(host, `systemctl --user is-active ${wakers} || true`)).not.toMatch(/^active$/m);
    });

    test('says how to be rid of a unit of `daruma new` that was edited since, and so it goes', {
      timeout: 120_000,
    }, async () => {
      const host = await lab.host();
      await daruma(host, 'new', '--yes', 'parrot', '--', '/bin/sleep', 'infinity');
      await asKuma(
        host,
        `cd ~/.config/systemd/user
         echo '# mine' >> parrot.service
         systemctl --user daemon-reload
         systemctl --user start parrot`,
      );
      const { code, stdout } = await daruma(host, 'undo');
      expect(code).toBe(3);
      expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
        'Made by this fix, and left since it was changed: parrot.service. To be rid of it: $ ',
      );
      const commands = commandsIn(stdout);
      expect(commands).toHaveLength(3);
      await asKuma(host, commands.join(' && '));
      const shown = await asKuma(
        host,
        `systemctl --user show -p LoadState -p ActiveState parrot; find ~/.config/systemd/user -name 'parrot*'`,
      );
      expect(shown).toMatch(
        /^(?:LoadState=not-found|ActiveState=inactive)\n(?:LoadState=not-found|ActiveState=inactive)\n/,
      );
      expect(shown).not.toContain('parrot');
    });

    test('says that a service of `daruma new` runs on without its file, and how it ends', {
      timeout: 120_000,
    }, async () => {
      const host = await lab.host();
      await daruma(host, 'new', '--yes', 'echo', '--', '/bin/sleep', 'infinity');
      await asKuma(host, 'systemctl --user start echo');
      const { code, stdout } = await daruma(host, 'undo');
      expect(code).toBe(0);
      const said = stdout.replaceAll(/\s+/g, ' ');
      expect(said).toContain('Not stopped, and without a unit file: echo.service.');
      const shown = await asKuma(host, 'systemctl --user show -p LoadState -p ActiveState -p Restart echo');
      // The order is another one in each version.
      expect(shown.trim().split('\n').toSorted()).toEqual([
        'ActiveState=active',
        'LoadState=not-found',
        'Restart=no',
      ]);
      const [command = ''] = commandsIn(stdout);
      expect(command).toBe('systemctl --user stop echo.service');
      const again = await daruma(host, 'new', '--yes', 'echo', '--', '/bin/sleep', 'infinity');
      expect(again.stdout).not.toContain('does not run yet');
      expect(again.stdout).toContain('  $ systemctl --user restart echo.service\n');
      await daruma(host, 'undo');
      await asKuma(host, command);
      await daruma(host, 'new', '--yes', 'echo', '--', '/bin/sleep', 'infinity');
      expect((await daruma(host, 'undo')).stdout.trimEnd().split('\n')).toHaveLength(1);
    });
  });
});
