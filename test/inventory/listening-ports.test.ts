import { once } from 'node:events';
import net from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { listeningPorts } from '../../src/inventory/listening-ports.ts';
import { localFiles } from '../../src/systemd/host/files.ts';

async function listen(host: string): Promise<number> {
  const server = net.createServer().listen(0, host);
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

it('finds the ports that a process listens on, and not those it is connected to', async () => {
  const own = [await listen('127.0.0.1'), await listen('::1')];
  const [server = 0] = own;
  const client = net.connect(server, '127.0.0.1');
  onTestFinished(() => void client.destroy());
  await once(client, 'connect');
  const ports = listeningPorts(localFiles(), process.pid);
  expect([...(ports ?? [])]).toEqual(expect.arrayContaining(own));
  expect(ports?.has(client.localPort ?? 0)).toBe(false);
});

it('knows nothing of a process that is gone', () => {
  // Above any process id there can be (proc_sys_kernel(5), pid_max).
  expect([...(listeningPorts(localFiles(), 4_194_305) ?? [])]).toEqual([]);
});
