/**
 * What a manager starts by itself when it starts: all units that default.target pulls in, directly or through others, except
 * those that cannot be started.
 * Source: systemd.special(7) default.target, basic.target; systemd.unit(5) Wants=, Requires=, Requisite=, BindsTo=,
 * Upholds=; systemd.service(5) Sockets=; `transaction_add_job_and_dependencies()`. Tried on 247, 252, 257 and 262.
 */
import { resolveService } from './service.ts';
import type { Source } from './service-settings.ts';
import { type Dependency, dependenciesOf, type Unit, type UnitLoader } from './unit.ts';
import { parseUnitName, type UnitType } from './unit-name.ts';
import { extractWords } from './values/words.ts';

/** A dependency by which the start of one unit starts another. */
export interface Pull {
  readonly kind: PullKind;
  /** Name of the unit whose start starts the other. */
  readonly by: string;
  /**
   * The line of the dependency; for a link in a folder such as `default.target.wants` the link, with null as its line. Where one of
   * systemd's own targets has no file on this host, the name of that target, with null as its line.
   */
  readonly source: Source;
}

/** The dependencies by which the start of one unit starts another. Source: systemd.unit(5). */
export type PullKind = 'Wants' | 'Requires' | 'BindsTo' | 'Upholds';

/** What a manager starts at boot. Units go by their `id`, see {@link Unit}. */
export interface BootPlan {
  /** The dependencies that pull a unit in at boot; empty when there are none. */
  pulls(id: string): readonly Pull[];
  /** Whether the manager starts the unit at boot, and the unit stays up. */
  starts(id: string): boolean;
  /** The links that enable a unit for another unit that is not started, with what is wrong with the other one. */
  brokenPulls(names: readonly string[]): readonly BrokenPull[];
  /**
   * The unit that starts a unit later than at boot: it is started on demand itself, or starts this one when it fails or
   * has succeeded. Undefined when there is none.
   */
  caller(id: string): Caller | undefined;
  /** The requirement because of which a unit is not started although it is pulled in; undefined when there is none. */
  obstacle(id: string): Requirement | undefined;
  /** The unit that may be started in place of a unit that is pulled in; undefined when there is none. */
  rival(id: string): Rival | undefined;
  /** The requirement because of which no start of a unit is possible, at boot or later; undefined when there is none. */
  lackOf(id: string): Requirement | undefined;
}

/** A unit that is started at the same time as another one, and that cannot be up together with it (`Conflicts=`). */
export interface Rival {
  /** Name of the rival. */
  readonly unit: string;
  /** The line of `Conflicts=`, in either unit. */
  readonly source: Source;
  /** Whether it is certain that systemd starts the rival, and not the unit. */
  readonly isDecided: boolean;
}

/** A link that enables a unit, without effect because nothing starts the unit that the link belongs to. */
export interface BrokenPull extends Pull {
  /** `missing`: this manager has no such unit; `idle`: the unit exists, and nothing starts it. */
  readonly problem: 'missing' | 'idle';
}

/** A unit that starts another one later than at boot. */
export interface Caller {
  readonly kind: PullKind | 'OnFailure' | 'OnSuccess';
  readonly by: string;
  /** As of {@link Pull}. */
  readonly source: Source;
  /** The unit started on demand with which the chain of callers begins; undefined when it begins with a unit that is up. */
  readonly from: string | undefined;
}

/** A unit without which another cannot be started. */
export interface Requirement {
  readonly kind: 'Requires' | 'BindsTo' | 'Requisite';
  /** Name of the unit that is required. */
  readonly unit: string;
  readonly source: Source;
}

