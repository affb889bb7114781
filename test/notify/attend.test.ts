/** The process that looks after all services: what it does before it ends. */
import fs from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { attend } from '../../src/notify/attend.ts';
import type { ChannelFault } from '../../src/notify/channel.ts';
import { deliver } from '../../src/notify/deliver.ts';
import type { Incident } from '../../src/notify/incident.ts';
import type { Notice } from '../../src/notify/notice.ts';
import { notifySettings } from '../../src/notify/settings.ts';
import type { Sign } from '../../src/notify/sign.ts';
import { spoolFolder } from '../../src/notify/spool.ts';
import { openStore } from '../../src/store/database.ts';
import { Incidents } from '../../src/store/incidents.ts';
import { Outbox } from '../../src/store/outbox.ts';
import { unpackedRoot } from '../support/root.ts';
import { openFolder } from '../../src/systemd/host/offline-host.ts';

/** What has arrived when it ends, of two messages that become due one after the other. */
async function arrivedBy(staysMs: number): Promise<readonly string[]> {
  const folder = unpackedRoot({});
  const database = openStore(folder);
  onTestFinished(() => database.close());
  const outbox = new Outbox<Notice, ChannelFault>(database);
  const incidents = new Incidents<Sign, Incident>(database);
  const { policy, ...settings } = notifySettings(undefined);
  const desk = { database, incidents, outbox, channels: ['a'], policy, host: 'neko', scope: 'user' } as const;
  const arrived: string[] = [];
  const tell = (text: string, dueMs: number) => {
    const content = { kind: 'text', text, atMs: dueMs, host: 'neko' } as const;
    outbox.put({ key: text, content, dueMs, expiresMs: dueMs + 60_000 }, ['a']);
  };
  tell('now', Date.now());
  tell('soon', Date.now() + 1_000);
  tell('later', Date.now() + 3_600_000);
  const channel = {
    name: 'a',
    markup: 'plain',
    send: ({ body }: { readonly body: string }) => {
      arrived.push(body);
      return Promise.resolve({ kind: 'delivered' } as const);
    },
  } as const;
  const options = {
    outbox,
    compose: (notices: readonly Notice[]) =>
      Promise.resolve({
        title: '',
        body: notices.map(notice => ('text' in notice ? notice.text : '')).join(),
      }),
    now: Date.now,
    random: () => 0,
    folder,
    quietUntil: () => undefined,
    host: 'neko',
  };
  const attendance = {
    host: openFolder(unpackedRoot({}), { scope: 'user' }),
    configuration: undefined,
    settings: { ...settings, policy },
    desk,
    folder,
    environment: {},
    isEdited: () => false,
    takeSigns: () => Promise.resolve(),
    deliverDue: () => deliver([channel], options),
  };
  await attend(attendance, 60_000, staysMs);
  expect(fs.existsSync(spoolFolder(folder))).toBe(true);
  return arrived;
}

it('waits for a message that is due before the next process starts, and for none that is due later', async () => {
  expect(await arrivedBy(60_000)).toEqual(['now', 'soon']);
});

it('waits for none where somebody waits for it', async () => {
  expect(await arrivedBy(0)).toEqual(['now']);
});
