/** Delivers the messages of the outbox to the channels: order, pauses between retries, digests and quiet hours. */
import { ownName } from '../names/own-name.ts';
import { withLock } from '../store/lock.ts';
import type { Outbox, WaitingMessage } from '../store/outbox.ts';
import type { Channel, ChannelFault, Letter, Markup, Receipt } from './channel.ts';
import type { Notice } from './notice.ts';

export type NoticeOutbox = Outbox<Notice, ChannelFault>;

export interface DeliveryOptions {
  readonly outbox: NoticeOutbox;
  /** Makes the text of a letter from one notice, or a digest from several. */
  readonly compose: (
    notices: readonly Notice[],
    markup: Markup,
  ) => Promise<{ readonly title: string; readonly body: string }>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Uniform in [0, 1). It spreads the retries of many machines over time. */
  readonly random: () => number;
  /** The state folder. */
  readonly folder: string;
  /** The end of the quiet hours that contain a moment; undefined outside quiet hours. */
  readonly quietUntil: (nowMs: number) => number | undefined;
  readonly host: string;
}

/**
 * Delivers all messages that are due, to all channels at the same time. Messages for channels that no longer exist go to these.
 *
 * Each message is delivered at least once: when the process is killed after the service answered and before the answer is
 * stored, the letter is sent again.
 *
 * @param channels all configured channels
 * @returns when there is more to do, in milliseconds since 1970; undefined when nothing waits
 */
export async function deliver(
  channels: readonly Channel[],
  options: DeliveryOptions,
): Promise<number | undefined> {
  const { outbox, now } = options;
  const names = channels.map(({ name }) => name);
  outbox.handOver(names, now());
  const ends = await Promise.allSettled(channels.map(channel => deliverTo(channel, options)));
  // An error of one channel, or of the store during its work, does not stop the other channels.
  const failed = ends.find(end => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  outbox.forget(now() - rememberedMs);
  const next = names.flatMap(name => nextSendingMs(name, options) ?? []);
  return next.length === 0 ? undefined : Math.min(...next);
}

/** When a channel next sends something, in milliseconds since 1970; undefined when nothing waits for it. */
export function nextSendingMs(
  channel: string,
  { outbox, now, quietUntil }: Pick<DeliveryOptions, 'outbox' | 'now' | 'quietUntil'>,
): number | undefined {
  const nextMs = outbox.nextMs(channel);
  return nextMs === undefined ? undefined : (quietUntil(Math.max(nextMs, now())) ?? nextMs);
}

/** Longer than the time in which a key can occur again: a hook that fires twice for one event does so within minutes. */
const rememberedMs = 30 * 24 * 3_600_000;

const sendTimeoutMs = 20_000;
/**
 * Another process that holds the channel may have read the outbox before a new message came. This process waits until the
 * other one is done, and then reads the outbox itself.
 */
const patienceMs = sendTimeoutMs + 5_000;

/** More than this number of due messages are sent as one digest. */
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
      outbox.delivered(channel.name, batch.ids, now(), receipt.remark);
    } else if (batch.ids.length > 1 && isAboutLetterPerhaps(receipt)) {
      // The service did not accept one of several: from now on each is sent in a letter of its own, which shows the one.
      most = 1;
    } else if (receipt.kind === 'refused' || (await acceptsTheNext(channel, batch, receipt, options))) {
      outbox.refused(channel.name, batch.ids, receipt.fault, now());
    } else {
      return postpone(channel, receipt, options);
    }
  }
}

function isAboutLetterPerhaps(receipt: Receipt): boolean {
  return receipt.kind === 'refused' || (receipt.kind === 'later' && receipt.fault.code === 'rejected');
}

/**
 * Whether the service accepts the message behind one that it rejected without saying whether the letter or the place is at
 * fault. Then it is the letter, which would hold up the others until it expires.
 */
async function acceptsTheNext(
  channel: Channel,
  batch: Batch,
  receipt: Receipt,
  options: DeliveryOptions,
): Promise<boolean> {
  if (!isAboutLetterPerhaps(receipt)) return false;
  const { outbox, now } = options;
  const next = outbox.due(channel.name, now(), 2).find(({ id }) => !batch.ids.includes(id));
  if (next === undefined) return false;
  const ids = [next.id];
  const another = await send(channel, { ids, notices: [next.content] }, options);
  if (another.kind !== 'delivered') return false;
  outbox.delivered(channel.name, ids, now(), another.remark);
  return true;
}

interface Batch {
  readonly ids: readonly number[];
  readonly notices: readonly Notice[];
}

/** The next letter: first a summary of expired messages, then one message, or a digest when many are due. */
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

async function send(channel: Channel, batch: Batch, options: DeliveryOptions): Promise<Receipt> {
  const letter = await letterOf(channel, batch, options);
  return await channel.send(letter, AbortSignal.timeout(sendTimeoutMs));
}

/** Limits the pause that an answer asks for: a foreign page may ask for more time than a message is useful. */
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

async function letterOf(
  channel: Channel,
  { ids, notices }: Batch,
  { compose }: DeliveryOptions,
): Promise<Letter> {
  return {
    id: `daruma-${ownName(channel.name, '%', longestNameInId)}-${ids[0]}-${ids.length}`,
    ...(await compose(notices, channel.markup)),
    notices,
  };
}

/** The id becomes part of HTTP and mail headers, whose lines are limited (RFC 5322, 2.1.1). */
const longestNameInId = 100;

/**
 * The pause before the next attempt, in milliseconds. It doubles from 5 s up to 15 min, and is shortened at random by up to a
 * half ("equal jitter").
 *
 * @param failures number of failed attempts in a row before this one
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
