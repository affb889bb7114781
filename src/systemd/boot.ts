/**
 * What a manager starts by itself when it starts: everything that default.target pulls in, however far away, less what
 * cannot be started.
 * Source: systemd.special(7) default.target, basic.target; systemd.unit(5) Wants=, Requires=, Requisite=, BindsTo=,
 * Upholds=; systemd.service(5) Sockets=; `transaction_add_job_and_dependencies()`. Ran on 247, 252, 257 and 262.
 */
import { resolveService } from './service.ts';
import type { Source } from './service-settings.ts';
import { dependenciesOf, type Unit, type UnitLoader } from './unit.ts';
import { parseUnitName, type UnitType } from './unit-name.ts';
import { extractWords } from './values/words.ts';

/** One unit pulls another in. */
export interface Pull {
  readonly kind: PullKind;
  /** The unit that does so. */
  readonly by: string;
  /** The line, or the link in a folder such as `default.target.wants` (then without a line: 0). */
  readonly source: Source;
}

export type PullKind = 'Wants' | 'Requires' | 'BindsTo' | 'Upholds';

export interface BootPlan {
  /** What pulls a unit in at boot; empty when nothing does. */
  pulls(id: string): readonly Pull[];
  /** Whether it is started at boot, and stays up. */
  starts(id: string): boolean;
  /** Where a unit of these names is enabled for another that is not started: a link, and what is wrong with the unit it hangs on. */
  brokenPulls(names: readonly string[]): readonly BrokenPull[];
  /** What keeps a unit from being started although it is pulled in; undefined when nothing does. */
  obstacle(id: string): Requirement | undefined;
}

export interface BrokenPull extends Pull {
  /** `missing`: this manager has no such unit; `idle`: it has, and nothing starts it. */
  readonly problem: 'missing' | 'idle';
}

/** A unit that another cannot be started without. */
export interface Requirement {
  readonly kind: 'Requires' | 'BindsTo' | 'Requisite';
  readonly unit: string;
  readonly source: Source;
}

/** Works out what a manager starts by itself; every unit that is pulled in is loaded once. */
export function planBoot(loader: UnitLoader): BootPlan {
  const { version } = loader.host.systemd;
  const idOf = (name: string) => {
    const unit = parseUnitName(name);
    return unit === undefined ? name : loader.index.locate(unit).id;
  };
  const examine = examiner(loader, idOf);
  const reached = new Map<string, Pull[]>();
  const kept = new Map<string, Requirement>();

  const first = firstUnits(loader).map(idOf);
  // Without its anchor there is no transaction at all.
  const queue = first.slice(0, 1).every(id => examine(id).lacks === undefined) ? first : [];
  for (const id of queue) reached.set(id, []);
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const { pulls, lacks } = examine(next);
    for (const { to, ...pull } of pulls) {
      // Until 253 a job whose requirements could not be added stayed, only what it wants was not looked at any more.
      if (lacks !== undefined && (pull.kind === 'Wants' || pull.kind === 'Upholds')) continue;
      const id = idOf(to);
      const known = reached.get(id);
      if (known !== undefined) {
        known.push(pull);
        continue;
      }
      const examined = examine(id);
      if (!examined.loads) continue;
      if (examined.lacks !== undefined && isFatal(examined.lacks, version, idOf, examine)) {
        kept.set(id, examined.lacks);
        continue;
      }
      reached.set(id, [pull]);
      queue.push(id);
    }
  }
  for (const id of reached.keys()) {
    const idle = examine(id).requisites.find(({ unit }) => !reached.has(idOf(unit)));
    if (idle !== undefined) kept.set(id, idle);
  }

  const exists = (name: string) => {
    const unit = parseUnitName(name);
    const isUsual = customary[loader.host.scope].has(name);
    return isUsual || (unit !== undefined && loader.index.locate(unit).fragment !== undefined);
  };
  const starts = (id: string) => reached.has(id) && !kept.has(id);
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
          source: { file: path, line: 0 },
          problem: exists(from) ? 'idle' : 'missing',
        })),
    obstacle: id => kept.get(id),
  };
}

