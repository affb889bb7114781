import { once } from 'node:events';
import net from 'node:net';
import { expect, it } from 'vitest';
import type { Listener } from '../../src/services/known-service.ts';
import { byDefault } from '../../src/services/origin.ts';
import { collide, isReachedAt } from '../../src/services/sharing.ts';

async function listen(host: string, port: number, ipv6Only: boolean): Promise<net.Server> {
  const server = net.createServer();
  server.listen({ host, port, ipv6Only });
  await once(server, 'listening');
  return server;
}

/** Whether the kernel lets both be there. */
async function fitTogether(a: Listener, b: Listener): Promise<boolean> {
  const first = await listen(a.address ?? '::', 0, a.ipv6Only);
  const address = first.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  const second = await listen(b.address ?? '::', port, b.ipv6Only).catch(() => undefined);
  for (const server of [first, second]) server?.close();
  return second !== undefined;
}

const addresses = ['0.0.0.0', '::', '127.0.0.1', '127.0.0.2', '::1', 'localhost', undefined];
const listeners = addresses.flatMap(address =>
  [false, true]
    .filter(ipv6Only => !ipv6Only || address === '::')
    .map(ipv6Only => ({ address, ipv6Only, port: 4000, portOrigin: byDefault, addressOrigin: byDefault })),
);
const pairs = listeners.flatMap(a => listeners.map(b => [a, b] as const));

it.each(pairs.map(([a, b]) => [`${a.address} ${a.ipv6Only}`, `${b.address} ${b.ipv6Only}`, a, b] as const))(
  'two on one port collide just where the kernel refuses the second: %s, %s',
  async (_a, _b, a, b) => {
    expect(collide(a, b)).toBe(!(await fitTogether(a, b)));
  },
);

it('none collide on two ports', () => {
  expect(pairs.filter(([a, b]) => collide(a, { ...b, port: 4001 }))).toEqual([]);
});

/** Whether the kernel connects to what listens. */
async function connects({ address, ipv6Only }: Listener, host: string): Promise<boolean> {
  const server = await listen(address ?? '::', 0, ipv6Only);
  const bound = server.address();
  const port = bound === null || typeof bound === 'string' ? 0 : bound.port;
  const socket = net.connect({ host, port });
  const isThere = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  server.close();
  return isThere;
}

const hosts = ['127.0.0.1', '127.0.0.2', '::1', '0.0.0.0', '::ffff:127.0.0.1'];
// Node listens on the first address of a name alone, Python on each.
const reached = listeners
  .filter(({ address }) => address !== 'localhost')
  .flatMap(each => hosts.map(host => [each, host] as const));

it.each(reached)('%j is reached at %s as the kernel says', async (listener, host) => {
  expect(isReachedAt(listener, [host])).toBe(await connects(listener, host));
});

it.each([
  ['localhost', ['::1'], true],
  ['localhost', ['127.0.0.2'], false],
  ['kuma', ['127.0.0.1'], true],
  ['127.0.0.1', ['kuma'], true],
  ['127.0.0.1', ['kuma', '127.0.1.1'], false],
  ['', ['127.0.0.2'], true],
] as const)('what listens on "%s" is reached at %j: %j', (address, names, isReached) => {
  expect(isReachedAt({ address, ipv6Only: true }, names)).toBe(isReached);
});
