/** How one ended process is judged: clean, or which failure. */
import { describe, expect, test } from 'vitest';
import { after, briefly } from './given.ts';

const resultOf = (text: string, ending: string, given = {}) => after(text, ending, given).result;

describe('a clean end', () => {
  test.each(['signal:HUP', 'signal:INT', 'signal:TERM', 'signal:PIPE'])('of a daemon is %s', ending => {
    expect(resultOf('Restart=always', ending)).toBe('success');
  });

  test.each(['signal:HUP', 'signal:INT', 'signal:TERM', 'signal:PIPE'])(
    'of a oneshot is not %s: it is a command',
    ending => {
      expect(resultOf('Type=oneshot', ending)).toBe('signal');
    },
  );

  test.each(['simple', 'exec', 'idle', 'notify', 'forking'])(
    'Type=%s: SIGTERM is clean, the main process is a daemon',
    type => {
      expect(resultOf(`Type=${type}`, 'signal:TERM')).toBe('success');
    },
  );

  test('is exit status 0, and no other by default', () => {
    expect(resultOf('', 'exit:0')).toBe('success');
    expect(resultOf('', 'exit:1')).toBe('exit-code');
    expect(resultOf('', 'exit:255')).toBe('exit-code');
  });

  test('is not SIGKILL, SIGUSR1 or SIGALRM', () => {
    for (const signal of ['KILL', 'USR1', 'ALRM']) expect(resultOf('', `signal:${signal}`)).toBe('signal');
  });
});

describe('SuccessExitStatus=', () => {
  test('takes exit statuses, names and signals', () => {
    const unit = 'SuccessExitStatus=7 TEMPFAIL SIGKILL';
    expect(resultOf(unit, 'exit:7')).toBe('success');
    expect(resultOf(unit, 'exit:75')).toBe('success');
    expect(resultOf(unit, 'signal:KILL')).toBe('success');
    expect(resultOf(unit, 'exit:8')).toBe('exit-code');
  });

  test('does not help against a dumped core, even where the signal is listed', () => {
    expect(resultOf('SuccessExitStatus=SIGABRT', 'core:ABRT')).toBe('core-dump');
  });

  test('with LimitCORE=0 a SIGSEGV is a signal like any other, and can be listed', () => {
    expect(resultOf('', 'signal:SEGV')).toBe('signal');
    expect(resultOf('SuccessExitStatus=SIGSEGV', 'signal:SEGV')).toBe('success');
  });

  test('143 does not mean SIGTERM, nor the other way round', () => {
    expect(resultOf('SuccessExitStatus=SIGTERM', 'exit:143')).toBe('exit-code');
    expect(resultOf('Type=oneshot\nSuccessExitStatus=143', 'signal:TERM')).toBe('signal');
  });

  test('counts for control processes too: ExecStartPre= exits 7', () => {
    const unit = 'ExecStartPre=/bin/pre\nRestart=on-failure\n';
    expect(briefly(after(unit, 'start-pre:7'))).toBe('exit-code, restarts');
    expect(briefly(after(`${unit}SuccessExitStatus=7`, 'start-pre:7'))).toBe('impossible');
  });
});

describe('a "-" before a command', () => {
  test('makes any exit status or signal of it a success', () => {
    const unit = 'ExecStart=-/bin/daemon\nRestart=on-failure';
    expect(briefly(after(unit, 'exit:1'))).toBe('success, stays down');
    expect(briefly(after(unit, 'signal:KILL'))).toBe('success, stays down');
    expect(briefly(after(unit, 'core:SEGV'))).toBe('success, stays down');
  });

  test('of ExecStart= excuses the daemon that a forking service leaves behind', () => {
    expect(resultOf('Type=forking\nPIDFile=/run/a.pid\nExecStart=-/bin/daemon', 'exit:1')).toBe('success');
  });

  test('does not help against time-outs', () => {
    const unit =
      'Type=notify\nExecStart=-/bin/daemon\nExecStartPost=-/bin/post\nTimeoutStartSec=5\nRuntimeMaxSec=9';
    for (const ending of ['start-timeout', 'start-post-timeout', 'runtime-max']) {
      expect(resultOf(unit, ending)).toBe('timeout');
    }
  });

  test('of one of several commands of a oneshot leaves the others to fail', () => {
    expect(resultOf('Type=oneshot\nExecStart=-/bin/a\nExecStart=/bin/b', 'exit:1')).toBe('exit-code');
    expect(resultOf('Type=oneshot\nExecStart=-/bin/a\nExecStart=-/bin/b', 'exit:1')).toBe('success');
  });
});

describe('the first failure wins', () => {
  test('ExecStartPost= fails: exit-code, although the main process then dies of SIGTERM', () => {
    const unit = 'ExecStartPost=/bin/post\nKillSignal=SIGKILL';
    expect(resultOf(unit, 'start-post:1')).toBe('exit-code');
  });

  test('the watchdog expires: watchdog, although the main process then dies of SIGABRT', () => {
    expect(resultOf('WatchdogSec=5', 'watchdog')).toBe('watchdog');
  });
});

describe('ExecCondition=', () => {
  const unit = (restart: string, version: number, status: number) =>
    after(`ExecCondition=/bin/condition\nRestart=${restart}`, `condition:${status}`, { version });

  test('exit 0 lets the service go on: no ending', () => {
    expect(briefly(unit('always', 252, 0))).toBe('impossible');
  });

  test.each([1, 2, 254])('exit %i skips: exec-condition, inactive', status => {
    const outcome = unit('on-failure', 252, status);
    expect(briefly(outcome)).toBe('exec-condition, stays down');
    expect(outcome.state).toBe('inactive/dead');
  });

  test('a skip restarts under no policy from 251 on', () => {
    for (const restart of ['on-failure', 'on-abnormal', 'always', 'on-success', 'no']) {
      expect(briefly(unit(restart, 251, 1))).toBe('exec-condition, stays down');
    }
  });

  test('up to 250 Restart=always restarts on a skip, the others do not', () => {
    expect(briefly(unit('always', 250, 1))).toBe('exec-condition, restarts');
    expect(briefly(unit('on-failure', 250, 1))).toBe('exec-condition, stays down');
    expect(briefly(unit('on-abnormal', 250, 1))).toBe('exec-condition, stays down');
  });

  test('exit 255 is a failure', () => {
    const outcome = unit('on-failure', 252, 255);
    expect(briefly(outcome)).toBe('exit-code, restarts');
    expect(unit('no', 252, 255).state).toBe('failed/failed');
  });

  test('a status that SuccessExitStatus= lists is no skip', () => {
    const outcome = after('ExecCondition=/bin/condition\nSuccessExitStatus=3', 'condition:3');
    expect(briefly(outcome)).toBe('impossible');
  });
});
