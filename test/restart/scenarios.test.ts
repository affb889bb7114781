/** Kept scenarios (`lab/scenarios/`): what the model says of each, and what real systemds do. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { labAvailability } from '../../lab/availability.ts';
import { runBatch } from '../../lab/conformance/batch.ts';
import { installUnit, labUser } from '../../lab/conformance/case.ts';
import { type Prediction, predictorOf } from '../../lab/conformance/prediction.ts';
import { parseScenario } from '../../lab/conformance/scenario.ts';
import { cachedRoot, machineSystemd, preparableVersions } from '../../lab/root-file-system.ts';
import { describeLab } from '../../lab/vitest.ts';
import { unpackedRoot } from '../support/root.ts';

const folder = fileURLToPath(new URL('../../lab/scenarios/', import.meta.url));
const scenarios = readdirSync(folder).map(file => ({
  name: file.replace('.scenario', '').replaceAll('-', ' '),
  ...parseScenario(readFileSync(`${folder}${file}`, 'utf8')),
}));

describe.each(scenarios)('$name', scenario => {
  test.each(scenario.systemd)('is predicted for systemd %i', async version => {
    const root = unpackedRoot({ 'etc/passwd': '' });
    installUnit(root, 'system', 'case-0.service', scenario.case);
    const predict = await predictorOf(root, 'system', version);
    const prediction = predict('case-0.service', scenario.case);
    expect(factsOf(prediction, Object.keys(scenario.expected))).toEqual(scenario.expected);
  });
});

/** Those facts of a prediction that a scenario names. */
function factsOf({ load, loaded }: Prediction, names: readonly string[]): Readonly<Record<string, unknown>> {
  const { possible, outcome, timeline } = loaded ?? {};
  const facts: Readonly<Record<string, unknown>> = {
    load,
    possible: yesOrNo(possible),
    result: outcome?.result ?? 'none',
    restarts: yesOrNo(outcome?.restarts),
    state: outcome?.state,
    givesUp: timeline?.givesUp,
    starts: String(timeline?.starts),
  };
  return Object.fromEntries(names.map(name => [name, facts[name]]));
}

function yesOrNo(is: boolean | undefined): string {
  return is === true ? 'yes' : 'no';
}

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