/**
 * Works out what a manager starts by itself when it starts. It loads every unit that is pulled in, once.
 *
 * Where the host has no file for one of systemd's own targets, as in a root of which only a part was unpacked, the target's
 * usual dependencies count (bootup(7)).
 *
 * Source: systemd.special(7), default.target; systemd.unit(5), Wants=, Requires=; `transaction_add_job_and_dependencies()`.
 *
 * @param onDemand ids of the units that sockets, timers, paths, bus names and automounts start: units which these pull in
 * are called, see {@link BootPlan.caller}
 * @example
 * import { createUnitLoader, openOfflineHost, planBoot } from 'daruma/systemd';
 *
 * const plan = planBoot(createUnitLoader(openOfflineHost({ root: 'examples/neko', scope: 'user' })));
 * plan.starts('litellm.service'); // true
 * plan.pulls('litellm.service').map(pull => pull.by); // [ 'default.target' ]
 */
export function planBoot(loader: UnitLoader, onDemand: Iterable<string> = []): BootPlan {
  const idOf = (name: string) => {
    const unit = parseUnitName(name);
    return unit === undefined ? name : loader.index.locate(unit).id;
  };
  const examine = examiner(loader, idOf);
  const { reached, obstacles } = followPulls(loader, idOf, examine);
  for (const id of reached.keys()) {
    const idle = examine(id).requisites.find(({ unit }) => !reached.has(idOf(unit)));
    if (idle !== undefined) obstacles.set(id, idle);
  }
  const rivals = findRivals(reached, idOf, examine);

  const starts = (id: string) => reached.has(id) && !obstacles.has(id) && !rivals.has(id);
  let callers: ReadonlyMap<string, Caller> | undefined;
  return {
    pulls: id => reached.get(id) ?? [],
    starts,
    brokenPulls: names =>
      loader.index
        .linksTo(names)
        .filter(link => !starts(idOf(link.from)))
        .map(({ kind, from, path }) => ({
          kind,
          by: from,
          source: { file: path, line: null },
          problem: exists(from, loader) ? 'idle' : 'missing',
        })),
    caller: id => (callers ??= findCallers(reached.keys(), onDemand, idOf, examine)).get(id),
    obstacle: id => obstacles.get(id),
    rival: id => (obstacles.has(id) ? undefined : rivals.get(id)),
    lackOf: id => examine(id).lacks,
  };
}

/**
 * Finds the units of which systemd gives up the start, since another unit of the same transaction conflicts with them. The
 * start of the unit that is named in `Conflicts=` is given up, and the start of the unit that has the line is kept. It is
 * not decided where each of them is named, or one has to be started since another one requires it.
 *
 * Source: `delete_one_unmergeable_job()`, `job_is_conflicted_by()` in `src/core/transaction.c`. Tried on 247, 252, 257 and 262.
 */
function findRivals(
  reached: ReadonlyMap<string, readonly Pull[]>,
  idOf: IdOf,
  examine: Examine,
): ReadonlyMap<string, Rival> {
  const named = new Map<string, { readonly by: string; readonly source: Source }[]>();
  for (const by of reached.keys()) {
    for (const { unit, source } of examine(by).conflicts) {
      const id = idOf(unit);
      if (id === by || !reached.has(id)) continue;
      const lines = named.get(id) ?? [];
      named.set(id, lines);
      lines.push({ by, source });
    }
  }
  const dependents = (id: string) =>
    (reached.get(id) ?? [])
      .filter(({ kind }) => kind === 'Requires' || kind === 'BindsTo')
      .map(({ by }) => by);
  const rivals = new Map<string, Rival>();
  const undecided: (Rival & { readonly id: string })[] = [];
  for (const [id, lines] of named) {
    const winner = dependents(id).length > 0 ? undefined : lines.find(({ by }) => !named.has(by));
    const [line] = winner === undefined ? lines : [winner];
    if (line === undefined) continue;
    const { by, source } = line;
    if (winner !== undefined) rivals.set(id, { unit: by, source, isDecided: true });
    else
      undecided.push(
        { id, unit: by, source, isDecided: false },
        { id: by, unit: id, source, isDecided: false },
      );
  }
  // What requires a unit whose start is given up is not started either; a target goes on without a word about its services.
  for (const { id, ...rival } of undecided) {
    if (rivals.has(id) || id.endsWith('.target')) continue;
    rivals.set(id, rival);
    undecided.push(...dependents(id).map(dependent => ({ ...rival, id: dependent })));
  }
  return rivals;
}

