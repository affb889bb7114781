/** Real managers: a unit that its manager refuses is told as that, with its reason, and no reload is said to help. */
import { describe, expect, test } from 'vitest';
import { describeLab, usualVersions } from '../../../../lab/vitest.ts';
import { asKuma, findingsOf } from '../../live-findings.ts';

const sleeps = '[Service]\\nExecStart=/bin/sleep infinity\\n[Install]\\nWantedBy=default.target\\n';
const refused = '[Unit]\\nOnFailure=a.service b.service\\nOnFailureJobMode=isolate\\n';

interface Row {
  readonly unit: string;
  readonly falls: object | null;
  readonly problem: { readonly code: string } | null;
}

describe.each(usualVersions(import.meta.url))('systemd %i', systemd => {
  describeLab('unit-load-error', { name: 'refused', systemd, users: ['kuma'] }, lab => {
    test('names what its manager refuses, at rest and running, until a reload takes its mended files', {
      timeout: 120_000,
    }, async () => {
      const host = await lab.host();
      // With a drop-in the manager asks for a reload for ever, or never.
      await asKuma(
        host,
        `mkdir -p ~/.config/systemd/user
         cd ~/.config/systemd/user
         for name in dead live; do
           printf '${sleeps}' > $name.service
           mkdir $name.service.d
           printf '[Service]\\nNice=1\\n' > $name.service.d/nice.conf
         done
         systemctl --user daemon-reload
         systemctl --user --quiet enable dead
         systemctl --user --quiet enable --now live
         for name in dead live; do printf '${refused}' > $name.service.d/refused.conf; done
         sleep 1.1
         systemctl --user daemon-reload`,
      );
      const both = [{ unit: 'dead.service' }, { unit: 'live.service' }];
      expect(await findingsOf(host, 'unit-load-error')).toMatchObject(both);
      expect(await findingsOf(host, 'daemon-reload-needed')).toEqual([]);
      const status = ['node', '/opt/daruma/bin/daruma.cjs', 'status', '--json'];
      const { down, units }: { readonly down: unknown; readonly units: readonly Row[] } = JSON.parse(
        (await host.exec(status, { user: 'kuma' })).stdout,
      );
      expect(down).toMatchObject([{ unit: 'dead.service', how: 'unloadable' }]);
      for (const { falls, problem } of units) {
        expect(problem).toMatchObject({ code: 'refused' });
        expect(falls).toBeNull();
      }
      await asKuma(host, 'sleep 1.1; rm ~/.config/systemd/user/*.service.d/refused.conf');
      expect(await findingsOf(host, 'unit-load-error')).toEqual([]);
      expect(await findingsOf(host, 'daemon-reload-needed')).toMatchObject(both);
      await asKuma(host, 'systemctl --user daemon-reload');
      expect(await findingsOf(host, 'daemon-reload-needed')).toEqual([]);
    });
  });
});
