/** Opens everything that messages need: host, configuration, store and channels. */
import type { DatabaseSync } from 'node:sqlite';
import { deliver, type DeliveryOptions, nextSendingMs, type NoticeOutbox } from '../notify/deliver.ts';
import type { Channel } from '../notify/channel.ts';
import { createChannels } from '../notify/channels/index.ts';
import type { Incident } from '../notify/incident.ts';
import type { Notice } from '../notify/notice.ts';
import { mayBeOver, presentRun } from '../notify/present-state.ts';
import { answers, followedService, writtenProbeOf } from '../notify/readiness.ts';
import { downTiesOf } from '../inventory/down-ties.ts';
import { type Inventory, jobLimitsOf, takeInventory } from '../inventory/inventory.ts';
import { quietUntil } from '../notify/quiet-hours.ts';
import { type NotifySettings, notifySettings } from '../notify/settings.ts';
import { type Desk, nextSettlingMs } from '../notify/settle.ts';
import { hasOutage } from '../notify/watch-life.ts';
import { isBeingWritten, spoolFolder } from '../notify/spool.ts';
import { takeSigns, type Taking } from '../notify/take-signs.ts';
import type { Sign } from '../notify/sign.ts';
import { nextFrontMs, standInsFor } from '../notify/watch-front.ts';
import { type Catalogue } from '../i18n/catalogue.ts';
import { loadCatalogue } from '../i18n/index.ts';
import { editionOf, lastEditMs } from '../config/edits.ts';
import { configurationPlace } from '../config/lookup.ts';
import type { WrittenConfiguration } from '../config/schema.ts';
import { presentBoot } from '../kernel/process-identity.ts';
import { composeLetter, type Present } from '../report/notices/compose.ts';
import { printable } from '../report/printable.ts';
import { openSoundStore, openSoundStoreToRead } from '../store/damage.ts';
import { Incidents } from '../store/incidents.ts';
import { Outbox } from '../store/outbox.ts';
import { lastLookMs, updateWaitingMark } from '../store/waiting-mark.ts';
import type { Host } from '../systemd/host/host.ts';
import { recentStates } from '../systemd/host/recent-states.ts';
import { statesOf } from '../systemd/host/states.ts';
import { createUnitLoader } from '../systemd/unit.ts';
import { openLiveHost } from '../systemd/host/live-host.ts';
import { loadHostPolicy, loadWritten, placesOf } from './configuration.ts';
import { type Context, expectHere } from './context.ts';
import type { Environment } from './io.ts';
import { keptDownIn } from './kept-down.ts';
import { tell } from './output.ts';
import type { CommonOptions } from './options.ts';
import { expectStateFolder } from './state-folder.ts';
import { withStoreFaults } from './store-fault.ts';

export interface Notification {
  readonly host: Host;
  readonly configuration: WrittenConfiguration | undefined;
  readonly settings: NotifySettings;
  /** The texts of messages, which may be in another language than those on the terminal. */
  readonly messages: Catalogue;
  readonly channels: readonly Channel[];
  readonly desk: Desk;
  readonly outbox: NoticeOutbox;
  /** The state folder. */
  readonly folder: string;
  readonly environment: Environment;
  /** Whether the configuration was edited since it was read. */
  isEdited(): boolean;
  /** Takes the signs that hooks have written. */
  takeSigns(): Promise<unknown>;
  /** Delivers all messages that are due. @returns when there is more to do, in ms since 1970; undefined when nothing waits */
  deliverDue(): Promise<number | undefined>;
}

/**
 * Opens everything for messages, runs work, and closes it again.
 *
 * @param access with `read` nothing is written, and nothing made
 * @throws Failure when the user has no home, or the store or the configuration cannot be used
 */
