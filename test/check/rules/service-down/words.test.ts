/** What is said of a service that is down agrees with what is known about its next start. */
import { describe, expect, it } from 'vitest';
import type { ServiceDown } from '../../../../src/check/rules/service-down.ts';
import { downCommand } from '../../../../src/i18n/down-command.ts';
import { loadCatalogue } from '../../../../src/i18n/index.ts';
import { standings } from '../../../../src/inventory/downfall.ts';

const down: Omit<ServiceDown, 'standing'> = {
  how: 'fell',
  since: '2026-11-29T12:00:00Z',
  startsAgain: null,
  lastRestart: null,
  phase: null,
  phaseSince: null,
  lastFall: null,
  mayHaveBegunEarlier: false,
  timesOfRestarts: [],
  failedTrigger: null,
  earlierRestarts: null,
  failedStarts: null,
  startsFailed: 0,
  failedCommand: null,
  mainEndedWell: false,
  runSeconds: null,
  restarts: 0,
  isEnabled: true,
  startedBy: [],
  cannotStart: null,
  other: null,
  conditions: [],
  limits: [],
  halt: null,
  othersRun: false,
  port: null,
  listensOn: [],
  isPortTaken: false,
  result: 'exit-code',
  code: 'exited',
  status: '1',
};

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the table has these keys
const kinds = Object.keys(standings) as (keyof typeof standings)[];

const manager = { scope: 'user', prefix: '' } as const;
const about = { unit: 'a.service', ...manager };

async function wordsOf(more: Partial<ServiceDown>, language: 'en' | 'zh-CN' = 'en') {
  const texts = (await loadCatalogue(language)).rules['service-down'];
  const kind = { ...down, ...more };
  const details = { ...kind, standing: standings[kind.how] };
  return {
    message: texts.message(details, about),
    why: texts.why(details, about),
    remedy: texts.remedy(details, about),
    command: downCommand(manager, 'a.service', details),
  };
}

const missing = {
  code: 'cannot-start',
  fault: { kind: 'file', path: '/opt/a', role: 'program', problem: 'missing', script: null },
  doubt: null,
  setting: 'ExecStart',
  value: null,
  source: null,
} as const;

