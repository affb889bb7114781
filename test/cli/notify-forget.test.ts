/** What is kept of services that have no hooks any more is not believed by the next installation. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ChannelFault } from '../../src/notify/channel.ts';
import { type Incident, reduceIncident } from '../../src/notify/incident.ts';
import { seenMark, type Life } from '../../src/notify/life.ts';
import type { Notice } from '../../src/notify/notice.ts';
import { type Sign, unknownCause } from '../../src/notify/sign.ts';
import { spoolFolder } from '../../src/notify/spool.ts';
import { openStore } from '../../src/store/database.ts';
import { Incidents } from '../../src/store/incidents.ts';
import { LifeRecord } from '../../src/store/life.ts';
import { muteUnit, mutesAt } from '../../src/store/mutes.ts';
import { Outbox } from '../../src/store/outbox.ts';
import { setWaitingMark, waitingMark } from '../../src/store/waiting-mark.ts';
import { languages } from '../../src/i18n/catalogue.ts';
import { unpackedRoot } from '../support/root.ts';
import { daruma } from './daruma.ts';

const hourMs = 3_600_000;
const units = '.config/systemd/user';
const service = '[Service]\nExecStart=/bin/sleep 1000\nRestart=always\n';
const life: Life = { boot: 'before', manager: null, seenMs: 1, shutdownMs: null, outage: null };

function person() {
  const home = unpackedRoot({
    [`${units}/a.service`]: service,
    [`${units}/b.service`]: service,
    '.config/daruma/config.yaml': 'notify:\n  channels: [{type: webhook, url: "http://127.0.0.1:9/"}]\n',
  });
  const runtime = unpackedRoot({});
  const state = path.join(home, '.local/state/daruma');
  const env = { HOME: home, XDG_RUNTIME_DIR: runtime };
  const run = async (...args: readonly string[]) => {
    const result = await daruma(args, { env });
    expect({ args, code: result.code }).toEqual({ args, code: 0 });
    return result;
  };

  /** As if both services had fallen, and the fall of each had been seen, and told or not. */
  function fall(): void {
    const nowMs = Date.now();
    const database = openStore(state);
    const incidents = new Incidents<Sign, Incident>(database);
    const outbox = new Outbox<Notice, ChannelFault>(database);
    fs.mkdirSync(spoolFolder(state), { recursive: true });
    for (const unit of ['a.service', 'b.service']) {
      const ended = {
        kind: 'ended',
        atMs: nowMs,
        invocation: null,
        cause: unknownCause,
        job: 'none',
      } as const;
      const purpose = { isMeantToStay: true, startedBy: [] };
      const policy = { purpose, thresholdSeconds: 0, remindSeconds: 600, mutedUntilMs: null };
      incidents.append(unit, ended);
      incidents.take(unit, (incident, sign) => {
        const { incident: next } = reduceIncident(incident, sign, unit, policy);
        return next && { incident: next };
      });
      incidents.append(unit, ended);
      const about = { host: 'kuma', unit, scope: 'user' } as const;
      for (const atMs of [nowMs - 1, nowMs + hourMs]) {
        const content: Notice = { kind: 'still-down', sinceMs: nowMs, atMs, ...about };
        outbox.put({ key: `${unit}/${atMs}`, content, dueMs: atMs, expiresMs: atMs + hourMs }, ['webhook']);
      }
      const sign = ['daruma-sign 1', 'ended', unit, 'signal', 'killed', 'KILL', 'f'.repeat(32), 'end', ''];
      fs.writeFileSync(path.join(spoolFolder(state), unit), sign.join('\n'));
    }
    new LifeRecord<Life>(database).write(life);
    muteUnit(database, 'a.service', nowMs + hourMs);
    setWaitingMark(state);
    database.close();
    fs.writeFileSync(path.join(runtime, seenMark), '');
  }

  /** What is kept of each service, and of the machine. */
  function kept() {
    const nowMs = Date.now();
    const database = openStore(state);
    const incidents = new Incidents<Sign, Incident>(database);
    const messages = new Outbox<Notice, ChannelFault>(database).waiting('webhook', 100);
    const of = (unit: string) => ({
      isOpen: incidents.ongoing(unit) !== undefined,
      signs: incidents.waitingSigns(unit).length,
      spooled: fs.existsSync(path.join(spoolFolder(state), unit)),
      dueMessages: messages.filter(
        ({ content, dueMs }) => 'unit' in content && content.unit === unit && dueMs <= nowMs,
      ).length,
      laterMessages: messages.filter(
        ({ content, dueMs }) => 'unit' in content && content.unit === unit && dueMs > nowMs,
      ).length,
    });
    const all = {
      a: of('a.service'),
      b: of('b.service'),
      life: new LifeRecord<Life>(database).read(),
      mutes: mutesAt(database, nowMs).map(({ unit }) => unit),
      isSeen: fs.existsSync(path.join(runtime, seenMark)),
      isMarked: fs.existsSync(waitingMark(state)),
      hasSpool: fs.existsSync(spoolFolder(state)),
    };
    database.close();
    return all;
  }

  return { home, state, run, fall, kept };
}

