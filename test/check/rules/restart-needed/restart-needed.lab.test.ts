import { describe, expect, test } from 'vitest';
import { describeLab, usualVersions } from '../../../../lab/vitest.ts';
import { asKuma, findingsOf, startService } from '../../live-findings.ts';

describe.each(usualVersions(import.meta.url))('systemd %i', systemd => {
  describeLab('restart-needed', { name: 'older', systemd, users: ['kuma'] }, lab => {
    test('is told from the reload after a change until the restart', { timeout: 60_000 }, async () => {
      const host = await lab.host();
      await startService(host);
      expect(await findingsOf(host, 'restart-needed')).toEqual([]);
      await asKuma(
        host,
        `sleep 2
         mkdir ~/.config/systemd/user/agent.service.d
         printf '[Service]\\nEnvironment=MODE=new\\n' > ~/.config/systemd/user/agent.service.d/override.conf`,
      );
      // First it is the reload that is due.
      expect(await findingsOf(host, 'restart-needed')).toEqual([]);
      await asKuma(host, 'systemctl --user daemon-reload');
      expect(await findingsOf(host, 'restart-needed')).toMatchObject([
        {
          unit: 'agent.service',
          source: { file: '/home/kuma/.config/systemd/user/agent.service.d/override.conf' },
        },
      ]);
      await asKuma(host, 'sleep 1; systemctl --user restart agent.service');
      expect(await findingsOf(host, 'restart-needed')).toEqual([]);
    });

    test('restarts nothing whose next start is known to fail', { timeout: 60_000 }, async () => {
      const host = await lab.host();
      await startService(host);
      const state = () =>
        asKuma(host, 'systemctl --user show --property=MainPID,ActiveState,NRestarts agent.service');
      await asKuma(
        host,
        `systemctl --user restart agent.service; sleep 2
         sed -i 's,/bin/sleep,/bin/gone,' ~/.config/systemd/user/agent.service
         systemctl --user daemon-reload`,
      );
      const before = await state();
      expect(await findingsOf(host, 'restart-needed')).toMatchObject([{ details: { isInVain: true } }]);
      await host.exec(['node', '/opt/daruma/bin/daruma.cjs', 'fix', '--yes', '--restart'], { user: 'kuma' });
      expect(await state()).toBe(before);
      await asKuma(host, `sed -i 's,/bin/gone,/bin/sleep,' ~/.config/systemd/user/agent.service`);
    });

    test('is not told for what daruma writes, unless the process needs it at its start', async () => {
      const host = await lab.host();
      const daruma = 'node /opt/daruma/bin/daruma.cjs';
      await startService(host);
      const channel = String.raw`notify:\n  channels:\n    - type: command\n      command: [/bin/true]\n`;
      await asKuma(
        host,
        // The service of the test before may still run, and is then older than the file just written.
        `sleep 2; systemctl --user restart agent.service; sleep 2
         mkdir -p ~/.config/daruma
         printf '${channel}' > ~/.config/daruma/config.yaml
         ${daruma} fix --only start-limit-gives-up --yes agent
         ${daruma} notify install --yes agent`,
      );
      const folder = '/home/kuma/.config/systemd/user/agent.service.d';
      expect((await asKuma(host, `ls ${folder}`)).split('\n').toSorted()).toEqual(
        expect.arrayContaining(['zz-daruma.conf', 'zz-daruma.notify.conf']),
      );
      const dueAfter = async (line: string) => {
        await asKuma(host, `printf '${line}' >> ${folder}/zz-daruma.conf; systemctl --user daemon-reload`);
        return findingsOf(host, 'restart-needed');
      };
      expect(await dueAfter('')).toEqual([]);
      expect(await dueAfter(String.raw`# A comment.\n`)).toEqual([]);
      expect(await dueAfter(String.raw`[Service]\nEnvironment=MODE=new\n`)).toMatchObject([
        { unit: 'agent.service', source: { file: `${folder}/zz-daruma.conf` } },
      ]);
    });
  });
});
