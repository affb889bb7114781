/** What waits is told with since when, and why, also before anybody tried to deliver it. */
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { languages } from '../../src/i18n/catalogue.ts';
import { utcTime } from '../../src/i18n/parts.ts';
import type { ChannelFault } from '../../src/notify/channel.ts';
import { type Incident, reduceIncident } from '../../src/notify/incident.ts';
import type { Notice } from '../../src/notify/notice.ts';
import type { Sign } from '../../src/notify/sign.ts';
import { openSoundStore } from '../../src/store/damage.ts';
import { Incidents } from '../../src/store/incidents.ts';
import { Outbox } from '../../src/store/outbox.ts';
import { serve, type WireFault } from '../support/http-server.ts';
import { unpackedRoot } from '../support/root.ts';
import { ended, policy, started } from '../notify/telling.ts';
import { daruma } from './daruma.ts';

const happenedMs = Date.UTC(2026, 0, 2, 3, 4, 5);
const happened = '2026-01-02 03:04:05 UTC';
const hourMs = 3_600_000;

async function home(quiet: string | undefined, dueMs: number): Promise<string> {
  const hours = quiet === undefined ? '' : `  quiet: ${quiet}\n`;
  const folder = unpackedRoot({
    '.config/daruma/config.yaml': `notify:\n  channels: [{type: webhook, url: "http://127.0.0.1:9/"}]\n${hours}`,
  });
  const { database } = await openSoundStore(path.join(folder, '.local/state/daruma'), Date.now());
  const content: Notice = { kind: 'text', text: 'x', atMs: happenedMs, host: 'kuma' };
  const outbox = new Outbox<Notice, ChannelFault>(database);
  outbox.put({ key: undefined, content, dueMs, expiresMs: dueMs + hourMs }, ['webhook']);
  database.close();
  return folder;
}

/** The environment of a home in which these signs of a service have been taken. */
async function environmentAfter(
  ...signs: readonly Sign[]
): Promise<{ HOME: string; XDG_RUNTIME_DIR: string }> {
  const HOME = await home(undefined, Date.now() + hourMs);
  const { database } = await openSoundStore(path.join(HOME, '.local/state/daruma'), Date.now());
  const incidents = new Incidents<Sign, Incident>(database);
  for (const sign of signs) incidents.append('a.service', sign);
  incidents.take('a.service', (incident, sign) => {
    const { incident: next } = reduceIncident(incident, sign, 'a.service', policy);
    return next && { incident: next };
  });
  database.close();
  return { HOME, XDG_RUNTIME_DIR: `${HOME}/none` };
}

describe('a message that nobody has tried to deliver', () => {
  it.each(
    languages.flatMap(language => [
      {
        why: 'quiet hours',
        quiet: "{from: '00:00', to: '23:59'}",
        afterMs: -1,
        language,
        says: /quiet hours|免打扰/,
      },
      {
        why: 'it is not due',
        quiet: undefined,
        afterMs: hourMs,
        language,
        says: /not to be told before|之前不发送/,
      },
      { why: 'it is new', quiet: undefined, afterMs: -1, language, says: /not tried yet|尚未尝试/ },
    ]),
  )('waits since, and because, $why ($language)', async ({ quiet, afterMs, language, says }) => {
    const HOME = await home(quiet, Date.now() + afterMs);
    const { code, stdout } = await daruma(['notify', 'status', '--lang', language], { env: { HOME } });
    expect(code).toBe(0);
    expect(stdout).toContain(happened);
    expect(stdout).toMatch(says);
  });
});

