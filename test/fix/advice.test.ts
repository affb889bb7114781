/** The change that a finding proposes settles it, and leads into no other finding: every rule, on its own fixtures. */
import { describe, expect, it } from 'vitest';
import { checkInventory } from '../../src/check/engine.ts';
import type { Finding } from '../../src/check/finding.ts';
import { allRules } from '../../src/check/rules/index.ts';
import { planFix } from '../../src/fix/plan.ts';
import { fixturesOf, openFixture } from '../check/fixture.ts';

const identityOf = ({ rule, unit }: Finding) => `${rule} ${unit ?? ''}`;

/**
 * A grave fault may cover a slight one, which its change leaves: a hook that can take longer than the start may keeps others
 * waiting, too; a watchdog that no keep-alive reaches finds no hang; a job is repeated once its Restart= is one.
 */
const covers: Readonly<Record<string, readonly string[]>> = {
  'start-post-can-time-out': ['start-post-delays-ready'],
  'watchdog-not-supported': ['no-hang-detection'],
  'restart-value-invalid': ['restart-oneshot'],
};

/** A hint for whatever is restarted without an end, and no fault: it begins to apply when a service is no longer given up. */
const hint = 'restart-backoff-available';

const tried = allRules.map(({ id }) => id).filter(id => fixturesOf(id, 'fires').length > 0);

describe.each(tried.map(id => [id] as const))('%s', id => {
  it.each(fixturesOf(id, 'fires').map(fixture => [fixture.name, fixture] as const))(
    'on %s',
    async (_, fixture) => {
      const { inventory, names, policy } = await openFixture(fixture, true);
      const before: Finding[] = [];
      for await (const { findings } of checkInventory(inventory, names, policy)) before.push(...findings);
      const plan = await planFix(inventory, names, policy, {
        // As every plan does: what is said of a line that it writes is settled, too.
        isWanted: ({ rule }, isOfOwnLine) => rule === id || isOfOwnLine,
        commentOn: ({ rule }) => rule,
        configuration: undefined,
        head: [],
      });
      await inventory.host[Symbol.asyncDispose]();
      const known = new Set(before.map(identityOf));
      const caused = plan.left.filter(
        finding => !known.has(identityOf(finding)) && ![hint, ...(covers[id] ?? [])].includes(finding.rule),
      );
      expect(caused).toEqual([]);
      const isWritten = plan.files.size > 0 || plan.steps.length > 0;
      const unsettled = plan.left.filter(({ rule, changes }) => rule === id && changes.length > 0);
      expect(isWritten ? unsettled : []).toEqual([]);
    },
  );
});
