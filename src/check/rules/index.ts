/** Every rule, group by group in the order of the reference; one file each. */
import type { Rule, RuleGroup } from '../rule.ts';
import { lingerOff } from './linger-off.ts';
import { restartBlindSpot } from './restart-blind-spot.ts';

export const rulesByGroup = {
  restart: [restartBlindSpot],
  hang: [],
  session: [lingerOff],
  hooks: [],
  secrets: [],
  command: [],
  ports: [],
  file: [],
  memory: [],
} as const satisfies Readonly<Record<RuleGroup, readonly Rule<string, object>[]>>;

/** A rule by its own type: with its id and the details of its faults. */
export type KnownRule = (typeof rulesByGroup)[RuleGroup][number];

/** All rules in the order of the reference. */
export const rules: readonly Rule<KnownRule['id'], object>[] = Object.values(rulesByGroup).flat();
