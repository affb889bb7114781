/** Which process counts, type by type and hook by hook. Restart=on-failure where nothing else is said. */
import { describe, expect, test } from 'vitest';
import { predictOutcome } from '../../src/restart/outcome.ts';
import { leavesOpen } from '../../src/restart/reason.ts';
import { again, after as afterAny, briefly, endingOf, type Given, machineOf, service } from './given.ts';

const after = (text: string, ending: string, given: Given = {}) =>
  afterAny(/^Restart=/m.test(text) ? text : `${text}\nRestart=on-failure`, ending, given);

describe('hooks', () => {
  test('ExecStartPre= fails: exit-code, restart; the main process never ran', () => {
    const outcome = after('ExecStartPre=/bin/pre', 'start-pre:1');
    expect(briefly(outcome)).toBe('exit-code, restarts');
    expect(after('ExecStartPre=/bin/pre\nRestartPreventExitStatus=1', 'start-pre:1').restarts).toBe(true);
  });

  test('ExecStartPre= with "-" fails: nothing happens', () => {
    expect(briefly(after('ExecStartPre=-/bin/pre', 'start-pre:1'))).toBe('impossible');
  });

  test('ExecStartPost= fails: the main process gets SIGTERM, exit-code, restart of a healthy service', () => {
    const outcome = after('ExecStartPost=/bin/post', 'start-post:1');
    expect(briefly(outcome)).toBe('exit-code, restarts');
    expect(outcome.because.map(reason => reason.code)).toContain('start-post-kills-main');
  });

  test('ExecStartPost= with "-" fails: it stays up', () => {
    expect(briefly(after('ExecStartPost=-/bin/post', 'start-post:1'))).toBe('impossible');
  });

  test('ExecStartPost= slower than TimeoutStartSec=: timeout, restart, and "-" does not help', () => {
    expect(briefly(after('ExecStartPost=/bin/post', 'start-post-timeout'))).toBe('timeout, restarts');
    expect(briefly(after('ExecStartPost=-/bin/post', 'start-post-timeout'))).toBe('timeout, restarts');
    expect(briefly(after('ExecStartPost=/bin/post\nTimeoutStartSec=0', 'start-post-timeout'))).toBe(
      'impossible',
    );
    expect(briefly(after('', 'start-post-timeout'))).toBe('impossible');
  });

  test('ExecStartPre= of a simple service can be too slow as well', () => {
    expect(briefly(after('ExecStartPre=/bin/pre', 'start-timeout'))).toBe('timeout, restarts');
  });

  test.each(['simple', 'idle', 'exec'])(
    'Type=%s without a command before it has no time-out to start',
    type => {
      expect(briefly(after(`Type=${type}`, 'start-timeout'))).toBe('impossible');
    },
  );

  test('ExecStart= is missing: 203, exit-code; on-abnormal does not restart, "-" makes it a success', () => {
    expect(briefly(after('', 'exit:203'))).toBe('exit-code, restarts');
    expect(briefly(after('Restart=on-abnormal', 'exit:203'))).toBe('exit-code, stays down');
    expect(briefly(after('ExecStart=-/bin/daemon', 'exit:203'))).toBe('success, stays down');
  });

  test('WorkingDirectory= is missing: 200, exit-code', () => {
    expect(briefly(after('', 'exit:200'))).toBe('exit-code, restarts');
  });
});

describe('Type=forking', () => {
  test('the daemon exits 0 and leaves nothing: success, no restart', () => {
    expect(briefly(after('Type=forking', 'exit:0'))).toBe('success, stays down');
  });

  test('SIGTERM is clean', () => {
    expect(briefly(after('Type=forking', 'signal:TERM'))).toBe('success, stays down');
  });

  test('the start takes too long: timeout', () => {
    expect(briefly(after('Type=forking', 'start-timeout'))).toBe('timeout, restarts');
  });

  test('exit 5 of a guessed main process: exit-code', () => {
    expect(briefly(after('Type=forking', 'exit:5'))).toBe('exit-code, restarts');
    expect(briefly(after('Type=forking\nPIDFile=/run/a.pid', 'exit:5'))).toBe('exit-code, restarts');
  });

  test('a main process that is neither guessed nor told: nobody sees how it ended', () => {
    expect(briefly(after('Type=forking\nGuessMainPID=no', 'exit:5'))).toBe('success, stays down');
    const prevented = 'Type=forking\nGuessMainPID=no\nRestart=always\nRestartPreventExitStatus=5';
    expect(after(prevented, 'exit:5').restarts).toBe(true);
  });

  test('nor can a list match the signal that systemd itself sends to such a process', () => {
    const unit =
      'Type=forking\nGuessMainPID=no\nRestart=always\nRestartPreventExitStatus=SIGTERM\nRuntimeMaxSec=1';
    expect(after(unit, 'runtime-max').restarts).toBe(true);
    expect(after(`${unit}\nPIDFile=/run/a.pid`, 'runtime-max').restarts).toBe(false);
  });
});