describe('a service that is down', () => {
  it.each(kinds)('is said not to be enabled only where that keeps it down (%s)', async how => {
    // What is started on demand need not be.
    const isOther = how === 'restarting' || how === 'trigger-failed';
    const isDown = ['down', 'held-back'].includes(standings[how]) && !isOther;
    const { message } = await wordsOf({ how, isEnabled: false });
    expect(message.includes('; it is not enabled')).toBe(isDown);
    const chinese = await wordsOf({ how, isEnabled: false }, 'zh-CN');
    expect(chinese.message.includes('；它未启用')).toBe(isDown);
  });

  it('fell once, and failed to start since: each with its own time, count and cause', async () => {
    const before = {
      at: '2026-11-29T11:47:02Z',
      isOfRestart: false,
      result: 'signal',
      code: 'killed',
      status: 'KILL',
    };
    const lacking = { result: 'resources', code: null, status: null } as const;
    const row = { since: before.at, lastFall: '2026-11-29T11:47:40Z', restarts: 9 } as const;
    const failedStarts = { count: 8, since: '2026-11-29T11:47:07Z', before };
    const waiting = { how: 'restarting', ...row, ...lacking, failedStarts, cannotStart: missing } as const;
    expect((await wordsOf(waiting)).message).toMatch(
      /its last start failed: .*; before those starts, at 2026-11-29 11:47:02 UTC, it was ended by SIGKILL/,
    );
    expect((await wordsOf(waiting, 'zh-CN')).message).toMatch(/上一次启动失败.*在这些启动之前.*SIGKILL/);
    for (const how of ['looping', 'restarted', 'gave-up', 'fell-lately', 'starting'] as const) {
      const { message } = await wordsOf({ how, ...row, ...lacking, failedStarts });
      expect(message).toMatch(
        /fail(?:s|ed|ing)?\b.*first at 2026-11-29 11:47:07 UTC and last at 2026-11-29 11:47:40 UTC/,
      );
      expect(message).toContain('; before those starts, at 2026-11-29 11:47:02 UTC, it was ended by SIGKILL');
      expect(message).not.toMatch(/\bfell\b|9 times in/);
      const chinese = await wordsOf({ how, ...row, ...lacking, failedStarts }, 'zh-CN');
      expect(chinese.message).toContain('第一次在 2026-11-29 11:47:07 UTC');
      expect(chinese.message).toContain('；在这些启动之前，它在 2026-11-29 11:47:02 UTC 被 SIGKILL');
      expect(chinese.message).not.toContain('倒下');
    }
  });

  it('fell again after starts that failed: both are counted apart', async () => {
    const mixed = { how: 'fell-lately', restarts: 5, startsFailed: 2 } as const;
    const killed = { result: 'signal', code: 'killed', status: 'KILL' } as const;
    const times = { since: '2026-11-29T11:47:02Z', lastFall: '2026-11-29T11:47:40Z' } as const;
    const { message } = await wordsOf({ ...mixed, ...killed, ...times });
    expect(message).toContain(
      ' fell 3 times and failed to start 2 times since its last start by hand or at boot',
    );
    const chinese = await wordsOf({ ...mixed, ...killed, ...times }, 'zh-CN');
    expect(chinese.message).toContain('倒下过 3 次、启动失败 2 次');
  });

  it('has only fallen as long as no start was tried since, whatever is known of the next one', async () => {
    const killed = { how: 'restarting', result: 'signal', code: 'killed', status: 'KILL' } as const;
    const { message } = await wordsOf({ ...killed, cannotStart: missing });
    expect(message).toMatch(/^a\.service is down since 2026-11-29 12:00:00 UTC: it was ended by SIGKILL/);
    expect(message).not.toContain('fails');
    const lacking = { how: 'restarting', result: 'resources', code: null, status: null } as const;
    expect((await wordsOf({ ...lacking, cannotStart: missing })).message).toContain('its last start failed');
    // A loop of kills is none of starts that fail.
    const loop = await wordsOf({ ...killed, how: 'looping', restarts: 3, cannotStart: missing });
    expect(loop.message).toContain('keeps falling');
  });

  it('is not to be started where that is known to fail', async () => {
    for (const how of ['fell', 'gave-up', 'unknown', 'ended', 'waiting', 'restarting', 'exited'] as const) {
      const { message, remedy, command } = await wordsOf({ how, cannotStart: missing });
      expect(message).toContain('; it cannot start: ');
      expect(message).toContain('/opt/a');
      expect(remedy).toMatch(/^Mend that first\. Then start it: /);
      expect(command).toBe('systemctl --user status a.service');
    }
    const hopeless = await wordsOf({ how: 'waiting', cannotStart: missing });
    expect(hopeless.remedy).toContain('"systemctl --user restart a.service"');
    const { why } = await wordsOf({ cannotStart: missing });
    expect(why).toBe('Each start fails until that is mended.');
    const inChinese = await wordsOf({ cannotStart: missing }, 'zh-CN');
    expect(inChinese.message).toContain('；无法启动：');
    expect(inChinese.remedy).toMatch(/^先解决这个问题，然后启动它：/);
  });

  it('has the time at which systemd starts it, and the command that does not wait for it', async () => {
    const waiting = { how: 'waiting', startsAgain: '2026-11-29T13:00:00Z' } as const;
    const { message, why, remedy, command } = await wordsOf(waiting);
    expect(message).toMatch(/, and systemd restarts it only at 2026-11-29 13:00:00 UTC$/);
    expect(why).toContain('systemd starts it again by itself');
    expect(command).toBe('systemctl --user restart a.service');
    expect(remedy).toContain(`"${command}"`);
    const never = await wordsOf({ how: 'waiting' });
    expect(never.message).toMatch(/, and systemd never gets to its restart$/);
    const inChinese = await wordsOf(waiting, 'zh-CN');
    expect(inChinese.message).toContain('systemd 要到 2026-11-29 13:00:00 UTC 才会重启它');
  });

  it('keeps falling by what was seen: how often, since when, and by what end', async () => {
    const loop = {
      how: 'looping',
      restarts: 4,
      lastFall: '2026-11-29T12:02:55Z',
      lastRestart: '2026-11-29T12:03:00Z',
    } as const;
    const { message, why, command } = await wordsOf(loop);
    expect(message).toBe(
      'a.service keeps falling, first at 2026-11-29 12:00:00 UTC and last at 2026-11-29 12:02:55 UTC: systemd has restarted it 4 times; at its last end it exited with status 1',
    );
    expect(why).toContain('Nobody stopped it');
    expect(command).toBe('journalctl --user-unit=a.service --lines=50');
    const vain = await wordsOf({ ...loop, status: '203' });
    expect(vain.message).toMatch(
      /^a\.service keeps failing to start, first at .*: systemd has restarted it 4 times; /,
    );
    expect(vain.why).toBe('Each start fails until that is mended.');
    const unproved = await wordsOf({ ...loop, how: 'restarted', since: null, lastFall: null });
    expect(unproved.message).toMatch(
      /^a\.service may keep falling: .* 4 times since its last start .*, last at /,
    );
    expect((await wordsOf(loop, 'zh-CN')).message).toMatch(
      /^a\.service 反复倒下，第一次在 .*，最后一次在 .*：systemd 已重启它 4 次/,
    );
  });

  it('is first to be mended where it ended at once each time, and has its log named in a loop', async () => {
    const quick = await wordsOf({ how: 'gave-up', runSeconds: 2 });
    expect(quick.remedy).toBe(
      'It ended within 2 s of each of its last starts: mend what ends it first; "journalctl --user-unit=a.service --lines=50" shows what it said. Then start it: "systemctl --user reset-failed a.service && systemctl --user start a.service".',
    );
    for (const how of [
      'looping',
      'restarting',
      'restarted',
      'fell-lately',
      'starting',
      'ends-again',
    ] as const)
      expect((await wordsOf({ how })).command).toBe('journalctl --user-unit=a.service --lines=50');
    const long = await wordsOf({ how: 'gave-up', runSeconds: 600 });
    expect(long.remedy).toMatch(/^Start it: /);
  });

  it('was restarted at least as often as what was read of a long row says', async () => {
    const loop = { how: 'looping', restarts: 125, lastFall: '2026-11-29T12:02:55Z' } as const;
    expect((await wordsOf(loop)).message).toContain('systemd has restarted it 125 times');
    expect((await wordsOf({ ...loop, mayHaveBegunEarlier: true })).message).toContain(
      'systemd has restarted it at least 125 times',
    );
    expect((await wordsOf({ ...loop, mayHaveBegunEarlier: true }, 'zh-CN')).message).toContain('至少 125 次');
  });

  it('was given up with its first and its last fall, as far as they are known', async () => {
    const given = { how: 'gave-up', restarts: 4, lastFall: '2026-11-29T12:02:55Z' } as const;
    const whole = await wordsOf(given);
    expect(whole.message).toBe(
      'a.service is down: it fell again and again, first at 2026-11-29 12:00:00 UTC and last at 2026-11-29 12:02:55 UTC; at its last end it exited with status 1, and systemd has given up',
    );
    const more = await wordsOf({ ...given, mayHaveBegunEarlier: true });
    expect(more.message).toContain(', at 2026-11-29 12:00:00 UTC or before for the first time and last at ');
    const last = { ...given, since: '2026-11-29T12:02:55Z', mayHaveBegunEarlier: true };
    expect((await wordsOf(last)).message).toContain('again and again, last at 2026-11-29 12:02:55 UTC; ');
    expect((await wordsOf(last, 'zh-CN')).message).toContain(
      '反复倒下，最后一次在 2026-11-29 12:02:55 UTC；',
    );
    expect((await wordsOf({ how: 'gave-up', lastFall: down.since })).message).toMatch(
      /^a\.service is down since 2026-11-29 12:00:00 UTC: /,
    );
  });

  it('claims nothing of all of the last ten minutes where its falls are only those since somebody started it', async () => {
    const once = { how: 'fell-lately', restarts: 1, lastFall: down.since } as const;
    const { message } = await wordsOf(once);
    expect(message).toContain(
      'fell once since its last start by hand or at boot, at 2026-11-29 12:00:00 UTC',
    );
    expect((await wordsOf(once, 'zh-CN')).message).toContain('从上一次手动或开机启动以来倒下过 1 次');
    const longer = await wordsOf({ ...once, mayHaveBegunEarlier: true });
    expect(longer.message).toContain('fell once in the last ten minutes, ');
  });

  it('does not answer where it is stopped, but is not said so while another process of it runs', async () => {
    const whole = await wordsOf({ how: 'halted', halt: 'stopped' });
    expect(whole.message).toBe('a.service runs, but its process is stopped (as by SIGSTOP)');
    expect(whole.why).toContain('It does nothing, and does not answer');
    const partly = await wordsOf({ how: 'halted', halt: 'stopped', othersRun: true });
    expect(partly.message).toBe(
      'a.service runs, but its main process is stopped (as by SIGSTOP); another process of it runs',
    );
    expect(partly.why).not.toContain('does not answer');
    const inChinese = await wordsOf({ how: 'halted', halt: 'traced', othersRun: true }, 'zh-CN');
    expect(inChinese.message).toContain('它的主进程被调试器暂停；它还有别的进程在运行');
    expect(inChinese.why).not.toContain('也不会应答');
  });

  it('is not called falling once it has been up for longer than its falls were apart', async () => {
    const calm = { how: 'restarted', restarts: 4, lastFall: '2026-11-29T12:02:55Z' } as const;
    const { message, why } = await wordsOf(calm);
    expect(message).toMatch(
      /^a\.service is up again after it fell again and again, first at .* and last at /,
    );
    expect(why).toContain('whether it stays up is not known yet');
  });

  it('does not wait for a restart that is known to fail', async () => {
    const { message } = await wordsOf({ how: 'restarting', cannotStart: missing });
    expect(message).toMatch(
      /^a\.service is down since [^:]+:\d+:\d+ UTC: it exited with status 1; it cannot start: /,
    );
  });

  it('waits for a restart that systemd makes by itself', async () => {
    const { message, why, remedy } = await wordsOf({ how: 'restarting' });
    expect(message).toContain('waits for its next restart');
    expect(why).toContain('systemd starts it again within a minute');
    expect(remedy).toMatch(/^See by what it ends: /);
  });

  it('is not said to stay down where a timer starts it', async () => {
    const { why } = await wordsOf({ startedBy: ['a.timer'] });
    expect(why).toBe('Nobody stopped it, and only a.timer starts it again.');
    expect((await wordsOf({})).why).toContain('systemd does not start it again by itself');
  });
});

it('names the limit that ended a run', async () => {
  const limits = [{ setting: 'RuntimeMaxSec', value: '1min', source: { file: '/etc/a.service', line: 7 } }];
  const { message } = await wordsOf({ result: 'timeout', limits });
  expect(message).toContain(
    'it ran for longer than RuntimeMaxSec=1min (a.service:7) allows, and systemd ended it',
  );
});

it('took longer to start, where all its last falls are starts that failed', async () => {
  const failedStarts = { count: 20, since: '2026-11-29T12:00:00Z', before: null };
  const loop = { how: 'looping', restarts: 20, lastFall: '2026-11-29T12:02:55Z', result: 'timeout' } as const;
  expect((await wordsOf({ ...loop, failedStarts })).message).toContain('it took longer to start than it may');
  expect((await wordsOf(loop)).message).toContain('it took longer to start, to run or to stop than it may');
});