it.each(languages)(
  'a message that becomes due in quiet hours is announced for their end alone (%s)',
  async language => {
    const at = (hours: number) => new Date(Math.floor(Date.now() / 60_000) * 60_000 + hours * hourMs);
    const clock = (time: Date) => time.toTimeString().slice(0, 5);
    const dueMs = at(2).getTime();
    const HOME = await home(`{from: '${clock(at(1))}', to: '${clock(at(3))}'}`, dueMs);
    const run = (...options: readonly string[]) =>
      daruma(['notify', 'status', '--lang', language, ...options], { env: { HOME } });
    const { stdout } = await run();
    const text = stdout.replaceAll(/\s+/g, ' ');
    expect(text).toContain(utcTime(at(3).getTime()));
    expect(text).not.toContain(utcTime(dueMs));
    const document = await run('--json');
    expect(JSON.parse(document.stdout)).toMatchObject({ channels: [{ nextTry: at(3).toISOString() }] });
  },
);

it.each(languages)('each time at which something may be told is named (%s)', async language => {
  const HOME = await home(undefined, Date.now() - 1);
  const { database } = await openSoundStore(path.join(HOME, '.local/state/daruma'), Date.now());
  const outbox = new Outbox<Notice, ChannelFault>(database);
  const times = [1, 2].map(hours => Date.now() + hours * hourMs);
  for (const dueMs of times) {
    const content: Notice = { kind: 'text', text: 'x', atMs: happenedMs - dueMs / 1e6, host: 'kuma' };
    outbox.put({ key: undefined, content, dueMs, expiresMs: dueMs + hourMs }, ['webhook']);
  }
  database.close();
  const { stdout } = await daruma(['notify', 'status', '--lang', language], { env: { HOME } });
  const text = stdout.replaceAll(/\s+/g, ' ');
  for (const each of times) expect(text).toContain(utcTime(each));
  // The oldest is not the one that is due first.
  expect(text).not.toContain(happened);
});

it.each(languages)(
  'what was last seen of a service is not said to be so now where nobody can tell (%s)',
  async language => {
    const env = await environmentAfter(ended(happenedMs, 'run'));
    const { stdout } = await daruma(['notify', 'status', '--lang', language], { env });
    expect(stdout).toMatch(/a\.service(?:: the manager does not say|：无法从管理器得知)/);
    const document = await daruma(['notify', 'status', '--json'], { env });
    expect(JSON.parse(document.stdout)).toMatchObject({
      incidents: [{ unit: 'a.service', present: 'unknown' }],
    });
  },
);

it.each(languages)('several falls are told with the first and the last of them (%s)', async language => {
  const [first, second, third] = [0, 20_000, 50_000].map(ms => happenedMs + ms);
  const env = await environmentAfter(
    ended(first ?? 0, 'a'),
    started((second ?? 0) - 1_000, 'b'),
    ended(second ?? 0, 'b'),
    started((third ?? 0) - 1_000, 'c', 2),
    ended(third ?? 0, 'c'),
  );
  const { stdout } = await daruma(['notify', 'status', '--lang', language], { env });
  expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(
    language === 'en'
      ? /3 falls, the first 2026-01-02 03:04:05 UTC, the last 2026-01-02 03:04:55 UTC/
      : /倒下 3 次，第一次在 2026-01-02 03:04:05 UTC，最后一次在 2026-01-02 03:04:55 UTC/,
  );
  const document = await daruma(['notify', 'status', '--json'], { env });
  expect(JSON.parse(document.stdout)).toMatchObject({
    incidents: [
      {
        falls: 3,
        firstFall: new Date(first ?? 0).toISOString(),
        lastFall: new Date(third ?? 0).toISOString(),
      },
    ],
  });
});

it.each(languages)('a start that failed is counted apart from falls (%s)', async language => {
  const lacking = { result: 'resources', code: null, status: null };
  const env = await environmentAfter(
    ended(happenedMs, 'a'),
    ended(happenedMs + 2_000, 'b', { cause: lacking }),
    ended(happenedMs + 4_000, 'c', { cause: lacking }),
  );
  const { stdout } = await daruma(['notify', 'status', '--lang', language], { env });
  expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(
    language === 'en'
      ? /1 fall, 2 failed starts, the first 2026-01-02 03:04:05 UTC, the last 2026-01-02 03:04:09 UTC/
      : /倒下 1 次，启动失败 2 次，第一次在 2026-01-02 03:04:05 UTC，最后一次在 2026-01-02 03:04:09 UTC/,
  );
  const document = await daruma(['notify', 'status', '--json'], { env });
  expect(JSON.parse(document.stdout)).toMatchObject({ incidents: [{ falls: 1, failedStarts: 2 }] });
});