/** basic.target (and sysinit.target) come with every unit's default dependencies, not only through default.target. */
function firstUnits(loader: UnitLoader): readonly string[] {
  const always = ['default.target', 'basic.target'];
  return loader.host.scope === 'system' ? [...always, 'sysinit.target'] : always;
}

interface Examined {
  /** Whether a job for it is taken at all. */
  readonly loads: boolean;
  /** The first requirement that no job is taken for. */
  readonly lacks: Requirement | undefined;
  readonly requisites: readonly Requirement[];
  readonly pulls: readonly (Pull & { readonly to: string })[];
}

type Examine = (id: string) => Examined;

function examiner(loader: UnitLoader, idOf: (name: string) => string): Examine {
  const { defaults } = loader;
  const { version } = loader.host.systemd;
  const known = new Map<string, Examined>();
  const examine = (id: string): Examined => {
    const before = known.get(id);
    if (before !== undefined) return before;
    const unit = loader.load(id);
    const loads = isCustomary(unit, loader) || isLoadable(unit);
    const requisites = loads ? requirementsOf(unit, ['Requisite'], loader) : [];
    const bare = { loads, requisites, lacks: undefined, pulls: loads ? pullsOf(unit, loader) : [] };
    // Units that require each other do not stand in each other's way.
    known.set(id, bare);
    const requirements = loads
      ? [...requirementsOf(unit, ['Requires', 'BindsTo'], loader), ...requisites]
      : [];
    const lacks = requirements.find(({ unit: other }) => {
      const examined = examine(idOf(other));
      return !examined.loads || examined.lacks !== undefined;
    });
    const examined = { ...bare, lacks };
    known.set(id, examined);
    return examined;
  };
  return examine;

  function isLoadable(unit: Unit): boolean {
    if (unit.load === 'not-found') return appearsByItself.has(unit.type);
    if (unit.type !== 'service') return unit.load === 'loaded';
    return resolveService(unit, defaults, version).settings !== undefined;
  }
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
    kind === 'Requires' && kinds.includes(kind) ? [{ kind, unit: to, source: { file: path, line: 0 } }] : [],
  );
  return [...lines, ...links];
}

/**
 * Whether a unit that is pulled in stays down for what it lacks. Since 254 its own job goes with that of a requirement
 * (`transaction_delete_job()`). Before, it was started all the same; since 249 one that is bound to what is not there is
 * then stopped again (`manager_dispatch_stop_when_bound_queue()`).
 */
function isFatal(
  { kind, unit }: Requirement,
  version: number,
  idOf: (name: string) => string,
  examine: Examine,
): boolean {
  return version >= 254 || (version >= 249 && kind === 'BindsTo' && !examine(idOf(unit)).loads);
}

/** What is started with a unit, whenever that is. */
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
    source: { file: path, line: 0 },
  }));
  const custom = isCustomary(unit, loader) ? (customary[loader.host.scope].get(by) ?? []) : [];
  const customs = custom.map(to => ({ kind: 'Wants', by, to, source: { file: by, line: 0 } }) as const);
  return [...lines, ...sockets, ...links, ...customs];
}

const upholds = ['Upholds'] as const;

/** The links in its folders, also when it has folders only. */
function linksOf(unit: Unit, loader: UnitLoader): Unit['links'] {
  const name = isCustomary(unit, loader) ? parseUnitName(unit.id) : undefined;
  return name === undefined ? unit.links : loader.index.dependencyLinks(loader.index.locate(name));
}

/** Whether a unit of systemd's own is not there: where only a part of a machine's files was unpacked. */
function isCustomary(unit: Unit, loader: UnitLoader): boolean {
  return unit.load === 'not-found' && customary[loader.host.scope].has(unit.id);
}

/** What systemd's own targets pull in (bootup(7)), for roots that do not hold them. */
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
