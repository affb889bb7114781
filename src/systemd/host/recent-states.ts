/** Keeps what a manager has said of units for a moment: to ask costs both sides a millisecond, and several want to know the same. */
import { monotonicMs } from '../../kernel/monotonic.ts';
import type { LiveUnit, Manager } from './host.ts';

export interface RecentStates {
  /** Asks always: for whoever has read something that the answer must not be older than. */
  readonly now: Manager;
  /** Gives an answer again that came a moment ago. */
  readonly lately: Manager;
}

/** @param recentMs how old an answer may be */
export function recentStates(manager: Manager, recentMs: number): RecentStates {
  const answers = new Map<string, { readonly live: LiveUnit; readonly atMs: number }>();
  const recent = (name: string) => {
    const answer = answers.get(name);
    return answer !== undefined && monotonicMs() - answer.atMs < recentMs ? answer.live : undefined;
  };
  const ask: Manager['units'] = async names => {
    const atMs = monotonicMs();
    const units = await manager.units(names);
    for (const [name, live] of units) answers.set(name, { live, atMs });
    return units;
  };
  const recall: Manager['units'] = async names => {
    const known = new Map(names.map(name => [name, recent(name)] as const));
    const unknown = names.filter(name => known.get(name) === undefined);
    const asked = unknown.length === 0 ? undefined : await ask(unknown);
    return new Map(
      names.flatMap(name => {
        const live = known.get(name) ?? asked?.get(name);
        return live === undefined ? [] : [[name, live]];
      }),
    );
  };
  return { now: { ...manager, units: ask }, lately: { ...manager, units: recall } };
}
