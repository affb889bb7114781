/** Which machine's picture an address leads to. */
import { isNameOf, isOnMachine } from './node.ts';
import type { Destination, Picture } from './picture.ts';

/** Whether a name or an address belongs to a machine. */
export function isMachine({ hostName, node }: Picture, host: string): boolean {
  return isNameOf(hostName, host) || (node !== undefined && isOnMachine(node, host));
}

/** Whether an address that another machine asks leads to this machine. */
export function isDestination(picture: Picture, destination: Destination): boolean {
  switch (destination.kind) {
    case 'node':
      return picture.node === undefined
        ? isNameOf(picture.hostName, destination.node) || isMachine(picture, destination.host)
        : picture.node.name === destination.node;
    case 'elsewhere':
      return isMachine(picture, destination.host);
    default:
      return false;
  }
}
