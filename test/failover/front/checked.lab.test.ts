/** What `check` says of a front, on a host with HAProxy and a stand-in of LiteLLM: held against what systemd does. */
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { Host } from '../../../lab/host.ts';
import { describeLab } from '../../../lab/vitest.ts';
import { home, type TellingHost, tellingHost } from '../../notify/telling-host.ts';
import { alone } from '../squad.ts';

const own = 'd-checked';
const minuteMs = 60_000;

const standIn = `#!/usr/local/bin/node
require('node:http')
  .createServer((request, response) => response.end(JSON.stringify("I'm alive!")))
  .listen(4000, '127.0.0.1');
`;

const services = {
  litellm: `[Service]\nExecStart=${home}/bin/litellm --port 4000\nRestart=always\nRestartSec=15\n[Install]\nWantedBy=default.target\n`,
};

const report = z.object({
  findings: z.array(z.object({ rule: z.string(), severity: z.string(), unit: z.string().nullable() })),
});

describeLab('a front that is checked', { name: own, users: ['kuma'] }, lab => {
  let host: Host;
  let telling: TellingHost;

  beforeAll(async () => {
    host = await lab.host();
    const write = (file: string, text: string, mode: number) =>
      host.writeFile(`${home}/${file}`, text, { user: 'kuma', mode });
    await write('key', 'sk-EXAMPLE', 0o600);
    await write('.openclaw/openclaw.json', alone, 0o600);
    await write('bin/litellm', standIn, 0o755);
    const node = (name: string, url: string) => `  - {name: ${name}, url: ${url}, key: "file:${home}/key"}\n`;
    telling = await tellingHost(host, services, {
      more: `nodes:\n${node(own, `https://${own}/litellm`)}${node('kuma', 'https://kuma.example.com/litellm')}`,
    });
    await telling.systemctl('enable', '--now', 'litellm');
    await telling.daruma('failover', 'apply', '--front', '--yes');
  }, 6 * minuteMs);

  /** The rules that find something about the front. */
  const found = async () => {
    const { findings } = report.parse(JSON.parse(await telling.daruma('check', '--format', 'json')));
    return findings
      .filter(({ rule, unit }) => rule === 'failover-front' || (unit?.startsWith('daruma-front') ?? false))
      .map(({ rule, severity }) => `${severity} ${rule}`);
  };
  const isActive = async (unit: string) => (await telling.systemctl('is-active', unit)).trim();
  const units = `${home}/.config/systemd/user`;
  const asUser = async (script: string) =>
    (await host.exec(['sh', '-c', script], { user: 'kuma', timeoutMs: minuteMs })).stdout;
  /** `0` for an answer, `7` for a refused connection, `28` for none in time: the exit status of curl. */
  const ask = async () =>
    (await asUser('curl -s -o /dev/null -m 5 http://127.0.0.1:4010/health/liveliness; echo $?')).trim();
  const restart =
    'systemctl --user daemon-reload; systemctl --user stop daruma-front.socket daruma-front.service; systemctl --user start daruma-front.socket daruma-front.service';

  test('gives no finding as it was set up', { timeout: 2 * minuteMs }, async () => {
    expect(await ask()).toBe('0');
    expect(await found()).toEqual([]);
  });

  test('that was stopped with its socket is named with what starts both', {
    timeout: 2 * minuteMs,
  }, async () => {
    await telling.systemctl('stop', 'daruma-front.socket', 'daruma-front.service');
    const said = (await telling.daruma('failover')).replaceAll(/\s+/g, ' ');
    const start = 'systemctl --user start daruma-front.service';
    expect(said).toContain(`to start it, with its socket: ${start}`);
    await asUser(start);
    expect(await ask()).toBe('0');
    expect(await telling.daruma('failover')).not.toContain('to start it');
  });

  test('comes back after a boot by either of its units', { timeout: 6 * minuteMs }, async () => {
    for (const unit of ['daruma-front.service', 'daruma-front.socket']) {
      await telling.systemctl('disable', unit);
      expect(await found()).toEqual([]);
      await host.exec(['loginctl', 'enable-linger', 'kuma']);
      await host.reboot();
      expect(await ask()).toBe('0');
      await telling.systemctl('enable', unit);
    }
  });

  test('does not come back by none, which is found', { timeout: 4 * minuteMs }, async () => {
    await telling.systemctl('disable', 'daruma-front.service', 'daruma-front.socket');
    expect(await found()).toEqual(['critical failover-front']);
    await host.reboot();
    expect(await ask()).toBe('7');
    expect(await found()).toEqual(['critical failover-front']);
    await telling.systemctl('enable', '--now', 'daruma-front.service', 'daruma-front.socket');
    expect(await found()).toEqual([]);
  });

  test.each(['daruma-front.service', 'daruma-front.socket'])(
    'starts nothing where %s is masked',
    { timeout: 2 * minuteMs },
    async unit => {
      const file = `${units}/${unit}`;
      await asUser(`mv ${file} ${home}/aside; ln -s /dev/null ${file}; ${restart}`);
      expect([await isActive('daruma-front.service'), await isActive('daruma-front.socket')]).not.toContain(
        'active',
      );
      expect(await ask()).toBe('7');
      expect(await found()).toContain('critical failover-front');
      await asUser(`rm ${file}; ${restart}`);
      expect(await ask()).toBe('7');
      expect(await found()).toContain('critical failover-front');
      await asUser(`mv ${home}/aside ${file}; systemctl --user reset-failed; ${restart}`);
      expect(await ask()).toBe('0');
    },
  );

  test.each(['daruma-front.service', 'daruma-front.socket'])(
    'is mended as it is said where %s is masked or gone',
    { timeout: 3 * minuteMs },
    async unit => {
      const file = `${units}/${unit}`;
      const stop = 'systemctl --user stop daruma-front.socket daruma-front.service';
      for (const [harm, mend] of [
        [`ln -sf /dev/null ${file}`, `${stop}; systemctl --user unmask ${unit}`],
        [`rm ${file}`, stop],
        [`rm ${units}/daruma-front.*`, stop],
      ] as const) {
        await asUser(`${harm}; systemctl --user daemon-reload`);
        expect(await found()).toContain('critical failover-front');
        await asUser(mend);
        await telling.daruma('failover', 'apply', '--front', '--yes');
        expect(await ask()).toBe('0');
        expect(await found()).toEqual([]);
      }
    },
  );

  test('keeps clients waiting without HAProxy', { timeout: 2 * minuteMs }, async () => {
    await host.exec(['mv', '/usr/sbin/haproxy', '/usr/sbin/haproxy-aside']);
    await telling.systemctl('restart', 'daruma-front.service');
    expect(await ask()).toBe('28');
    expect(await found()).toContain('critical failover-front');
    await host.exec(['mv', '/usr/sbin/haproxy-aside', '/usr/sbin/haproxy']);
    await telling.systemctl('restart', 'daruma-front.service');
    expect(await ask()).toBe('0');
  });

  test('shows what HAProxy has against it', { timeout: 3 * minuteMs }, async () => {
    const shown = async () => (await telling.daruma('failover')).replaceAll(/\s+/g, ' ');
    const file = `${home}/.config/daruma/front/front.cfg`;
    const refusal = 'HAProxy does not take the configuration of the front: ';
    expect(await shown()).not.toContain(refusal);
    await asUser(`cp ${file} ${home}/aside; sleep 2; echo nonsense >>${file}`);
    expect(await shown()).toContain(`${refusal}parsing [${file}`);
    await telling.systemctl('restart', 'daruma-front.service');
    const { proxies } = z
      .object({ proxies: z.array(z.object({ obstacle: z.object({ code: z.string() }).nullable() })) })
      .parse(JSON.parse(await telling.daruma('failover', '--format', 'json')));
    expect(proxies.flatMap(({ obstacle }) => obstacle ?? [])).toMatchObject([{ code: 'rejected' }]);
    await asUser(`cp ${home}/aside ${file}`);
    await telling.systemctl('restart', 'daruma-front.service');
    expect(await shown()).not.toContain(refusal);
  });

  test('is found where others can reach it, and where somebody has edited it', {
    timeout: 2 * minuteMs,
  }, async () => {
    const dropIn = `${units}/daruma-front.socket.d`;
    await asUser(
      `mkdir ${dropIn}; printf '[Socket]\\nListenStream=\\nListenStream=0.0.0.0:4010\\n' >${dropIn}/open.conf; echo >>${home}/.config/daruma/front/front.cfg`,
    );
    await asUser(restart);
    expect(await asUser('ss -Hltn sport = :4010')).toContain('0.0.0.0:4010');
    expect(await found()).toEqual(['critical failover-front', 'info failover-front']);
  });
});
