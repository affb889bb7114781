/**
 * What a manager starts by itself when it starts: everything that default.target pulls in, however far away.
 * Source: systemd.special(7) default.target, basic.target; systemd.unit(5) Wants=, Requires=, BindsTo=, Upholds=.
 */
import type { Source } from './service-settings.ts';
import { dependenciesOf, type Unit, type UnitLoader } from './unit.ts';
import { parseUnitName } from './unit-name.ts';

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
  /** What pulls a unit in at boot; empty when nothing does. Names may be aliases. */
  pulls(name: string): readonly Pull[];
  /** Whether it is started at boot. */
  starts(name: string): boolean;
  /** Where a unit is enabled for another that is not started: a link, and what is wrong with the unit it hangs on. */
  brokenPulls(name: string): readonly BrokenPull[];
}

export interface BrokenPull extends Pull {
  /** `missing`: this manager has no such unit; `idle`: it has, and nothing starts it. */
  readonly problem: 'missing' | 'idle';
}

/** Works out what a manager starts by itself; every unit that is pulled in is loaded once. */
export function planBoot(loader: UnitLoader): BootPlan {
  const reached = new Map<string, Pull[]>();
  const idOf = (name: string) => {
    const unit = parseUnitName(name);
    return unit === undefined ? name : loader.index.locate(unit).id;
  };

  const queue = firstUnits(loader).map(idOf);
  for (const id of queue) reached.set(id, []);
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const unit = loader.load(next);
    if (unit.load !== 'loaded') continue;
    for (const { to, ...pull } of pullsOf(unit, loader.host.systemd.version)) {
      const id = idOf(to);
      const known = reached.get(id);
      if (known === undefined) {
        reached.set(id, [pull]);
        queue.push(id);
      } else {
        known.push(pull);
      }
    }
  }

  const exists = (name: string) => {
    const unit = parseUnitName(name);
    return unit !== undefined && loader.index.locate(unit).fragment !== undefined;
  };
  return {
    pulls: name => reached.get(idOf(name)) ?? [],
    starts: name => reached.has(idOf(name)),
    brokenPulls: name => {
      const unit = parseUnitName(name);
      const names = unit === undefined ? [name] : loader.index.locate(unit).names;
      return loader.index
        .linksTo(names)
        .filter(link => !reached.has(idOf(link.from)))
        .map(({ kind, from, path }) => ({
          kind,
          by: from,
          source: { file: path, line: 0 },
          problem: exists(from) ? 'idle' : 'missing',
        }));
    },
  };
}

/** basic.target (and sysinit.target) come with every unit's default dependencies, not only through default.target. */
function firstUnits(loader: UnitLoader): readonly string[] {
  const always = ['default.target', 'basic.target'];
  return loader.host.scope === 'system' ? [...always, 'sysinit.target'] : always;
}

function pullsOf(unit: Unit, version: number): readonly (Pull & { readonly to: string })[] {
  const kinds: readonly PullKind[] = ['Wants', 'Requires', 'BindsTo', ...(version >= 249 ? upholds : [])];
  const lines = kinds.flatMap(kind =>
    dependenciesOf(unit, kind).map(({ unit: to, source }) => ({ kind, by: unit.id, to, source })),
  );
  const links = unit.links.map(({ kind, to, path }) => ({
    kind,
    by: unit.id,
    to,
    source: { file: path, line: 0 },
  }));
  return [...lines, ...links];
}

const upholds = ['Upholds'] as const;
