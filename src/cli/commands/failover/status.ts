/** `daruma failover`, `daruma failover status`: shows who is alive, who would be next, and what is missing. */
import { checkInventory } from '../../../check/engine.ts';
import type { Finding } from '../../../check/finding.ts';
import { rulesByGroup } from '../../../check/rules/index.ts';
import { obstacleOf } from '../../../failover/front/obstacle.ts';
import { authoritiesOfGateways } from '../../../failover/live/gateway-environment.ts';
import { type Answers, askAll, nobodyAsked } from '../../../failover/standing.ts';
import {
  failoverStatusToJson,
  type FailoverStanding,
  renderFailoverStatus,
} from '../../../report/failover-status.ts';
import { trustedAuthorities } from '../../../http/trust.ts';
import type { ConfiguredTarget } from '../../configuration.ts';
import type { Context } from '../../context.ts';
import { headOf } from '../../manager-down.ts';
import { openLinks } from '../../failover-links.ts';
import { outdatedFrontFiles } from '../../failover-front.ts';
import { keyReader } from '../../failover-plan.ts';
import { type OpenPicture, withPicture } from '../../open-picture.ts';
import { write } from '../../output.ts';
import { Progress } from '../../progress.ts';
import type { FailoverOptions } from '../../options.ts';

/** @returns the exit code: always 0 */
export function status(options: FailoverOptions, context: Context): Promise<number> {
  const { catalogue, terminal, format, viewpoint, io } = context;
  return withPicture(options, context, async open => {
    const { picture, target } = open;
    const { host } = target.inventory;
    const [answers, findings] = await Promise.all([
      host.kind === 'live' ? askedNow(open, context) : nobodyAsked,
      findingsOf(target),
    ]);
    const standing: FailoverStanding = { picture, answers, findings, host };
    await write(
      io,
      format === 'json'
        ? `${JSON.stringify({ ...(await headOf(host, catalogue)), ...failoverStatusToJson(standing, catalogue) })}\n`
        : renderFailoverStatus(standing, catalogue, terminal, viewpoint),
    );
    return 0;
  });
}

async function askedNow(open: OpenPicture, context: Context): Promise<Answers> {
  const { catalogue, quiet, format, environment } = context;
  const {
    picture,
    target: { inventory },
  } = open;
  const opened = await openLinks(picture, inventory, context);
  const { links, environments } = opened;
  using progress = new Progress(quiet || format === 'json', context);
  progress.showOnTerminal(() => catalogue.failover.asking);
  const answers = await askAll(picture, inventory, {
    links,
    authorities: authoritiesOfGateways(environments.values(), environment),
    machineAuthorities: trustedAuthorities(),
  });
  return {
    ...answers,
    frontObstacle: await obstacleOf(picture, answers.front, inventory, environment),
    frontOutdated: outdatedFrontFiles(opened, keyReader(open, environment), context),
  };
}

/** Findings of the rule group Failover. */
async function findingsOf({ inventory, names, configured }: ConfiguredTarget): Promise<readonly Finding[]> {
  const ids = new Set<string>(rulesByGroup.failover.map(({ id }) => id));
  const findings: Finding[] = [];
  for await (const result of checkInventory(inventory, names, configured.policy)) {
    findings.push(...result.findings.filter(({ rule }) => ids.has(rule)));
  }
  return findings;
}
