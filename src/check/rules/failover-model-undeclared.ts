import { isReadWhole } from '../../services/config-problem.ts';
import { placeOf, providerOf } from '../../routes/asked-place.ts';
import { proxiesAt, serves } from '../../routes/circles.ts';
import type { Gateway } from '../../routes/picture.ts';
import { isSignedIn } from '../../services/openclaw-key.ts';
import { type ModelReference, modelsInOrder } from '../../services/openclaw-models.ts';
import { isBundledProvider } from '../../services/openclaw-schema.ts';
import { nearest } from '../../systemd/nearest.ts';
import { routeRule, writtenReference } from '../routes.ts';
import type { Routes } from '../rule.ts';

export interface FailoverModelUndeclared {
  /** `PROVIDER/MODEL` */
  readonly reference: string;
  /** The agent; null for all agents without a model of their own. */
  readonly agent: string | null;
  /** The setting that has it, when it is none of the models by which agents answer: `agents.defaults.subagents.model`. */
  readonly setting: string | null;
  readonly isPrimary: boolean;
  readonly missing:
    | { readonly what: 'provider'; readonly provider: string; readonly suggestion: string | null }
    | {
        readonly what: 'model';
        readonly provider: string;
        readonly model: string;
        readonly suggestion: string | null;
      }
    /** The provider that is asked does not have it; others declare a model of just this name. */
    | {
        readonly what: 'elsewhere';
        readonly provider: string;
        /** Whether the reference itself names the provider that is asked. */
        readonly isNamed: boolean;
        /** A reference that leads there. */
        readonly suggestion: string;
      }
    /** The provider declares the model, but the proxy behind it has no model of that name. */
    | {
        readonly what: 'served';
        /** The proxy's name. */
        readonly proxy: string;
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
      if (!isReadWhole(gateway.problems)) continue;
      let toCompare = mostComparisons;
      const suggestion: Suggest = (name, names) => {
        toCompare -= names.length;
        return toCompare < 0 ? null : (nearest(name, names) ?? null);
      };
      const chains = [
        ...gateway.agents.map(models => ({ agent: models.id, setting: null, models })),
        ...gateway.settings
          // What makes pictures and speech belongs to providers that need not be declared.
          .filter(({ use }) => use !== 'media')
          .map(models => ({
            agent: null,
            setting: models.path.join('.'),
            // Those that a heartbeat falls back to are those of its agent.
            models: models.use === 'heartbeat' ? { ...models, fallbacks: [] } : models,
          })),
      ];
      for (const { agent, setting, models } of chains) {
        for (const reference of modelsInOrder(models)) {
          const missing = missingOf(reference, gateway, routes, suggestion);
          if (missing === undefined) continue;
          yield {
            unit: gateway.unit,
            source: reference.source,
            details: {
              reference: writtenReference(reference),
              agent,
              setting,
              isPrimary: reference === models.primary,
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

/** References to other providers that declare a model whose name is the whole text of a reference: `google/gemma` of a proxy. */
function declaring({ provider, model, written }: ModelReference, { providers }: Gateway): readonly string[] {
  const names = [written, model, `${provider}/${model}`];
  return providers
    .filter(({ id }) => id !== provider)
    .flatMap(({ id, models = [] }) => {
      const name = names.find(each => declares(models, each));
      return name === undefined || (name === model && written.includes('/')) ? [] : [`${id}/${name}`];
    });
}

function missingOf(
  reference: ModelReference,
  gateway: Gateway,
  { own, others }: Routes,
  suggestion: Suggest,
): FailoverModelUndeclared['missing'] | undefined {
  const { provider: id, model } = reference;
  const provider = providerOf(gateway, reference);
  const suggest = (names: readonly string[]) => suggestion(model, names);
  if (
    provider === undefined ||
    (!reference.written.includes('/') && !declares(provider.models ?? [], model))
  ) {
    const [other] =
      isBundledProvider(id) && isSignedIn(id, gateway.config) ? [] : declaring(reference, gateway);
    if (other !== undefined) {
      const isNamed = reference.written.includes('/');
      return { what: 'elsewhere', provider: id, isNamed, suggestion: other };
    }
  }
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
  const { leadsTo } = placeOf(gateway, reference) ?? provider;
  const proxies = (proxiesAt(leadsTo, own, others) ?? []).filter(({ service }) => service === 'litellm');
  const [proxy] = proxies;
  if (proxy === undefined || proxies.some(each => serves(each, model) !== false)) return undefined;
  return {
    what: 'served',
    proxy: proxy.name,
    model,
    suggestion: suggest(proxy.deployments.map(({ name }) => name)),
  };
}
