import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { findHost } from '../../lab/host.ts';
import { sweep } from '../../lab/sweep.ts';
import { describeLab } from '../../lab/vitest.ts';
import { tracesOf } from './traces.ts';

const hostModule = new URL('../../lab/host.ts', import.meta.url).href;
const networkModule = new URL('../../lab/network.ts', import.meta.url).href;

/** Boots a host in a network, says so, and then waits for ever. */
const OWNER = `
  import { bootHost } from '${hostModule}';
  import { createNetwork } from '${networkModule}';
  const network = await createNetwork();
  const host = await bootHost({ network });
  console.log(JSON.stringify([host.id, network.id]));
  setInterval(() => {}, 1000);
`;

describeLab('the sweep', {}, () => {
  test('takes away what a process killed by SIGKILL has left, and nothing before that', async () => {
    const owner = spawn(process.execPath, ['--input-type=module', '--eval', OWNER], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line]: Buffer[] = await once(owner.stdout, 'data');
    const [hostId, networkId]: [string, string] = JSON.parse(String(line));

    expect(await sweep()).not.toContain(hostId);
    expect(findHost(hostId)?.isRunning()).toBe(true);

    owner.kill('SIGKILL');
    await once(owner, 'exit');
    expect(findHost(hostId)?.isRunning()).toBe(true);
    await sweep();
    expect(tracesOf(hostId)).toEqual([]);
    expect(tracesOf(networkId)).toEqual([]);
  });
});
