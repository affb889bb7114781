/** `daruma notify status`: what waits, since when, and why. */
import { mutesAt } from '../../../store/mutes.ts';
import type { ChannelFault } from '../../../notify/channel.ts';
import type { Incident } from '../../../notify/incident.ts';
import { quietUntil } from '../../../notify/quiet-hours.ts';
import { documentHead } from '../../../report/json.ts';
import { printable } from '../../../report/printable.ts';
import type { Context } from '../../context.ts';
import { type Notification, withNotification } from '../../notification.ts';
import { write } from '../../output.ts';
import type { CommonOptions } from '../../options.ts';
import { version } from '../../version.ts';

/** @returns the exit code */
export function status(options: CommonOptions, context: Context): Promise<number> {
  return withNotification(options, context, async notification => {
    await showStatus(notification, context);
    return 0;
  });
}

export async function showStatus(notification: Notification, context: Context): Promise<void> {
  const standing = standingOf(notification, Date.now());
  await write(
    context.io,
    context.format === 'json'
      ? `${JSON.stringify({ ...documentHead(version, notification.host), ...toJson(standing) })}\n`
      : textOf(standing, context),
  );
}

interface Standing {
  readonly channels: readonly ChannelStanding[];
  readonly quietUntilMs: number | undefined;
  readonly mutes: readonly { readonly unit: string | undefined; readonly untilMs: number }[];
  readonly incidents: readonly { readonly unit: string; readonly incident: Incident }[];
}

interface ChannelStanding {
  readonly name: string;
  readonly waiting: number;
  /** When the oldest that could have been told happened. */
  readonly sinceMs: number | undefined;
  readonly refused: number;
  readonly failures: number;
  readonly nextMs: number | undefined;
  readonly fault: ChannelFault | undefined;
}

function standingOf({ channels, outbox, settings, desk }: Notification, nowMs: number): Standing {
  return {
    channels: channels.map(({ name }) => {
      const { waiting, refused, failures, fault } = outbox.stateOf(name);
      const [oldest] = outbox.due(name, nowMs, 1);
      const nextMs = outbox.nextMs(name);
      return { name, waiting, sinceMs: oldest?.content.atMs, refused, failures, nextMs, fault };
    }),
    quietUntilMs: settings.quiet && quietUntil(settings.quiet, nowMs),
    mutes: mutesAt(desk.database, nowMs),
    incidents: desk.incidents.unsettled().flatMap(unit => {
      const incident = desk.incidents.open(unit);
      return incident === undefined || incident.state === 'stopped' ? [] : { unit, incident };
    }),
  };
}

function toJson({ channels, quietUntilMs, mutes, incidents }: Standing): object {
  return {
    channels: channels.map(({ sinceMs, nextMs, fault, ...rest }) => ({
      ...rest,
      waitingSince: timeOf(sinceMs),
      nextTry: timeOf(nextMs),
      fault: fault ?? null,
    })),
    quietUntil: timeOf(quietUntilMs),
    mutes: mutes.map(({ unit = null, untilMs }) => ({ unit, until: timeOf(untilMs) })),
    incidents: incidents.map(({ unit, incident: { state, downSinceMs, falls } }) => ({
      unit,
      state,
      downSince: timeOf(downSinceMs ?? undefined),
      falls,
    })),
  };
}

function textOf(
  { channels, quietUntilMs, mutes, incidents }: Standing,
  { catalogue: { notify, punctuation } }: Context,
): string {
  const lines = [
    ...(channels.length === 0 ? [notify.noChannels + punctuation.colon + notify.addChannel] : []),
    ...channels.flatMap(channel => channelLines(channel, notify)),
    ...(quietUntilMs === undefined ? [] : [notify.quietUntil(shown(quietUntilMs))]),
    ...mutes.map(({ unit, untilMs }) => notify.mutedUntil(unit, shown(untilMs))),
    ...incidents.map(({ unit, incident: { state, downSinceMs, falls } }) =>
      notify.incident(unit, state, downSinceMs === null ? undefined : shown(downSinceMs), falls),
    ),
  ];
  return `${lines.map(printable).join('\n')}\n`;
}

function channelLines(channel: ChannelStanding, notify: Context['catalogue']['notify']): readonly string[] {
  const { name, waiting, sinceMs, refused, failures, nextMs, fault } = channel;
  const since = sinceMs === undefined ? undefined : shown(sinceMs);
  return [
    waiting === 0 ? notify.nothingWaits(name) : notify.waiting(name, waiting, since),
    ...(fault === undefined
      ? []
      : [`  ${notify.failed(failures, notify.fault(fault), nextMs === undefined ? '' : shown(nextMs))}`]),
    ...(refused === 0 ? [] : [`  ${notify.refused(refused)}`]),
  ];
}

function timeOf(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}

/** `2026-11-24 14:30:00 UTC`, as messages have it. */
function shown(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
