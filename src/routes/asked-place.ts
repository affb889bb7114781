/** Where a model is asked for: at the address of its provider, or at one of its own. */
import type { ModelReference } from '../services/openclaw-models.ts';
import type { Gateway, Place, Provider } from './picture.ts';

/** The provider of a reference; undefined when the configuration declares none of that name. */
export function providerOf(
  { providers }: Gateway,
  { provider }: Pick<ModelReference, 'provider'>,
): Provider | undefined {
  const known = providersById.get(providers) ?? new Map(providers.map(each => [each.id, each]));
  providersById.set(providers, known);
  return known.get(provider);
}

/** Providers by id: thousands of references ask for thousands of providers. */
const providersById = new WeakMap<Gateway['providers'], ReadonlyMap<string, Provider>>();

/** Undefined when the configuration declares no such provider. */
export function placeOf(gateway: Gateway, reference: ModelReference): Place | undefined {
  const provider = providerOf(gateway, reference);
  return (reference.entry && provider?.apart.get(reference.entry)) ?? provider;
}
