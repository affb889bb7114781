/** The providers that a gateway may ask: for its agents, and for settings with a model of their own, such as `heartbeat.model`. */
import { modelsInOrder } from '../services/openclaw-models.ts';
import type { Gateway } from './picture.ts';

/** Their ids, also of those that the configuration does not declare. */
export function askedProviders({
  agents,
  settings,
}: Pick<Gateway, 'agents' | 'settings'>): ReadonlySet<string> {
  return new Set([...agents, ...settings].flatMap(modelsInOrder).map(({ provider }) => provider));
}
