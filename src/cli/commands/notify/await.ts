/** `daruma notify await`: follows a service; the transient unit of a hook runs it. */
import type { Context } from '../../context.ts';
import { followUnits } from '../../../notify/follow-units.ts';
import { watchLife } from '../../../notify/watch-life.ts';
import { withNotification } from '../../notification.ts';
import type { CommonOptions } from '../../options.ts';

/** @returns the exit code */
export function awaitUnit(unit: string, options: CommonOptions, context: Context): Promise<number> {
  return withNotification(options, context, async notification => {
    await watchLife(notification);
    // Another process that follows the unit now ends within the same limit, so waiting that long is enough.
    await followUnits([unit], notification, limitMs, limitMs);
    await notification.deliverDue();
    return 0;
  });
}

/** Longer than the longest warm-up of a known service. After that the timer goes on. */
const limitMs = 5 * 60_000;
