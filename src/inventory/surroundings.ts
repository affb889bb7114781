/** Collects, for one host, the facts around its services that the restart model needs. */
import { isInstallable } from '../systemd/install-targets.ts';
import type { Machine } from '../restart/fall.ts';
import { predictOutcome } from '../restart/outcome.ts';
import {
  alone,
  type Bond,
  type BootStart,
  type Surroundings,
  type Tie,
  type Trigger,
} from '../restart/surroundings.ts';
import { type BootPlan, planBoot, pullsOf, type Requirement } from '../systemd/boot.ts';
import type { Host, LiveUnit } from '../systemd/host/host.ts';
import { once, rememberSome } from '../systemd/remember.ts';
import { resolveService, type Service } from '../systemd/service.ts';
import { systemLoaderOf } from '../systemd/system-manager.ts';
import { type ActivationUnit, activationByService } from '../systemd/triggers.ts';
import { dependenciesOf, type Unit, type UnitLoader } from '../systemd/unit.ts';
import { sigkill } from '../systemd/values/signal.ts';

/** The surroundings of all services of a host. */
export interface Neighbourhood {
  /** The requirement without which a unit cannot be started; undefined when there is none, or nobody knows the other units. */
  lackOf(unit: Unit): Requirement | undefined;
  /** The sockets, paths and timers that can start a service; bus names have no unit. */
  activationOf(id: string): readonly ActivationUnit[];
  /**
   * @param live states of the units that can start it, when a manager was asked
   */
  surroundingsOf(unit: Unit, live: ReadonlyMap<string, LiveUnit>): Surroundings;
}

/** Reads from a host everything that its services depend on. */
export async function exploreNeighbourhood(ofHost: UnitLoader): Promise<Neighbourhood> {
  const { host } = ofHost;
  // What waits for something is looked at for what it starts, and again as a part of the boot.
  const loader = { ...ofHost, load: rememberSome(mostUnitsKept, (name: string) => ofHost.load(name)) };
  const activation = activationByService(loader);
  const activationOf = (id: string) => activation.get(id) ?? [];
  const boot = once(() => planBoot(loader, [...activation.keys(), ...automounted(loader)]));
  const linger = await lingerOf(host);
  const userManager = once(() => userManagerOf(ofHost));
  // Many units may be tied to one unit: that unit is loaded once for all of them.
  const tiedTo = rememberSome(mostTiedKept, (name: string) => tiedUnit(loader.load(name), loader));
  return {
    activationOf,
    lackOf: unit => (host.reach === 'machine' && requires(unit) ? boot().lackOf(unit.id) : undefined),
    surroundingsOf: (unit, live) =>
      new HostSurroundings(host.scope, linger, {
        boot: () => bootStart(boot(), unit),
        upheldBy: () => upholders(boot(), unit),
        triggers: () => triggersOf(unit, boot(), activationOf, live),
        bonds: () =>
          bondsOf(unit, host.systemd.version).map(bond => {
            const { fall, pulls } = tiedTo(bond.other);
            return { ...bond, ...fall, pull: pullOf(unit, pulls) };
          }),
        userManager,
      }),
  };
}

type WorkedOut = Omit<Surroundings, 'scope' | 'linger'>;

/**
 * Each part is worked out when it is asked for. The plan of the boot and the search path of the system's manager take as long as
 * everything else that is read, and whoever follows a fall asks for neither.
 */
class HostSurroundings implements Surroundings {
  readonly scope: Surroundings['scope'];
  readonly linger: Surroundings['linger'];
  readonly #ask: { readonly [Name in keyof WorkedOut]: () => WorkedOut[Name] };

  constructor(
    scope: Surroundings['scope'],
    linger: Surroundings['linger'],
    ask: { readonly [Name in keyof WorkedOut]: () => WorkedOut[Name] },
  ) {
    this.scope = scope;
    this.linger = linger;
    this.#ask = {
      boot: once(ask.boot),
      upheldBy: once(ask.upheldBy),
      triggers: once(ask.triggers),
      bonds: once(ask.bonds),
      userManager: ask.userManager,
    };
  }

  get boot(): BootStart {
    return this.#ask.boot();
  }

  get upheldBy(): readonly Tie[] {
    return this.#ask.upheldBy();
  }

  get triggers(): readonly Trigger[] {
    return this.#ask.triggers();
  }

  get bonds(): readonly Bond[] {
    return this.#ask.bonds();
  }

  get userManager(): Surroundings['userManager'] {
    return this.#ask.userManager();
  }
}

