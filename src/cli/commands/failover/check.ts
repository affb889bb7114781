/** `daruma failover check`: checks whether the other machines can be reached, before this is needed. */
import { usualLimits } from '../../../failover/live/ask-link.ts';
import { checkLinks } from '../../../failover/live/check-links.ts';
import { ownCrossings, ownMachineName } from '../../../failover/live/crossings.ts';
import { checkPatience } from '../../../failover/live/in-force.ts';
import { heldAgainst, proxiesNow } from '../../../failover/standing.ts';
import { linksBehindFront } from '../../../failover/live/links-of.ts';
import { machineAt } from '../../../failover/live/machine-at.ts';
import { trustedAuthorities } from '../../../http/trust.ts';
import { countFaults, linksToJson, renderLinks } from '../../../report/links.ts';
import type { Context } from '../../context.ts';
import { badInput } from '../../failure.ts';
import { withLinks } from '../../failover-links.ts';
import { askedOfAll, gripReports, gripsToJson, isNotKnown, isOff, writeGrip } from '../../in-force.ts';
import { headOf } from '../../manager-down.ts';
import { write } from '../../output.ts';
import { Progress } from '../../progress.ts';
import type { FailoverOptions } from '../../options.ts';

/** @returns the exit code: 1 when something at or above a warning was found, or a running gateway works with something else; 3 when that is not known */
export function check(options: FailoverOptions, context: Context): Promise<number> {
  const { catalogue, format, terminal, quiet, io } = context;
  return withLinks(options, context, 'check', async ({ links, notAsked, picture, inventory }) => {
    if (links.length === 0 && notAsked.length === 0) {
      throw badInput('nothing-to-ask', catalogue.links.nothingToAsk);
    }
    using progress = new Progress(quiet, context);
    if (links.length > 0) progress.show(() => catalogue.links.asking(links.length));
    const behindFront = linksBehindFront(links, picture);
    const asked = checkLinks(
      [
        ...links.filter(
          link => !behindFront.some(each => each.kind === link.kind && each.name === link.name),
        ),
        ...behindFront,
      ],
      {
        machineAuthorities: trustedAuthorities(),
        ownCrossings: ownCrossings(picture),
        machineAt: address => machineAt(address, picture.nodes),
        machineOf: async ({ baseUrl, leadsTo }) =>
          leadsTo === 'loopback' ? ownMachineName(picture) : machineAt(baseUrl, picture.nodes),
      },
      usualLimits,
    );
    const reports = heldAgainst(await asked, await proxiesNow(picture, inventory));
    progress.clear();
    const grips = await gripReports(askedOfAll(picture.gateways), inventory, quiet, context, checkPatience);
    const checked = { reports, notAsked };
    if (format === 'json') {
      const inForce = gripsToJson(grips, inventory, catalogue);
      const document = linksToJson(
        checked,
        inForce,
        await headOf(inventory.host, catalogue),
        inventory.host,
        catalogue,
      );
      await write(io, `${JSON.stringify(document)}\n`);
    } else {
      await write(io, renderLinks(checked, catalogue, terminal));
      for (const grip of grips) await writeGrip(grip, inventory, context);
    }
    const { critical, warning } = countFaults(checked);
    if (critical + warning > 0 || grips.some(isOff)) return 1;
    return grips.some(isNotKnown) ? 3 : 0;
  });
}
