/** How a service ended, in words, where systemd's result and the end of the main process do not match. */
import { describe, expect, it } from 'vitest';
import { loadCatalogue } from '../../src/i18n/index.ts';
import { exitStatusName } from '../../src/systemd/values/exit-status.ts';

const catalogues = await Promise.all(
  (['en', 'zh-CN'] as const).map(async language => [language, await loadCatalogue(language)] as const),
);

describe.each(catalogues)('%s', (language, { notices }) => {
  const why = (result: string, code: string | null, status: string | null) =>
    notices.why('a.service', { result, code, status });
  const outside = language === 'en' ? 'from outside' : '外部';

  it('says where a signal may have come from only where it made the result, and never that it came from outside for certain', () => {
    expect(why('success', 'killed', 'TERM')).toContain(outside);
    expect(why('signal', 'killed', 'KILL')).toContain(outside);
    for (const result of [
      'exit-code',
      'timeout',
      'watchdog',
      'oom-kill',
      'protocol',
      'resources',
      'signal',
    ]) {
      expect(why(result, 'killed', 'TERM')).not.toContain(outside);
    }
    const own = language === 'en' ? 'by itself' : '它自己';
    expect(why('signal', 'killed', 'KILL')).toContain(own);
    expect(why('exit-code', 'exited', '143')).not.toContain(outside);
    // After reset-failed nothing tells who sent it.
    expect(why('success', 'killed', 'KILL')).not.toContain(outside);
  });

  it('takes status 0 for no failure: another command has failed', () => {
    const failedCommand = { name: 'ExecStartPost', code: 'exited', status: '8' };
    const told = (failed: typeof failedCommand | null) =>
      notices.why('a.service', { result: 'exit-code', code: 'exited', status: '0', failedCommand: failed });
    expect(told(failedCommand)).toMatch(/ExecStartPost=.*8.*0/);
    expect(told(null)).toContain('Exec…=');
  });

  it('says how a process had ended before what followed its end took too long', () => {
    const late = (code: string, status: string) =>
      notices.why('a.service', { result: 'timeout', code, status, endedBeforeTimeout: true });
    expect(late('exited', '0')).toContain(language === 'en' ? 'exited with status 0' : '以状态 0 退出');
    expect(late('killed', 'TERM')).toContain(language === 'en' ? 'was ended by SIGTERM' : '被 SIGTERM 终止');
    for (const text of [late('exited', '0'), late('killed', 'TERM')]) {
      expect(text).toContain('TimeoutStopSec=');
      expect(text).not.toContain(language === 'en' ? 'systemd ended it' : 'systemd 终止');
    }
  });

  it('does not call an end good that systemd counts as a success since nobody saw it', () => {
    expect(why('success', null, null)).toContain(language === 'en' ? 'nobody saw how' : '原因未知');
  });

  it('names the command that failed in place of the main one, with its end', () => {
    const failed = (name: string, code: string, status: string) =>
      notices.why('a.service', {
        result: 'exit-code',
        code: null,
        status: null,
        failedCommand: { name, code, status },
        ...(name === 'ExecStartPost' && { mainEndedWell: true }),
      });
    const [pre, post] = [failed('ExecStartPre', 'exited', '4'), failed('ExecStartPost', 'killed', 'KILL')];
    expect(pre).toContain(
      language === 'en'
        ? 'did not start: its ExecStartPre= exited with status 4'
        : '没有启动：它的 ExecStartPre= 以状态 4 退出',
    );
    expect(post).toContain(
      language === 'en'
        ? 'because its ExecStartPost= was ended by SIGKILL'
        : '因它的 ExecStartPost= 被 SIGKILL 终止',
    );
  });

  it('says of each exit status of a failed preparation that the program did not run', () => {
    for (let status = 200; status < 255; status += 1) {
      const isSetup = exitStatusName(status) !== undefined;
      const text = why('exit-code', 'exited', String(status));
      expect(text.includes(language === 'en' ? 'could not be run' : '无法运行')).toBe(isSetup);
    }
  });

  it('says that what failed in its start was not ready, and that nothing but the start took too long', () => {
    const start = (result: string, code: string | null, status: string | null) =>
      notices.why('a.service', { result, code, status, isBeforeUp: true });
    const words =
      language === 'en'
        ? ['a.service exited with status 4, before it was ready.', 'took longer to start than it may']
        : ['a.service 以状态 4 退出（当时尚未就绪）。', '启动超时'];
    expect(start('exit-code', 'exited', '4')).toBe(words[0]);
    expect(start('timeout', 'killed', 'TERM')).toContain(words[1]);
    expect(start('exit-code', 'exited', '203')).toBe(why('exit-code', 'exited', '203'));
    expect(start('protocol', 'exited', '0')).toBe(why('protocol', 'exited', '0'));
  });
});
