import { expect, it } from 'vitest';
import { shownDirectives, shownSettings } from '../../src/systemd/shown-settings.ts';
import { settings } from '../support/services.ts';

it('says settings as systemctl show does, each with its line', () => {
  const shown = shownSettings(
    settings(
      'Restart=always\nRestartSec=1min 30s\nSuccessExitStatus=SIGTERM TEMPFAIL\nRemainAfterExit=1\nTimeoutStopSec=0',
    ),
    252,
  );
  expect(shown).toMatchObject({
    Type: { value: 'simple', source: null },
    Restart: { value: 'always', source: { file: '/etc/systemd/user/a.service', line: 3 } },
    RestartSec: { value: '1min 30s' },
    SuccessExitStatus: { value: '75 TERM' },
    RemainAfterExit: { value: 'yes' },
    TimeoutStopSec: { value: 'infinity' },
    RuntimeMaxSec: { value: 'infinity' },
    WatchdogSec: { value: '0' },
    SendSIGKILL: { value: 'yes' },
  });
});

it('leaves out what the version does not know', () => {
  const names = (version: number) => Object.keys(shownSettings(settings('', { version }), version));
  expect(names(262)).toEqual([...shownDirectives]);
  expect(names(253)).not.toContain('RestartSteps');
  expect(names(249)).not.toContain('ExitType');
});