/** What the units that are tied to a unit depend on. */
interface TiedUnit {
  readonly fall: Pick<Bond, 'afterItsFall' | 'goesDown'>;
  /** The first dependency that starts each other unit, by the name of that unit. */
  readonly pulls: ReadonlyMap<string, FirstPull>;
}

interface FirstPull {
  /** The place of the dependency among all dependencies that start units. */
  readonly place: number;
  readonly pull: NonNullable<Bond['pull']>;
}

/** More than a machine usually has of sockets, timers and paths. */
const mostUnitsKept = 64;

/** How many units are kept: enough for any group that is tied together, and no more memory for a hundred thousand units in a row. */
const mostTiedKept = 4096;

function tiedUnit(unit: Unit, loader: UnitLoader): TiedUnit {
  const { host, defaults } = loader;
  const pulls = new Map<string, FirstPull>();
  for (const [place, { to, ...pull }] of pullsOf(unit, loader).entries()) {
    // `Upholds=` can start a unit at any time, see `upheldBy`.
    if (pull.kind !== 'Upholds' && !pulls.has(to)) pulls.set(to, { place, pull });
  }
  return { fall: afterFall(resolveService(unit, defaults, host.systemd.version), host), pulls };
}

/** What systemd does when a service is killed. */
function afterFall({ settings }: Service, host: Host): Pick<Bond, 'afterItsFall' | 'goesDown'> {
  if (settings === undefined) return { afterItsFall: 'stays-down', goesDown: true };
  if (settings.Type.value === 'oneshot' && settings.RemainAfterExit.value) {
    return { afterItsFall: 'never-falls', goesDown: true };
  }
  const machine: Machine = { version: host.systemd.version, cgroups: host.cgroups.layout };
  const killed = predictOutcome(
    { settings, surroundings: alone },
    { kind: 'signal', signal: sigkill },
    machine,
  );
  if (!killed.restarts) return { afterItsFall: 'stays-down', goesDown: true };
  if (settings.RestartMode.value !== 'direct') return { afterItsFall: 'restarts', goesDown: true };
  // Without commands on the way down, the service goes from active to activating. ExecStop= runs only after a clean end
  // (`service_enter_running()`).
  const runsExecStop = killed.result === 'success' && settings.ExecStop.value.length > 0;
  const goesDown = runsExecStop || settings.ExecStopPost.value.length > 0;
  return { afterItsFall: 'restarts-directly', goesDown };
}

async function lingerOf(host: Host): Promise<Surroundings['linger']> {
  const linger = host.scope === 'user' ? await host.linger() : undefined;
  if (linger === undefined || host.user === undefined) return null;
  return { user: host.user.name, enabled: linger.enabled, source: { file: linger.path, line: null } };
}

function bootStart(boot: BootPlan, unit: Unit): BootStart {
  const rival = boot.rival(unit.id);
  if (rival !== undefined) {
    const { unit: target, source, isDecided } = rival;
    return { started: false, why: isDecided ? 'conflict' : 'conflict-undecided', target, source };
  }
  if (boot.starts(unit.id)) {
    const [pull] = boot.pulls(unit.id);
    return { started: true, by: pull?.by ?? unit.id, source: pull?.source ?? null };
  }
  const obstacle = boot.obstacle(unit.id);
  if (obstacle !== undefined) {
    const { unit: target, source } = obstacle;
    return { started: false, why: 'missing-requirement', target, source };
  }
  const [broken] = boot.brokenPulls(unit.names);
  if (broken === undefined)
    return {
      started: false,
      why: 'not-enabled',
      isInstallable: isInstallable(unit),
      target: null,
      source: null,
    };
  const why = broken.problem === 'missing' ? 'missing-target' : 'idle-target';
  return { started: false, why, target: broken.by, source: broken.source };
}

