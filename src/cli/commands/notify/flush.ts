/** `daruma notify flush`: delivers messages and processes signs; the timer runs it. */
import type { Context } from '../../context.ts';
import { followUnits } from '../../../notify/follow-units.ts';
import { watchLife } from '../../../notify/watch-life.ts';
import { type Notification, withNotification } from '../../notification.ts';
import type { CommonOptions } from '../../options.ts';
import { showStatus } from './status.ts';

/** @returns the exit code: also 0 when a message could not be delivered, since it stays in the outbox */
export function flush(options: CommonOptions, context: Context): Promise<number> {
  return withNotification(options, context, async notification => {
    await watchLife(notification);
    await lookAfter(notification);
    await notification.deliverDue();
    if (context.io.stdout.isTTY || context.format === 'json') await showStatus(notification, context);
    return 0;
  });
}

/** Follows units with signs or an open incident, for example after their follower was killed or the machine went down. */
async function lookAfter(notification: Notification): Promise<void> {
  const { incidents } = notification.desk;
  const units = incidents.unsettled();
  for (const unit of units) incidents.append(unit, { kind: 'look', atMs: Date.now(), invocation: null });
  incidents.forget(Date.now() - rememberedMs);
  await followUnits(units, notification, 0, limitMs);
}

const limitMs = 10_000;
const rememberedMs = 365 * 24 * 3_600_000;
