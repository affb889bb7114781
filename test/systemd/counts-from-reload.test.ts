import { describe, expect, it } from 'vitest';
import { countsFromReload } from '../../src/systemd/counts-from-reload.ts';

describe('a setting of a service that runs', () => {
  it.each([
    'Restart',
    'RestartSec',
    'RestartSteps',
    'ExecStopPost',
    'TimeoutStopSec',
    'KillMode',
    'KillSignal',
  ])('counts from the reload: %s=', key => expect(countsFromReload('Service', key)).toBe(true));

  it.each([
    'ExecStart',
    'Environment',
    'EnvironmentFile',
    'User',
    'LimitNOFILE',
    'WorkingDirectory',
    'ProtectSystem',
    'WatchdogSec',
    'NotifyAccess',
    'Type',
    'NoSuchSetting',
  ])('counts from the start of its process: %s=', key => {
    expect(countsFromReload('Service', key)).toBe(false);
  });

  it('counts from the reload in the other sections, apart from what the process enters at its start', () => {
    expect(countsFromReload('Unit', 'StartLimitIntervalSec')).toBe(true);
    expect(countsFromReload('Unit', 'OnFailure')).toBe(true);
    expect(countsFromReload('Unit', 'JoinsNamespaceOf')).toBe(false);
    expect(countsFromReload('Install', 'WantedBy')).toBe(true);
    expect(countsFromReload('X-Own', 'Note')).toBe(true);
    expect(countsFromReload('Sevice', 'Restart')).toBe(false);
  });
});
