/** `daruma notify status`: shows which services have hooks and where these lead, and which messages wait, since when, and why. */
import {
  type HookedService,
  hookedServices,
  stoppedWakers,
  unhookedServices,
} from '../../../check/hooked-services.ts';
import { downManager } from '../../../inventory/down-manager.ts';
import { takeInventory } from '../../../inventory/inventory.ts';
import { spoolFolder, waitingSigns } from '../../../notify/spool.ts';
import { mutesAt } from '../../../store/mutes.ts';
import type { ChannelFault } from '../../../notify/channel.ts';
import type { OpenIncident } from '../../../notify/incident.ts';
import { nextSendingMs } from '../../../notify/deliver.ts';
import { type PresentState, presentState } from '../../../notify/present-state.ts';
import { quietUntil } from '../../../notify/quiet-hours.ts';
import { documentHead } from '../../../report/json.ts';
import { composeLetter } from '../../../report/notices/compose.ts';
import { printable } from '../../../report/printable.ts';
import { wrapText } from '../../../report/terminal.ts';
import { utcTime } from '../../../i18n/parts.ts';
import { unnoticedKind, type UnnoticedKind, wasStopped } from '../../../notify/unnoticed.ts';
import { loadHostPolicy } from '../../configuration.ts';
import type { Context } from '../../context.ts';
import { wakersStoppedText } from '../../hooks.ts';
import type { LiveUnit } from '../../../systemd/host/host.ts';
import { statesOf } from '../../../systemd/host/states.ts';
import { type Notification, withNotification } from '../../notification.ts';
import { headOf, managerDownLead } from '../../manager-down.ts';
import { write } from '../../output.ts';
import { faultOf, type UnwritableReason } from '../../../store/unwritable-state-folder.ts';
import type { CommonOptions, NotifyOptions } from '../../options.ts';
import { version } from '../../version.ts';

/** @returns the exit code */
export function status(options: NotifyOptions, context: Context): Promise<number> {
  const show = async (notification: Notification) => {
    await (options.refused ? showRefused(notification, context) : showStatus(notification, options, context));
    return 0;
  };
  return withNotification(options, context, show, 'read');
}

export async function showStatus(
  notification: Notification,
  { config }: Pick<CommonOptions, 'config'>,
  context: Context,
): Promise<void> {
  const { host } = notification;
  const inventory = await takeInventory(host);
  const hooks = hookedServices(inventory);
  const { policy, units } = await loadHostPolicy(inventory, config, context);
  const own = [...new Set([...inventory.ownServices(), ...units])];
  const { services: unhooked, jobs } = await unhookedServices(inventory, own, policy);
  const stopped = hooks.length === 0 ? [] : await stoppedWakers(host);
  const known = notifyStatusOf(notification, Date.now());
  const live = await statesOf(
    [...new Set([...hooks, ...known.incidents].map(({ unit }) => unit))],
    host.manager,
  );
  const unnoticed = await unnoticedOf(
    hooks.map(({ unit }) => unit),
    known.signs,
    live,
    notification,
  );
  const incidents = known.incidents.map(each => ({
    ...each,
    present: presentState(each.incident, live.get(each.unit), host.files),
  }));
  const unwritable = hooks.length === 0 ? undefined : faultOf(notification.folder);
  const phase = downManager(host)?.phase;
  const isAsleep = phase === 'down' || phase === 'stopping';
  const notifyStatus = {
    ...known,
    incidents,
    hooks,
    unhooked,
    jobs,
    unnoticed,
    stopped,
    unwritable,
    isAsleep,
  };
  if (context.format === 'json') {
    const document = { ...(await headOf(host, context.catalogue)), ...toJson(notifyStatus) };
    await write(context.io, `${JSON.stringify(document)}\n`);
    return;
  }
  // Without its manager no hook writes a sign, and nobody takes one.
  const lead = await managerDownLead(host, context);
  await write(context.io, lead + textOf(notifyStatus, notification, context));
}

/** More than anybody reads; the latest are shown. */
const mostShown = 100;