describe('a main process that systemd has to guess', () => {
  const outcome = (mainProcess: 'none' | 'unsure' | undefined, text: string, ending: string) =>
    predictOutcome({ ...service(`Type=forking\n${text}`), mainProcess }, endingOf(ending), machineOf({}));
  const endings = ['exit:1', 'signal:KILL', 'core:SEGV'];

  test.each(endings)(
    '%s of one that it has not found is a success, which only Restart=always restarts',
    ending => {
      const left = outcome('none', 'Restart=on-failure', ending);
      expect(briefly(left)).toBe('success, stays down');
      expect(left.because[0]).toMatchObject({ code: 'main-process-not-found', setting: null });
      expect(left.because.some(leavesOpen)).toBe(false);
      expect(briefly(outcome('none', 'Restart=always', ending))).toBe('success, restarts');
      expect(outcome('none', 'Restart=always\nRemainAfterExit=yes', ending).state).toBe('active/exited');
    },
  );

  test.each(endings)('%s is not certain where that decides, whichever way', ending => {
    const open = outcome('unsure', 'Restart=on-failure', ending);
    expect([open.restarts, open.because.some(leavesOpen)]).toEqual([false, true]);
    const always = outcome('unsure', 'Restart=always', ending);
    expect([always.restarts, always.because.some(leavesOpen)]).toEqual([true, false]);
  });

  test('a list of what prevents the restart counts only where the process is known', () => {
    const prevented = 'Restart=always\nRestartPreventExitStatus=5 SIGKILL';
    for (const ending of ['exit:5', 'signal:KILL', 'oom']) {
      expect(outcome(undefined, prevented, ending).restarts).toBe(false);
      expect(outcome('none', prevented, ending).restarts).toBe(true);
      const open = outcome('unsure', prevented, ending);
      expect([open.restarts, open.because.some(leavesOpen)]).toEqual([false, true]);
    }
  });

  test('what systemd itself ends is seen all the same', () => {
    expect(briefly(outcome('none', 'Restart=on-failure', 'oom'))).toBe('oom-kill, restarts');
    expect(briefly(outcome('none', 'Restart=on-failure\nRuntimeMaxSec=5', 'runtime-max'))).toBe(
      'timeout, restarts',
    );
  });
});

describe('Type=notify', () => {
  test('the start takes too long: timeout', () => {
    expect(briefly(after('Type=notify', 'start-timeout'))).toBe('timeout, restarts');
    expect(briefly(after('Type=notify-reload', 'start-timeout', { version: 253 }))).toBe('timeout, restarts');
  });

  test('once it was ready it ends as any daemon', () => {
    expect(briefly(after('Type=notify', 'exit:0'))).toBe('success, stays down');
    expect(briefly(after('Type=notify', 'signal:TERM'))).toBe('success, stays down');
  });
});

describe('Type=dbus', () => {
  const dbus = 'Type=dbus\nBusName=org.example.Name';

  test('a clean end before the name is taken is a success, a failure is one', () => {
    expect(briefly(after(dbus, 'unready-exit:0'))).toBe('success, stays down');
    expect(briefly(after(dbus, 'unready-exit:1'))).toBe('exit-code, restarts');
  });

  test('the name is never taken: timeout', () => {
    expect(briefly(after(dbus, 'start-timeout'))).toBe('timeout, restarts');
  });

  test.each(['RemainAfterExit=yes', 'KillMode=none'])('%s: a failure may go unseen', line => {
    const reasons = (text: string, ending: string) => after(text, ending).because.map(({ code }) => code);
    expect(reasons(`${dbus}\n${line}`, 'exit:1')).toContain('name-may-go-first');
    expect(reasons(`${dbus}\n${line}`, 'exit:0')).not.toContain('name-may-go-first');
    expect(reasons(line, 'exit:1')).not.toContain('name-may-go-first');
    expect(reasons(dbus, 'exit:1')).not.toContain('name-may-go-first');
  });
});