/**
 * Finds what units that are up, and units that are started on demand, start besides. Each unit is looked at once, however
 * they pull each other in.
 */
function findCallers(
  up: Iterable<string>,
  onDemand: Iterable<string>,
  idOf: IdOf,
  examine: Examine,
): ReadonlyMap<string, Caller> {
  const callers = new Map<string, Caller>();
  const seen = new Set<string>();
  const queue: { readonly id: string; readonly from: string | undefined; readonly isUp: boolean }[] = [];
  const begin = (id: string, from: string | undefined, isUp: boolean) => {
    if (seen.has(id)) return;
    seen.add(id);
    queue.push({ id, from, isUp });
  };
  for (const id of up) begin(id, undefined, true);
  for (const id of onDemand) begin(idOf(id), idOf(id), false);
  for (let at = 0; at < queue.length; at += 1) {
    const next = queue[at];
    if (next === undefined) break;
    const { pulls, calls } = examine(next.id);
    // What a unit that is started at boot pulls in is part of the boot.
    for (const { to, kind, by, source } of next.isUp ? calls : [...pulls, ...calls]) {
      const id = idOf(to);
      if (id === next.id) continue;
      if (!callers.has(id)) callers.set(id, { kind, by, source, from: next.from });
      begin(id, next.from, false);
    }
  }
  return callers;
}

/** The units that dependencies lead to from the first units on. */
interface Followed {
  /** The units whose jobs systemd keeps, by id, with the dependencies that pull each of them in. */
  readonly reached: ReadonlyMap<string, readonly Pull[]>;
  /** The requirements because of which other units that are pulled in stay down, by the id of the unit that stays down. */
  readonly obstacles: Map<string, Requirement>;
}

function followPulls(loader: UnitLoader, idOf: IdOf, examine: Examine): Followed {
  const { version } = loader.host.systemd;
  const reached = new Map<string, Pull[]>();
  const obstacles = new Map<string, Requirement>();
  const first = firstUnits(loader).map(idOf);
  // When default.target itself cannot be started, the manager starts nothing.
  const queue = first.slice(0, 1).every(id => examine(id).lacks === undefined) ? first : [];
  for (const id of queue) reached.set(id, []);

  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const { to, ...pull } of pullsInEffect(examine(next))) {
      const id = idOf(to);
      const pulls = reached.get(id);
      if (pulls !== undefined) {
        pulls.push(pull);
        continue;
      }
      const { loads, lacks } = examine(id);
      if (!loads) continue;
      if (lacks !== undefined && isFatal(lacks, version, idOf, examine)) {
        obstacles.set(id, lacks);
        continue;
      }
      reached.set(id, [pull]);
      queue.push(id);
    }
  }
  return { reached, obstacles };
}

/** Until 253 a unit kept its job when a job for a requirement could not be added; systemd only skipped what the unit wants. */
function pullsInEffect({ pulls, lacks }: Examined): Examined['pulls'] {
  return lacks === undefined ? pulls : pulls.filter(({ kind }) => kind !== 'Wants' && kind !== 'Upholds');
}

/** Whether a unit has a file on this host, or is one of systemd's own targets. */
function exists(name: string, loader: UnitLoader): boolean {
  if (customary[loader.host.scope].has(name)) return true;
  const unit = parseUnitName(name);
  return unit !== undefined && loader.index.locate(unit).fragment !== undefined;
}

/** Where the search begins. basic.target (and sysinit.target) belong to every unit's default dependencies, not only to default.target. */
function firstUnits(loader: UnitLoader): readonly string[] {
  const always = ['default.target', 'basic.target'];
  return loader.host.scope === 'system' ? [...always, 'sysinit.target'] : always;
}

