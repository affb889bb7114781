import { describe, expect, test } from 'vitest';
import { describeLab } from '../../../../lab/vitest.ts';
import { asKuma, findingsOf } from '../../live-findings.ts';

/** Lines of [Service], each tried in a service of its own. */
const lines = [
  'User=kuma',
  'User=root',
  'User=nobody',
  'User=nobody-there',
  'User=54321',
  'Group=nobody-there',
  'SupplementaryGroups=nobody-there',
  'Group=kuma',
  'Group=nogroup',
  'SupplementaryGroups=daemon',
  'DynamicUser=yes',
  'AmbientCapabilities=CAP_NET_BIND_SERVICE',
  'CapabilityBoundingSet=CAP_NET_BIND_SERVICE',
  'PrivateDevices=yes',
  'RootDirectory=/',
  'LogNamespace=squad',
  'PrivateTmp=yes',
  'ProtectSystem=strict',
  'NoNewPrivileges=yes',
  'Nice=-5',
] as const;

describe.each([247, 252, 257, 262])('systemd %i', systemd => {
  describeLab('system-only-setting', { name: 'privileges', systemd, users: ['kuma'] }, lab => {
    test('fires on what fails to start, and on nothing else', { timeout: 120_000 }, async () => {
      const host = await lab.host();
      const units = lines.map((line, index) => ({ line, unit: `try-${index}.service` }));
      const write = units.map(
        ({ line, unit }) => `printf '[Service]\\nExecStart=/bin/sleep 60\\n${line}\\n' > ${unit}`,
      );
      const start = units.map(({ unit }) => `systemctl --user start ${unit} 2> /dev/null || true`);
      const show = units.map(
        ({ unit }) =>
          `systemctl --user show ${unit} -p LoadState -p ActiveState -p ExecMainStatus | sort | tr '\\n' ' '; echo`,
      );
      const folder = '~/.config/systemd/user';
      const shown = await asKuma(
        host,
        [
          `mkdir -p ${folder}`,
          `cd ${folder}`,
          ...write,
          'systemctl --user daemon-reload',
          ...start,
          'sleep 1',
          ...show,
        ].join('\n'),
      );
      const findings = await findingsOf(host, 'system-only-setting');
      const told = new Map(findings.map(({ unit, message }) => [unit, /(\d+)\/[A-Z]+$/.exec(message)?.[1]]));
      const seen = shown.trim().split('\n');
      const differing = units.flatMap(({ line, unit }, index) => {
        // What the manager refuses to load has another rule.
        const [, status] =
          /^ActiveState=failed ExecMainStatus=(\d+) LoadState=loaded/.exec(seen[index] ?? '') ?? [];
        return status === told.get(unit) ? [] : [`${line}: ${seen[index]}, told: ${told.get(unit)}`];
      });
      expect(differing).toEqual([]);
      expect(told.size).toBeGreaterThan(5);
    });
  });
});