describe('the hooks of services', () => {
  const units = '.config/systemd/user';
  const hook = (program: string) => `[Service]\nExecStartPost=-+${program} notify hook %n\n`;

  async function statusOf(files: Readonly<Record<string, string>>, ...options: readonly string[]) {
    const service = '[Service]\nExecStart=/bin/true\n';
    const HOME = unpackedRoot({
      [`${units}/a.service`]: service,
      [`${units}/b.service`]: service,
      ...files,
    });
    const { code, stdout } = await daruma(['notify', 'status', ...options], {
      env: { HOME, XDG_CONFIG_HOME: `${HOME}/.config` },
    });
    expect(code).toBe(0);
    return stdout;
  }

  it.each(languages)('are told, with where they lead, and that there are none (%s)', async language => {
    const none = await statusOf({}, '--lang', language);
    expect(none).toContain('daruma notify install');
    const some = await statusOf(
      {
        [`${units}/a.service.d/zz-daruma.notify.conf`]: hook('/usr/bin/env /nowhere/daruma'),
        [`${units}/b.service.d/zz-daruma.notify.conf`]: hook('/bin/sh /bin/daruma/../sh'),
        '.local/state/daruma/spool/a': '',
      },
      '--lang',
      language,
    );
    expect(some).toMatch(/\/nowhere\/daruma[^\n]*a\.service/);
    expect(some).toMatch(language === 'en' ? /1 sign of a hook waits/ : /1 条记录/);
  });

  it.each(languages)('are missed where a service came after them (%s)', async language => {
    const file = `${units}/a.service.d/zz-daruma.notify.conf`;
    const late = {
      [file]: hook('/usr/bin/env /nowhere/daruma'),
      [`${units}/job.service`]: '[Service]\nType=oneshot\nExecStart=/bin/true\n',
      [`${units}/asked.service`]: '[Service]\nExecStart=/bin/true\n',
      [`${units}/asked.socket`]: '[Socket]\nListenStream=9911\n[Install]\nWantedBy=sockets.target\n',
      [`${units}/each@.service`]: '[Service]\nExecStart=/bin/true\n',
      [`${units}/each.socket`]: '[Socket]\nListenStream=9912\nAccept=yes\n',
      [`${units}/refused.service`]:
        '# daruma: ignore hooks-lead-nowhere nobody minds\n[Service]\nExecStart=/bin/true\n',
      [`${units}/unwanted.service`]: '[Service]\nExecStart=/bin/true\n',
      '.config/daruma/config.yaml': 'units: {unwanted: {ignore: {hooks-lead-nowhere: nobody minds}}}\n',
    };
    const text = await statusOf(late, '--lang', language);
    expect(text).not.toContain('job.service');
    expect(text).toMatch(
      /(?:no hooks: |没有钩子：)asked\.service(?:, |、)b\.service[;；][^\n]*daruma notify install/,
    );
    expect(JSON.parse(await statusOf(late, '--json'))).toMatchObject({
      unhooked: ['asked.service', 'b.service'],
    });
  });

  it.each(languages)(
    'are missing for the jobs of timers and path units, which only their names give some (%s)',
    async language => {
      const job = '[Service]\nType=oneshot\nExecStart=/bin/true\n';
      const timer = '[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n';
      const files = {
        [`${units}/a.service.d/zz-daruma.notify.conf`]: hook('/usr/bin/env /nowhere/daruma'),
        ...Object.fromEntries(
          ['backup', 'accepted'].flatMap(name => [
            [
              `${units}/${name}.service`,
              name === 'backup' ? job : `# daruma: ignore hooks-lead-nowhere so\n${job}`,
            ],
            [`${units}/${name}.timer`, timer],
            [`${units}/timers.target.wants/${name}.timer`, timer],
          ]),
        ),
        [`${units}/upload.service`]: job,
        [`${units}/upload.path`]: '[Path]\nPathExists=/srv/upload\n',
      };
      const text = (await statusOf(files, '--lang', language)).replaceAll(/\s+/g, ' ');
      expect(text).toMatch(
        /(?:no hooks: |没有钩子：)backup\.service[^“"]*[“"]daruma notify install backup\.service upload\.service[”"]/,
      );
      expect(JSON.parse(await statusOf(files, '--json'))).toMatchObject({
        jobs: ['backup.service', 'upload.service'],
      });
    },
  );

  it('are told where the program that bounds them is gone', async () => {
    const line = '-+/nowhere/timeout -k 1 3 /bin/sh -c "exit 0" daruma-sign ended /spool %n';
    const file = `${units}/a.service.d/zz-daruma.notify.conf`;
    const stdout = await statusOf({ [file]: `[Service]\nExecStopPost=${line}\n` }, '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      hooks: [{ unit: 'a.service', generation: 'present', missing: '/nowhere/timeout' }],
    });
  });

  it('are in the document', async () => {
    const file = `${units}/a.service.d/zz-daruma.notify.conf`;
    const stdout = await statusOf({ [file]: hook('/usr/bin/env /nowhere/daruma') }, '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      hooks: [{ unit: 'a.service', generation: 'earlier', missing: '/nowhere/daruma' }],
      signs: 0,
    });
  });
});

