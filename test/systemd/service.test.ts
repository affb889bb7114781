import { describe, expect, it } from 'vitest';
import { service, settings } from '../support/services.ts';

const infinity = Number.POSITIVE_INFINITY;
const refusal = (lines: string, version = 252) => {
  const { unit } = service(`[Service]\n${lines}`, { version });
  if (unit.load === 'loaded') return undefined;
  expect(unit.load).toBe('bad-setting');
  return unit.problem?.code === 'refused' ? unit.problem.rule : unit.problem?.code;
};
const start = 'ExecStart=/bin/true\n';

describe('section 6: values', () => {
  it('time spans: bare = seconds; 1.5, 1min 30s, infinity ok', () => {
    const restartSec = (value: string) => settings(`RestartSec=${value}`).RestartSec.value;
    expect(['7', '1.5', '1min 30s', 'infinity'].map(restartSec)).toEqual([7e6, 1.5e6, 90e6, infinity]);
  });

  it('time spans: M = month, m = minute; negative invalid', () => {
    const restartSec = (value: string) => settings(`RestartSec=3\nRestartSec=${value}`).RestartSec.value;
    expect(['1M', '1m', '-1'].map(restartSec)).toEqual([2_629_800e6, 60e6, 3e6]);
  });

  it('TimeoutStartSec=0, TimeoutSec=0 and TimeoutStopSec=0 -> infinity; RestartSec=0 stays 0', () => {
    expect(settings('TimeoutStartSec=0\nTimeoutStopSec=0\nRestartSec=0')).toMatchObject({
      TimeoutStartSec: { value: infinity },
      TimeoutStopSec: { value: infinity },
      RestartSec: { value: 0 },
    });
    expect(settings('TimeoutSec=0')).toMatchObject({
      TimeoutStartSec: { value: infinity },
      TimeoutStopSec: { value: infinity, source: { line: 3 } },
    });
  });

  it('booleans: 1/yes/y/true/t/on, 0/no/n/false/f/off, any case', () => {
    const remains = (value: string) => settings(`RemainAfterExit=${value}`).RemainAfterExit.value;
    expect(['1', 'yes', 'Y', 'true', 'T', 'On'].map(remains)).toEqual(Array(6).fill(true));
    expect(['0', 'no', 'N', 'false', 'f', 'OFF'].map(remains)).toEqual(Array(6).fill(false));
    expect(settings('RemainAfterExit=yes\nRemainAfterExit=maybe').RemainAfterExit.value).toBe(true);
  });

  it('SuccessExitStatus: an exit name or 0-255 first, then a signal; bad words are skipped singly', () => {
    const { statuses, signals } = settings(
      'SuccessExitStatus=TEMPFAIL FAILURE EXIT_FAILURE 256 7\nSuccessExitStatus=TERM SIGKILL RTMIN+3',
    ).SuccessExitStatus.value;
    expect([...statuses].sort((a, b) => a - b)).toEqual([1, 7, 75]);
    expect([...signals].sort((a, b) => a - b)).toEqual([9, 15, 37]);
  });
});

describe('a service', () => {
  it('is simple with a command, dbus with a bus name, oneshot with neither', () => {
    const type = (lines: string, version = 252) =>
      service(`[Service]\n${lines}`, { version }).settings?.Type.value;
    expect(type(start)).toBe('simple');
    expect(type(`${start}BusName=org.example.A\n`)).toBe('dbus');
    expect(type('ExecStop=/bin/true\nRemainAfterExit=yes\n')).toBe('oneshot');
    expect(type(`${start}LoadCredential=a:/b\n`, 256)).toBe('simple');
    expect(type(`${start}LoadCredential=a:/b\n`, 257)).toBe('exec');
    expect(type(`${start}Type=bogus\n`)).toBe('simple');
  });

  it('has no bus name that no bus would take', () => {
    for (const name of ['bad', 'org.', 'org.1a', 'org.example.%i', '%Z.a', 'a b.c']) {
      expect(service(`[Service]\n${start}BusName=${name}\n`).settings?.Type.value).toBe('simple');
    }
    expect(service(`[Service]\n${start}BusName=a.b\nBusName=bad\n`).settings?.Type.value).toBe('dbus');
  });

  it('of type oneshot has no start time-out unless one is set', () => {
    expect(settings('Type=oneshot').TimeoutStartSec).toEqual({ value: infinity, source: null });
    expect(settings('Type=oneshot\nTimeoutStartSec=5').TimeoutStartSec.value).toBe(5e6);
  });

  it('that delegates its control group goes on after an OOM kill, unless it says otherwise', () => {
    expect(settings('').OOMPolicy).toEqual({ value: 'stop', source: null });
    for (const value of ['yes', '', 'memory', 'bogus']) {
      expect(settings(`Delegate=${value}`).OOMPolicy).toMatchObject({
        value: 'continue',
        source: { line: 3 },
      });
    }
    expect(settings('Delegate=yes\nDelegate=no').OOMPolicy.value).toBe('stop');
    expect(settings('Delegate=yes\nOOMPolicy=kill').OOMPolicy.value).toBe('kill');
  });

  it('has its PID file below the runtime directory, specifiers expanded', () => {
    const pidFile = (value: string) => settings(`PIDFile=${value}`).PIDFile.value;
    expect(pidFile('a.pid')).toBe('/run/user/1000/a.pid');
    expect(pidFile('/run//%n.pid')).toBe('/run/a.service.pid');
    expect(pidFile('%t/%p.pid')).toBe('/run/user/1000/a.pid');
  });

  it('never waits longer than RestartMaxDelaySec, since 254', () => {
    const lines = 'RestartSec=9\nRestartMaxDelaySec=3';
    expect(settings(lines, { version: 254 }).RestartSec.value).toBe(3e6);
    expect(settings(lines, { version: 252 }).RestartSec.value).toBe(9e6);
  });
});

