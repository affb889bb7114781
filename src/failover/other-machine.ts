/** The settings that another machine needs so that its agents can use the other proxies. A person has to make them there. */
import type { Node } from '../routes/node.ts';
import { placeOf } from '../routes/asked-place.ts';
import type { Picture, Place } from '../routes/picture.ts';
import { timeoutSeconds } from './gateway-edits.ts';
import { isFront } from '../services/front.ts';
import { litellm } from '../services/litellm.ts';
import { withValue } from '../services/json5-edit.ts';
import type { Json5Value } from '../services/json5.ts';
import { isTurn, modelsInOrder } from '../services/openclaw-models.ts';
import { keyFileProvider, keyFileReference } from './key-file.ts';
import { freeId, keyAlias } from './node-names.ts';

export interface OtherMachine {
  readonly node: Node;
  /** The text to add to its `openclaw.json`. */
  readonly openclaw: string;
  /** Files with a key each, readable by their owner alone, and the machine whose proxy asks for the key. */
  readonly keyFiles: readonly { readonly file: string; readonly node: string }[];
}

/**
 * @param served models that this machine's proxy offers to others, those of its agents first
 */
export function otherMachines(
  nodes: readonly Node[],
  own: Node,
  served: readonly string[],
): readonly OtherMachine[] {
  return nodes
    .filter(({ name }) => name !== own.name)
    .map(node => {
      const leadingTo = nodes.filter(({ name }) => name !== node.name);
      const providers: Route[] = [];
      for (const target of leadingTo) {
        const id = freeId(target, each => providers.some(known => known.id === each));
        const alias = keyAlias(id, each => providers.some(({ key }) => key?.alias === each));
        const key = target.key === undefined ? undefined : { alias, file: `~/.openclaw/${alias}.key` };
        providers.push({ target, id, key });
      }
      const keys = providers.flatMap(({ target, key }) => (key === undefined ? [] : { ...key, target }));
      return {
        node,
        openclaw: [
          {
            path: ['models', 'providers'],
            value: Object.fromEntries(providers.map(route => [route.id, providerFor(route, served)])),
          },
          {
            path: ['agents', 'defaults', 'model', 'fallbacks'],
            value: served.slice(0, 2).flatMap(model => providers.map(({ id }) => `${id}/${model}`)),
          },
          ...keys.map(({ alias, file }) => ({
            path: ['secrets', 'providers', alias],
            value: keyFileProvider(file),
          })),
        ].reduce((text, { path, value }) => withValue(text, path, value), '{\n}\n'),
        keyFiles: keys.map(({ file, target }) => ({ file, node: target.name })),
      };
    });
}

/** A provider of that machine, and where its key is to stand. */
interface Route {
  readonly target: Node;
  readonly id: string;
  readonly key: { readonly alias: string; readonly file: string } | undefined;
}

function providerFor({ target, key }: Route, served: readonly string[]): Json5Value {
  return {
    baseUrl: `${target.url}/v1`,
    ...(key === undefined ? {} : { apiKey: keyFileReference(key.alias) }),
    api: 'openai-completions',
    timeoutSeconds,
    models: served.map(model => ({ id: model, name: model })),
  };
}

/** Models that a machine's agents can ask its own proxy for: those in their chains first, then all that the provider declares. */
export function servedModels({ gateways, proxies }: Picture): readonly string[] {
  // The others reach LiteLLM. Another server of this machine is asked for models that LiteLLM does not have.
  const names = new Set(
    proxies.filter(proxy => proxy.service === litellm.id || isFront(proxy)).map(({ name }) => name),
  );
  const isAtLitellm = ({ leadsTo }: Place) => leadsTo.kind === 'proxy' && names.has(leadsTo.name);
  const isHere = ({ leadsTo }: Place) => leadsTo.kind === 'proxy' || leadsTo.kind === 'own-port';
  const all = gateways.flatMap(({ providers }) => providers);
  const places = all.flatMap(provider => [provider, ...provider.apart.values()]);
  const isServed = places.some(isAtLitellm) ? isAtLitellm : isHere;
  const asked = gateways.flatMap(gateway =>
    [...gateway.agents, ...gateway.settings.filter(isTurn)]
      .flatMap(modelsInOrder)
      .filter(reference => {
        const place = placeOf(gateway, reference);
        return place !== undefined && isServed(place);
      })
      .map(({ model }) => model),
  );
  const declared = all.flatMap(provider => {
    const apart = new Map([...provider.apart.values()].map(each => [each.model, each]));
    return (provider.models ?? []).filter(model => isServed(apart.get(model) ?? provider));
  });
  return [...new Set([...asked, ...declared])];
}