describe('a text that a service does not take', () => {
  async function sent(answer: WireFault) {
    const url = await serve(() => answer);
    const HOME = unpackedRoot({
      '.config/daruma/config.yaml': 'notify:\n  channels: [{type: discord, url: env:HOOK}]\n',
    });
    const run = (...args: readonly string[]) => daruma(['notify', ...args], { env: { HOME, HOOK: url } });
    return { run, said: await run('send', 'all is well') };
  }

  it('waits where the place is at fault, and is never called delivered', async () => {
    const message = 'Webhooks posted to forum channels must have a thread_name or thread_id';
    const { said } = await sent({ status: 400, body: { message, code: 220_001 } });
    expect(said.code).toBe(0);
    expect(said.stdout).not.toContain('Delivered');
    expect(said.stdout).toMatch(/1 message waits[\s\S]*thread_id/);
  });

  it('is tried at once by flush, however long the service wants to be left alone, and it is said what waits', async () => {
    const answers: WireFault[] = [{ status: 429, headers: { 'retry-after': '20000' } }];
    const url = await serve(() => answers[0] ?? { status: 200, body: { id: '1' } });
    const HOME = unpackedRoot({
      '.config/daruma/config.yaml': 'notify:\n  channels: [{type: discord, url: env:HOOK}]\n',
    });
    const run = (...args: readonly string[]) => daruma(['notify', ...args], { env: { HOME, HOOK: url } });
    expect((await run('send', 'all is well')).stdout).toMatch(/tried once/);
    expect((await run('flush')).stdout).toMatch(/1 message waits[\s\S]*tried twice|tried 2 times/);
    answers.pop();
    expect((await run('flush')).stdout).toMatch(/discord: nothing waits/);
  });

  it('is shown as refused where it is at fault itself, and can be sent again', async () => {
    const { run, said } = await sent({ status: 413, body: { message: 'too large' } });
    expect(said.code).toBe(1);
    expect(said.stdout).toContain('notify status --refused');
    const { stdout } = await run('status', '--refused');
    expect(stdout).toMatch(/^discord, \d[^\n]*: all is well\n[\s\S]*413[\s\S]*notify flush --refused/);
    expect((await run('status', '--refused', '--lang', 'zh-CN')).stdout).toContain('产生于');
    expect((await run('flush', '--refused', '--json')).stdout).toMatch(/"refused":1/);
    expect((await run('test', '--refused')).code).toBe(2);
  });
});
