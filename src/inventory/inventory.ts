/** The services of a host, each with everything that the model needs and with the state that its manager reports. */
import { isOwnUnit } from '../systemd/own-units.ts';
import { type Machine, mainIsGuessed } from '../restart/fall.ts';
import { obstacleReason, type ServiceFacts } from '../restart/outcome.ts';
import { type RecognisedService, recogniseService } from '../services/index.ts';
import { departureOf } from '../services/background.ts';
import { timeLimitOf } from '../services/command-words.ts';
import { type Program, readProgram } from '../services/program.ts';
import { wordsOf } from '../services/wrappers.ts';
import { unitFileState } from '../systemd/enablement.ts';
import type {
  EndInJournal,
  Host,
  FailedStart,
  RefusalInJournal,
  LiveUnit,
  LoadedUnit,
  RestartsInJournal,
} from '../systemd/host/host.ts';
import { userConfigHome } from '../systemd/search-path.ts';
import { resolveService, type Service } from '../systemd/service.ts';
import type { ServiceSettings } from '../systemd/service-settings.ts';
import { type ActivationUnit, isOfConnection } from '../systemd/triggers.ts';
import { createUnitLoader, type Unit, type UnitLoader } from '../systemd/unit.ts';
import { parseUnitName } from '../systemd/unit-name.ts';
import { askManager } from './ask-manager.ts';
import { mayHaveFallen, loopsFrom, recentFallsOf } from './crash-loop.ts';
import { downTiesOf, requiredBy } from './down-ties.ts';
import {
  type DownEvidence,
  type Downfall,
  downfallOf,
  endingOnOf,
  restartingOf,
  type DownTies,
  endedBy,
  failedEndOf,
  hasGivenUp,
  hasOtherFailed,
  halfUpNow,
  hasEndedWell,
  isAtRest,
  isWaiting,
  isEnabledNow,
  isUnremembered,
  mayBeDown,
  standings,
  stoppedOf,
  type Stopped,
  type StopUnderWay,
  stopUnderWay,
  stuckOf,
  triggerFailedOf,
  unloadableOf,
  noTies,
} from './downfall.ts';
import { lastRowOf, type RowOfFalls } from './row-of-falls.ts';
import { type HalfUp, type ExpectedListener, halfUpOf } from './half-up.ts';
import { type BackgroundFault, backgroundFault } from './background.ts';
import { isDistributions, type Purpose, type PurposeEvidence, purposeOf } from './purpose.ts';
import { isRefusedLive, refusedService } from './refused-by-manager.ts';
import { startObstacleOf } from './start-obstacle.ts';
import { exploreNeighbourhood, type Neighbourhood } from './surroundings.ts';

/** One service as it was found. Answers that take time to work out are computed when they are first asked for. */
export interface ServiceEntry extends PurposeEvidence {
  /**
   * The facts with what keeps the service from starting as things are now: what becomes of it. The plain `facts` say what its
   * settings make of it as long as it can start.
   */
  readonly factsNow: ServiceFacts | undefined;
  /** The state that the manager reports; undefined when no manager was asked. */
  readonly live: LiveUnit | undefined;
  /**
   * The program that `ExecStart=` runs, without its wrappers; undefined without a command, or when systemd does not
   * load the unit.
   */
  readonly program: Program | undefined;
  /** Undefined when systemd does not load the unit. */
  readonly purpose: Purpose | undefined;
  /** Undefined unless a manager reports that it is down though it should run, and no stop job ended it, or that it falls again and again. */
  readonly downfall: Downfall | undefined;
  /** The same, also when it is only down until a restart that comes soon, still starting, or up again after a fall. */
  readonly downfallNow: Downfall | undefined;
  /** The stop that keeps it down though it should run; undefined where none does, or it is not known. */
  readonly stopped: Stopped | undefined;
  /** A stop job that is not over, of a service that should run. */
  readonly stopUnderWay: StopUnderWay | undefined;
  /** The invocation id of the run that ended last; empty when there was none. */
  readonly endedRun: string;
  /** Whether the manager has seen it end by itself and well, so that it may be meant to end. */
  readonly hasEndedWell: boolean;
  /** Its port, where it is certain that it listens there by itself. */
  readonly listener: ExpectedListener | undefined;
  /** Undefined where the command stays, or may leave for the background. */
  readonly background: BackgroundFault | undefined;
}

