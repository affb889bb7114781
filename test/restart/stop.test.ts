/** What a stop job forbids. */
import { describe, expect, test } from 'vitest';
import { after, again, briefly } from './given.ts';

describe('systemctl stop', () => {
  test.each(['always', 'on-success', 'on-failure', 'on-abnormal', 'on-abort', 'on-watchdog', 'no'])(
    'Restart=%s: stays down',
    restart => {
      const outcome = after(`Restart=${restart}`, 'stop');
      expect(briefly(outcome)).toBe('success, stays down');
      expect(outcome.state).toBe('inactive/dead');
    },
  );

  test('is not undone by RestartForceExitStatus=', () => {
    expect(after('Restart=always\nRestartForceExitStatus=SIGTERM', 'stop').restarts).toBe(false);
  });

  test('is one start and nothing for the start limit', () => {
    expect(again('Restart=always', 'stop', 0)).toMatchObject({ givesUp: 'no', starts: 1, nRestarts: 0 });
  });

  test('of a service that a KillSignal= kills hard leaves it failed, and down', () => {
    const outcome = after('Restart=always\nKillSignal=SIGKILL', 'stop');
    expect(briefly(outcome)).toBe('signal, stays down');
    expect(outcome.state).toBe('failed/failed');
  });

  test('of a oneshot at work: SIGTERM is a failure of a command', () => {
    expect(briefly(after('Type=oneshot', 'stop'))).toBe('signal, stays down');
  });

  test('of a oneshot that stays active after its exit is clean', () => {
    expect(briefly(after('Type=oneshot\nRemainAfterExit=yes', 'stop'))).toBe('success, stays down');
  });

  test('with KillMode=none and an ExecStopPost= waits in vain for the main process, and ends as a time-out', () => {
    const unit = 'Restart=always\nKillMode=none\nExecStopPost=/bin/post';
    expect(briefly(after(unit, 'stop'))).toBe('timeout, stays down');
    expect(briefly(after('Restart=always\nKillMode=none', 'stop'))).toBe('success, stays down');
  });

  test('systemctl kill forbids nothing: it is a signal from outside', () => {
    expect(after('Restart=always', 'signal:TERM').restarts).toBe(true);
    expect(after('Restart=on-failure', 'signal:KILL').restarts).toBe(true);
  });
});
