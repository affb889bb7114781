/** What real systemds do of each kept scenario. */
import { describe, expect, test } from 'vitest';
import { runBatch } from '../../lab/conformance/batch.ts';
import { labUser } from '../../lab/conformance/case.ts';
import { describeLab, versionsAtHand } from '../../lab/vitest.ts';
import { scenarios } from './kept-scenarios.ts';

describe.each(versionsAtHand())('systemd %s', systemd => {
  describeLab('of a host', { users: [labUser], ...(systemd === undefined ? {} : { systemd }) }, lab => {
    test('does what the scenarios say', { timeout: 120_000 }, async () => {
      const host = await lab.host();
      const kept = scenarios.filter(scenario => scenario.systemd.includes(host.systemd));
      const reports = await runBatch(
        host,
        kept.map(scenario => scenario.case),
      );
      const faults = reports.flatMap(({ comparison }, index) =>
        comparison.disagreements.map(fault => ({ scenario: kept[index]?.name, ...fault })),
      );
      expect(faults).toEqual([]);
    });
  });
});
