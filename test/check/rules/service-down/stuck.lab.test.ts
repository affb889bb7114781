/** Real managers: what systemd has been starting or stopping for long, what has never been up, and a loop that is over. */
import { beforeAll, expect, test } from 'vitest';
import type { Host } from '../../../../lab/host.ts';
import { describeLab, usualVersions } from '../../../../lab/vitest.ts';
import { waitFor } from '../../../../lab/wait.ts';
import { schemaErrors } from '../../../report/schema-errors.ts';
import { asKuma, findingsOf } from '../../live-findings.ts';

const always = 'Restart=always\nRestartSec=1\n';
const limitless = '[Unit]\nStartLimitIntervalSec=0\n';
const deaf = `/bin/sh -c 'trap "" TERM; while :; do sleep 1; done'`;

const units = {
  announced: '[Service]\nType=notify\nExecStart=/bin/sleep 900\nTimeoutStartSec=infinity\n',
  prepared: `[Service]\nExecStartPre=/bin/sleep 900\nExecStart=/bin/sleep 900\nTimeoutStartSec=infinity\n${always}`,
  // A job of somebody's has it started, and so has it a stop.
  asked: `[Service]\nExecStart=${deaf}\nTimeoutStopSec=300\n${always}`,
  slow: `${limitless}[Service]\nType=notify\nExecStart=/bin/sleep 900\nTimeoutStartSec=8\n${always}`,
  over: `${limitless}[Service]\nExecStart=/bin/sh -c 'n=$(cat %h/runs || echo 0); echo $((n + 1)) > %h/runs; [ $n -ge 3 ] || exit 3; exec sleep 900'\n${always}`,
} as const;
/** Falls once at first, so that it is followed. */
const stopper = `${limitless}[Service]\nExecStart=/bin/sh -c 'trap "" TERM; [ -e %h/fell ] || { touch %h/fell; sleep 1; exit 3; }; while :; do sleep 1; done'\nRuntimeMaxSec=3\nTimeoutStopSec=300\n${always}`;

interface Told {
  readonly unit: string;
  readonly how: string;
  readonly text: string;
  readonly command: string;
}

