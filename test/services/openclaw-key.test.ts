/** What OpenClaw 2026.9.6 sent for each of these, before a server that writes down the header. */
import { expect, it } from 'vitest';
import { readOpenclawConfig } from '../../src/services/openclaw-config.ts';
import { nodeAt } from '../../src/services/config-node.ts';
import { keyNames, openclawKey } from '../../src/services/openclaw-key.ts';
import { textFiles } from '../support/text-files.ts';

function keyOf(apiKey: unknown, id = 'kuma', more: object = {}) {
  const config = {
    auth: { profiles: { 'my-key': { provider: 'tora' } }, order: { kuma: ['my-other'] } },
    models: { providers: { kuma: {}, [id]: { apiKey, ...more } } },
  };
  const read = readOpenclawConfig(
    { file: '/a/openclaw.json', stateFolder: '/a' },
    {
      files: textFiles(file => (file === '/a/openclaw.json' ? JSON.stringify(config) : undefined)),
      variable: () => undefined,
      isComplete: true,
    },
  );
  const provider = nodeAt(read.root, 'models', 'providers', id);
  if (provider === undefined) throw new Error('it has no such provider');
  return openclawKey(id, provider, keyNames(read));
}

it.each([
  ['sk-a-key', { kind: 'literal', seemsVariable: false }],
  ['${FROM_ENV}', { kind: 'variable', name: 'FROM_ENV' }],
  ['$FROM_ENV', { kind: 'variable', name: 'FROM_ENV' }],
  ['LITELLM_API_KEY', { kind: 'variable', name: 'LITELLM_API_KEY' }],
  ['FROM_ENV', { kind: 'literal', seemsVariable: false }],
  ['${FROM_ENV:-default}', { kind: 'literal', seemsVariable: true }],
  ['${lower_case}', { kind: 'literal', seemsVariable: true }],
  ['prefix-${FROM_ENV}', { kind: 'composed' }],
  ['$${FROM_ENV}', { kind: 'composed' }],
  ['secretref-env:FROM_ENV', { kind: 'marker' }],
  ['custom-local', { kind: 'marker' }],
  ['kuma:manual', { kind: 'profile', id: 'kuma:manual' }],
  ['my-key', { kind: 'profile', id: 'my-key' }],
  ['my-other', { kind: 'profile', id: 'my-other' }],
  ['panda:manual', { kind: 'literal', seemsVariable: false }],
  [
    { source: 'env', provider: 'default', id: 'FROM_ENV' },
    { kind: 'variable', name: 'FROM_ENV' },
  ],
  [
    { source: 'env', id: 'FROM_ENV' },
    { kind: 'variable', name: 'FROM_ENV' },
  ],
  [{ source: 'file', provider: 'kuma', id: 'value' }, { kind: 'reference' }],
  [{ source: 'exec', provider: 'vault', id: 'kuma' }, { kind: 'reference' }],
  [{ source: 'store', provider: 'default', id: 'KUMA' }, { kind: 'reference' }],
  ['', { kind: 'none' }],
  [undefined, { kind: 'none' }],
])('%j', (apiKey, expected) => {
  expect(keyOf(apiKey)).toEqual(expected);
});

it.each([
  ['sk-a-key', {}, { kind: 'profile', id: 'my-key' }],
  ['prefix-${FROM_ENV}', {}, { kind: 'profile', id: 'my-key' }],
  ['sk-a-key', { auth: 'api-key' }, { kind: 'literal', seemsVariable: false }],
  ['${FROM_ENV}', {}, { kind: 'variable', name: 'FROM_ENV' }],
  [{ source: 'file', provider: 'tora', id: 'value' }, {}, { kind: 'reference' }],
])('of a provider with an auth profile: %j %j', (apiKey, more, expected) => {
  expect(keyOf(apiKey, 'tora', more)).toEqual(expected);
});