export async function withNotification<T>(
  options: CommonOptions,
  context: Context,
  work: (notification: Notification) => Promise<T>,
  access: 'read' | 'write' = 'write',
): Promise<T> {
  const { catalogue } = context;
  expectHere('notify', options, catalogue);
  const { scope, systemdVersion } = context.targets;
  const version = systemdVersion === undefined ? {} : { systemdVersion };
  await using host = await openLiveHost({ scope, environment: context.environment, ...version });
  const folder = expectStateFolder(host, context);
  return await withStoreFaults(folder, catalogue, () =>
    openAndDo(host, folder, access, options, context, work),
  );
}

async function openAndDo<T>(
  host: Host,
  folder: string,
  access: 'read' | 'write',
  { config }: CommonOptions,
  context: Context,
  work: (notification: Notification) => Promise<T>,
): Promise<T> {
  const { catalogue, io, environment } = context;
  const places = placesOf(host, config, context);
  const edition = editionOf(places);
  const place = configurationPlace(places);
  const configuration = place && (await loadWritten(place, context));
  const settings = notifySettings(configuration);
  const messages = settings.language === undefined ? catalogue : await loadCatalogue(settings.language);
  const channels = createChannels(configuration, environment);
  using database = access === 'read' ? openToRead(folder, context) : await openToWrite(folder, context);
  const outbox: NoticeOutbox = new Outbox(database);
  if (access === 'write' && lastEditMs(places) > lastLookMs(folder)) outbox.retryNow();
  const desk: Desk = {
    database,
    incidents: new Incidents<Sign, Incident>(database),
    outbox,
    channels: channels.map(({ name }) => name),
    policy: settings.policy,
    host: host.hostName,
    scope: host.scope,
  };
  const policyOf = async (inventory: Inventory) => (await loadHostPolicy(inventory, config, context)).policy;
  const delivery: DeliveryOptions = {
    outbox,
    compose: async (notices, markup) => {
      const present = await presentOf(notices, host, configuration, environment);
      const keptDown = await keptDownIn(notices, host, messages, policyOf);
      const about = notices.flatMap(notice => ('unit' in notice ? notice : []));
      const standIns = standInsFor(about, desk);
      return composeLetter(notices, markup, messages, settings.templates, { ...present, keptDown, standIns });
    },
    now: Date.now,
    random: Math.random,
    folder,
    quietUntil: nowMs => settings.quiet && quietUntil(settings.quiet, nowMs),
    host: host.hostName,
  };
  const states = host.manager && recentStates(host.manager, recentMs);
  const taking: Taking = {
    folder,
    database,
    incidents: desk.incidents,
    look: units => lookAt(units, { ...host, manager: states?.now }),
    discarded: count => tell(io, `daruma: ${catalogue.notify.signsDiscarded(count)}`),
  };
  return await work({
    host: { ...host, manager: states?.lately },
    configuration,
    settings,
    messages,
    channels,
    desk,
    outbox,
    folder,
    environment,
    isEdited: () => editionOf(places) !== edition,
    takeSigns: () => takeSigns(taking),
    deliverDue: () => deliverDue(channels, desk, delivery),
  });
}

/** Much less than the pause between two looks at a service that is followed. */
const recentMs = 100;

/** What has become of the services that messages are about where that may be over. */
async function presentOf(
  notices: readonly Notice[],
  host: Host,
  configuration: WrittenConfiguration | undefined,
  environment: Environment,
): Promise<Omit<Present, 'keptDown' | 'standIns'>> {
  const atMs = Date.now();
  const held = notices.flatMap(notice => ('unit' in notice && mayBeOver(notice, atMs) ? [notice.unit] : []));
  const silent = notices.flatMap(notice => (notice.kind === 'not-ready' ? [notice.unit] : []));
  if (held.length + silent.length === 0) return { atMs, units: new Map() };
  const live = await statesOf([...new Set([...held, ...silent])], host.manager);
  // Of what does not answer the message itself says that it runs, but not that it is stopped.
  const runs = [...live]
    .map(([unit, each]) => [unit, presentRun(each, host.files)] as const)
    .filter(([unit, { kind }]) => kind === 'halts' || held.includes(unit));
  const asked = runs.flatMap(([unit, { kind }]) => (kind === 'runs' ? [unit] : [])).slice(0, mostAsked);
  const answering = await answersOf(asked, host, configuration, environment);
  const units = runs.map(([unit, run]) => {
    const isAnswering = answering.get(unit);
    return [unit, isAnswering === undefined ? run : { ...run, answers: isAnswering }] as const;
  });
  return { atMs: Date.now(), units: new Map(units) };
}

