/** The words of messages: in both languages, in every markup, and never without where and when. */
import { describe, expect, it } from 'vitest';
import { loadCatalogue } from '../../../src/i18n/index.ts';
import type { Markup } from '../../../src/notify/channel.ts';
import type { Cause, Notice } from '../../../src/notify/notice.ts';
import { composeLetter } from '../../../src/report/notices/compose.ts';

const en = await loadCatalogue('en');
const zh = await loadCatalogue('zh-CN');
const where = {
  atMs: Date.UTC(2026, 2, 28, 1, 2, 3),
  host: 'neko',
  unit: 'litellm.service',
  scope: 'user',
} as const;
const hour = 3_600_000;
const term: Cause = { result: 'success', code: 'exited', status: '0' };
const oom: Cause = { result: 'oom-kill', code: 'killed', status: 'KILL' };
const exit1: Cause = { result: 'exit-code', code: 'exited', status: '1' };

const notices = {
  fell: { ...where, kind: 'fell', cause: oom },
  'keeps-falling': {
    ...where,
    kind: 'keeps-falling',
    cause: exit1,
    falls: 43,
    sinceMs: Date.UTC(2026, 2, 28, 0, 57, 3),
  },
  restarted: { ...where, kind: 'restarted', cause: term, downSeconds: 7.3, falls: 1 },
  started: { ...where, kind: 'started' },
  'not-ready': { ...where, kind: 'not-ready', waitedSeconds: 30 },
  'stays-down': { ...where, kind: 'stays-down', cause: exit1, gaveUp: { falls: 5, seconds: 2.1 } },
  'still-down': { ...where, kind: 'still-down', sinceMs: Date.UTC(2026, 2, 27, 1, 2, 3) },
  failed: { ...where, kind: 'failed', cause: exit1, startedBy: ['litellm.timer'] },
  recovered: { ...where, kind: 'recovered', cause: exit1, falls: 3 },
  outage: {
    atMs: where.atMs,
    host: where.host,
    scope: 'user',
    kind: 'outage',
    of: 'machine',
    end: 'crash',
    lastSeenMs: Date.UTC(2026, 2, 28, 0, 50),
    upMs: Date.UTC(2026, 2, 28, 1, 1),
    back: ['litellm.service'],
    silent: ['openclaw-gateway.service'],
    unsteady: ['bot.service'],
    missing: ['blocked.service', 'relay.service', 'loop.service'],
    startable: [
      { unit: 'relay.service', hasGivenUp: false },
      { unit: 'loop.service', hasGivenUp: true },
    ],
  },
  moved: {
    ...where,
    kind: 'moved',
    standIn: 'kuma',
    sinceMs: where.atMs - 60_000,
    times: 1,
    firstMs: where.atMs - 60_000,
  },
  'moved-back': {
    ...where,
    kind: 'moved-back',
    standIns: ['kuma'],
    seconds: 42,
    times: 1,
    firstMs: where.atMs - 60_000,
  },
  'nobody-answers': { ...where, kind: 'nobody-answers', sinceMs: where.atMs - 20_000 },
  test: { atMs: where.atMs, host: where.host, kind: 'test' },
  text: { atMs: where.atMs, host: where.host, kind: 'text', text: 'deploy of <litellm> & co' },
  late: {
    atMs: where.atMs,
    host: where.host,
    kind: 'late',
    count: 12,
    units: ['litellm.service'],
    fromMs: 0,
    toMs: 60_000,
  },
} as const satisfies { readonly [Kind in Notice['kind']]: Extract<Notice, { kind: Kind }> };

const english = (notice: Notice, markup: Markup = 'plain') => composeLetter([notice], markup, en, {});

