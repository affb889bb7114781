/** Carries what waits in the outbox to the channels, each in its own order and at its own pace. */
import { ownName } from '../names/own-name.ts';
import { withLock } from '../store/lock.ts';
import type { Outbox, WaitingMessage } from '../store/outbox.ts';
import type { Channel, ChannelFault, Letter, Markup, Receipt } from './channel.ts';
import type { Notice } from './notice.ts';

export type NoticeOutbox = Outbox<Notice, ChannelFault>;

export interface DeliveryOptions {
  readonly outbox: NoticeOutbox;
  /** Makes the words of a letter: one notice, or a digest of several. */
  readonly compose: (notices: readonly Notice[], markup: Markup) => { title: string; body: string };
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Evenly spread over [0, 1): retries of many machines must not come at the same moment. */
  readonly random: () => number;
  /** Of the store. */
  readonly folder: string;
  /** The end of the quiet hours that a moment lies in; undefined outside of them. */
  readonly quietUntil: (nowMs: number) => number | undefined;
  readonly host: string;
}

/**
 * Delivers all that is due now, to all channels side by side; what was meant for one that is no more goes to these.
 *
 * At least once: a process that is killed between the answer of the other side and the note that it came has its
 * letter sent again, once per such kill.
 *
 * @param channels all that there are
 * @returns when there will be more to do; undefined when nothing waits
 */
export async function deliver(
  channels: readonly Channel[],
  options: DeliveryOptions,
): Promise<number | undefined> {
  const { outbox, now, quietUntil } = options;
  const names = channels.map(({ name }) => name);
  outbox.handOver(names, now());
  const ends = await Promise.allSettled(channels.map(channel => deliverTo(channel, options)));
  // What ails one channel, or the store while it was at work, was no reason to stop the others.
  const failed = ends.find(end => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  outbox.forget(now() - rememberedMs);
  const next = names.flatMap(name => outbox.nextMs(name) ?? []);
  return next.length === 0 ? undefined : Math.max(Math.min(...next), quietUntil(now()) ?? 0);
}

/** Longer than any key may come again: a hook that fires twice for one event does so within minutes. */
const rememberedMs = 30 * 24 * 3_600_000;

const sendTimeoutMs = 20_000;
/** Whoever is at a channel may just have looked into the outbox: one waits until it is done, and looks again. */
const patienceMs = sendTimeoutMs + 5_000;

/** More than this at once becomes one digest. */
const singleLetters = 4;
const mostInDigest = 200;

function deliverTo(channel: Channel, options: DeliveryOptions): Promise<void | undefined> {
  return withLock(options.folder, `channel-${channel.name}`, patienceMs, () =>
    deliverAlone(channel, options),
  );
}

async function deliverAlone(channel: Channel, options: DeliveryOptions): Promise<void> {
  const { outbox, now } = options;
  let most = mostInDigest;
  for (;;) {
    const batch = nextBatch(channel, most, options);
    if (batch === undefined) return;
    const receipt = await send(channel, batch, options);
    if (receipt.kind === 'delivered') {
      outbox.delivered(channel.name, batch.ids, now());
    } else if (receipt.kind === 'later') {
      return postpone(channel, receipt, options);
    } else if (batch.ids.length === 1) {
      outbox.refused(channel.name, batch.ids, receipt.fault, now());
    } else {
      // One of them is not taken: which one shows when each has its own letter.
      most = 1;
    }
  }
}

interface Batch {
  readonly ids: readonly number[];
  readonly notices: readonly Notice[];
}

/** What comes next: first a word about what came too late, then one by one, or a flood in one letter. */
function nextBatch(
  { name }: Channel,
  most: number,
  { outbox, now, quietUntil, host }: DeliveryOptions,
): Batch | undefined {
  const nowMs = now();
  if (outbox.stateOf(name).nextMs > nowMs || quietUntil(nowMs) !== undefined) return undefined;
  const late = outbox.tooLate(name, nowMs);
  if (late.length > 0) return { ids: late.map(({ id }) => id), notices: [summaryOf(late, nowMs, host)] };
  const due = outbox.due(name, nowMs, most);
  if (due.length === 0) return undefined;
  const batch = due.length > singleLetters ? due : due.slice(0, 1);
  return { ids: batch.map(({ id }) => id), notices: batch.map(({ content }) => content) };
}

function send(channel: Channel, batch: Batch, options: DeliveryOptions): Promise<Receipt> {
  return channel.send(letterOf(channel, batch, options), AbortSignal.timeout(sendTimeoutMs));
}

/** What stands in the way, a page of somebody else say, may ask for more than any message lasts. */
const longestPauseMs = 6 * 3_600_000;

function postpone(
  { name }: Channel,
  receipt: Extract<Receipt, { kind: 'later' }>,
  options: DeliveryOptions,
): void {
  const { outbox, now, random } = options;
  const pauseMs =
    receipt.retryAfterSeconds === undefined
      ? backoffMs(outbox.stateOf(name).failures, random())
      : Math.min(longestPauseMs, Math.ceil(receipt.retryAfterSeconds * 1_000));
  outbox.postpone(name, now() + pauseMs, receipt.fault);
}

function letterOf(channel: Channel, { ids, notices }: Batch, { compose }: DeliveryOptions): Letter {
  return {
    id: `daruma-${ownName(channel.name, '%', longestNameInId)}-${ids[0]}-${ids.length}`,
    ...compose(notices, channel.markup),
    notices,
  };
}

/** Of letters, digits and few others: it becomes part of headers of HTTP and of mail, whose lines are bounded (RFC 5322, 2.1.1). */
const longestNameInId = 100;

/**
 * Doubles from 5 s up to 15 min, and shortens each pause at random by up to a half ("equal jitter").
 *
 * @param failures attempts in a row that failed before this one
 */
function backoffMs(failures: number, random: number): number {
  const longest = Math.min(15 * 60_000, 5_000 * 2 ** failures);
  return Math.round(longest * (1 - random / 2));
}

function summaryOf(late: readonly WaitingMessage<Notice>[], nowMs: number, host: string): Notice {
  const times = late.map(({ content }) => content.atMs);
  const units = new Set(late.flatMap(({ content }) => ('unit' in content ? [content.unit] : [])));
  return {
    kind: 'late',
    atMs: nowMs,
    host,
    count: late.length,
    units: [...units].toSorted(),
    fromMs: Math.min(...times),
    toMs: Math.max(...times),
  };
}
