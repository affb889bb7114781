/** `daruma notify flush`, and `await`, which systemd runs when a hook has written a sign: takes signs and delivers messages. */
import { attend } from '../../../notify/attend.ts';
import { usefulMs } from '../../../notify/settle.ts';
import { watchFront } from '../../../notify/watch-front.ts';
import { hasOutage, watchLife } from '../../../notify/watch-life.ts';
import { inTransaction } from '../../../store/database.ts';
import { firstWrite } from '../../../store/unwritable-state-folder.ts';
import { setWaitingMark } from '../../../store/waiting-mark.ts';
import type { Context } from '../../context.ts';
import { type Notification, withNotification } from '../../notification.ts';
import type { CommonOptions, NotifyOptions } from '../../options.ts';

/** @returns the exit code: also 0 when a message could not be delivered, since it stays in the outbox */
export async function flush(options: NotifyOptions, context: Context): Promise<number> {
  const { io, format, environment } = context;
  // Hooks of earlier installations call it each minute. Shells within a desktop's services have the variable as well.
  const isByHand = io.stdout.isTTY || environment['INVOCATION_ID'] === undefined;
  return attendTo(options, context, {
    limitMs: flushMs,
    staysMs: 0,
    begin: notification => {
      if (isByHand || options.refused) tryAtOnce(notification, options.refused === true);
    },
    finish: async notification => {
      if (!isByHand && format !== 'json') return 0;
      const { showStatus } = await import('./status.ts');
      await showStatus(notification, options, context);
      return 0;
    },
  });
}

/** @returns the exit code */
export function awaitUnits(options: CommonOptions, context: Context): Promise<number> {
  const finish = () => Promise.resolve(0);
  return attendTo(options, context, { limitMs: awaitMs, staysMs, begin: () => undefined, finish });
}

interface Attendance {
  readonly limitMs: number;
  readonly staysMs: number;
  /** Before anything else, once. */
  readonly begin: (notification: Notification) => void;
  readonly finish: (notification: Notification) => Promise<number>;
}

/** Reads the configuration anew whenever somebody edits it meanwhile. @throws as `withNotification` */
async function attendTo(
  options: CommonOptions,
  context: Context,
  { limitMs, staysMs, begin, finish }: Attendance,
): Promise<number> {
  const endMs = Date.now() + limitMs;
  let isBegun = false;
  for (;;) {
    const code = await withNotification(options, context, async notification => {
      if (!isBegun) begin(notification);
      isBegun = true;
      await lookAtLife(notification);
      await attend(tellingMore(notification), Math.max(0, endMs - Date.now()), staysMs);
      return notification.isEdited() && Date.now() < endMs ? undefined : await finish(notification);
    });
    if (code !== undefined) return code;
  }
}

/** Somebody says that the cause is gone: no channel pauses any longer, and what was refused waits again if that is wanted. */
function tryAtOnce({ folder, outbox, desk }: Notification, withRefused: boolean): void {
  firstWrite(folder, () =>
    inTransaction(desk.database, () => {
      outbox.retryNow();
      if (!withRefused) return;
      setWaitingMark(folder);
      outbox.sendRefusedAgain(Date.now() + usefulMs);
    }),
  );
}

/** Services that ended with their manager have written signs that tell so. */
async function lookAtLife(notification: Notification): Promise<void> {
  await notification.takeSigns();
  await watchLife(notification);
}

/** An outage is told as soon as it is known what became of the services, and the front by what it has logged. */
function tellingMore(notification: Notification): Notification {
  const { desk, host } = notification;
  return {
    ...notification,
    takeSigns: async () => {
      await notification.takeSigns();
      await watchFront(desk, host, async () => {
        const { askFront } = await import('../../../failover/front/statistics.ts');
        return await askFront(host);
      });
      if (hasOutage(notification.desk)) await watchLife(notification);
    },
  };
}

/** A person waits for it. */
const flushMs = 10_000;
/** Below `RuntimeMaxSec=` of the unit, deliveries included. */
const awaitMs = 10 * 60_000;
/** Until the timer of the unit is sure to start the next process, with its `AccuracySec=`. */
const staysMs = 75_000;