describe('systemd refuses a service', () => {
  it('without any command', () => expect(refusal('Restart=always\n')).toBe('no-command'));
  it('without a command to start, unless it is oneshot and remains', () => {
    expect(refusal('Type=simple\nExecStop=/bin/true\n')).toBe('no-exec-start');
    expect(refusal('ExecStop=/bin/true\n')).toBe('no-exec-start-and-not-remaining');
    expect(refusal('ExecStop=/bin/true\nRemainAfterExit=yes\n')).toBeUndefined();
    expect(refusal('RemainAfterExit=no\n[Unit]\nSuccessAction=exit\n')).toBeUndefined();
  });
  it('with several commands to start, unless it is oneshot', () => {
    expect(refusal(start + start)).toBe('several-exec-starts');
    expect(refusal(`ExecStart=/bin/true ; /bin/false\n`)).toBe('several-exec-starts');
    expect(refusal(`Type=oneshot\n${start}${start}`)).toBeUndefined();
  });
  it('that isolates several units when it fails or ends', () => {
    const isolating = `${start}[Unit]\nOnFailure=a.service b.service\n`;
    expect(refusal(`${isolating}OnFailureJobMode=isolate\n`)).toBe('isolates-several');
    expect(refusal(`${isolating}OnFailureIsolate=yes\n`)).toBe('isolates-several');
    expect(refusal(`${isolating}OnFailure=\nOnFailure=a.service\nOnFailureJobMode=isolate\n`)).toBe(
      'isolates-several',
    );
    expect(refusal(`${isolating}OnFailureJobMode=replace\n`)).toBeUndefined();
    expect(refusal(`${start}[Unit]\nOnFailure=a.service\nOnFailureJobMode=isolate\n`)).toBeUndefined();
  });
  it('of type oneshot that restarts after success', () => {
    expect(refusal(`Type=oneshot\nRestart=always\n${start}`)).toBe('oneshot-restarts-on-success');
    expect(refusal(`Type=oneshot\nRestart=on-success\n${start}`)).toBe('oneshot-restarts-on-success');
    expect(refusal(`Type=oneshot\nRestart=on-failure\n${start}`)).toBeUndefined();
  });
  it('of type oneshot with RestartForceExitStatus, until 255', () => {
    expect(refusal(`Type=oneshot\nRestartForceExitStatus=1\n${start}`, 255)).toBe('oneshot-forces-restart');
    expect(refusal(`Type=oneshot\nRestartForceExitStatus=1\n${start}`, 256)).toBeUndefined();
  });
  it('of type oneshot with ExitType=cgroup', () => {
    expect(refusal(`Type=oneshot\nExitType=cgroup\n${start}`)).toBe('oneshot-exit-type-cgroup');
  });
  it('of type dbus without a name', () => expect(refusal(`Type=dbus\n${start}`)).toBe('dbus-without-name'));
  it('with PAM and a kill mode that leaves processes', () => {
    expect(refusal(`PAMName=login\nKillMode=process\n${start}`)).toBe('pam-with-kill-mode');
    expect(refusal(`PAMName=login\nKillMode=mixed\n${start}`)).toBeUndefined();
  });
});
