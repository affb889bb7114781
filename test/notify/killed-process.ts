/**
 * A process that tells things over HTTP until it is killed: `node killed-process.ts FOLDER URL MESSAGES`. What has been
 * put into the outbox is said on stdout, so that the test knows what must not be lost.
 */
import { deliver } from '../../src/notify/deliver.ts';
import type { Channel, ChannelFault } from '../../src/notify/channel.ts';
import type { Notice } from '../../src/notify/notice.ts';
import { openStore } from '../../src/store/database.ts';
import { Outbox } from '../../src/store/outbox.ts';

const [folder = '', url = '', count = '0'] = process.argv.slice(2);
const outbox = new Outbox<Notice, ChannelFault>(openStore(folder));

const channel: Channel = {
  name: 'receiver',
  markup: 'plain',
  send: async ({ notices }) => {
    const texts = notices.map(notice => (notice.kind === 'text' ? notice.text : notice.kind));
    await fetch(url, { method: 'POST', body: JSON.stringify(texts) });
    return { kind: 'delivered' };
  },
};

for (let number = 0; number < Number(count); number += 1) {
  const text = `${process.pid}-${process.hrtime.bigint()}`;
  const nowMs = Date.now();
  const content: Notice = { kind: 'text', text, atMs: nowMs, host: 'neko' };
  outbox.put({ key: text, content, dueMs: nowMs, expiresMs: nowMs + 3_600_000 }, [channel.name]);
  process.stdout.write(`${text}\n`);
  await flush();
}
await flush();

function flush(): Promise<number | undefined> {
  return deliver([channel], {
    outbox,
    folder,
    compose: () => Promise.resolve({ title: '', body: '' }),
    now: Date.now,
    random: Math.random,
    quietUntil: () => undefined,
    host: 'neko',
  });
}