export interface Inventory {
  readonly host: Host;
  readonly loader: UnitLoader;
  readonly machine: Machine;
  /** The services that a manager has seen end well, as far as they were read. */
  readonly endedWell: ReadonlySet<string>;
  /** Names of the services that belong to this user (or to the administrator, for the system manager). */
  ownServices(): readonly string[];
  /**
   * Names of the instances of this user's templates that are down and that their manager has forgotten, so that only the journal of this
   * boot knows them.
   */
  forgottenInstances(): Promise<readonly string[]>;
  /** Names of all services with a file in a folder of the search path, templates included, but not those of daruma. */
  servicesIn(folder: string): readonly string[];
  /** One service according to its files, without the state that a manager reports. */
  service(name: string): ServiceEntry;
  /** Services by name, one after the other: a hundred thousand of them are never in memory at once. */
  services(names: readonly string[]): AsyncIterable<ServiceEntry>;
}

/**
 * Takes the inventory of a host; the host must stay open while the inventory is used.
 *
 * @param endedBefore the services that are known to have ended well, for a host without a manager
 */
export async function takeInventory(
  host: Host,
  endedBefore: ReadonlySet<string> = new Set(),
): Promise<Inventory> {
  const endedWell = new Set(endedBefore);
  const loader = createUnitLoader(host);
  const { defaults } = loader;
  const { version } = host.systemd;
  const machine: Machine = { version, cgroups: host.cgroups.layout };
  const neighbourhood = await exploreNeighbourhood(loader);
  const loadedUnits = (await host.manager?.loadedUnits()) ?? [];
  const loaded: ReadonlySet<string> = new Set(loadedUnits.map(({ name }) => name));
  const ofManager = await servicesOfManager(loadedUnits, loader);

  const entryOf = (
    name: string,
    live: ReadonlyMap<string, LiveUnit>,
    refusals: ReadonlyMap<string, RefusalInJournal> = new Map(),
  ): Entry => {
    const read = resolveService(loader.load(name), defaults, version);
    const service = refusedService(read, live.get(name), refusals.get(name), host.files);
    const { unit, settings } = service;
    const facts = settings && {
      settings,
      surroundings: neighbourhood.surroundingsOf(unit, live),
      startPostSeconds: startPostSeconds(settings),
    };
    return new Entry(service, facts, live.get(name), loader, neighbourhood, machine, endedWell);
  };

  const inventory: Inventory = {
    host,
    loader,
    machine,
    endedWell,
    ownServices: () => ownServices(loader, ofManager),
    async forgottenInstances() {
      const known = ownServices(loader, ofManager);
      const started = await startedInstances(loader, new Set([...known, ...loaded]));
      const down: string[] = [];
      for await (const entry of inventory.services(started))
        if (entry.downfallNow !== undefined) down.push(entry.service.unit.name);
      return down;
    },
    servicesIn: folder => servicesIn(loader, folder),
    service: name => entryOf(name, noLiveUnits),
    async *services(names) {
      for (let start = 0; start < names.length; start += batchSize) {
        const batch = names.slice(start, start + batchSize);
        const triggers = host.manager === undefined ? [] : batch.flatMap(name => triggerUnits(name));
        const live = await askManager([...batch, ...triggers], loaded, loader);
        // Without a manager nothing is asked about any of them, and each is made when it is its turn.
        const refused = batch.filter(name => isRefusedLive(live.get(name)));
        const refusals = refused.length === 0 ? undefined : await host.journal?.refusalsOf(refused);
        const entries = host.manager === undefined ? [] : batch.map(name => entryOf(name, live, refusals));
        const told = await askJournal(entries, host);
        for (const [index, name] of batch.entries()) {
          const entry = entries[index] ?? entryOf(name, live);
          await entry.learnWhyDown(told, host);
          if (entry.hasEndedWell) endedWell.add(name);
          yield entry;
        }
      }
    },
  };
  return inventory;

  function triggerUnits(name: string): readonly string[] {
    const units = neighbourhood.activationOf(name).filter(unit => unit.kind !== 'dbus');
    return units.map(unit => unit.name);
  }
}

