/** `daruma failover test --down`: runs the real outage with progress, interruptions and texts for failures. */
import {
  canFallBack,
  carryOutOutage,
  type OutageResult,
  type PlannedOutage,
  planOutage,
} from '../failover/live/agent-outage.ts';
import type { Completion } from '../failover/live/completion.ts';
import type { FallKind } from '../failover/live/fall.ts';
import type { Catalogue } from '../i18n/catalogue.ts';
import type { OpenedLinks } from './failover-links.ts';
import { badInput, Failure } from './failure.ts';
import type { Run } from './io.ts';
import type { Progress } from './progress.ts';

/** @throws Failure when there is no service to stop, or it may not be stopped */
export async function expectOutage(
  fall: FallKind,
  { picture, inventory }: OpenedLinks,
  { failoverTest: texts }: Catalogue,
): Promise<PlannedOutage> {
  const plan = await planOutage(fall, picture, inventory);
  if ('planned' in plan) return plan.planned;
  const { refusal: refused } = plan;
  switch (refused.code) {
    case 'nothing-to-stop':
      throw badInput(refused.code, texts.nothingToStop(refused.agent ?? 'main'), refused.agent);
    case 'no-fallback':
      throw badInput(refused.code, texts.noFallback(refused.agent), refused.agent);
    case 'no-front':
      throw badInput(refused.code, texts.noFront(fall, refused.unit), refused.unit, texts.makeFront);
    case 'busy':
      throw new Failure(3, refused.code, texts.busy(refused.unit), { where: refused.unit });
    case 'not-stoppable': {
      const { unit, refusal } = refused;
      throw new Failure(refusal.code === 'no-manager' ? 3 : 2, refusal.code, texts.refusal(refusal), {
        where: unit,
        hint: texts.refusalHint(refusal, inventory.host.scope),
      });
    }
    default:
      return refused satisfies never;
  }
}

/** @throws Failure when the test could not begin or was interrupted */
export async function runOutage(
  planned: PlannedOutage,
  completions: readonly Completion[],
  { inventory, environments, picture }: OpenedLinks,
  progress: Progress,
  { io: { signals }, environment, catalogue: { failoverTest: texts } }: Run,
): Promise<OutageResult> {
  const { unit } = planned;
  if (!canFallBack(planned, completions)) {
    throw new Failure(3, 'no-fallback-answers', texts.noFallbackAnswers(unit), { where: unit });
  }
  const interruption = new AbortController();
  const interrupt = () => interruption.abort();
  for (const signal of interruptions) signals.on(signal, interrupt);
  let outage: OutageResult | 'busy';
  try {
    outage = await carryOutOutage(planned, picture, inventory, {
      environments,
      environment,
      tell: stage => progress.show(seconds => texts.stage(stage, planned.fall, unit, seconds)),
      throughFront: throughFront(planned, completions),
      signal: interruption.signal,
    });
  } finally {
    progress.clear();
    for (const signal of interruptions) signals.off(signal, interrupt);
  }
  if (outage === 'busy') throw new Failure(3, 'busy', texts.busy(unit), { where: unit });
  if (interruption.signal.aborted) {
    const isBack = outage.end.kind === 'ready' || outage.end.kind === 'not-ready';
    throw new Failure(3, 'interrupted', texts.interrupted(unit, isBack), { where: unit });
  }
  return outage;
}

/** What has answered through the front. */
function throughFront({ front }: PlannedOutage, completions: readonly Completion[]): Completion | undefined {
  if (front === undefined) return undefined;
  return completions.find(({ link, fault }) => link.proxy === front.name && fault === undefined);
}

/** Signals that end the test: Ctrl-C, a request to end, and a closed terminal. */
const interruptions = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
