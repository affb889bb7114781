/** What real systemds do of each kept scenario. */
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { labAvailability } from '../../lab/availability.ts';
import { runBatch } from '../../lab/conformance/batch.ts';
import { labUser } from '../../lab/conformance/case.ts';
import { cachedRoot, machineSystemd, preparableVersions } from '../../lab/root-file-system.ts';
import { describeLab } from '../../lab/vitest.ts';
import { scenarios } from './kept-scenarios.ts';

/** The machine's own, and those whose root file systems are there: a test has no minute to make one. */
const versions =
  labAvailability().length > 0
    ? []
    : preparableVersions.filter(version => version === machineSystemd() || existsSync(cachedRoot(version)));
const atHand = versions.length > 0 ? versions : [undefined];

describe.each(atHand)('systemd %s', systemd => {
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
