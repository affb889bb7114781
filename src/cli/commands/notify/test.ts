/** `daruma notify test`: sends a message to each channel and shows the results. */
import { randomUUID } from 'node:crypto';
import type { Channel, Receipt } from '../../../notify/channel.ts';
import type { Notice } from '../../../notify/notice.ts';
import { composeLetter } from '../../../report/notices/compose.ts';
import { documentHead } from '../../../report/json.ts';
import { printable } from '../../../report/printable.ts';
import { wrapText } from '../../../report/terminal.ts';
import type { Context } from '../../context.ts';
import { Failure } from '../../failure.ts';
import { type Notification, withNotification } from '../../notification.ts';
import { write } from '../../output.ts';
import type { CommonOptions } from '../../options.ts';
import { version } from '../../version.ts';

/** @returns the exit code: 1 when a channel did not deliver the message */
export function test(options: CommonOptions, context: Context): Promise<number> {
  const tryAll = async (notification: Notification) => {
    const { channels } = notification;
    expectChannels(notification, context);
    const results = await Promise.all(
      channels.map(async channel => ({ channel, receipt: await sendTest(channel, notification) })),
    );
    await show(results, notification, context);
    return results.every(({ receipt }) => receipt.kind === 'delivered') ? 0 : 1;
  };
  return withNotification(options, context, tryAll, 'read');
}

/** @throws Failure when no channel is configured */
export function expectChannels({ channels }: Notification, { catalogue: { notify } }: Context): void {
  if (channels.length > 0) return;
  throw new Failure(2, 'no-channels', notify.noChannels, { hint: notify.addChannel });
}

/** Sends directly and not through the outbox, since the user waits for the result. */
export function sendTest(
  channel: Channel,
  { host, settings, messages }: Pick<Notification, 'host' | 'settings' | 'messages'>,
): Promise<Receipt> {
  const notice: Notice = { kind: 'test', atMs: Date.now(), host: host.hostName };
  const letter = composeLetter([notice], channel.markup, messages, settings.templates);
  const id = `daruma-test-${randomUUID()}`;
  return channel.send({ id, ...letter, notices: [notice] }, AbortSignal.timeout(timeoutMs));
}

const timeoutMs = 20_000;

interface Result {
  readonly channel: Channel;
  readonly receipt: Receipt;
}

async function show(
  results: readonly Result[],
  { host }: Notification,
  { format, io, terminal, catalogue: { notify } }: Context,
): Promise<void> {
  if (format === 'json') {
    const channels = results.map(({ channel: { name }, receipt }) => ({
      name,
      delivered: receipt.kind === 'delivered',
      fault: (receipt.kind === 'delivered' ? receipt.remark : receipt.fault) ?? null,
    }));
    await write(io, `${JSON.stringify({ ...documentHead(version, host), channels })}\n`);
    return;
  }
  for (const { channel, receipt } of results) {
    const text =
      receipt.kind === 'delivered'
        ? notify.delivered(channel.name, receipt.remark && notify.fault(receipt.remark))
        : notify.notDelivered(channel.name, notify.fault(receipt.fault));
    await write(io, `${wrapText(terminal, printable(text), [0, 4])}\n`);
  }
}