/** What the journal is asked about a service. */
interface Questions {
  /** Its falls of the last minutes. */
  readonly falls?: string;
  /** Its falls before systemd gave up. */
  readonly gaveUp?: { readonly unit: string; readonly sinceSeconds: number };
  /** The end of its last run. */
  readonly lastEnd?: string;
  /** A start whose job alone failed. */
  readonly start?: string;
  /** The end of a run. */
  readonly end?: readonly [unit: string, invocation: string];
}

interface ToldByJournal {
  readonly falls: ReadonlyMap<string, RestartsInJournal>;
  readonly ends: ReadonlyMap<string, EndInJournal>;
  readonly failedStarts: ReadonlyMap<string, FailedStart>;
  readonly nowSeconds: number;
}

/** One question of each kind for all services. */
async function askJournal(entries: readonly Entry[], { journal }: Host): Promise<ToldByJournal> {
  const nowSeconds = Date.now() / 1_000;
  const questions = entries.map(entry => entry.questions(nowSeconds));
  const falling = questions.flatMap(({ falls }) => falls ?? []);
  const gaveUp = questions.flatMap(each => each.gaveUp ?? []);
  const forgotten = questions.flatMap(({ lastEnd }) => lastEnd ?? []);
  const starting = questions.flatMap(({ start }) => start ?? []);
  const unclear = new Map(questions.flatMap(({ end }) => (end === undefined ? [] : [end])));
  const earliest = Math.min(...gaveUp.map(({ sinceSeconds }) => sinceSeconds));
  const [falls, beforeGivingUp, lastEnds, failedStarts, ends] = await Promise.all([
    falling.length === 0 ? undefined : journal?.restartsOf(falling, loopsFrom(nowSeconds)),
    gaveUp.length === 0
      ? undefined
      : journal?.restartsOf(
          gaveUp.map(({ unit }) => unit),
          earliest,
        ),
    forgotten.length === 0 ? undefined : journal?.lastEndsOf(forgotten),
    starting.length === 0 ? undefined : journal?.failedStartsOf(starting),
    unclear.size === 0 ? undefined : journal?.endsOf(unclear),
  ]);
  return {
    falls: new Map([...(falls ?? []), ...(beforeGivingUp ?? [])]),
    ends: new Map([...(lastEnds ?? []), ...(ends ?? [])]),
    failedStarts: failedStarts ?? new Map(),
    nowSeconds,
  };
}

/** What passes by itself, or has passed, and is worth a word only to whoever looks at this moment. */
const passes: ReadonlySet<Downfall['how']> = new Set([
  'not-listening-yet',
  'fell-lately',
  'ended-lately',
  'starting',
]);

/**
 * A class rather than an object literal: the hidden class of a literal keeps its getters, and with them the whole
 * service, until the old generation is collected. For a hundred thousand units, that would be most of the memory.
 */
class Entry implements ServiceEntry {
  readonly service: Service;
  readonly facts: ServiceFacts | undefined;
  readonly live: LiveUnit | undefined;
  readonly #loader: UnitLoader;
  readonly #neighbourhood: Neighbourhood;
  readonly #machine: Machine;
  readonly #endedWell: ReadonlySet<string>;
  #factsNow: { readonly are: ServiceFacts | undefined } | undefined;
  #enabled: { readonly state: string | undefined } | undefined;
  #program: { readonly is: Program | undefined } | undefined;
  #known: { readonly as: RecognisedService | undefined } | undefined;
  #purpose: { readonly is: Purpose | undefined } | undefined;
  #journal: EndInJournal | undefined;
  #ties: DownTies = noTies;
  #failedStart: FailedStart | undefined;
  /** Whether somebody has asked for the end that systemd is at. */
  #isStopped = false;
  #halfUp: HalfUp | undefined;
  #restarts: { readonly found: RowOfFalls | undefined; readonly nowSeconds: number } | undefined;
  /** When the manager was asked; without one nothing has lasted. */
  #nowSeconds = 0;
  #background: { readonly is: BackgroundFault | undefined } | undefined;

