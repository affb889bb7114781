import { proxiesAt, serves } from '../../routes/circles.ts';
import type { Gateway, ModelReference } from '../../routes/picture.ts';
import { isBundledProvider } from '../../services/openclaw-schema.ts';
import { nearest } from '../../systemd/nearest.ts';
import { modelsInOrder, providerOf, routeRule, writtenReference } from '../routes.ts';
import type { Routes } from '../rule.ts';

export interface FailoverModelUndeclared {
  /** `PROVIDER/MODEL` */
  readonly reference: string;
  /** The agent; null for all agents without a model of their own. */
  readonly agent: string | null;
  readonly isPrimary: boolean;
  readonly missing:
    | { readonly what: 'provider'; readonly provider: string; readonly suggestion: string | null }
    | {
        readonly what: 'model';
        readonly provider: string;
        readonly model: string;
        readonly suggestion: string | null;
      }
    /** The provider declares the model, but the proxy behind it has no model of that name. */
    | {
        readonly what: 'served';
        readonly unit: string;
        readonly model: string;
        readonly suggestion: string | null;
      };
}

/** A reference to a model that does not exist, which fails only when the model is asked for. */
export const failoverModelUndeclared = routeRule<'failover-model-undeclared', FailoverModelUndeclared>(
  { id: 'failover-model-undeclared', severity: 'warning' },
  function* (routes) {
    for (const gateway of routes.own.gateways) {
      // A missing model may be declared in a file that could not be read.
      if (gateway.problems.some(({ code }) => code !== 'missing-variable')) continue;
      let toCompare = mostComparisons;
      const suggestion: Suggest = (name, names) => {
        toCompare -= names.length;
        return toCompare < 0 ? null : (nearest(name, names) ?? null);
      };
      for (const agent of gateway.agents) {
        for (const reference of modelsInOrder(agent)) {
          const missing = missingOf(reference, gateway, routes, suggestion);
          if (missing === undefined) continue;
          yield {
            unit: gateway.unit,
            source: reference.source,
            details: {
              reference: writtenReference(reference),
              agent: agent.id,
              isPrimary: reference === agent.primary,
              missing,
            },
            changes: [],
          };
        }
      }
    }
  },
);

/** Returns the existing name that is most like a mistyped one; null when none is like it. */
type Suggest = (name: string, names: readonly string[]) => string | null;

/** Limit of comparisons of two names: thousands of wrong references are not all compared with thousands of models. */
const mostComparisons = 100_000;

function declares(models: readonly string[], model: string): boolean {
  const known = declared.get(models) ?? new Set(models);
  declared.set(models, known);
  return known.has(model);
}

const declared = new WeakMap<readonly string[], ReadonlySet<string>>();

function missingOf(
  reference: ModelReference,
  gateway: Gateway,
  { own, others }: Routes,
  suggestion: Suggest,
): FailoverModelUndeclared['missing'] | undefined {
  const { provider: id, model } = reference;
  const provider = providerOf(gateway, reference);
  const suggest = (names: readonly string[]) => suggestion(model, names);
  if (provider === undefined) {
    // Providers that OpenClaw and its plugins include need not be declared.
    if (isBundledProvider(id)) return undefined;
    if (gateway.providers.length === 0) return undefined;
    const names = gateway.providers.map(each => each.id);
    return { what: 'provider', provider: id, suggestion: suggestion(id, names) };
  }
  if (!isBundledProvider(id) && provider.models !== undefined && !declares(provider.models, model)) {
    return { what: 'model', provider: id, model, suggestion: suggest(provider.models) };
  }
  const proxies = (proxiesAt(provider.leadsTo, own, others) ?? []).filter(
    ({ service }) => service === 'litellm',
  );
  const [proxy] = proxies;
  if (proxy === undefined || proxies.some(each => serves(each, model) !== false)) return undefined;
  return {
    what: 'served',
    unit: proxy.unit,
    model,
    suggestion: suggest(proxy.deployments.map(({ name }) => name)),
  };
}
