/** `daruma failover plan`: shows the edits that let the machines stand in for each other. */
import { otherMachines, servedModels } from '../../../failover/other-machine.ts';
import { webServerSnippets } from '../../../failover/web-server.ts';
import {
  failoverPlanToJson,
  renderDifferences,
  renderNotes,
  renderObstacle,
  renderOthers,
  type WebServer,
} from '../../../report/failover-plan.ts';
import type { Picture } from '../../../routes/picture.ts';
import { withoutSecrets } from '../../../secrets/redaction.ts';
import type { Context } from '../../context.ts';
import { chooseFront, obstacleText } from '../../failover-front.ts';
import { keyReader, planOrFail } from '../../failover-plan.ts';
import { expectNodes, withPicture } from '../../open-picture.ts';
import { headOf } from '../../manager-down.ts';
import { write } from '../../output.ts';
import type { FailoverOptions } from '../../options.ts';

/** @returns the exit code */
export function plan(options: FailoverOptions, context: Context): Promise<number> {
  const { catalogue, terminal, format, viewpoint, io, environment } = context;
  return withPicture(options, context, async open => {
    const { picture, target } = open;
    const { host } = target.inventory;
    const own = expectNodes(picture, catalogue);
    const keyOf = keyReader(open, environment);
    const choice = await chooseFront(open, keyOf, options, context);
    const planned = await planOrFail(open, keyOf, context, choice.front?.plan);
    const others = otherMachines(picture.nodes, own, servedModels(picture));
    const webServers = webServersOf(picture, context);
    if (format === 'json') {
      const document = {
        ...(await headOf(host, catalogue)),
        node: own.name,
        plan: failoverPlanToJson(planned, host, catalogue),
        others: others.map(({ node, openclaw, keyFiles }) => ({ node: node.name, openclaw, keyFiles })),
        webServers: webServers.map(({ node, snippets }) => ({
          node: node.name,
          url: withoutSecrets(node.url),
          ...snippets,
        })),
      };
      await write(io, `${JSON.stringify(document)}\n`);
      return 0;
    }
    const parts = [
      renderDifferences(planned, host, catalogue, terminal, viewpoint),
      renderNotes(planned, host, catalogue, terminal, viewpoint),
      renderObstacle(obstacleText(choice, catalogue), terminal),
      renderOthers(planned, others, webServers, catalogue, terminal),
    ];
    await write(io, parts.filter(part => part !== '').join('\n'));
    return 0;
  });
}

function webServersOf({ nodes, node: own, proxies }: Picture, { catalogue }: Context): readonly WebServer[] {
  const ownPort = proxies.find(({ service }) => service === 'litellm')?.port;
  return nodes.map(node => ({
    node,
    snippets: webServerSnippets(
      node.url,
      (node === own ? ownPort : undefined) ?? usualPort,
      catalogue.failover.webServer,
    ),
  }));
}

/** Default port of LiteLLM. */
const usualPort = 4000;