describe('Type=oneshot', () => {
  test('has no time-out to start unless one is set', () => {
    expect(briefly(after('Type=oneshot', 'start-timeout'))).toBe('impossible');
    expect(briefly(after('Type=oneshot\nTimeoutStartSec=5', 'start-timeout'))).toBe('timeout, restarts');
  });

  test('RuntimeMaxSec= and WatchdogSec= have no effect', () => {
    expect(briefly(after('Type=oneshot\nRuntimeMaxSec=5', 'runtime-max'))).toBe('impossible');
    expect(briefly(after('Type=oneshot\nWatchdogSec=5', 'watchdog'))).toBe('impossible');
  });

  test('whose ExecStartPost= hangs is ended by the watchdog, if that is sooner', () => {
    const unit = 'Type=oneshot\nExecStartPost=/bin/post\nWatchdogSec=2';
    expect(briefly(after(`${unit}\nTimeoutStartSec=5`, 'start-post-timeout'))).toBe('watchdog, restarts');
    expect(briefly(after(unit, 'start-post-timeout'))).toBe('watchdog, restarts');
    expect(briefly(after(`${unit}\nTimeoutStartSec=1`, 'start-post-timeout'))).toBe('timeout, restarts');
  });

  test('that hangs is still activating, and TimeoutStartSec= ends it', () => {
    expect(after('Type=oneshot\nRuntimeMaxSec=5\nWatchdogSec=5', 'hang')).toMatchObject({
      restarts: false,
      state: 'activating/start',
    });
    expect(briefly(after('Type=oneshot\nTimeoutStartSec=5', 'hang'))).toBe('timeout, restarts');
  });

  test('several ExecStart= run until the first failure that no "-" excuses', () => {
    const unit = 'Type=oneshot\nExecStart=-/bin/a\nExecStart=/bin/b\nExecStart=/bin/c';
    expect(briefly(after(unit, 'exit:1'))).toBe('exit-code, restarts');
  });
});

describe('limits of its own', () => {
  test('RuntimeMaxSec=: timeout; not under on-abort', () => {
    expect(briefly(after('RuntimeMaxSec=5', 'runtime-max'))).toBe('timeout, restarts');
    expect(briefly(after('RuntimeMaxSec=5\nRestart=on-abort', 'runtime-max'))).toBe('timeout, stays down');
    expect(briefly(after('', 'runtime-max'))).toBe('impossible');
  });

  test('WatchdogSec= works for Type=simple too: SIGABRT, watchdog', () => {
    expect(briefly(after('WatchdogSec=5', 'watchdog'))).toBe('watchdog, restarts');
    expect(
      after('WatchdogSec=5\nRestart=always\nRestartPreventExitStatus=SIGABRT', 'watchdog').restarts,
    ).toBe(false);
    expect(briefly(after('', 'watchdog'))).toBe('impossible');
  });

  test('a hang is seen by the watchdog or by RuntimeMaxSec=, whichever is sooner, else by nobody', () => {
    expect(briefly(after('WatchdogSec=9\nRuntimeMaxSec=5', 'hang'))).toBe('timeout, restarts');
    expect(briefly(after('WatchdogSec=5\nRuntimeMaxSec=9', 'hang'))).toBe('watchdog, restarts');
    expect(briefly(after('RuntimeMaxSec=9', 'hang'))).toBe('timeout, restarts');
    expect(after('', 'hang')).toMatchObject({ possible: true, restarts: false, state: 'active/running' });
  });

  test('RemainAfterExit=yes: a clean end leaves it active, a failure restarts it', () => {
    for (const ending of ['exit:0', 'signal:TERM']) {
      expect(after('RemainAfterExit=yes', ending).state).toBe('active/exited');
      expect(after('RemainAfterExit=yes', ending).restarts).toBe(false);
    }
    expect(briefly(after('RemainAfterExit=yes', 'exit:1'))).toBe('exit-code, restarts');
  });

  test('ExitType=cgroup: how the main process ended still counts once the group is empty', () => {
    expect(briefly(after('ExitType=cgroup', 'exit:1'))).toBe('exit-code, restarts');
    expect(briefly(after('ExitType=cgroup', 'exit:0'))).toBe('success, stays down');
  });
});

describe('out of memory', () => {
  test('OOMPolicy=stop, the default: oom-kill', () => {
    expect(briefly(after('', 'oom'))).toBe('oom-kill, restarts');
    expect(briefly(after('Restart=on-abnormal', 'oom'))).toBe('oom-kill, restarts');
  });

  test('OOMPolicy=continue, as with Delegate=: a kill like any other', () => {
    expect(briefly(after('OOMPolicy=continue', 'oom'))).toBe('signal, restarts');
    expect(briefly(after('Delegate=yes', 'oom'))).toBe('signal, restarts');
  });

  test('cgroup v1 does not tell: signal', () => {
    expect(briefly(after('', 'oom', { cgroups: 'legacy' }))).toBe('signal, restarts');
    expect(briefly(after('MemoryAccounting=no', 'oom'))).toBe('signal, restarts');
  });
});

describe('after the end', () => {
  test('a failure leaves "failed", a clean end "dead", a restart waits in "auto-restart"', () => {
    expect(after('Restart=no', 'exit:1').state).toBe('failed/failed');
    expect(after('Restart=no', 'exit:0').state).toBe('inactive/dead');
    expect(after('', 'exit:1').state).toBe('activating/auto-restart');
  });

  test('a timeline of what does not restart is one start', () => {
    expect(again('Restart=no', 'exit:1', 0)).toMatchObject({ givesUp: 'no', starts: 1, nRestarts: 0 });
  });
});
