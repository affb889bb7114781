/** From the lines of a front to messages: the spool, the store and what the front says itself. */
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { presentBoot } from '../../src/kernel/process-identity.ts';
import type { ChannelFault } from '../../src/notify/channel.ts';
import type { Incident } from '../../src/notify/incident.ts';
import type { Notice } from '../../src/notify/notice.ts';
import type { Desk } from '../../src/notify/settle.ts';
import type { Sign } from '../../src/notify/sign.ts';
import { makeSpool, readSpool } from '../../src/notify/spool.ts';
import { takeSigns } from '../../src/notify/take-signs.ts';
import { nextFrontMs, standInsFor, watchFront } from '../../src/notify/watch-front.ts';
import { openStore } from '../../src/store/database.ts';
import { Incidents } from '../../src/store/incidents.ts';
import { Outbox } from '../../src/store/outbox.ts';
import { unpackedRoot } from '../support/root.ts';

const unit = 'litellm.service';

function front() {
  const folder = unpackedRoot({});
  const spool = makeSpool(folder);
  const database = openStore(folder);
  const incidents = new Incidents<Sign, Incident>(database);
  const outbox = new Outbox<Notice, ChannelFault>(database);
  const policy = { thresholdSeconds: 0, remindSeconds: null };
  const desk: Desk = { database, incidents, outbox, channels: ['a'], policy, host: 'neko', scope: 'system' };
  const discarded: number[] = [];
  let number = 0;
  const log = (...lines: readonly string[]) => {
    number += 1;
    const text = ['daruma-sign 1', 'moved', unit, 'node-kuma kuma', '', ...lines, 'end', ''].join('\n');
    fs.writeFileSync(path.join(spool, `${number}`), text);
  };
  const look = async () => ({
    live: new Map(),
    manager: undefined,
    journal: undefined,
    missingFor: async () => undefined,
    bootMs: null,
  });
  const take = () =>
    takeSigns({ folder, database, incidents, look, discarded: count => discarded.push(count) });
  const watch = (isUp?: boolean) =>
    watchFront(desk, { scope: 'system' }, async () =>
      isUp === undefined
        ? undefined
        : {
            forSeconds: 3_600,
            servers: [
              { isUp, forSeconds: undefined },
              { isUp: true, forSeconds: undefined },
            ],
          },
    );
  const told = () => outbox.due('a', Date.now() + 3_600_000, 10).map(({ content }) => content);
  return { folder, spool, desk, incidents, log, take, watch, told, discarded };
}

function line(secondsAgo: number, said: string): string {
  return `${new Date(Date.now() - secondsAgo * 1_000).toISOString().replace(/\.\d+Z/, '.000000+00:00')} ${said}`;
}

const down = (secondsAgo: number) =>
  line(secondsAgo, 'Server answer/local is DOWN, reason: Layer4 timeout, check duration: 1000ms.');
const up = (secondsAgo: number) =>
  line(secondsAgo, 'Server answer/local is UP, reason: Layer7 check passed.');

/** A machine that has only booted tells less. */
const isLongUp = Date.now() - (presentBoot()?.startedMs ?? 0) > 600_000;

it.runIf(isLongUp)('what the front logs becomes one message, and its end another', async () => {
  const { log, take, watch, told, desk, discarded, spool } = front();
  log(down(30));
  await take();
  expect(fs.readdirSync(spool)).toEqual([]);
  expect(nextFrontMs(desk, 5)).toBe(5);
  await watch();
  expect(told()).toMatchObject([
    { kind: 'moved', unit, standIn: 'kuma', times: 1, host: 'neko', scope: 'system' },
  ]);
  log(up(1));
  await take();
  await watch();
  expect(told()).toMatchObject([{ kind: 'moved-back', standIns: ['kuma'], times: 1 }]);
  // Both lines are to the second, and one may begin between them.
  const [back] = told();
  expect([29, 30]).toContain(back !== undefined && 'seconds' in back && back.seconds);
  expect(discarded).toEqual([]);
});

it.runIf(isLongUp)('a fall that the service tells itself is no message of the front', async () => {
  const { log, take, watch, told, desk, incidents } = front();
  const atMs = Date.now() - 31_000;
  incidents.append(unit, {
    kind: 'ended',
    atMs,
    invocation: null,
    cause: { result: 'signal', code: 'killed', status: 'KILL' },
    job: 'none',
  });
  log(down(30));
  await take();
  await watch();
  expect(told()).toEqual([]);
  expect(standInsFor([{ unit, atMs }], desk).get(unit)).toEqual({ names: ['kuma'], seconds: undefined });
});

it('what was logged before the boot is nothing to tell', async () => {
  const { log, take, watch, told } = front();
  log(down(10 * 365 * 24 * 3_600));
  await take();
  await watch();
  expect(told()).toEqual([]);
});

it.runIf(isLongUp)('a front that was stopped has no more to tell', async () => {
  const { log, take, watch, told, desk } = front();
  log(down(30), line(20, 'Proxy answer stopped (cumulated conns: FE: 0, BE: 0).'));
  await take();
  await watch();
  await watch();
  expect(told()).toEqual([]);
  expect(nextFrontMs(desk, 0)).toBeUndefined();
});

it('nothing but lines of the front is taken from such a file, and nothing that is not complete', () => {
  const spool = makeSpool(unpackedRoot({}));
  const write = (name: string, text: string) => fs.writeFileSync(path.join(spool, name), text);
  const head = `daruma-sign 1\nmoved\n${unit}\nnode-kuma kuma\n`;
  write('complete', `${head}\nnonsense\n${down(1)}\nend\n`);
  write('without-lines', `${head}\n\nend\n`);
  write('cut', `${head}\n${down(1)}\n`);
  write('without-places', `daruma-sign 1\nmoved\n\n${down(1)}\nend\n`);
  write('many-places', `daruma-sign 1\nmoved\n${'a\n'.repeat(40)}\nend\n`);
  write('long', `${head}\n${'x'.repeat(2 ** 16)}\nend\n`);
  const { moves, signs } = readSpool(spool, Date.now());
  expect(signs).toEqual([]);
  expect(
    moves
      .map(({ file, events }) => [file, events.length])
      .toSorted(([a], [b]) => String(a).localeCompare(String(b))),
  ).toEqual([
    ['complete', 1],
    ['without-lines', 0],
  ]);
});
