/** Real managers that have forgotten what fell: the journal knows it, and is asked about all of it at once. */
import { describe, expect, test } from 'vitest';
import { describeLab, usualVersions } from '../../lab/vitest.ts';
import { asKuma, findingsOf } from '../check/live-findings.ts';

const collected = '[Unit]\nCollectMode=inactive-or-failed\n';
const sleeper = '[Service]\nExecStart=/bin/sleep infinity\n';
const count = 40;

/** Runs the real one, and leaves a mark of each time. */
const journalctl = '#!/bin/sh\necho asked >> ~/asked\nPATH=/usr/bin:/bin exec journalctl "$@"\n';

interface Told {
  readonly unit: string;
}

describe.each(usualVersions(import.meta.url))('systemd %i', systemd => {
  describeLab('what its manager has forgotten', { name: 'forgotten', systemd, users: ['kuma'] }, lab => {
    const daruma = ['node', '/opt/daruma/bin/daruma.cjs'];

    test('is asked about at once, however many there are', { timeout: 120_000 }, async () => {
      const host = await lab.host();
      await host.writeFile('/home/kuma/bin/journalctl', journalctl, { user: 'kuma' });
      await asKuma(
        host,
        `chmod +x ~/bin/journalctl
         mkdir -p ~/.config/systemd/user
         cd ~/.config/systemd/user
         for n in $(seq ${count}); do printf '${sleeper.replaceAll('\n', '\\n')}' > many$n.service; done
         systemctl --user daemon-reload
         systemctl --user start $(seq -f many%g ${count})
         systemctl --user stop many1
         systemctl --user kill --signal=KILL $(seq -f many%g 2 ${count})
         while systemctl --user --quiet is-active $(seq -f many%g ${count}); do sleep 0.1; done
         systemctl --user reset-failed
         # journald writes them down in its own time.
         written() { journalctl --quiet --output=cat $(seq -f USER_UNIT=many%g.service ${count}) UNIT_RESULT=signal; }
         until [ "$(written | wc --lines)" -ge ${count - 1} ]; do sleep 0.1; done`,
      );
      const script = `PATH=$HOME/bin:$PATH exec ${daruma.join(' ')} check --json`;
      const { stdout } = await host.exec(['sh', '-c', script], { user: 'kuma' });
      const { findings } = JSON.parse(stdout);
      const down = findings.filter(({ rule }: { readonly rule: string }) => rule === 'service-down');
      expect(down.map(({ unit }: Told) => unit)).not.toContain('many1.service');
      expect(down).toHaveLength(count - 1);
      const asked = (await asKuma(host, 'cat ~/asked')).trim().split('\n');
      expect(asked.length).toBeLessThanOrEqual(4);
    });

    test('is down when it fell, also an instance and what went down with it; what was stopped has no row', {
      timeout: 120_000,
    }, async () => {
      const host = await lab.host();
      const units = {
        'app@': `${collected}${sleeper}`,
        'keep@': `${sleeper}Restart=always\n`,
        'odd\\\\x2dname@': `${collected}${sleeper}`,
        side: `[Unit]\nCollectMode=inactive-or-failed\nBindsTo=app@one.service\nAfter=app@one.service\n${sleeper}`,
        apart: `${collected}${sleeper}`,
      };
      const files = Object.entries(units).map(
        ([name, text]) => `cat > ${name}.service <<'END'\n${text}END\n`,
      );
      await asKuma(
        host,
        `mkdir -p ~/.config/systemd/user
         cd ~/.config/systemd/user
         rm --force many*
${files.join('')}
         systemctl --user daemon-reload
         systemctl --user start app@one app@two side apart keep@one 'odd\\x2dname@three'
         systemctl --user stop app@two apart
         systemctl --user kill --signal=KILL app@one 'odd\\x2dname@three'
         while systemctl --user --quiet is-active app@one side 'odd\\x2dname@three'; do sleep 0.1; done
         sleep 0.5
         test -z "$(systemctl --user list-units --all --no-legend 'app@*' side.service 'odd*' | grep -v app-)"`,
      );
      // Its services end with it.
      const uid = (await asKuma(host, 'id --user')).trim();
      await host.exec(['systemctl', 'kill', '--signal=KILL', `user@${uid}.service`]);
      await host.exec(['bash', '-c', `while systemctl --quiet is-active user@${uid}; do sleep 0.1; done`]);
      await host.exec(['systemctl', 'reset-failed', `user@${uid}.service`]);
      await host.exec(['systemctl', 'start', `user@${uid}.service`]);
      const { stdout } = await host.exec([...daruma, 'status', '--json'], { user: 'kuma' });
      const { down, units: rows } = JSON.parse(stdout);
      const fell = { how: 'fell', result: 'signal', code: 'killed', status: 'KILL' };
      expect(down).toMatchObject([
        {
          ...fell,
          unit: 'app@one.service',
          since: expect.any(String),
          log: expect.arrayContaining([expect.any(String)]),
        },
        { how: 'fell', unit: 'keep@one.service', result: null },
        { ...fell, unit: 'odd\\x2dname@three.service' },
        { how: 'stopped-with', unit: 'side.service', other: 'app@one.service' },
      ]);
      expect(down).toHaveLength(4);
      expect(rows.map(({ unit }: Told) => unit)).toEqual([
        'apart.service',
        'app@one.service',
        'keep@one.service',
        'odd\\x2dname@three.service',
        'side.service',
      ]);
      expect((await findingsOf(host, 'service-down')).map(({ unit }) => unit)).toContain('app@one.service');
    });
  });
});
