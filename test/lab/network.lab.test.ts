import { expect, test } from 'vitest';
import { bootHost, type Host } from '../../lab/host.ts';
import { createNetwork } from '../../lab/network.ts';
import { describeLab } from '../../lab/vitest.ts';
import { tracesOf } from './traces.ts';

/** Answers every connection on port 8000. */
const SERVER = `[Service]
ExecStart=/usr/local/bin/node -e "require('node:net').createServer(socket => socket.end('here')).listen(8000)"
[Install]
WantedBy=multi-user.target
`;

async function isReached(from: Host, name: string): Promise<boolean> {
  const connect = `require('node:net').connect(8000, '${name}').on('error', () => process.exit(1))
    .setTimeout(500, () => process.exit(2)).on('data', () => process.exit(0))`;
  return (await from.exec(['node', '-e', connect])).code === 0;
}

describeLab('a network', { systemd: 257 }, () => {
  test('joins hosts by name until a cable is cut, and again when it is put back', async () => {
    const network = await createNetwork();
    {
      await using left = await bootHost({ name: 'left', network });
      await using right = await bootHost({ name: 'right', network, systemd: 257 });
      await right.writeFile('/etc/systemd/system/answer.service', SERVER);
      await right.exec(['systemctl', 'enable', '--now', 'answer']);
      await expect.poll(() => isReached(left, 'right')).toBe(true);

      await right.cutCable();
      expect(await isReached(left, 'right')).toBe(false);
      await right.plugCable();
      await expect.poll(() => isReached(left, 'right'), { timeout: 5_000 }).toBe(true);

      await right.reboot();
      await expect.poll(() => isReached(left, 'right'), { timeout: 5_000 }).toBe(true);
      await right.powerOff();
      expect(await isReached(left, 'right')).toBe(false);
    }
    await network[Symbol.asyncDispose]();
    expect(tracesOf(network.id)).toEqual([]);
  });

  test('is apart from other networks', async () => {
    await using here = await createNetwork();
    await using there = await createNetwork();
    await using first = await bootHost({ name: 'first', network: here });
    await using second = await bootHost({ name: 'second', network: there });
    expect(second.address).toBe(first.address);
    expect(await first.exec(['getent', 'hosts', 'second'])).toMatchObject({ code: 2 });
  });
});