function requires({ assignments, links }: Unit): boolean {
  return (
    links.some(({ kind }) => kind === 'Requires') ||
    ['Requires', 'BindsTo', 'Requisite'].some(kind => assignments.get('Unit', kind).length > 0)
  );
}

function upholders(boot: BootPlan, unit: Unit): readonly Tie[] {
  return boot
    .pulls(unit.id)
    .filter(pull => pull.kind === 'Upholds')
    .map(pull => ({ unit: pull.by, source: pull.source }));
}

function triggersOf(
  unit: Unit,
  boot: BootPlan,
  activationOf: Neighbourhood['activationOf'],
  live: ReadonlyMap<string, LiveUnit>,
): readonly Trigger[] {
  const own = activationOf(unit.id).map(trigger => withState(trigger, boot, live));
  // What is started at boot is up before anything calls it.
  const caller = boot.starts(unit.id) ? undefined : boot.caller(unit.id);
  if (caller === undefined) return own;
  const { by: name, source, from } = caller;
  const roots = from === undefined ? [] : activationOf(from).map(trigger => withState(trigger, boot, live));
  // An automount has no service of its own in the table of activation.
  const isUp = roots.length === 0;
  const active = isUp || roots.some(root => root.active);
  const atBoot = isUp || roots.some(root => root.atBoot);
  return [...own, { kind: 'unit', name, source, active, atBoot }];
}

/** The mounts that are mounted when somebody looks into their folder. Source: systemd.automount(5). */
function automounted({ index }: UnitLoader): readonly string[] {
  return index.names
    .filter(name => name.endsWith('.automount'))
    .map(name => name.replace(/\.automount$/, '.mount'));
}

function withState(
  { kind, name, source }: ActivationUnit,
  boot: BootPlan,
  live: ReadonlyMap<string, LiveUnit>,
): Trigger {
  const atBoot = kind === 'dbus' || boot.starts(name);
  const state = live.get(name)?.activeState;
  const active = kind === 'dbus' || (state === undefined ? atBoot : state === 'active');
  return { kind, name, source, active, atBoot, ...(state === 'failed' && { hasFailed: true }) };
}

/** The dependency by which a start of the other unit starts this unit. */
function pullOf({ names }: Unit, pulls: TiedUnit['pulls']): Bond['pull'] {
  let first: FirstPull | undefined;
  for (const name of names) {
    const known = pulls.get(name);
    if (known !== undefined && (first === undefined || known.place < first.place)) first = known;
  }
  return first?.pull ?? null;
}

type LineBond = Pick<Bond, 'kind' | 'other' | 'source'>;

/** The services that a unit goes down with: systemd passes a stop or a failure on from them. */
export function bondsOf(unit: Unit, version: number): readonly LineBond[] {
  const propagated = version >= 249 ? (['StopPropagatedFrom'] as const) : [];
  const bonds: LineBond[] = [];
  for (const kind of ['BindsTo', ...propagated, 'Requires', 'Requisite', 'PartOf'] as const) {
    for (const { unit: other, source } of dependenciesOf(unit, kind)) bonds.push({ kind, other, source });
  }
  for (const { kind, to, path } of unit.links) {
    if (kind === 'Requires') bonds.push({ kind, other: to, source: { file: path, line: null } });
  }
  return bonds.filter(bond => bond.other.endsWith('.service'));
}

/** What happens to `user@UID.service`, the unit of a user's manager, when that manager is killed. */
function userManagerOf(loader: UnitLoader): Surroundings['userManager'] {
  const { host } = loader;
  if (host.scope !== 'user') return null;
  const { version } = host.systemd;
  const system = systemLoaderOf(loader);
  const unit = system.load(`user@${host.user?.uid ?? 0}.service`);
  const { settings } = resolveService(unit, system.defaults, version);
  if (settings === undefined) return { restarts: false, source: null };
  const machine: Machine = { version, cgroups: host.cgroups.layout };
  const outcome = predictOutcome(
    { settings, surroundings: alone },
    { kind: 'signal', signal: sigkill },
    machine,
  );
  return { restarts: outcome.restarts, source: settings.Restart.source };
}
