/** The marks of what is down, and of what may be; and that each is told as the schema says. */
import fs from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, it } from 'vitest';
import type { Finding } from '../../src/check/finding.ts';
import { languages } from '../../src/i18n/catalogue.ts';
import { loadCatalogue } from '../../src/i18n/index.ts';
import { type Downfall, standings } from '../../src/inventory/downfall.ts';
import { downToJson, renderDown } from '../../src/report/down.ts';
import { fallen } from '../support/downfall.ts';
import { hostOf } from '../support/root.ts';

const sinceSeconds = Date.UTC(2026, 0, 2, 3, 4, 5) / 1_000;
const looping: Downfall = {
  ...fallen,
  how: 'looping',
  sinceSeconds,
  lastFallSeconds: sinceSeconds + 60,
  lastRestartSeconds: sinceSeconds + 61,
  restarts: 4,
};

const invalid: Finding = {
  rule: 'litellm-config-invalid',
  severity: 'critical',
  unit: 'a.service',
  source: { file: '/srv/litellm/config.yaml', line: 3 },
  details: { kind: 'syntax', file: '/srv/litellm/config.yaml', column: 1, isAtEnd: false },
  changes: [],
};

it.each(languages)('what is up again has no mark of a failure (%s)', async language => {
  const catalogue = await loadCatalogue(language);
  const terminal = { columns: 400, color: false, unicode: true } as const;
  const markOf = (how: Downfall['how']) => {
    const services = [{ unit: 'a.service', downfall: { ...looping, how }, log: [], findings: [] }];
    const viewpoint = { workingDirectory: '/', home: undefined };
    const text = renderDown(undefined, undefined, services, hostOf({}), catalogue, terminal, viewpoint);
    return text.split('\n')[1]?.[0];
  };
  const headingOf = (how: Downfall['how'], phase: Downfall['phase'] = null, given: Downfall = looping) => {
    const services = [{ unit: 'a.service', downfall: { ...given, how, phase }, log: [], findings: [] }];
    const viewpoint = { workingDirectory: '/', home: undefined };
    return renderDown(undefined, undefined, services, hostOf({}), catalogue, terminal, viewpoint).split(
      '\n',
    )[0];
  };
  // As the rule has it: what a signal has stopped does not work, and what fell a moment ago does.
  expect(headingOf('halted')).toBe(catalogue.status.downHeading.down);
  const partly = { ...looping, how: 'halted', halt: 'stopped', othersRun: true } as const;
  expect(headingOf('halted', null, partly)).toBe(catalogue.status.downHeading.running);
  expect(headingOf('fell-lately')).toBe(catalogue.status.downHeading.running);
  // Between two falls it runs, and is not called down in the line above the one that says so.
  expect(headingOf('looping', 'up')).toBe(catalogue.status.downHeading.running);
  expect(headingOf('looping', 'starting')).toBe(catalogue.status.downHeading.looping);
  expect(headingOf('looping')).toBe(catalogue.status.downHeading.looping);
  expect(markOf('looping')).toBe('✗');
  expect(markOf('restarted')).toBe('?');
});

it('each is in JSON as the schema of status says', async () => {
  const catalogue = await loadCatalogue('en');
  const file = path.join(import.meta.dirname, '../../docs/schema/status.schema.json');
  const { properties } = JSON.parse(fs.readFileSync(file, 'utf8'));
  const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
  const validate = ajv.compile(properties.down.items);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of the table are all that there are
  for (const how of Object.keys(standings) as Downfall['how'][]) {
    const downfall = { ...looping, how };
    const service = { unit: 'a.service', downfall, log: ['last words'], findings: [invalid] };
    const told: unknown = JSON.parse(JSON.stringify(downToJson(service, hostOf({}), catalogue)));
    validate(told);
    expect({ how, errors: validate.errors ?? [] }).toEqual({ how, errors: [] });
  }
});
