/** `daruma failover receive`: answers `apply --to` of another machine, whose daruma runs this command over ssh. */
import { text } from 'node:stream/consumers';
import { protocol, readRequest } from '../../../failover/shipment.ts';
import { differences } from '../../../report/failover-plan.ts';
import { documentHead } from '../../../report/json.ts';
import type { Context } from '../../context.ts';
import { badInput } from '../../failure.ts';
import { askedAfterwards, carryOutFailover, expectAccepted, expectKeys } from '../../failover-apply.ts';
import { planOrFail } from '../../failover-plan.ts';
import { expectNodes, withPicture } from '../../open-picture.ts';
import { gripReports, gripText, isSettled } from '../../in-force.ts';
import { write } from '../../output.ts';
import { version } from '../../version.ts';
import type { FailoverOptions } from '../../options.ts';

/**
 * Answers with one line of JSON.
 *
 * @returns the exit code
 */
export async function receive(options: FailoverOptions, context: Context): Promise<number> {
  const { catalogue, io } = context;
  const request = readRequest(io.stdin.isTTY ? '' : await text(io.stdin));
  if (request === undefined) {
    const { notARequest, sameVersion } = catalogue.failover;
    throw badInput('other-protocol', notARequest, undefined, sameVersion);
  }
  const keys = new Map(request.nodes.map(({ name, key }) => [placeOf(name), key ?? undefined]));
  const nodes = request.nodes.map(({ name, url, hasKey }) => ({
    name,
    url,
    key: hasKey ? placeOf(name) : undefined,
    source: null,
  }));
  return withPicture(
    options,
    context,
    async open => {
      const { host } = open.target.inventory;
      const own = expectNodes(open.picture, catalogue);
      const planned = await planOrFail(open, reference => keys.get(reference), context);
      expectKeys(planned, open, catalogue);
      await expectAccepted(planned, open, context);
      const files = differences(planned, host);
      const applied = request.dryRun ? undefined : await carryOutFailover(planned, open, options, context);
      // A caller for whom nothing is to be changed here does not ask again.
      const isAsked = !request.dryRun || files.length === 0;
      const asked = isAsked ? await askedAfterwards(planned, open) : [];
      const reports = await gripReports(asked, open.target.inventory, true, context);
      const answer = {
        ...documentHead(version, host),
        protocol,
        node: own.name,
        files,
        notes: planned.gateways.flatMap(({ notes }) => notes.map(note => catalogue.failover.note(note))),
        applied: applied ?? null,
        inForce: reports.map(report => ({
          isInForce: isSettled(report),
          text: gripText(report, open.target.inventory, catalogue),
        })),
      };
      await write(io, `${JSON.stringify(answer)}\n`);
      return 0;
    },
    nodes,
  );
}

/** Names the place of a key, for the message that it is missing. */
function placeOf(node: string): string {
  return `nodes.${node}.key`;
}