describe('a message', () => {
  it('says what happened, why, for how long, and what to do', () => {
    expect(english(notices.restarted)).toEqual({
      title: '🔄 litellm restarted',
      body: `litellm.service exited with status 0: by itself, or because of a SIGTERM.
It was down for 7.3 s.
🖥️ neko (user service)
🕐 2026-03-28 01:02:03 UTC`,
    });
    expect(english(notices.failed)).toEqual({
      title: '⚠️ litellm failed',
      body: `litellm.service exited with status 1.
litellm.timer starts it again.
To see why: journalctl --user-unit=litellm.service --lines=50
🖥️ neko (user service)
🕐 2026-03-28 01:02:03 UTC`,
    });
    expect(english({ ...notices.failed, cause: term, startedBy: ['a.timer', 'a.socket'] })).toMatchObject({
      title: '⚠️ litellm is down',
      body: expect.stringContaining('\na.timer, a.socket start it again.\n'),
    });
    expect(english(notices.recovered)).toMatchObject({
      title: '✅ litellm is well again',
      body: expect.stringMatching(/^litellm.service exited with status 1.\nIt failed 3 times before that.\n/),
    });
    expect(english(notices['stays-down'])).toEqual({
      title: '🔴 litellm stays down',
      body: `litellm.service exited with status 1.
systemd gave up after it fell 5 times in 2.1 s.
To see why: journalctl --user-unit=litellm.service --lines=50
To start it again: systemctl --user reset-failed litellm.service && systemctl --user start litellm.service
🖥️ neko (user service)
🕐 2026-03-28 01:02:03 UTC`,
    });
    const once = { ...notices['stays-down'], gaveUp: { falls: 1, seconds: 0 } };
    expect(english(once).body).toContain('\nsystemd gave up after it fell once.\n');
    const limited = english({ ...notices['still-down'], isLimited: true }).body;
    expect(limited).toContain('reset-failed litellm.service && systemctl --user start litellm.service');
    const refused = { asserts: ['AssertPathExists=/srv/model'] };
    const ofAssert = { result: 'job-assert', code: null, status: null, ...refused };
    for (const { body } of [
      english({ ...notices['stays-down'], cause: ofAssert, gaveUp: null }),
      english({ ...notices['still-down'], ...refused }),
    ]) {
      expect(body).toContain('\nsystemd refuses each start until AssertPathExists=/srv/model holds.\n');
      expect(body).not.toContain('systemctl --user start');
    }
    expect(english(notices['keeps-falling'])).toMatchObject({
      title: '🔁 litellm keeps falling',
      body: expect.stringContaining('\nIt has fallen 43 times, first at 2026-03-28 00:57:03 UTC.\n'),
    });
    const several = {
      ...notices.restarted,
      isAtMost: true,
      falls: 2,
      sinceMs: where.atMs,
      heldSeconds: 600,
    } as const;
    expect(english(several).body).toContain(`
It has fallen 2 times, first at 2026-03-28 01:02:03 UTC.
After the last fall it was down for 7.3 s at most.
It has stayed up for 10 min since then.
`);
    const killed = { result: 'signal', code: 'killed', status: 'KILL', startsFailedSince: 8 };
    expect(english({ ...notices.restarted, cause: killed, downSeconds: 61 }).body).toMatch(
      /was ended by SIGKILL.*\nAfter that 8 starts failed: a file or a resource that they need was missing\.\nIt was down for 61 s\.\n/,
    );
    const lacking = { result: 'resources', code: null, status: null, startsFailedSince: 2 };
    expect(
      english({ ...notices.restarted, cause: lacking, isAtLeast: true, falls: 2, downSeconds: 10.4 }).body,
    ).toMatch(
      /could not be run: .*\nAfter that one start failed: .*\n.*\nIt was down for 10\.4 s at least\.\n/,
    );
    const before = { cause: exit1, atMs: where.atMs };
    const counted = { falls: 1, failedStarts: 8, sinceMs: where.atMs, downSeconds: 61 };
    const failing = { result: 'exit-code', code: 'exited', status: '203', before };
    expect(english({ ...notices.restarted, ...counted, cause: failing }).body).toMatch(
      /^litellm\.service could not be run: its program is missing .*\nAt 2026-03-28 01:02:03 UTC the last run before that exited with status 1\.\nIt has fallen once, and its start has failed 8 times, the first of these at 2026-03-28 01:02:03 UTC\.\nAfter the last fall it was down for 61 s\.\n/,
    );
    expect(english({ ...notices['keeps-falling'], falls: 0, failedStarts: 3 })).toMatchObject({
      title: '🔁 litellm keeps failing to start',
      body: expect.stringContaining('Its start has failed 3 times, first at '),
    });
    const unready = { sinceMs: where.atMs, seconds: 241 };
    const unanswered = { ...notices.restarted, falls: 4, downSeconds: 42.6, unready } as const;
    expect(english(unanswered).body).toContain(
      'After the last fall it was down for 42.6 s.\nFrom its fall at 2026-03-28 01:02:03 UTC until it was up again it was not seen to be ready: 4 min 1 s.\n',
    );
    expect(english({ ...unanswered, isAtMost: true }).body).toContain(
      'not seen to be ready: 4 min 1 s at most.\n',
    );
    const byJob = english({ ...notices.restarted, falls: 4, downSeconds: 3_583, isByJob: true });
    expect(byJob.title).toBe('✅ litellm is up again');
    expect(byJob.body).toMatch(
      /It has fallen 4 times\.\nAfter the last fall it was down for 59 min 43 s\.\nIt was not Restart= that started it again, but/,
    );
    const cutShort = { startedMs: 0, endedMs: 3_000, by: 'shutdown' } as const;
    expect(english({ ...notices.restarted, isByJob: true, cutShort }).body).toContain(
      '\nIt had been started at 1970-01-01 00:00:00 UTC already; at 1970-01-01 00:00:03 UTC, before it was seen to be ready, the shutdown of the machine or of its manager ended that run. The start after that was not by Restart=, but by somebody, another unit or a boot.\n',
    );
    const stopped = english({ ...notices.restarted, falls: 3, stoppedMs: 0 });
    expect(stopped.title).toBe('🔄 litellm restarted, and was stopped since');
    expect(stopped.body).toContain('It does not run now: a stop job ended it at 1970-01-01 00:00:00 UTC.\n');
    expect(english({ ...notices.restarted, falls: 2, downSeconds: null }).body).toMatch(
      /\nIt has fallen 2 times\.\n🖥️/,
    );
    expect(english(notices.started).title).toBe('✅ litellm has started');
    expect(english({ ...notices.started, isAsked: true }).title).toBe('✅ litellm is up');
    expect(english(notices.outage)).toEqual({
      title: '⚡ neko went down, and is back',
      body: `It went down between 2026-03-28 00:50:00 UTC and 2026-03-28 01:01:00 UTC, without a shutdown: the power was cut, or the system crashed.
It was down for 11 min at most.
Running: litellm.
Started, but not answering yet: openclaw-gateway.
Not staying up: bot.
Not running: blocked, relay, loop.
To start it again: systemctl --user start relay.service
To start it again: systemctl --user reset-failed loop.service && systemctl --user start loop.service
🖥️ neko
🕐 2026-03-28 01:02:03 UTC`,
    });
    const cause = { result: 'signal', code: 'killed', status: 'KILL' };
    const ended = { unit: 'user@1000.service', cause, atMs: Date.UTC(2026, 2, 28, 0, 50) };
    expect(english({ ...notices.outage, of: 'manager', ended }).body).toContain(
      'The manager of the user services ended at 2026-03-28 00:50:00 UTC, without a shutdown: user@1000.service was ended by SIGKILL, sent by itself or from outside. It was started at 2026-03-28 01:01:00 UTC.\n',
    );
    const exitCode = { result: 'exit-code', code: null, status: null };
    expect(english({ ...notices.fell, cause: exitCode }).body).toContain('did not start: one of its');
    expect(english({ ...notices.fell, cause: { ...exitCode, mainEndedWell: true } }).body).toContain(
      'was ended by systemd, because another of its Exec…= commands failed.',
    );
    expect(english(notices.fell).body).toContain('was killed by the kernel for lack of memory');
    expect(english(notices['not-ready']).title).toBe('⏳ litellm did not become ready');
    const lateStart = { result: 'timeout', code: 'killed', status: 'TERM', isBeforeUp: true } as const;
    const again = {
      ...notices['not-ready'],
      isJobOver: true,
      fall: { cause: lateStart, falls: 0, failedStarts: 1 },
    } as const;
    expect(english(again).title).toBe('⏳ litellm did not become ready');
    expect(english(notices.late).title).toBe('📭 12 older messages were not delivered');
  });

  it('says it in Chinese', () => {
    expect(composeLetter([notices.restarted], 'plain', zh, {})).toEqual({
      title: '🔄 litellm 已重启',
      body: `litellm.service 以状态 0 退出：自行退出，或收到 SIGTERM。
中断 7.3 秒。
🖥️ neko（用户服务）
🕐 2026-03-28 01:02:03 UTC`,
    });
  });

  it.each(Object.keys(notices))('of the kind %s carries the host and the UTC time in every markup', kind => {
    const notice = Object.values(notices).find(each => each.kind === kind);
    if (notice === undefined) throw new Error(kind);
    for (const catalogue of [en, zh]) {
      for (const markup of ['plain', 'html', 'markdown'] as const) {
        const body = composeLetter([notice], markup, catalogue, {}).body.replaceAll('\\', '');
        expect(body).toContain('neko');
        expect(body).toContain('2026-03-28 01:02:03 UTC');
      }
    }
  });

  it.each([
    [{ code: 'killed', status: 'TERM' }, 'was ended by SIGTERM, sent by itself or from outside'],
    [
      { code: null, status: null },
      'ended without an error: by itself, or because of a SIGHUP, SIGINT, SIGPIPE or SIGTERM',
    ],
  ])('names the end of the main process before ExecStopPost=: %o', (end, first) => {
    const failedCommand = { name: 'ExecStopPost', code: 'exited', status: '1' };
    const cause = { result: 'exit-code', ...end, failedCommand };
    const { body } = english({ ...notices['stays-down'], cause });
    expect(body).toContain(`${first}; after that its ExecStopPost= exited with status 1.`);
  });

  it('brings back what starts a service, where that has failed, too', () => {
    const { body } = english({ ...notices['stays-down'], failedTrigger: 'a.socket' });
    expect(body).toContain('a.socket, which starts it on demand, has failed, too.');
    expect(body).toMatch(/reset-failed \S+\.service a\.socket && systemctl (?:--user )?start a\.socket/);
  });

  it('leaves to the markup what is markup, and to nobody what came from elsewhere', () => {
    const log = ['</code><a href="x">', '`*_[', 'ends\u001B[31m here'];
    const notice: Notice = { ...notices['stays-down'], gaveUp: null, log };
    const html = english(notice, 'html').body;
    expect(html).toContain('<code>systemctl --user start litellm.service</code>');
    expect(html).toContain('<code>&lt;/code&gt;&lt;a href="x"&gt;</code>');
    expect(html).not.toContain('\u001B');
    expect(english(notices.text, 'html').body).toContain('deploy of &lt;litellm&gt; &amp; co');
    expect(english(notice, 'markdown').body).toContain("`'*_[`");
    expect(english({ ...notices.text, text: '*a* _b_ [c](d)' }, 'markdown').body).toContain(
      String.raw`\*a\* \_b\_ \[c\](d)`,
    );
  });

  it('has words of its reader, with what is known filled in and nothing else', () => {
    const templates = { restarted: '{unit} on {host} is back\n{details}\n{time} {nothing}\n' };
    const letter = composeLetter([{ ...notices.restarted, host: '<n>' }], 'html', en, templates);
    expect(letter.title).toBe('litellm.service on <n> is back');
    expect(letter.body).toMatch(/^litellm\.service exited[^]*7\.3 s\.\n2026-03-28 01:02:03 UTC \{nothing\}$/);
    expect(composeLetter([notices.fell], 'html', en, templates).title).toBe('⚠️ litellm is down');
  });

  it('says how it is now where it was held back, alone and among others', () => {
    const run = { kind: 'runs', sinceMs: where.atMs + 60_000 } as const;
    const present = {
      atMs: where.atMs + hour,
      units: new Map([['litellm.service', run]]),
      keptDown: new Map(),
    };
    const alone = composeLetter([notices['keeps-falling']], 'plain', en, {}, present);
    expect(alone.body).toContain(
      '\nNow, at 2026-03-28 02:02:03 UTC: it runs, since 2026-03-28 01:03:03 UTC.\n🖥️',
    );
    const silent = { ...present, units: new Map([['litellm.service', { ...run, answers: false }]]) };
    expect(composeLetter([notices.restarted], 'plain', en, {}, silent).body).toContain(
      ': it runs, since 2026-03-28 01:03:03 UTC, and does not answer.\n',
    );
    const many = Array.from({ length: 5 }, () => notices.fell);
    expect(composeLetter(many, 'plain', zh, {}, present).body).toContain(
      '\n现在（2026-03-28 02:02:03 UTC）：\nlitellm：正在运行，自 2026-03-28 01:03:03 UTC 起\n🖥️',
    );
    const halted = { kind: 'halts', sinceMs: null, halt: 'stopped' } as const;
    const stopped = { ...present, units: new Map([['litellm.service', halted]]) };
    expect(composeLetter([notices['not-ready']], 'plain', en, {}, stopped).body).toMatch(
      /: its process is there and does not go on: .*\nTo let it go on: systemctl --user kill --signal=CONT litellm\.service\n/,
    );
    const known = ['/srv/config.yaml:14: /srv/config.yaml ends before its YAML is complete'];
    const invalid = { ...present, units: new Map(), keptDown: new Map([['litellm.service', known]]) };
    expect(composeLetter([notices['stays-down']], 'plain', en, {}, invalid).body).toContain(
      `\n${known.join()}\nMore on that: daruma check litellm.service\n`,
    );
    const nobody = { ...present, units: new Map() };
    expect(composeLetter([notices.fell], 'plain', en, {}, nobody).body).not.toContain('Now');
  });

  it('has no title that is over by the time it is told', () => {
    const titleWhen = (notice: Notice, kind: 'runs' | 'stopped' | 'rests') => {
      const run = { kind, sinceMs: null } as const;
      const present = {
        atMs: where.atMs + hour,
        units: new Map([['litellm.service', run]]),
        keptDown: new Map(),
      };
      return composeLetter([notice], 'plain', en, {}, present).title;
    };
    expect(titleWhen(notices['moved-back'], 'stopped')).toBe('🕐 litellm was up again, and is not now');
    expect(titleWhen(notices['moved-back'], 'runs')).toBe('✅ litellm answers again');
    expect(titleWhen(notices['stays-down'], 'runs')).toBe('🕐 litellm was down, and runs now');
    expect(titleWhen(notices['stays-down'], 'stopped')).toBe('🔴 litellm stays down');
    // A task may have done its work.
    expect(titleWhen(notices.recovered, 'rests')).toBe('✅ litellm is well again');
  });

  it('says which machine answers in the place of a service', () => {
    expect(english(notices.moved)).toEqual({
      title: '🔀 kuma is asked in place of litellm',
      body: `The front has found no answer from litellm.service since 2026-03-28 01:01:03 UTC, and asks kuma in its place.
To see why: journalctl --user-unit=litellm.service --lines=50
🖥️ neko (user service)
🕐 2026-03-28 01:02:03 UTC`,
    });
    const back = notices['moved-back'];
    expect(english(back)).toMatchObject({
      title: '✅ litellm answers again',
      body: expect.stringMatching(
        /^The front asks litellm\.service again, after 42 s in which it asked kuma in its place\.\n🖥️/,
      ),
    });
    expect(english({ ...back, times: 5, standIns: ['kuma', 'usagi'] }).body).toMatch(
      /^The front asks litellm\.service again; for 42 s in all it asked kuma, usagi in its place\.\nIt has been without an answer 5 times, first at 2026-03-28 01:01:03 UTC\.\n/,
    );
    expect(english({ ...back, nobodySeconds: 5 }).body).toContain('\nFor 5 s of that nobody answered.\n');
    expect(english({ ...back, standIns: [], nobodySeconds: 42 }).body).not.toContain('of that');
    expect(english({ ...back, standIns: [] }).body).toMatch(
      /, after 42 s in which nobody answered in its place\.\n/,
    );
    expect(english(notices['nobody-answers'])).toMatchObject({
      title: '🚨 Nobody answers in place of litellm',
      body: expect.stringMatching(
        /^The front has found no answer from litellm\.service, nor from any other machine, since /,
      ),
    });
  });

  it('says of a fall that another machine answers meanwhile, and of no message of the front itself', () => {
    const said = (notice: Notice, names: readonly string[], seconds?: number) =>
      composeLetter(
        [notice],
        'plain',
        en,
        {},
        {
          atMs: where.atMs,
          units: new Map(),
          keptDown: new Map(),
          standIns: new Map([['litellm.service', { names, seconds }]]),
        },
      ).body;
    expect(said(notices['stays-down'], ['kuma'])).toContain('\nThe front asks kuma in its place.\n');
    expect(said(notices['stays-down'], [])).toContain('\nNobody answers in its place.\n');
    expect(said(notices.restarted, ['kuma'], 9)).toContain(
      '\nMeanwhile the front asked kuma in its place, for 9 s.\n',
    );
    expect(said(notices.restarted, ['kuma'])).toContain('\nMeanwhile the front asked kuma in its place.\n');
    expect(said(notices.moved, ['kuma'])).toBe(english(notices.moved).body);
  });

  it('of a start that does not become ready tells the fall before it', () => {
    const fall = { cause: exit1, falls: 1, sinceMs: where.atMs };
    const log = ['the database is gone'];
    const { title, body } = english({ ...notices['not-ready'], fall, log });
    expect(title).toBe('⏳ litellm fell, and has not become ready since');
    expect(body).toMatch(
      /^litellm\.service exited with status 1\.\nIt was started again: systemd calls it active/,
    );
    expect(body).toMatch(/\nThe last log lines of the run that ended:\nthe database is gone$/);
  });

  it('does not say "again" of what is not known to have been up', () => {
    const bodyOf = (notice: Notice) => composeLetter([notice], 'plain', en, {}).body;
    const start = { result: 'resources', code: null, status: null };
    const before = { cause: oom };
    expect(bodyOf(notices.fell)).toContain('\nIt is not up again yet.\n');
    expect(bodyOf({ ...notices.fell, cause: start })).toContain('\nIt is not up yet.\n');
    expect(bodyOf({ ...notices.fell, cause: { ...start, before } })).toContain('\nIt is not up again yet.\n');
    const many = { ...notices.fell, cause: start, falls: 1, failedStarts: 1 };
    expect(bodyOf(many)).toContain('\nIt is not up again yet.\n');
  });

  it('is a digest where there are many: the newest, and how many there were', () => {
    const many = Array.from({ length: 40 }, (_, index) => ({
      ...notices.restarted,
      atMs: where.atMs + index * 1_000,
    }));
    const { title, body } = composeLetter(many, 'plain', en, {});
    expect(title).toBe('40 messages');
    expect(body.split('\n')).toHaveLength(33);
    expect(body).toMatch(/^… 10\n01:02:13 UTC {2}🔄 litellm restarted\n/);
    expect(body).toMatch(/🖥️ neko\n🕐 2026-03-28 01:02:03 UTC – 2026-03-28 01:02:42 UTC$/);
  });
});
