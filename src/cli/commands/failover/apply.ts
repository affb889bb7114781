/** `daruma failover apply`: changes the configurations of this machine, and lets other machines change theirs. */
import { type Shipped, ship } from '../../../failover/ship.ts';
import { protocol, type ShipAnswer, type ShipRequest } from '../../../failover/shipment.ts';
import type { FailoverPlan } from '../../../failover/plan.ts';
import {
  otherToJson,
  renderFrontVerdict,
  renderOther,
  renderVerdicts,
  shipFaultWords,
} from '../../../report/failover-apply.ts';
import {
  failoverPlanToJson,
  renderDifferences,
  renderNotes,
  renderObstacle,
} from '../../../report/failover-plan.ts';
import type { Answering } from '../../../failover/standing.ts';
import { printable } from '../../../report/printable.ts';
import { wrapText } from '../../../report/terminal.ts';
import { expectYes } from '../../confirm.ts';
import { type Context, expectHere } from '../../context.ts';
import { Failure } from '../../failure.ts';
import { expectFree } from '../../fix-failure.ts';
import { askedAfterwards, carryOutFailover, expectAccepted, expectKeys } from '../../failover-apply.ts';
import {
  askThrough,
  chooseFront,
  expectTaken,
  type FrontChoice,
  obstacleText,
} from '../../failover-front.ts';
import { keyReader, planOrFail } from '../../failover-plan.ts';
import { expectNodes, type OpenPicture, withPicture } from '../../open-picture.ts';
import { type GripReport, gripReports, gripsToJson, isSettled, settleGrips } from '../../in-force.ts';
import { headOf } from '../../manager-down.ts';
import { tell, write } from '../../output.ts';
import { journalFor } from '../../state.ts';
import { commandFor, type FailoverOptions } from '../../options.ts';

/** @returns the exit code: 3 when another machine did not make its changes, or a running gateway does not work with them */
export function apply(options: FailoverOptions, context: Context): Promise<number> {
  // `--to` reaches running machines, so it cannot be combined with an unpacked one.
  if (options.to !== undefined) expectHere('--to', options, context.catalogue);
  return withPicture(options, context, async open => {
    const { catalogue, format, io, environment } = context;
    const { picture, target } = open;
    const own = expectNodes(picture, catalogue);
    const keyOf = keyReader(open, environment);
    const choice = await chooseFront(open, keyOf, options, context);
    const { front } = choice;
    const planned = await planOrFail(open, keyOf, context, front?.plan);
    // Before the plan: it is not known yet what an interrupted fix leaves.
    if (!options.dryRun) await expectFree(journalFor(target.inventory.host, context), options, catalogue);
    if (format === 'human') await showPlan(planned, choice, open, context);
    // The differences are those from the files as they are now.
    const plan = failoverPlanToJson(planned, target.inventory.host, catalogue);
    expectKeys(planned, open, catalogue);
    await expectTaken(front, context);
    const judged = await expectAccepted(planned, open, context);
    if (format === 'human') {
      const ofFront =
        front === undefined ? '' : renderFrontVerdict(front.haproxy, catalogue, context.terminal);
      await write(io, ofFront + renderVerdicts(judged, catalogue, context.terminal));
    }
    const nodes = picture.nodes.map(({ name, url, key }) => ({
      name,
      url,
      hasKey: key !== undefined,
      key: (key === undefined ? undefined : keyOf(key)) ?? null,
    }));
    const request: ShipRequest = { protocol, dryRun: true, nodes };
    const theirs: Theirs[] = [];
    for (const destination of options.to ?? []) {
      const answer = expectAnswer(await shipTo(destination, request, context), destination, context);
      if (format === 'human') await write(io, renderOther(destination, answer, catalogue, context.terminal));
      theirs.push({ destination, answer });
    }
    const isNothing =
      planned.plan.files.size + planned.plan.steps.length === 0 &&
      theirs.every(({ answer }) => answer.files.length === 0);
    const shipped: Done[] = [];
    let applied: string | undefined;
    let reports: readonly GripReport[] = [];
    let answering: Answering | undefined;
    if (!options.dryRun) {
      if (!isNothing && !(await expectYes(options, context))) {
        await write(io, `${catalogue.fix.nothingDone}\n`);
        return 0;
      }
      applied = await carryOutFailover(planned, open, options, context);
      if (applied !== undefined && format === 'human') {
        await write(io, `${printable(catalogue.fix.done(commandFor(`undo ${applied}`, options), true))}\n`);
      }
      if (applied === undefined && planned.plan.steps.length > 0 && format === 'human')
        await write(io, `${printable(catalogue.failover.front.reread)}\n`);
      if (front !== undefined) answering = await askThrough(front);
      if (front !== undefined && answering !== undefined && format === 'human') {
        const { failover } = catalogue;
        const texts = [
          failover.front.asked(front.plan.url, failover.answering(answering)),
          // That it is alive says nothing of those that are to stand in.
          ...front.plan.notes
            .filter(({ code }) => code === 'no-stand-in')
            .map(note => failover.front.note(note)),
        ];
        for (const text of texts) await write(io, `${wrapText(context.terminal, printable(text), [0, 2])}\n`);
      }
      // What an earlier run has written may not be in force yet.
      const asked = await askedAfterwards(planned, open);
      const first = await gripReports(asked, target.inventory, context.quiet, context);
      reports = await settleGrips(first, target.inventory, options, context);
      for (const { destination, answer } of theirs) {
        const isEmpty = answer.files.length === 0;
        const outcome: Shipped = isEmpty
          ? { kind: 'answer', answer }
          : await shipTo(destination, { ...request, dryRun: false }, context);
        shipped.push({ destination, outcome });
        if (format === 'human') await showDone(destination, outcome, context);
      }
    }
    if (format === 'json') {
      const document = {
        ...(await headOf(target.inventory.host, catalogue)),
        node: own.name,
        plan,
        applied: applied ?? null,
        front:
          answering === undefined
            ? null
            : { answers: answering.kind === 'answers', text: catalogue.failover.answering(answering) },
        inForce: gripsToJson(reports, target.inventory, catalogue),
        others: theirs.map(({ destination, answer }) =>
          otherToJson(
            destination,
            answer,
            shipped.find(each => each.destination === destination)?.outcome,
            catalogue,
          ),
        ),
      };
      await write(io, `${JSON.stringify(document)}\n`);
    }
    const isDone = shipped.every(
      ({ outcome }) =>
        outcome.kind === 'answer' && (outcome.answer.inForce ?? []).every(({ isInForce }) => isInForce),
    );
    const isAnswered = answering === undefined || answering.kind === 'answers';
    return isDone && isAnswered && reports.every(isSettled) ? 0 : 3;
  });
}

