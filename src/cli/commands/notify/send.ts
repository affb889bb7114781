/** `daruma notify send`: sends a text of the user, which stays in the outbox until every channel has delivered it. */
import { usefulMs } from '../../../notify/settle.ts';
import { inTransaction } from '../../../store/database.ts';
import { firstWrite } from '../../../store/unwritable-state-folder.ts';
import { setWaitingMark } from '../../../store/waiting-mark.ts';
import type { Context } from '../../context.ts';
import { badInput } from '../../failure.ts';
import { type Notification, withNotification } from '../../notification.ts';
import { write } from '../../output.ts';
import type { CommonOptions } from '../../options.ts';
import { showStatus } from './status.ts';
import { expectChannels } from './test.ts';

/** @returns the exit code: 0 when the text is delivered or in the outbox, 1 when a service refused it for good */
export function send(words: readonly string[], options: CommonOptions, context: Context): Promise<number> {
  const { catalogue } = context;
  const text = words.join(' ').trim();
  if (text === '') throw badInput('missing-argument', catalogue.errors.missingArgument('TEXT'), 'TEXT');
  return withNotification(options, context, async notification => {
    expectChannels(notification, context);
    const { host, outbox, desk, folder } = notification;
    const refusedBefore = refusedCount(notification);
    const nowMs = Date.now();
    const content = { kind: 'text', text, atMs: nowMs, host: host.hostName } as const;
    const message = { key: undefined, content, dueMs: nowMs, expiresMs: nowMs + usefulMs };
    firstWrite(folder, () =>
      inTransaction(desk.database, () => {
        setWaitingMark(folder);
        outbox.put(message, desk.channels);
      }),
    );
    const nextMs = await notification.deliverDue();
    const isKept = nextMs !== undefined;
    const isRefused = refusedCount(notification) > refusedBefore;
    if (isKept || isRefused || context.format === 'json') await showStatus(notification, options, context);
    else await write(context.io, `${catalogue.notify.allDelivered}\n`);
    return isRefused ? 1 : 0;
  });
}

function refusedCount({ channels, outbox }: Notification): number {
  return channels.reduce((sum, { name }) => sum + outbox.stateOf(name).refused, 0);
}
