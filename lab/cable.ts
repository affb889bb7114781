import { existsSync } from 'node:fs';
import { run, runOrThrow } from './run.ts';

/** The connection of a host to a port of a network's switch. */
export interface Cable {
  /** The network namespace that holds the switch. */
  readonly switchNamespace: string;
  readonly port: string;
  readonly address: string;
}

/** The name of a host's network namespace. It survives reboots, together with the host's interface `eth0`. */
export function hostNamespace(id: string): string {
  return `daruma-lab-${id}`;
}

/** The network namespace that holds the switch of a network. */
export function switchNamespace(id: string): string {
  return `daruma-lab-switch-${id}`;
}

/** Makes a network namespace with only a loopback interface. */
export async function addNamespace(name: string): Promise<void> {
  await runOrThrow(['ip', 'netns', 'add', name]);
  await ip(name, 'link', 'set', 'lo', 'up');
}

/** Removes a network namespace and the cables that end in it; a missing one is no error. */
export async function removeNamespace(name: string): Promise<void> {
  if (existsSync(`/run/netns/${name}`)) await run(['ip', 'netns', 'delete', name]);
}

/** Makes a switch (a bridge, `switch0`) in a namespace. */
export async function addSwitch(namespace: string): Promise<void> {
  await ip(namespace, 'link', 'add', 'switch0', 'type', 'bridge');
  await ip(namespace, 'link', 'set', 'switch0', 'up');
}

/** Makes a cable (a veth pair) from `eth0` of a host to its port of the switch. */
export async function layCable(namespace: string, cable: Cable): Promise<void> {
  const { switchNamespace: far, port, address } = cable;
  await ip(namespace, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', port, 'netns', far);
  await ip(far, 'link', 'set', port, 'master', 'switch0', 'up');
  await ip(namespace, 'address', 'add', `${address}/24`, 'dev', 'eth0');
  await ip(namespace, 'link', 'set', 'eth0', 'up');
}

/** Removes or restores the carrier of a port: for the host this is the same as a cable that is pulled out. */
export async function setCarrier(cable: Cable, state: 'up' | 'down'): Promise<void> {
  await ip(cable.switchNamespace, 'link', 'set', cable.port, state);
}

async function ip(namespace: string, ...args: string[]): Promise<void> {
  await runOrThrow(['ip', '-netns', namespace, ...args]);
}