/** The changes that another machine would make. */
interface Theirs {
  readonly destination: string;
  readonly answer: ShipAnswer;
}

interface Done {
  readonly destination: string;
  readonly outcome: Shipped;
}

function shipTo(
  destination: string,
  request: ShipRequest,
  { catalogue, environment }: Context,
): Promise<Shipped> {
  return ship(destination, request, { language: catalogue.language, limitMs, environment });
}

/** The other machine also asks its OpenClaw and its gateway, which may take long on a small machine. */
const limitMs = 360_000;

/** @throws Failure before anything is changed on any machine */
function expectAnswer(shipped: Shipped, destination: string, { catalogue }: Context): ShipAnswer {
  if (shipped.kind === 'answer') return shipped.answer;
  const { fault } = shipped;
  const { message, hint } = shipFaultWords(destination, fault, catalogue);
  throw new Failure(fault.code === 'no-destination' ? 2 : 3, `ssh-${fault.code}`, message, {
    where: destination,
    hint,
  });
}

async function showPlan(
  planned: FailoverPlan,
  choice: FrontChoice,
  { target }: OpenPicture,
  context: Context,
): Promise<void> {
  const { catalogue, terminal, viewpoint, io } = context;
  const { host } = target.inventory;
  const parts = [
    renderDifferences(planned, host, catalogue, terminal, viewpoint),
    renderNotes(planned, host, catalogue, terminal, viewpoint),
    renderObstacle(obstacleText(choice, catalogue), terminal),
  ];
  await write(io, parts.filter(part => part !== '').join('\n'));
}

async function showDone(destination: string, outcome: Shipped, { catalogue, io }: Context): Promise<void> {
  if (outcome.kind === 'fault') {
    const { message, hint } = shipFaultWords(destination, outcome.fault, catalogue);
    tell(io, `daruma: ${printable(message + catalogue.punctuation.aside(hint))}`);
    return;
  }
  const { applied, inForce = [] } = outcome.answer;
  if (applied !== null) await write(io, `${printable(catalogue.failover.shipped(destination, applied))}\n`);
  for (const { text } of inForce) await write(io, `${printable(`${destination}: ${text}`)}\n`);
}