interface Examined {
  /** Whether systemd accepts a job for the unit. */
  readonly loads: boolean;
  /** The first requirement for which systemd accepts no job. */
  readonly lacks: Requirement | undefined;
  readonly requisites: readonly Requirement[];
  /** The units that cannot be up together with it. */
  readonly conflicts: readonly Dependency[];
  readonly pulls: readonly (Pull & { readonly to: string })[];
  /** The units that it starts when it fails or has succeeded. */
  readonly calls: readonly (Omit<Caller, 'from'> & { readonly to: string })[];
}

type Examine = (id: string) => Examined;

/** The `id` of the unit that a name belongs to; the name itself when no unit can have it. */
type IdOf = (name: string) => string;

/** A unit whose requirements are being examined. */
interface Examination {
  readonly id: string;
  /** What is known of the unit, apart from what it lacks. */
  readonly bare: Examined;
  readonly requirements: readonly Requirement[];
  /** Index of the requirement that is looked at next. */
  next: number;
}

/** Makes a function that examines units, each of them once. */
function examiner(loader: UnitLoader, idOf: IdOf): Examine {
  const known = new Map<string, Examined>();

  return wanted => {
    const before = known.get(wanted);
    if (before !== undefined) return before;
    // No recursion: thousands of units may require each other in a row.
    const waiting: Examination[] = [];
    let current = begin(wanted);
    for (;;) {
      const unexamined = passOverMet(current);
      if (unexamined !== undefined) {
        waiting.push(current);
        current = begin(unexamined);
        continue;
      }
      const examined = finish(current);
      const dependent = waiting.pop();
      if (dependent === undefined) return examined;
      current = dependent;
    }
  };

  function begin(id: string): Examination {
    const unit = loader.load(id);
    const loads = isCustomary(unit, loader) || isLoadable(unit, loader);
    const requisites = loads ? requirementsOf(unit, ['Requisite'], loader) : [];
    const bare = {
      loads,
      requisites,
      lacks: undefined,
      conflicts: loads ? dependenciesOf(unit, 'Conflicts') : [],
      pulls: loads ? pullsOf(unit, loader) : [],
      calls: loads ? callsOf(unit) : [],
    };
    // Two units may require each other: while one is examined, the other finds this preliminary answer.
    known.set(id, bare);
    const requirements = loads
      ? [...requirementsOf(unit, ['Requires', 'BindsTo'], loader), ...requisites]
      : [];
    return { id, bare, requirements, next: 0 };
  }

  /** Passes over the requirements that are met; returns the id of the next one when it has not been examined yet. */
  function passOverMet(examination: Examination): string | undefined {
    for (; ; examination.next += 1) {
      const requirement = examination.requirements[examination.next];
      if (requirement === undefined) return undefined;
      const id = idOf(requirement.unit);
      const required = known.get(id);
      if (required === undefined) return id;
      if (!required.loads || required.lacks !== undefined) return undefined;
    }
  }

  /** The next requirement is the first that is not met; there is none when all are met. */
  function finish({ id, bare, requirements, next }: Examination): Examined {
    const examined = { ...bare, lacks: requirements[next] };
    known.set(id, examined);
    return examined;
  }
}

/** Whether systemd loads a unit, so that it accepts a job for it. */
function isLoadable(unit: Unit, { host, defaults }: UnitLoader): boolean {
  if (unit.load === 'not-found') return appearsByItself.has(unit.type);
  if (unit.type !== 'service') return unit.load === 'loaded';
  return resolveService(unit, defaults, host.systemd.version).settings !== undefined;
}

/** Units of these types exist without a file. */
const appearsByItself: ReadonlySet<UnitType> = new Set(['device', 'mount', 'slice', 'scope', 'swap']);

