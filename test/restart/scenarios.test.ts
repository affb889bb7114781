/** What the model says of each kept scenario; `scenarios.lab.test.ts` holds real systemds to the same. */
import { describe, expect, test } from 'vitest';
import { installUnit } from '../../lab/conformance/case.ts';
import { type Prediction, predictorOf } from '../../lab/conformance/prediction.ts';
import { unpackedRoot } from '../support/root.ts';
import { scenarios } from './kept-scenarios.ts';

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
