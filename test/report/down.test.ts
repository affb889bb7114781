/** The marks of what is down, and of what may be. */
import { expect, it } from 'vitest';
import { languages } from '../../src/i18n/catalogue.ts';
import { loadCatalogue } from '../../src/i18n/index.ts';
import type { Downfall } from '../../src/inventory/downfall.ts';
import { renderDown } from '../../src/report/down.ts';
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

it.each(languages)('what is up again has no mark of a failure (%s)', async language => {
  const catalogue = await loadCatalogue(language);
  const terminal = { columns: 400, color: false, unicode: true } as const;
  const markOf = (how: Downfall['how']) => {
    const services = [{ unit: 'a.service', downfall: { ...looping, how }, log: [] }];
    const text = renderDown(undefined, undefined, services, hostOf({}), catalogue, terminal);
    return text.split('\n')[1]?.[0];
  };
  expect(markOf('looping')).toBe('✗');
  expect(markOf('restarted')).toBe('?');
});