/** Of more in one letter the first are asked: the letter is not to wait for them. */
const mostAsked = 20;

/** Whether services answer now; without those that have no probe. */
async function answersOf(
  units: readonly string[],
  { journal: _journal, ...host }: Host,
  configuration: WrittenConfiguration | undefined,
  environment: Environment,
): Promise<ReadonlyMap<string, boolean>> {
  if (units.length === 0) return new Map();
  const inventory = await takeInventory({ ...host, manager: undefined });
  const answering = await Promise.all(
    units.map(async unit => {
      const probe = writtenProbeOf(unit, configuration);
      const { readiness } = await followedService(unit, inventory, probe, environment);
      return readiness.probes.length === 0 ? undefined : ([unit, await answers(readiness)] as const);
    }),
  );
  return new Map(answering.filter(each => each !== undefined));
}

async function openToWrite(folder: string, { io, catalogue: { notify } }: Context): Promise<DatabaseSync> {
  const { database, putAside } = await openSoundStore(folder, Date.now());
  if (putAside !== undefined) tell(io, `daruma: ${printable(notify.putAside(putAside))}`);
  return database;
}

function openToRead(folder: string, { io, catalogue: { notify } }: Context): DatabaseSync {
  const { database, isDamaged } = openSoundStoreToRead(folder);
  if (isDamaged) tell(io, `daruma: ${printable(notify.storeDamaged(folder))}`);
  return database;
}

async function lookAt(units: readonly string[], host: Host): ReturnType<Taking['look']> {
  const { manager, journal } = host;
  const live = await statesOf(units, manager);
  const missingFor = async (unit: string) => {
    const state = live.get(unit);
    if (state === undefined) return undefined;
    const loader = createUnitLoader(host);
    return (await downTiesOf(loader.load(unit), state, loader, null)).missing;
  };
  const jobLimits = (unit: string) => jobLimitsOf(createUnitLoader(host).load(unit));
  return {
    live,
    manager,
    journal,
    missingFor,
    jobLimitsOf: jobLimits,
    bootMs: presentBoot()?.startedMs ?? null,
  };
}

async function deliverDue(
  channels: readonly Channel[],
  desk: Desk,
  delivery: DeliveryOptions,
): Promise<number | undefined> {
  const nextMs = await deliver(channels, delivery);
  updateWaitingMark(delivery.folder, desk.database, () => nextWaiting(channels, desk, delivery));
  return nextMs;
}

/** When there is something to do next, in ms since 1970; undefined when nothing waits. */
function nextWaiting(
  channels: readonly Channel[],
  desk: Desk,
  delivery: DeliveryOptions,
): number | undefined {
  const { folder, now, outbox } = delivery;
  const nowMs = now();
  const messages = channels.flatMap(({ name }) => nextSendingMs(name, delivery) ?? []);
  const looks = desk.incidents.unsettled().map(unit => nextSettlingMs(unit, desk));
  const frontMs = nextFrontMs(desk, nowMs);
  const isUrgent = hasOutage(desk) || isBeingWritten(spoolFolder(folder), nowMs);
  // Without a channel they wait for somebody to configure one.
  const isStranded = channels.length === 0 && outbox.waitingByChannel().size > 0;
  const times = [
    ...messages,
    ...looks,
    ...(frontMs === undefined ? [] : [frontMs]),
    ...(isUrgent ? [nowMs] : []),
    ...(isStranded ? [Infinity] : []),
  ];
  return times.length === 0 ? undefined : Math.min(...times);
}
