/**
 * The parts of undici that send a request. Its index also loads fetch, WebSocket, caches and mocks, which takes longer than everything
 * else in sending a message.
 */
import { createRequire } from 'node:module';
import type * as Undici from 'undici';

// oxlint-disable typescript/no-unsafe-type-assertion -- require() knows no types
export const Agent = createRequire(import.meta.url)('undici/lib/dispatcher/agent.js') as typeof Undici.Agent;
export const Pool = createRequire(import.meta.url)('undici/lib/dispatcher/pool.js') as typeof Undici.Pool;
export const ProxyAgent = createRequire(import.meta.url)(
  'undici/lib/dispatcher/proxy-agent.js',
) as typeof Undici.ProxyAgent;
export const buildConnector = createRequire(import.meta.url)(
  'undici/lib/core/connect.js',
) as typeof Undici.buildConnector;
const Dispatcher = createRequire(import.meta.url)(
  'undici/lib/dispatcher/dispatcher.js',
) as typeof Undici.Dispatcher;
// oxlint-enable typescript/no-unsafe-type-assertion

// As the index does: `request()`, and the `connect()` that ProxyAgent calls.
Object.assign(Dispatcher.prototype, createRequire(import.meta.url)('undici/lib/api/index.js'));
