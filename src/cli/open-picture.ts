/** Opens the picture for `daruma failover`: this machine with its services, and the other nodes. */
import { ownNodeAmong } from '../failover/own-node.ts';
import type { Catalogue } from '../i18n/catalogue.ts';
import type { Node } from '../routes/node.ts';
import type { Picture } from '../routes/picture.ts';
import { readPicture } from '../routes/read-picture.ts';
import { withoutSecrets } from '../secrets/redaction.ts';
import { configureTargets, type ConfiguredTarget, tellNotes } from './configuration.ts';
import type { Context } from './context.ts';
import { badInput } from './failure.ts';
import { managerDownLead } from './manager-down.ts';
import type { CommonOptions } from './options.ts';
import { write } from './output.ts';
import { openTargets, tellLimits } from './targets.ts';

export interface OpenPicture {
  readonly target: ConfiguredTarget;
  readonly picture: Picture;
}

/**
 * Reads the picture of the host, runs work, and closes the host again.
 *
 * @param given nodes that replace those of the configuration
 * @throws Failure for an invalid host or configuration
 */
export async function withPicture<T>(
  { config }: CommonOptions,
  context: Context,
  work: (open: OpenPicture) => Promise<T>,
  given?: readonly Node[],
): Promise<T> {
  await using hosts = new AsyncDisposableStack();
  const opened = await openTargets([], context.targets, context, hosts);
  const [target] = await configureTargets(opened, config, context);
  if (target === undefined) throw new Error('a host has one target');
  if (!context.quiet) tellNotes(target.configured.notes, context);
  const picture = await readPicture(target.inventory, given ?? target.configured.policy.nodes);
  tellLimits([target], context);
  // What another machine asks is answered with a document alone.
  if (context.format === 'human')
    await write(context.io, await managerDownLead(target.inventory.host, context));
  return await work({ target, picture });
}

/**
 * This machine among the nodes of the configuration.
 *
 * @throws Failure that says what to configure
 */
export function expectNodes(picture: Picture, { failover, punctuation }: Catalogue): Node {
  const found = ownNodeAmong(picture);
  if ('node' in found) return found.node;
  const { fault } = found;
  const names = picture.nodes.map(({ name }) => name).join(punctuation.list);
  switch (fault.code) {
    case 'no-nodes':
      throw badInput(fault.code, failover.noNodes, undefined, failover.addNodes);
    case 'not-a-node':
      throw badInput(fault.code, failover.notANode(fault.hostName), fault.hostName, failover.nodesAre(names));
    case 'no-other-node':
      throw badInput(fault.code, failover.noOtherNode(names), names, failover.addAnother);
    case 'plain-http':
      throw badInput(
        fault.code,
        failover.plainHttp(fault.node.name, withoutSecrets(fault.node.url)),
        withoutSecrets(fault.node.url),
        failover.useHttps,
      );
    default:
      return fault satisfies never;
  }
}
