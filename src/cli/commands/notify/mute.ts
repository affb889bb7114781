/** `daruma notify mute` and `unmute`: stops messages about a service, or about all, for a time. */
import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from '../../../store/database.ts';
import { muteUnit, mutesAt, unmuteUnit } from '../../../store/mutes.ts';
import { firstWrite } from '../../../store/unwritable-state-folder.ts';
import { parseTimeSpan } from '../../../systemd/values/time-span.ts';
import { serviceName } from '../../../systemd/unit-name.ts';
import type { Context } from '../../context.ts';
import { badInput } from '../../failure.ts';
import { type Notification, withNotification } from '../../notification.ts';
import { commandFor, type CommonOptions } from '../../options.ts';
import { openTargets } from '../../targets.ts';
import { showStatus } from './status.ts';

/**
 * @param words names of services, and a time span at the end
 * @returns the exit code
 */
export async function mute(
  words: readonly string[],
  options: CommonOptions,
  context: Context,
): Promise<number> {
  const { errors } = context.catalogue;
  const span = words.at(-1);
  if (span === undefined) throw badInput('missing-argument', errors.missingArgument('SPAN'), 'SPAN');
  const usec = parseTimeSpan(span);
  if (usec === undefined || usec === 0 || !Number.isFinite(usec)) {
    throw badInput('bad-time-span', errors.badTimeSpan(span), span);
  }
  const units = await unitsOf(words.slice(0, -1), context);
  return withNotification(options, context, async notification => {
    const untilMs = Date.now() + Math.ceil(usec / 1_000);
    change(notification, database => {
      for (const unit of units) muteUnit(database, unit, untilMs);
    });
    await showStatus(notification, options, context);
    return 0;
  });
}

/** @returns the exit code */
export async function unmute(
  words: readonly string[],
  options: CommonOptions,
  context: Context,
): Promise<number> {
  const units = words.map(serviceName);
  return withNotification(options, context, async notification => {
    const { database } = notification.desk;
    const known = new Set(mutesAt(database, 0).flatMap(({ unit }) => unit ?? []));
    const other = units.find(unit => !known.has(unit));
    if (other !== undefined)
      throw badInput(
        'not-muted',
        context.catalogue.notify.notMuted(other),
        other,
        commandFor('notify status', options),
      );
    change(notification, () => {
      if (units.length === 0) unmuteUnit(database, undefined);
      for (const unit of units) unmuteUnit(database, unit);
    });
    await showStatus(notification, options, context);
    return 0;
  });
}

/** @throws UnwritableStateFolder; then nothing was changed */
function change({ folder, desk: { database } }: Notification, work: (database: DatabaseSync) => void): void {
  firstWrite(folder, () => inTransaction(database, () => work(database)));
}

/** Full names of existing services; a single undefined means all services. */
async function unitsOf(words: readonly string[], context: Context): Promise<readonly (string | undefined)[]> {
  if (words.length === 0) return [undefined];
  await using hosts = new AsyncDisposableStack();
  const opened = await openTargets(words, context.targets, context, hosts);
  return opened.flatMap(({ names }) => names);
}