/** Shows what services refused for good, and how it is sent again. */
async function showRefused(
  { host, channels, outbox, messages, settings }: Notification,
  { io, format, terminal, catalogue: { notify } }: Context,
): Promise<void> {
  const refusals = channels.flatMap(({ name }) =>
    outbox.refusals(name, mostShown).map(({ content, refusedMs, fault }) => ({
      channel: name,
      happened: content.atMs,
      refused: refusedMs,
      title:
        content.kind === 'text'
          ? (content.text.split('\n', 1)[0] ?? '')
          : composeLetter([content], 'plain', messages, settings.templates).title,
      fault,
    })),
  );
  if (format === 'json') {
    const rows = refusals.map(({ happened, refused, ...rest }) => ({
      ...rest,
      happened: timeOf(happened),
      refused: timeOf(refused),
    }));
    await write(io, `${JSON.stringify({ ...documentHead(version, host), refusals: rows })}\n`);
    return;
  }
  const lines = [
    ...refusals.flatMap(({ channel, happened, title, fault }) => [
      notify.refusal(channel, utcTime(happened), title),
      `  ${notify.fault(fault)}`,
    ]),
    refusals.length === 0 ? notify.noRefusals : notify.sendRefusedAgain,
  ];
  await write(io, laidOut(lines, terminal));
}

interface NotifyStatus {
  readonly hooks: readonly HookedService[];
  /** Services that have none, and would be given some by an installation. */
  readonly unhooked: readonly string[];
  /** Jobs of timers that have none: only an installation that names them gives them some. */
  readonly jobs: readonly string[];
  /** Services that are down, and of which no hook has told: of what systemd cannot run, it runs no hook either. */
  readonly unnoticed: readonly Unnoticed[];
  /** Units that wake daruma, and do not run: signs and messages wait for somebody to start them. */
  readonly stopped: readonly string[];
  /** The user's manager does not run: until it does, nothing wakes daruma, whatever is due. */
  readonly isAsleep: boolean;
  /** Why hooks cannot keep what they see; undefined when they can. */
  readonly unwritable: UnwritableReason | undefined;
  /** Signs that hooks have written and nobody has taken yet. */
  readonly signs: number;
  readonly channels: readonly ChannelStatus[];
  /** Messages of channels that the configuration does not name any more. */
  readonly stranded: ReadonlyMap<string, number>;
  readonly quietUntilMs: number | undefined;
  readonly mutes: readonly { readonly unit: string | undefined; readonly untilMs: number }[];
  readonly incidents: readonly KnownIncident[];
}

interface Unnoticed {
  readonly unit: string;
  readonly kind: Exclude<UnnoticedKind, 'starts'>;
}

async function unnoticedOf(
  units: readonly string[],
  signs: number,
  live: ReadonlyMap<string, LiveUnit>,
  { desk, host }: Pick<Notification, 'desk' | 'host'>,
): Promise<readonly Unnoticed[]> {
  if (signs > 0) return [];
  const unsettled = new Set(desk.incidents.unsettled());
  const found: Unnoticed[] = [];
  for (const unit of units.filter(each => !unsettled.has(each))) {
    const state = live.get(unit);
    const kind = unnoticedKind(state);
    if (state === undefined || kind === undefined || kind === 'starts') continue;
    if (kind === 'failed' && (await wasStopped(unit, state, desk, host.journal))) continue;
    found.push({ unit, kind });
  }
  return found;
}

interface KnownIncident {
  readonly unit: string;
  readonly incident: OpenIncident;
  /** What its service does now. */
  readonly present: PresentState;
}

interface ChannelStatus {
  readonly name: string;
  readonly waiting: number;
  /** When the oldest message that waits happened; undefined when none waits. */
  readonly oldestMs: number | undefined;
  /** How many of them are due. */
  readonly due: number;
  /** The others: when the first and the last of them may be told. */
  readonly later: { readonly firstMs: number; readonly lastMs: number } | undefined;
  readonly refused: number;
  readonly failures: number;
  readonly nextMs: number | undefined;
  readonly fault: ChannelFault | undefined;
}

/** More than are ever kept for a channel that works now and then. */
const mostCounted = 100_000;

function notifyStatusOf(
  { channels, outbox, settings, desk, folder }: Notification,
  nowMs: number,
): Omit<
  NotifyStatus,
  'hooks' | 'unhooked' | 'jobs' | 'unnoticed' | 'stopped' | 'isAsleep' | 'unwritable' | 'incidents'
