/** Writes a circle of requests with the names of machines, proxies and settings, which are the same in every language. */
import type { FailoverLoop } from '../check/rules/failover-loop.ts';

type Steps = Extract<FailoverLoop, { readonly kind: 'circle' }>['steps'];

/** The complete circle: each station with the setting that leads to the next one, back to the first. */
export function wayRound(steps: Steps): string {
  const stations = steps.map(
    ({ machine, proxy, model, by }) => `${machine} ${proxy}: ${model} (${settings[by]})`,
  );
  const [first] = steps;
  const back = first === undefined ? '' : `${first.machine} ${first.proxy}: ${first.model}`;
  return [...stations, back].join(' → ');
}

const settings: Readonly<Record<Steps[number]['by'], string>> = {
  deployment: 'model_list',
  server: 'server',
  alias: 'model_group_alias',
  fallbacks: 'fallbacks',
  default_fallbacks: 'default_fallbacks',
  context_window_fallbacks: 'context_window_fallbacks',
  content_policy_fallbacks: 'content_policy_fallbacks',
};

/** Whether a front is among the stations: it refuses what comes back. */
export function isThroughFront(steps: Steps): boolean {
  return steps.some(({ by }) => by === 'server');
}