  constructor(
    service: Service,
    facts: ServiceFacts | undefined,
    live: LiveUnit | undefined,
    loader: UnitLoader,
    neighbourhood: Neighbourhood,
    machine: Machine,
    endedWell: ReadonlySet<string>,
  ) {
    this.service = service;
    this.facts = facts;
    this.live = live;
    this.#loader = loader;
    this.#neighbourhood = neighbourhood;
    this.#machine = machine;
    this.#endedWell = endedWell;
  }

  /** It is read only when asked for: it needs a look into many folders, and most services are never asked. */
  get enabled(): string | undefined {
    this.#enabled ??= { state: this.#state() };
    return this.#enabled.state;
  }

  get factsNow(): ServiceFacts | undefined {
    this.#factsNow ??= {
      are: this.facts && {
        ...this.facts,
        mainProcess: mainProcessOf(this.facts.settings, this.live),
        startObstacle: this.#startObstacle(this.facts),
      },
    };
    return this.#factsNow.are;
  }

  #startObstacle({ settings }: ServiceFacts): ServiceFacts['startObstacle'] {
    const { unit } = this.service;
    const isMeantToStay = this.purpose?.isMeantToStay ?? false;
    const lacks = this.#neighbourhood.lackOf(unit);
    return startObstacleOf({ unit, settings, isMeantToStay }, lacks, this.#loader);
  }

  get program(): Program | undefined {
    const { unit, settings } = this.service;
    this.#program ??= { is: settings && readProgram(unit, settings, this.#loader.host) };
    return this.#program.is;
  }

  get known(): RecognisedService | undefined {
    const { program } = this;
    this.#known ??= { as: program && recogniseService(program) };
    return this.#known.as;
  }

  get activation(): readonly ActivationUnit[] {
    return this.#neighbourhood.activationOf(this.service.unit.id);
  }

  get isOfConnection(): boolean {
    return isOfConnection(this.service.unit.name, this.#loader);
  }

  get purpose(): Purpose | undefined {
    this.#purpose ??= { is: purposeOf(this, this.#machine) };
    return this.#purpose.is;
  }

  get downfall(): Downfall | undefined {
    const { downfallNow } = this;
    return downfallNow !== undefined && passes.has(downfallNow.how) ? undefined : downfallNow;
  }

  get downfallNow(): Downfall | undefined {
    const { live, facts } = this;
    // A manager that shuts down ends all units and starts none: its end is told, and not theirs.
    if (this.#loader.host.manager?.isStopping === true) return undefined;
    const evidence = this.#evidence();
    const downfall =
      (evidence && downfallOf(evidence)) ??
      (live && facts && triggerFailedOf(live, facts, this.enabled)) ??
      (live && this.#troubleOf(live, facts)) ??
      (live && isRefusedLive(live) ? unloadableOf(live, this.enabled) : undefined);
    if (downfall === undefined) return undefined;
    // Of some it is known already why systemd does not start them, and others run.
    const obstacle = standings[downfall.how] === 'down' ? this.factsNow?.startObstacle : undefined;
    const cannotStart = obstacle?.doubt === null ? obstacleReason(obstacle) : null;
    return { ...downfall, startedBy: this.purpose?.startedBy ?? [], cannotStart };
  }

  get stopped(): Stopped | undefined {
    if (this.#loader.host.manager?.isStopping === true) return undefined;
    const evidence = this.#evidence();
    return evidence && stoppedOf(evidence);
  }

  get stopUnderWay(): StopUnderWay | undefined {
    const { live, facts, purpose } = this;
    if (this.#loader.host.manager?.isStopping === true || facts === undefined) return undefined;
    return live && purpose && stopUnderWay(live, this.#isStopped, facts, purpose);
  }

  get endedRun(): string {
    // Of what does not work although it runs, or does not get on, the present run tells more, unless it has only begun.
    const isBegun = this.#halfUp === undefined || this.#halfUp.how === 'not-listening-yet';
    const isPast = isBegun && this.downfallNow?.how !== 'still-starting' && this.#falls() !== undefined;
    // Without the run that fell there are no lines: those of the next one would be taken for its last.
    if (isPast) return this.#restarts?.found?.end.invocation ?? '';
    const run = this.live?.invocation ?? '';
    return run === '' ? (this.#journal?.invocation ?? '') : run;
  }

  /** What is the matter with a service that is not at rest. */
  #troubleOf(live: LiveUnit, facts: ServiceFacts | undefined): Downfall | undefined {
    const falls = this.#falls();
    const endingOn =
      facts && this.purpose && endingOnOf(live, this.#isStopped, facts, this.purpose, this.enabled);
    if (endingOn !== undefined)
      return {
        ...endingOn,
        ...this.#failed(live),
        sinceSeconds: endingOn.sinceSeconds ?? this.#journal?.at?.seconds ?? null,
      };
    const isLoop = falls?.how === 'looping' || falls?.how === 'restarted';
    const halfUp = this.#halfUp;
    if (halfUp !== undefined && (halfUp.how === 'halted' || !isLoop))
      return halfUpNow(halfUp, live, falls, this.enabled);
    if (facts?.settings.Type.value !== 'oneshot' && !isLoop) {
      const warmUp = this.known?.service.probes.warmUpSeconds;
      const stuck = stuckOf(live, this.#isStopped, falls, this.enabled, warmUp, this.#nowSeconds);
      if (stuck !== undefined) return stuck;
    }
    const waiting = restartingOf(live, this.enabled, facts, this.#restarts?.found);
    const restarting = waiting && { ...waiting, ...this.#failed(live) };
    return falls?.how === 'ends-again' && restarting?.how === 'waiting' ? restarting : (falls ?? restarting);
  }

  /** The other command that failed at its end. */
  #failed({ invocation }: LiveUnit): Pick<Downfall, 'failedCommand'> {
    const isSame = this.#journal?.invocation === invocation;
    return { failedCommand: this.#journal !== undefined && isSame ? failedEndOf(this.#journal) : null };
  }

  #falls(): Downfall | undefined {
    const { live } = this;
    if (live === undefined || this.#restarts === undefined) return undefined;
    const { found, nowSeconds } = this.#restarts;
    return recentFallsOf(
      live,
      found,
      this.known === undefined,
      this.#isListening(live),
      this.enabled,
      nowSeconds,
    );
  }

  /** Whether it is known to listen on the port where it should. */
  #isListening({ activeState, mainPid }: LiveUnit): boolean {
    const isLookedAt = activeState === 'active' && mainPid !== 0;
    return isLookedAt && this.#halfUp === undefined && this.listener !== undefined;
  }

  get listener(): ExpectedListener | undefined {
    const { known, facts } = this;
    if (known === undefined || facts === undefined || this.background !== undefined) return undefined;
    // systemd listens for it.
    if (facts.surroundings.triggers.some(({ kind }) => kind === 'socket')) return undefined;
    const { service, program } = known;
    const listener = service.listens(program)[0];
    if (listener === undefined) return undefined;
    // A variable is named alike by many programs, and not every one of them is a server.
    const { kind } = listener.portOrigin;
    const isCertain =
      service.recommended !== undefined || service.probes.liveness !== undefined || kind === 'command';
    return isCertain ? { port: listener.port, warmUpSeconds: service.probes.warmUpSeconds } : undefined;
  }

  get hasEndedWell(): boolean {
    if (this.live === undefined) return this.#endedWell.has(this.service.unit.name);
    const evidence = this.#evidence();
    return evidence !== undefined && hasEndedWell(evidence);
  }

  #evidence(): DownEvidence | undefined {
    const { live, facts, purpose, enabled } = this;
    if (live === undefined || facts === undefined || purpose === undefined) return undefined;
    if (!mayBeDown(live, facts)) return undefined;
    return {
      live,
      facts,
      enabled,
      purpose,
      isKnown: this.known !== undefined,
      journal: this.#journal,
      restarts: this.#restarts?.found,
      ties: this.#ties,
      failedStart: this.#failedStart,
      jobLimits: jobLimitsOf(this.service.unit),
      checks: checksOf(this.service.unit),
    };
  }

  /** What of it only the journal knows. */
  questions(nowSeconds: number): Questions {
    const { live, facts, purpose } = this;
    if (live === undefined) return {};
    const loops = mayHaveFallen(live, nowSeconds) ? { falls: live.id } : {};
    if ((isWaiting(live) || live.activeState === 'deactivating') && hasOtherFailed(live))
      return { ...loops, end: [live.id, live.invocation] };
    if (facts === undefined || !this.#isAskedAbout(live, facts, purpose)) return loops;
    const gaveUp = hasGivenUp(live)
      ? { gaveUp: { unit: live.id, sinceSeconds: (live.enteredInactiveSeconds ?? nowSeconds) - daySeconds } }
      : {};
    if (live.hasJob) return { ...loops, ...gaveUp };
    const isMeant = isEnabledNow(this.enabled) || !isDistributions(this.service.unit);
    const isForgotten = isMeant && isUnremembered(live);
    const by = endedBy(live, facts);
    const isUnclear = by === 'ask' || hasOtherFailed(live);
    const mayFailToStart = by !== 'itself' && this.#mayFailToStart();
    return {
      ...loops,
      ...gaveUp,
      ...(isForgotten && { lastEnd: live.id }),
      ...(mayFailToStart && { start: live.id }),
      ...(isUnclear && { end: [live.id, live.invocation] as const }),
    };
  }

  /** Whether the job of a start may fail without a run, so that the state of its unit does not tell, or its manager has forgotten it. */
  #mayFailToStart(): boolean {
    const { unit } = this.service;
    const isLimited = jobLimitsOf(unit).length > 0 || checksOf(unit).asserts.length > 0;
    return isLimited || requiredBy(unit, this.#loader).length > 0;
  }

  /** Takes what ended it or keeps it from its start, where its own state does not tell. */
  async learnWhyDown(told: ToldByJournal, { files, manager }: Host): Promise<void> {
    const { live, facts, purpose } = this;
    if (live === undefined) return;
    const { nowSeconds } = told;
    this.#nowSeconds = nowSeconds;
    // The job of a start that fails goes on until all that follows its end is over, and one that comes meanwhile waits for that.
    if (live.activeState === 'deactivating' && live.hasJob) {
      const job = await manager?.jobType(live.id);
      this.#isStopped = job !== undefined && job !== 'start';
    }
    if (live.mainPid !== 0) this.#halfUp = halfUpOf(live, this.listener, files, nowSeconds);
    const found = told.falls.get(live.id);
    if (mayHaveFallen(live, nowSeconds) || hasGivenUp(live))
      this.#restarts = { found: found && lastRowOf(found, live), nowSeconds };
    this.#journal = told.ends.get(live.id);
    if (facts === undefined || !this.#isAskedAbout(live, facts, purpose)) return;
    if (endedBy(live, facts) === 'itself') return;
    const failedStart = told.failedStarts.get(live.id);
    const lastEndUsec = Math.max(live.enteredInactiveUsec, this.#journal?.at?.usec ?? 0);
    if (failedStart !== undefined && failedStart.usec > lastEndUsec) this.#failedStart = failedStart;
    const stoppedAt = isUnremembered(live) && this.#journal?.wasStopped === true ? this.#journal.at : null;
    this.#ties = await downTiesOf(this.service.unit, live, this.#loader, stoppedAt);
  }

  /** Who neither runs all the time nor has failed is not asked about. */
  #isAskedAbout(live: LiveUnit, facts: ServiceFacts, purpose: Purpose | undefined): boolean {
    if (!isAtRest(live) || !mayBeDown(live, facts)) return false;
    return purpose?.isMeantToStay === true || live.activeState === 'failed';
  }

  get background(): BackgroundFault | undefined {
    this.#background ??= { is: this.#fault() };
    return this.#background.is;
  }

  #fault(): BackgroundFault | undefined {
    const { program, purpose } = this;
    const { settings } = this.service;
    if (program === undefined || settings === undefined) return undefined;
    const { command } = program;
    const { scope } = this.#loader.host;
    const { files } = program;
    const reader = { files, scope, resolve: (file: string) => program.resolve(file) };
    const departure = departureOf(wordsOf(command), reader);
    const found = departure && { ...departure, source: command.source };
    return found && backgroundFault(found, settings, purpose?.isMeantToStay ?? false);
  }

  #state(): string | undefined {
    if (this.live !== undefined) return this.live.unitFileState || undefined;
    const state = unitFileState(this.#loader, this.service.unit);
    // What is not enabled in a folder of units may be enabled elsewhere.
    return state === 'disabled' && this.#loader.host.reach === 'units' ? undefined : state;
  }
}

/** How far back the falls of a service are looked for that systemd has given up. */
const daySeconds = 86_400;

/** How many units are asked of the manager in one call. */
const batchSize = 500;

const noLiveUnits: ReadonlyMap<string, LiveUnit> = new Map();

/**
 * Services whose files are in the folders that belong to the user: units, links to units elsewhere, and the instances
 * that are enabled there or that their manager has. Names that are only aliases are left out.
 *
 * @throws the errno error of a folder that may not be read
 */
function ownServices(loader: UnitLoader, { instances: known, withoutFile }: OfManager): readonly string[] {
  const folders = ownFolders(loader.host);
  // The search path ignores folders that cannot be read, as systemd does. Here such a folder must be an error: it is
  // not known that it has no services.
  for (const folder of folders) loader.host.files.list(folder);
  const names = folders.flatMap(folder => servicesIn(loader, folder));
  const isTemplate = (name: string) => parseUnitName(name)?.kind === 'template';
  const instances = names.filter(isTemplate).flatMap(template => instancesOf(loader, known, template));
  const all = [...names.filter(name => !isTemplate(name)), ...instances, ...withoutFile];
  return [...new Set(all)].sort();
}

/**
 * Instances of the user's own templates that have run in this boot, by the journal, and that are not known otherwise. Where there are no
 * templates, which is usual, nobody is asked.
 */
async function startedInstances(loader: UnitLoader, known: ReadonlySet<string>): Promise<readonly string[]> {
  const { host } = loader;
  if (host.manager === undefined || host.journal === undefined) return [];
  const templates = ownFolders(host)
    .flatMap(folder => servicesIn(loader, folder))
    .filter(name => parseUnitName(name)?.kind === 'template');
  const names = templates.length === 0 ? [] : await host.journal.instancesOf(templates);
  const prefixes = templates.map(template => template.slice(0, template.indexOf('@') + 1));
  return names
    .filter(name => !known.has(name) && parseUnitName(name)?.kind === 'instance')
    .filter(name => prefixes.some(prefix => name.startsWith(prefix)))
    .slice(0, mostForgotten);
}

/** The manager reads the files of each to say how it is. */
const mostForgotten = 50;

/** The lines of a unit with checks before a start. */
export function checksOf({ assignments }: Unit): DownEvidence['checks'] {
  const lines = (section: string, kind: string) =>
    [...assignments.in(section)]
      .filter(([name]) => name.startsWith(kind))
      .flatMap(([name, assigned]) => assigned.map(({ value }) => `${name}=${value}`));
  return {
    conditions: lines('Unit', 'Condition'),
    asserts: lines('Unit', 'Assert'),
    execConditions: lines('Service', 'ExecCondition'),
  };
}

/** What limits the time of a start job; systemd has no limit of its own. */
export function jobLimitsOf({ assignments }: Unit): DownEvidence['jobLimits'] {
  const settings = ['JobTimeoutSec', 'JobRunningTimeoutSec'] as const;
  return settings.flatMap(setting => {
    const last = assignments.get('Unit', setting).at(-1);
    const isLimit = last !== undefined && !/^(?:|0|infinity)$/.test(last.value);
    return isLimit ? [{ setting, value: last.value, source: last.source }] : [];
  });
}

function servicesIn(loader: UnitLoader, folder: string): readonly string[] {
  const { index } = loader;
  return index.names
    .filter(name => name.endsWith('.service') && !isOwnUnit(name))
    .filter(name => {
      const entry = index.entry(name);
      return entry !== undefined && entry.aliasOf === undefined && entry.path === `${folder}/${name}`;
    })
    .sort();
}

function ownFolders(host: Host): readonly string[] {
  if (host.scope === 'system') return ['/etc/systemd/system', '/run/systemd/system'];
  const config = userConfigHome(host.environment);
  const { HOME: home } = host.environment;
  const data = host.environment['XDG_DATA_HOME'] ?? (home === undefined ? undefined : `${home}/.local/share`);
  const own = [config, data].filter(folder => folder !== undefined).map(folder => `${folder}/systemd/user`);
  return [...own, '/etc/systemd/user'];
}

function instancesOf({ index }: UnitLoader, known: readonly string[], template: string): readonly string[] {
  const at = template.indexOf('@') + 1;
  const prefix = template.slice(0, at);
  const isMeant = (name: string) => name.startsWith(prefix) && parseUnitName(name)?.kind === 'instance';
  return [...index.linkedNames(isMeant), ...known.filter(isMeant)];
}

/** Services that a manager has, and that no file or link names. */
interface OfManager {
  /** Instances of templates, wherever these lie, that run or have failed. */
  readonly instances: readonly string[];
  /** Services that run, and whose files somebody has removed. */
  readonly withoutFile: readonly string[];
}

/** What is not listed: transient units, which their own command makes and which end with it, also the programs of a desktop. */
async function servicesOfManager(
  loaded: readonly LoadedUnit[],
  { host, index }: UnitLoader,
): Promise<OfManager> {
  const { manager } = host;
  const known = loaded.flatMap(({ name, activeState }) => {
    const parsed = parseUnitName(name);
    if (parsed?.type !== 'service' || activeState === 'inactive' || isOwnUnit(name)) return [];
    const { fragment, aliasLoop } = index.locate(parsed);
    return [
      {
        name,
        activeState,
        isInstance: parsed.kind === 'instance',
        hasFile: fragment !== undefined || aliasLoop,
      },
    ];
  });
  const instances = known.filter(({ isInstance, hasFile }) => isInstance && hasFile);
  const suspects = known.filter(({ hasFile, activeState }) => !hasFile && activeState !== 'failed');
  const live =
    (suspects.length > 0 && (await manager?.units(suspects.map(({ name }) => name)))) || noLiveUnits;
  const withoutFile = suspects.filter(({ name }) => {
    const unit = live.get(name);
    // It may have been made, or have ended, since the folders were read.
    return unit !== undefined && !isAtRest(unit) && host.files.status(unit.fragmentPath) === undefined;
  });
  return { instances: instances.map(({ name }) => name), withoutFile: withoutFile.map(({ name }) => name) };
}

/** What is known of the main process of a service by its settings, and by its manager while the service runs. */
function mainProcessOf(settings: ServiceSettings, live: LiveUnit | undefined): ServiceFacts['mainProcess'] {
  if (!mainIsGuessed(settings)) return undefined;
  const isRunning = live?.activeState === 'active' && live.subState === 'running';
  if (!isRunning) return 'unsure';
  return live.mainPid === 0 ? 'none' : undefined;
}

/** The longest time that timeout(1) lets a command of `ExecStartPost=` take, in seconds; undefined where one has no limit. */
function startPostSeconds({ ExecStartPost }: ServiceSettings): number | undefined {
  const limits = ExecStartPost.value.map(
    command => timeLimitOf(wordsOf(command)) ?? Number.POSITIVE_INFINITY,
  );
  const most = Math.max(0, ...limits);
  return Number.isFinite(most) ? most : undefined;
}