> & {
  readonly incidents: readonly Omit<KnownIncident, 'present'>[];
} {
  const quietAt = (ms: number) => settings.quiet && quietUntil(settings.quiet, ms);
  return {
    signs: waitingSigns(spoolFolder(folder)),
    channels: channels.map(({ name }) => {
      const { refused, failures, fault } = outbox.stateOf(name);
      // A reminder of tomorrow is written already, and is no message yet.
      const messages = outbox.waiting(name, mostCounted).filter(({ content }) => content.atMs <= nowMs);
      const waiting = messages.length;
      const happened = messages.map(({ content }) => content.atMs);
      const oldestMs = waiting === 0 ? undefined : happened.reduce((a, b) => Math.min(a, b));
      // They are in the order in which they are due.
      const notDue = messages
        .filter(({ dueMs }) => dueMs > nowMs)
        .map(({ dueMs }) => quietAt(dueMs) ?? dueMs);
      const [firstMs, lastMs = 0] = [notDue[0], notDue.at(-1)];
      const later = firstMs === undefined ? undefined : { firstMs, lastMs };
      const due = waiting - notDue.length;
      const nextMs = nextSendingMs(name, { outbox, now: () => nowMs, quietUntil: quietAt });
      return { name, waiting, oldestMs, due, later, refused, failures, nextMs, fault };
    }),
    stranded: new Map(
      [...outbox.waitingByChannel()].filter(([name]) => !channels.some(channel => channel.name === name)),
    ),
    quietUntilMs: quietAt(nowMs),
    mutes: mutesAt(desk.database, nowMs),
    incidents: desk.incidents.unsettled().flatMap(unit => {
      const incident = desk.incidents.ongoing(unit);
      return incident === undefined || incident.state === 'stopped' ? [] : { unit, incident };
    }),
  };
}

function toJson({
  hooks,
  unhooked,
  jobs,
  unnoticed,
  stopped,
  isAsleep,
  unwritable,
  signs,
  channels,
  quietUntilMs,
  mutes,
  incidents,
}: NotifyStatus): object {
  return {
    hooks,
    unhooked,
    ...(jobs.length > 0 && { jobs }),
    ...(unnoticed.length > 0 && { unnoticed }),
    ...(stopped.length > 0 && { stopped }),
    ...(unwritable !== undefined && { unwritable }),
    signs,
    channels: channels.map(({ name, waiting, due, oldestMs, refused, failures, nextMs, fault }) => ({
      name,
      waiting,
      refused,
      failures,
      waitingSince: timeOf(due > 0 ? oldestMs : undefined),
      nextTry: timeOf(isAsleep ? undefined : nextMs),
      fault: fault ?? null,
    })),
    quietUntil: timeOf(quietUntilMs),
    mutes: mutes.map(({ unit = null, untilMs }) => ({ unit, until: timeOf(untilMs) })),
    incidents: incidents.map(({ unit, incident, present }) => {
      const { state, downSinceMs, falls, failedStarts = 0, isAtLeast = false } = incident;
      const { firstMs, lastMs } = fallTimesOf(incident);
      return {
        unit,
        state,
        present,
        downSince: timeOf(downSinceMs ?? undefined),
        firstFall: timeOf(firstMs),
        lastFall: timeOf(lastMs),
        falls: falls - failedStarts,
        failedStarts,
        isAtLeast,
      };
    }),
  };
}

function textOf(
  notifyStatus: NotifyStatus,
  { host, folder }: Notification,
  { catalogue, terminal }: Context,
): string {
  const { notify, punctuation } = catalogue;
  const { hooks, unhooked, jobs, unnoticed, stopped, signs, channels, stranded } = notifyStatus;
  const { quietUntilMs, mutes, incidents, unwritable, isAsleep } = notifyStatus;
  const isWaiting = signs > 0 || channels.some(({ waiting }) => waiting > 0);
  const lines = [
    ...(channels.length === 0 ? [notify.noChannels + punctuation.colon + notify.addChannel] : []),
    ...[...stranded].map(([name, count]) => notify.stranded(name, count)),
    ...channels.flatMap(channel => channelLines(channel, quietUntilMs, isAsleep, notify)),
    ...(isAsleep && (hooks.length > 0 || isWaiting) ? [notify.asleep(isWaiting)] : []),
    ...hookLines(hooks, notify),
    ...(hooks.length === 0 || unhooked.length === 0 ? [] : [notify.unhooked(unhooked.join(', '))]),
    ...(hooks.length === 0 || jobs.length === 0
      ? []
      : [notify.unhookedJobs(jobs.join(', '), jobs.join(' '))]),
    ...(unwritable === undefined ? [] : [notify.noSigns(catalogue.errors.stateFaults[unwritable](folder))]),
    ...(stopped.length === 0 ? [] : [wakersStoppedText(stopped, host, catalogue)]),
    ...(signs === 0 ? [] : [notify.signsWait(signs)]),
    ...(quietUntilMs === undefined ? [] : [notify.quietUntil(utcTime(quietUntilMs))]),
    ...mutes.map(({ unit, untilMs }) => notify.mutedUntil(unit, utcTime(untilMs))),
    ...incidents.map(({ unit, incident, present }) => {
      const { firstMs, lastMs } = fallTimesOf(incident);
      const [first, last] = [firstMs, lastMs].map(ms => (ms === undefined ? undefined : utcTime(ms)));
      const { falls: count, failedStarts = 0, isAtLeast = false } = incident;
      const times = { count, failedStarts, isAtLeast, first, last };
      return notify.incident(unit, incident.state, times, present);
    }),
    ...unnoticed.map(({ unit, kind }) => notify.unnoticed[kind](unit)),
  ];
  return laidOut(lines, terminal);
}

