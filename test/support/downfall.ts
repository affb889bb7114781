/** A service that is down. */
import { type Downfall, noOutlook } from '../../src/inventory/downfall.ts';

export const fallen: Downfall = {
  ...noOutlook,
  how: 'fell',
  sinceSeconds: null,
  restarts: 0,
  isEnabled: true,
  other: null,
  conditions: [],
  result: 'exit-code',
  code: 'exited',
  status: '3',
};