for (const systemd of usualVersions(import.meta.url)) {
  describeLab(`systemd ${systemd}`, { systemd, users: ['kuma'] }, lab => {
    const daruma = ['node', '/opt/daruma/bin/daruma.cjs'];
    const names = Object.keys(units);
    let host: Host;

    beforeAll(async () => {
      host = await lab.host();
      const folder = '/home/kuma/.config/systemd/user';
      for (const [name, text] of Object.entries({ ...units, stopper })) {
        const file = `${text}[Install]\nWantedBy=default.target\n`;
        await host.writeFile(`${folder}/${name}.service`, file, { user: 'kuma' });
      }
      await host.writeFile('/home/kuma/tell', '#!/bin/sh\n{ cat; echo; echo ----; } >> ~/told\n', {
        user: 'kuma',
      });
      await host.writeFile(
        '/home/kuma/.config/daruma/config.yaml',
        'notify:\n  channels:\n    - {type: command, command: [/home/kuma/tell]}\n',
        { user: 'kuma' },
      );
      await asKuma(
        host,
        `chmod +x ~/tell
         systemctl --user daemon-reload
         systemctl --user --quiet enable ${names.join(' ')} stopper`,
      );
      await host.exec([...daruma, 'notify', 'install', '--yes', 'stopper'], { user: 'kuma' });
      await asKuma(host, `systemctl --user start --no-block ${names.join(' ')} stopper`);
    }, 120_000);

    async function down(): Promise<Readonly<Record<string, Told>>> {
      const { stdout } = await host.exec([...daruma, 'status', '--json'], { user: 'kuma' });
      const document = JSON.parse(stdout);
      expect(schemaErrors('status', document)).toEqual([]);
      return Object.fromEntries(document.down.map((told: Told) => [told.unit.replace('.service', ''), told]));
    }

    test('says of a start and a stop that hang that they do, and of nothing that it runs before it has been up', {
      timeout: 300_000,
    }, async () => {
      const over = await waitFor('a loop that is over', 40_000, async () => {
        const state = await asKuma(
          host,
          'cat ~/runs 2> /dev/null || true; systemctl --user is-active over || true',
        );
        return state === '4\nactive\n' ? (await down())['over'] : undefined;
      });
      expect(over).toMatchObject({ how: 'looping', phase: 'up', restarts: 3 });
      expect(over?.text).toMatch(/ keeps falling, .*; it has been running again since [\d-]+ [\d:]+ UTC$/);
      const early = await down();
      expect(early['announced']).toBeUndefined();
      expect(early['prepared']).toBeUndefined();
      // What systemd ends for a fault is seen before it has lasted for a minute.
      await waitFor('an end for a fault', 40_000, async () =>
        (await down())['stopper']?.how === 'still-stopping' ? true : undefined,
      );
      await asKuma(host, 'systemctl --user stop --no-block asked');
      const slow = await waitFor('a start after a start that failed', 120_000, async () => {
        const told = (await down())['slow'];
        return told?.how === 'starting' ? told : undefined;
      });
      expect(slow.text).toMatch(
        /^slow\.service is being started \(not ready yet\), and has failed (?:once|\d+ times) /,
      );
      const stuck = await waitFor('what has lasted for long', 120_000, async () => {
        const told = await down();
        return told['announced']?.how === 'still-starting' ? told : undefined;
      });
      expect(stuck).toMatchObject({
        announced: { how: 'still-starting', phase: 'starting', command: expect.stringContaining('status') },
        prepared: { how: 'still-starting', phase: 'starting' },
      });
      expect(stuck['announced']?.text).toMatch(
        / is being started, since [\d-]+ [\d:]+ UTC, and is not ready yet$/,
      );
      expect(stuck['stopper']?.text).toMatch(
        / is being stopped, since [\d-]+ [\d:]+ UTC, and has not ended yet$/,
      );
      expect(stuck['asked']).toBeUndefined();
      const quiet = await host.exec([...daruma, 'status'], { user: 'kuma' });
      expect(quiet.stdout.replaceAll(/\s+/g, ' ')).toMatch(
        /not fallen: asked \(since [\d-]+ [\d:]+ UTC, and not ended yet; systemd kills it at [\d-]+ [\d:]+ UTC\)/,
      );
      const { stdout: document } = await host.exec([...daruma, 'status', '--json'], { user: 'kuma' });
      const { units: rows }: { units: readonly Record<string, string>[] } = JSON.parse(document);
      const asked = rows.find(({ unit }) => unit === 'asked.service');
      const { stoppingSince = '', killsAt = '' } = asked ?? {};
      expect(Date.parse(killsAt) - Date.parse(stoppingSince)).toBe(300_000);
      expect(await asKuma(host, `${daruma.join(' ')} explain asked --lang zh-CN`)).toContain('还没有结束');
      const loop = await waitFor('the third start after starts that failed', 60_000, async () => {
        const told = (await down())['slow'];
        return told?.text.includes('is being started') === true ? told : undefined;
      });
      expect(loop).toMatchObject({ how: 'looping', phase: 'starting' });
      expect(loop.text).toMatch(/ is being started \(not ready yet\), and has failed \d+ times, first at /);
      const findings = await findingsOf(host, 'service-down');
      for (const name of ['announced', 'prepared', 'stopper'])
        expect(findings).toContainEqual(
          expect.objectContaining({ unit: `${name}.service`, severity: 'warning' }),
        );
      const { stdout } = await host.exec([...daruma, 'notify', 'status'], { user: 'kuma' });
      expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
        'stopper.service: it is being stopped now; when last looked at: ',
      );
      const told = await waitFor('a message', 120_000, async () => {
        const text = await asKuma(host, 'cat ~/told 2> /dev/null || true');
        return text.includes('is stopping it') ? text : undefined;
      });
      expect(told).toMatch(/systemd is stopping it, and it has not ended in \d/);
    });
  });
}
