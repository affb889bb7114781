/** `daruma failover test`: sends real requests through each provider of the chain; `--down` has the first one fall meanwhile. */
import { completionLimits, haveAnswered, requestCompletion } from '../../../failover/live/completion.ts';
import type { PlannedOutage } from '../../../failover/live/agent-outage.ts';
import { mostTokens } from '../../../failover/live/api.ts';
import { shortPatience } from '../../../failover/live/in-force.ts';
import type { Link } from '../../../failover/live/link.ts';
import { fallKinds } from '../../../failover/live/fall.ts';
import {
  renderCompletion,
  renderOutage,
  type TestResult,
  testToJson,
} from '../../../report/failover-test.ts';
import { printable } from '../../../report/printable.ts';
import { wrapText } from '../../../report/terminal.ts';
import { expectYes } from '../../confirm.ts';
import { type Context, readChoice } from '../../context.ts';
import { badInput } from '../../failure.ts';
import { type OpenedLinks, withLinks } from '../../failover-links.ts';
import { askedOfAll, gripReports, gripsToJson, isOff, writeGrip } from '../../in-force.ts';
import { headOf } from '../../manager-down.ts';
import { expectOutage, runOutage } from '../../outage.ts';
import { write } from '../../output.ts';
import { Progress } from '../../progress.ts';
import type { FailoverOptions } from '../../options.ts';

/** @returns the exit code: 1 when a provider did not answer, a running gateway works with something else, or the fallback did not work */
export function test(options: FailoverOptions, context: Context): Promise<number> {
  const { catalogue, format, terminal, quiet, io } = context;
  const fall = readChoice('--down', options.down, fallKinds, catalogue);
  return withLinks(options, context, 'test', async opened => {
    const writeJson = async (result: TestResult) => {
      const document = testToJson(result, await headOf(opened.inventory.host, catalogue), catalogue);
      await write(io, `${JSON.stringify(document)}\n`);
    };
    const { inventory, picture } = opened;
    const requests = requestsOf(opened);
    if (requests.length === 0) throw badInput('nothing-to-ask', catalogue.failoverTest.nothingToAsk);
    const planned = fall === undefined ? undefined : await expectOutage(fall, opened, catalogue);
    if (format === 'human') await showCost(requests, planned, context);
    if (options.dryRun) {
      if (format === 'json')
        await writeJson({
          requests,
          completions: undefined,
          outage: undefined,
          isInForce: true,
          inForce: [],
        });
      return 0;
    }
    if (!(await expectYes(options, context, catalogue.failoverTest.question))) {
      await write(io, `${catalogue.fix.nothingDone}\n`);
      return 0;
    }
    const grips = await gripReports(askedOfAll(picture.gateways), inventory, quiet, context, shortPatience);
    if (format === 'human') for (const grip of grips) await writeGrip(grip, inventory, context);
    using progress = new Progress(quiet, context);
    progress.show(seconds => catalogue.failoverTest.asking(seconds));
    const completions = await Promise.all(
      requests.map(({ link, model }) => requestCompletion(link, model, completionLimits)),
    );
    progress.clear();
    if (format === 'human') {
      await write(io, completions.map(each => renderCompletion(each, catalogue, terminal)).join(''));
    }
    const outage =
      planned === undefined ? undefined : await runOutage(planned, completions, opened, progress, context);
    const isInForce = !grips.some(isOff);
    if (format === 'json') {
      const inForce = gripsToJson(grips, inventory, catalogue);
      await writeJson({ requests, completions, outage, isInForce, inForce });
    } else if (outage !== undefined) {
      await write(io, renderOutage(outage, opened.inventory.host.scope, catalogue, terminal));
    }
    return haveAnswered(completions) && isInForce && outage?.isPassed !== false ? 0 : 1;
  });
}

interface Request {
  readonly link: Link;
  readonly model: string;
}

function requestsOf({ links }: OpenedLinks): readonly Request[] {
  return links.flatMap(link => link.models.map(model => ({ link, model })));
}

/** Shows the requests, which cost something, and the service that falls. */
async function showCost(
  requests: readonly Request[],
  planned: PlannedOutage | undefined,
  { catalogue: { failoverTest: texts, punctuation }, terminal, io }: Context,
): Promise<void> {
  const lines = [
    wrapText(terminal, texts.willAsk(requests.length), [0, 2]),
    ...requests.map(({ link, model }) => {
      const asked = printable(`${link.name}/${model}`) + punctuation.aside(texts.upToTokens(mostTokens));
      return wrapText(terminal, asked, [2, 4]);
    }),
    ...(planned === undefined
      ? []
      : [wrapText(terminal, texts.willFall(planned, planned.front?.name, mostTokens), [0, 2])]),
  ];
  await write(io, `${lines.join('\n')}\n`);
}