/** Lines that are indented as they begin. */
function laidOut(lines: readonly string[], terminal: Context['terminal']): string {
  const wrapped = lines.map(line => {
    const text = line.trimStart();
    const indent = line.length - text.length;
    return wrapText(terminal, printable(text), [indent, indent + 4]);
  });
  return `${wrapped.join('\n')}\n`;
}

/** One line for the services whose hooks lead to the same. */
function hookLines(
  hooks: readonly HookedService[],
  notify: Context['catalogue']['notify'],
): readonly string[] {
  if (hooks.length === 0) return [notify.noHooks];
  const groups = Map.groupBy(hooks, ({ generation, missing }) => missing ?? generation);
  return [...groups.values()].map(group => {
    const units = group.map(({ unit }) => unit).join(', ');
    const missing = group[0]?.missing ?? null;
    if (missing !== null) return notify.hooksLeadTo(units, missing);
    return group[0]?.generation === 'earlier' ? notify.earlierHooks(units) : notify.hooksWork(units);
  });
}

function channelLines(
  channel: ChannelStatus,
  quietUntilMs: number | undefined,
  isAsleep: boolean,
  notify: Context['catalogue']['notify'],
): readonly string[] {
  const { name, waiting, oldestMs, due, later, refused, failures, nextMs, fault } = channel;
  const notTried = isAsleep ? [] : [notify.notTried];
  const heldBack = quietUntilMs === undefined ? notTried : [notify.heldBack(utcTime(quietUntilMs))];
  const next = nextMs === undefined || isAsleep ? '' : utcTime(nextMs);
  return [
    oldestMs === undefined ? notify.nothingWaits(name) : notify.waiting(name, waiting, utcTime(oldestMs)),
    ...(fault === undefined || failures === 0
      ? []
      : [`  ${notify.failed(failures, notify.fault(fault), next)}`]),
    ...(fault === undefined && due > 0 ? heldBack.map(text => `  ${text}`) : []),
    ...(later === undefined ? [] : [`  ${laterText(later, due > 0, notify)}`]),
    ...(fault !== undefined && failures === 0 ? [`  ${notify.fault(fault)}`] : []),
    ...(refused === 0 ? [] : [`  ${notify.refused(refused)}`]),
  ];
}

/** From when on those may be told that are not due, such as those of what is muted. */
function laterText(
  { firstMs, lastMs }: NonNullable<ChannelStatus['later']>,
  areOthersDue: boolean,
  notify: Context['catalogue']['notify'],
): string {
  const [first, last] = [firstMs, lastMs].map(utcTime);
  return notify.notBefore(first ?? '', last === first ? undefined : last, areOthersDue);
}

/** When the first and the last fall of an incident were, or failed start, as far as they were seen. */
function fallTimesOf({ sinceMs, lastFallMs, lastEndMs, downSinceMs, falls }: OpenIncident): {
  readonly firstMs: number | undefined;
  readonly lastMs: number | undefined;
} {
  const onlyMs = falls === 1 ? downSinceMs : null;
  // Where the end of the latest fall was not seen, an earlier one is not the last.
  const lastMs = lastFallMs === null ? null : (lastEndMs ?? lastFallMs);
  return {
    firstMs: (sinceMs === undefined ? onlyMs : sinceMs) ?? undefined,
    lastMs: (lastMs === undefined ? onlyMs : lastMs) ?? undefined,
  };
}

function timeOf(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
