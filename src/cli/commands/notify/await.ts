/** `daruma notify await`: what the transient unit of a hook runs. */
import type { Context } from '../../context.ts';
import { followUnits } from '../../../notify/follow-units.ts';
import { withNotification } from '../../notification.ts';
import type { CommonOptions } from '../../options.ts';

/** @returns the exit code */
export function awaitUnit(unit: string, options: CommonOptions, context: Context): Promise<number> {
  return withNotification(options, context, async notification => {
    // Whoever follows it now leaves off at the latest then.
    await followUnits([unit], notification, limitMs, limitMs);
    await notification.deliverDue();
    return 0;
  });
}

/** The longest warm-up of a service that daruma knows, and some; the rest is the timer's. */
const limitMs = 5 * 60_000;