const all = { isOpen: true, signs: 1, spooled: true, dueMessages: 1, laterMessages: 1 };
/** What was to be told by now waits: it is told, or a person is. */
const forgotten = { isOpen: false, signs: 0, spooled: false, dueMessages: 1, laterMessages: 0 };
const machine = { life, isSeen: true, isMarked: true, hasSpool: true };
const noMachine = { life: undefined, isSeen: false, isMarked: true, hasSpool: false };
const mutes = ['a.service'];

describe('what hooks have left', { timeout: 60_000 }, () => {
  it.each(['undo', 'notify uninstall --yes'])('is forgotten when the last ones go: %s', async command => {
    const { run, fall, kept } = person();
    await run('notify', 'install', 'a', 'b', '--yes');
    fall();
    expect(kept()).toEqual({ a: all, b: all, mutes, ...machine });
    await run(...command.split(' '));
    expect(kept()).toEqual({ a: forgotten, b: forgotten, mutes, ...noMachine });
  });

  it('is forgotten of one service when others keep theirs', async () => {
    const { run, fall, kept } = person();
    await run('notify', 'install', 'a', 'b', '--yes');
    fall();
    await run('notify', 'uninstall', 'a', '--yes');
    expect(kept()).toEqual({ a: forgotten, b: all, mutes, ...machine });
  });

  it('is forgotten before hooks come, whoever has taken the earlier ones away', async () => {
    const { home, run, fall, kept } = person();
    await run('notify', 'install', 'a', 'b', '--yes');
    fall();
    for (const name of fs.readdirSync(path.join(home, units))) {
      if (/\.d$|daruma|wants/.test(name)) fs.rmSync(path.join(home, units, name), { recursive: true });
    }
    await run('notify', 'install', 'b', '--yes');
    expect(kept()).toEqual({ a: forgotten, b: forgotten, mutes, ...noMachine });
  });

  it('stays where hooks are written again, or another service gets some', async () => {
    const { home, run, fall, kept } = person();
    await run('notify', 'install', 'a', 'b', '--yes');
    fall();
    fs.appendFileSync(path.join(home, units, 'a.service.d/zz-daruma.notify.conf'), '# by hand\n');
    fs.writeFileSync(path.join(home, units, 'c.service'), service);
    await run('notify', 'install', 'a', 'b', 'c', '--yes');
    expect(kept()).toEqual({ a: all, b: all, mutes, ...machine });
  });

  it('is forgotten by a look of daruma, too, where somebody has taken the hooks away by hand', async () => {
    const { home, state, run, fall, kept } = person();
    await run('notify', 'install', 'a', 'b', '--yes');
    fall();
    for (const unit of ['a.service', 'b.service']) {
      fs.rmSync(path.join(home, units, `${unit}.d`), { recursive: true });
    }
    // Signs that wait are still told.
    fs.rmSync(spoolFolder(state), { recursive: true });
    const database = openStore(state);
    database.exec('DELETE FROM sign');
    database.close();
    await run('notify', 'flush');
    const gone = { isOpen: false, laterMessages: 0 };
    expect(kept()).toMatchObject({ a: gone, b: gone, life: undefined });
  });

  it.each(languages)('and still is to be told is named, with what sends it (%s)', async language => {
    const { run, fall } = person();
    await run('notify', 'install', 'a', 'b', '--yes');
    expect((await run('notify', 'uninstall', 'a', '--yes', '--lang', language)).stderr).toBe('');
    fall();
    const { stderr } = await run('undo', '--lang', language);
    expect(stderr).toBe('');
    const last = await run('notify', 'uninstall', '--yes', '--lang', language);
    expect(last.stderr).toMatch(
      language === 'en'
        ? /webhook: 2 messages wait.*daruma notify flush/
        : /webhook：2 条.*daruma notify flush/,
    );
  });
});