function requirementsOf(
  unit: Unit,
  kinds: readonly Requirement['kind'][],
  loader: UnitLoader,
): readonly Requirement[] {
  const lines = kinds.flatMap(kind =>
    dependenciesOf(unit, kind).map(({ unit: other, source }) => ({ kind, unit: other, source })),
  );
  const links = linksOf(unit, loader).flatMap(({ kind, to, path }) =>
    kind === 'Requires' && kinds.includes(kind)
      ? [{ kind, unit: to, source: { file: path, line: null } }]
      : [],
  );
  return [...lines, ...links];
}

/**
 * Whether a unit that is pulled in stays down because of a requirement that is missing. Since 254 systemd drops the unit's own
 * job together with the job of the requirement (`transaction_delete_job()`). Older versions start the unit anyway; from 249 on
 * they then stop a unit whose BindsTo= names a unit that does not exist (`manager_dispatch_stop_when_bound_queue()`).
 */
function isFatal({ kind, unit }: Requirement, version: number, idOf: IdOf, examine: Examine): boolean {
  return version >= 254 || (version >= 249 && kind === 'BindsTo' && !examine(idOf(unit)).loads);
}

/** The dependencies by which a start of the unit starts other units. */
export function pullsOf(unit: Unit, loader: UnitLoader): readonly (Pull & { readonly to: string })[] {
  const by = unit.id;
  const { version } = loader.host.systemd;
  const kinds: readonly PullKind[] = ['Wants', 'Requires', 'BindsTo', ...(version >= 249 ? upholds : [])];
  const lines = kinds.flatMap(kind =>
    dependenciesOf(unit, kind).map(({ unit: to, source }) => ({ kind, by, to, source })),
  );
  const sockets = unit.assignments.get('Service', 'Sockets').flatMap(({ value, source }) =>
    extractWords(value).words.flatMap(word => {
      const to = unit.expand(word);
      return typeof to === 'string' ? [{ kind: 'Wants', by, to, source } as const] : [];
    }),
  );
  const links = linksOf(unit, loader).map(({ kind, to, path }) => ({
    kind,
    by,
    to,
    source: { file: path, line: null },
  }));
  const custom = isCustomary(unit, loader) ? (customary[loader.host.scope].get(by) ?? []) : [];
  const customs = custom.map(to => ({ kind: 'Wants', by, to, source: { file: by, line: null } }) as const);
  return [...lines, ...sockets, ...links, ...customs];
}

function callsOf(unit: Unit): Examined['calls'] {
  return (['OnFailure', 'OnSuccess'] as const).flatMap(kind =>
    dependenciesOf(unit, kind).map(({ unit: to, source }) => ({ kind, by: unit.id, to, source })),
  );
}

const upholds = ['Upholds'] as const;

/** The links in a unit's folders, even where the unit has no file of its own. */
function linksOf(unit: Unit, loader: UnitLoader): Unit['links'] {
  const name = isCustomary(unit, loader) ? parseUnitName(unit.id) : undefined;
  return name === undefined ? unit.links : loader.index.dependencyLinks(loader.index.locate(name));
}

/** Whether a unit is one of systemd's own and its file is missing, because only a part of a machine's files was unpacked. */
function isCustomary(unit: Unit, loader: UnitLoader): boolean {
  return unit.load === 'not-found' && customary[loader.host.scope].has(unit.id);
}

/** What systemd's own targets pull in (bootup(7)), for roots that lack these targets. */
const customary = {
  user: new Map([
    ['default.target', ['basic.target']],
    ['basic.target', ['sockets.target', 'timers.target', 'paths.target']],
    ['sockets.target', []],
    ['timers.target', []],
    ['paths.target', []],
  ]),
  system: new Map([
    ['default.target', ['graphical.target']],
    ['graphical.target', ['multi-user.target']],
    ['multi-user.target', ['basic.target']],
    ['basic.target', ['sysinit.target', 'sockets.target', 'timers.target', 'paths.target']],
    ['sysinit.target', []],
    ['sockets.target', []],
    ['timers.target', []],
    ['paths.target', []],
  ]),
} as const satisfies Readonly<Record<string, ReadonlyMap<string, readonly string[]>>>;
