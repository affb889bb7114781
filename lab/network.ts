import { randomBytes } from 'node:crypto';
import { addNamespace, addSwitch, type Cable, switchNamespace } from './cable.ts';
import { writeHosts } from './furnish.ts';
import { thisOwner } from './owner.ts';
import { networkRegistry } from './registry.ts';
import { sweep, tearDownNetwork } from './sweep.ts';

/** A network with one switch for hosts, isolated from all other networks. */
export interface Network extends AsyncDisposable {
  readonly id: string;
  /** Gives a host an address and a port, and makes its name known to all hosts of the network. `bootHost` calls it. */
  plugIn(hostName: string, rootDir: string): Cable;
  /** Removes the host's name from the network; called when a host is removed. */
  unplug(rootDir: string): void;
}

/**
 * Makes an empty network; hosts join it by `bootHost({ network })` and find each other by name.
 *
 * @example
 * await using network = await createNetwork();
 * await using left = await bootHost({ name: 'left', network });
 * await using right = await bootHost({ name: 'right', network });
 * await left.cutCable();
 */
export async function createNetwork(): Promise<Network> {
  await sweep();
  const id = randomBytes(4).toString('hex');
  networkRegistry.add({ id, owner: thisOwner() });
  await addNamespace(switchNamespace(id));
  await addSwitch(switchNamespace(id));

  const members = new Map<string, readonly [address: string, name: string]>();
  let ports = 0;
  const announce = () => {
    for (const rootDir of members.keys()) writeHosts(rootDir, [...members.values()]);
  };
  return {
    id,
    plugIn(hostName, rootDir) {
      ports += 1;
      // Every network uses the same addresses, since networks are isolated from each other.
      const address = `10.213.0.${ports}`;
      members.set(rootDir, [address, hostName]);
      announce();
      return { switchNamespace: switchNamespace(id), port: `port${ports}`, address };
    },
    unplug(rootDir) {
      members.delete(rootDir);
      announce();
    },
    [Symbol.asyncDispose]: () => tearDownNetwork(id),
  };
}
