/**
 * Which names one request to LiteLLM comes to when every deployment fails.
 *
 * Source: litellm 1.108.7, `run_async_fallback()` and `fallback_lookup_groups()` of `router_utils/fallback_event_handlers.py`. A name is tried
 * once in a request. Each entry of a list that is tried counts one more than the one before it, so a later one is nearer to `max_fallbacks`;
 * who has come there falls back no further, while the rest of the list is tried all the same. Held against the real router:
 * `lab/litellm-models/`.
 */
import type { LitellmDeployment, LitellmFallback } from './litellm-config.ts';
import type { LitellmRouter, Route } from './litellm-router.ts';

export interface Attempt<D> {
  readonly name: string;
  readonly route: Route<D>;
  /** The attempt whose list has it; undefined for the name that was asked for. */
  readonly before: Attempt<D> | undefined;
  readonly by: LitellmFallback | undefined;
}

/** How a deployment fails: by any error, or by one for which a setting of its own says what follows. */
export type FailureKind = 'error' | 'context' | 'policy';

const settings: Readonly<Record<FailureKind, readonly LitellmFallback['kind'][]>> = {
  error: ['fallbacks', 'default_fallbacks'],
  context: ['context_window_fallbacks'],
  policy: ['content_policy_fallbacks'],
};

interface Chain {
  readonly kind: FailureKind;
  readonly list: LitellmFallback;
  readonly isOfFirst: boolean;
}

/**
 * The attempts of a request, in their order.
 *
 * @param first the route of the name that was asked for
 * @param kinds how each name fails: in the first of these ways for which it has fallbacks
 */
export function* attemptsOf<D extends LitellmDeployment>(
  name: string,
  first: Route<D>,
  router: Pick<LitellmRouter<D>, 'continued'>,
  mostFallbacks: number,
  kinds: readonly FailureKind[],
): Iterable<Attempt<D>> {
  const asked: Attempt<D> = { name, route: first, before: undefined, by: undefined };
  const tried = new Set([name]);
  const lists: List<D>[] = [];
  const enter = (attempt: Attempt<D>, depth: number) => {
    const chain = depth < mostFallbacks ? chainOf(attempt.route, first, kinds) : undefined;
    if (chain === undefined) return;
    // Deployments with a higher order are fallbacks, too.
    const ofOrders = chain.kind === 'error' ? Math.max(0, attempt.route.levels.length - 1) : 0;
    const of = chain.isOfFirst ? asked : attempt;
    lists.push({ of, by: chain.list, next: 0, depth: depth + ofOrders });
  };
  yield asked;
  enter(asked, 0);
  for (let list = lists.at(-1); list !== undefined; list = lists.at(-1)) {
    const to = list.by.to[list.next];
    list.next += 1;
    if (to === undefined) lists.pop();
    else if (!tried.has(to)) {
      tried.add(to);
      list.depth += 1;
      const route = router.continued(to, first.isOfModel);
      const attempt: Attempt<D> = { name: to, route, before: list.of, by: list.by };
      yield attempt;
      enter(attempt, list.depth);
    }
  }
}

/** A list that is gone through. */
interface List<D> {
  readonly of: Attempt<D>;
  readonly by: LitellmFallback;
  next: number;
  depth: number;
}

/** What has no list of its own goes on with that of the name that was asked for, which also comes before one for all names. */
function chainOf<D>(route: Route<D>, first: Route<D>, kinds: readonly FailureKind[]): Chain | undefined {
  for (const kind of kinds) {
    const isMeant = (each: LitellmFallback) => settings[kind].includes(each.kind);
    const own = route.fallbacks.find(isMeant);
    const ofFirst = first.fallbacks.find(isMeant);
    const isOwn = own !== undefined && (own.from !== null || ofFirst === undefined || ofFirst.from === null);
    const list = isOwn ? own : ofFirst;
    if (list !== undefined) return { kind, list, isOfFirst: !isOwn };
  }
  return undefined;
}
