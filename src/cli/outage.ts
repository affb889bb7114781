/** The real outage of `daruma failover test --down`: what is stopped, who is asked, and that it runs again. */
import { askAgent, type Turn } from '../failover/live/agent-turn.ts';
import type { Completion } from '../failover/live/completion.ts';
import { openclawCommand, usualAgent } from '../failover/live/openclaw-command.ts';
import { causeOutage, type Outage } from '../failover/live/outage.ts';
import { stopRefusal } from '../failover/live/stoppable.ts';
import type { Catalogue } from '../i18n/catalogue.ts';
import { isReady, type Probe } from '../probe/probe.ts';
import type { OutageResult } from '../report/failover-test.ts';
import type { Gateway } from '../routes/picture.ts';
import { knownServices } from '../services/index.ts';
import type { OpenedLinks } from './failover-links.ts';
import { badInput, Failure } from './failure.ts';
import type { Run } from './io.ts';
import type { Progress } from './progress.ts';

export interface PlannedOutage {
  /** What is stopped. */
  readonly unit: string;
  /** Who is asked. */
  readonly agent: string;
  readonly gateway: Gateway;
  /** Providers that lead to what is stopped. */
  readonly providers: ReadonlySet<string>;
}

/** @throws Failure where there is nothing to stop, or it may not be stopped */
export async function planOutage(
  { picture, inventory }: OpenedLinks,
  { failoverTest: texts }: Catalogue,
): Promise<PlannedOutage> {
  const planned = picture.gateways.map(gateway => planFor(gateway));
  const [first] = planned;
  const found = planned.find(each => each.unit !== undefined) ?? first;
  if (found === undefined) throw badInput('nothing-to-stop', texts.nothingToStop('main'));
  const { unit, agent, gateway, providers, hasFallback } = found;
  if (unit === undefined) throw badInput('nothing-to-stop', texts.nothingToStop(agent), agent);
  if (!hasFallback) throw badInput('no-fallback', texts.noFallback(agent), agent);
  const refusal = await stopRefusal(unit, inventory);
  if (refusal !== undefined) {
    const exitCode = refusal.code === 'no-manager' ? 3 : 2;
    throw new Failure(exitCode, refusal.code, texts.refusal(refusal), {
      where: unit,
      hint: texts.refusalHint(refusal, inventory.host.scope),
    });
  }
  return { unit, agent, gateway, providers };
}

function planFor(gateway: Gateway) {
  const agent = usualAgent(gateway);
  const own = gateway.agents.find(({ id }) => id === agent && id !== null);
  const defaults = gateway.agents.find(({ id }) => id === null);
  const primary = own?.primary ?? defaults?.primary;
  const fallbacks = (own ?? defaults)?.fallbacks ?? [];
  const unitOf = (id: string) => {
    const leadsTo = gateway.providers.find(provider => provider.id === id)?.leadsTo;
    return leadsTo?.kind === 'proxy' ? leadsTo.unit : undefined;
  };
  const unit = primary === undefined ? undefined : unitOf(primary.provider);
  const providers = new Set(
    gateway.providers.filter(({ id }) => unit !== undefined && unitOf(id) === unit).map(({ id }) => id),
  );
  const hasFallback = fallbacks.some(({ provider }) => !providers.has(provider));
  return { unit, agent, gateway, providers, hasFallback };
}

/** OpenClaw needs two minutes to leave a provider that refuses, three after a 429, and four on a busy machine. */
const turnSeconds = 420;

/** @throws Failure where it is not begun, and where it was interrupted */
export async function carryOutOutage(
  { unit, agent, gateway, providers }: PlannedOutage,
  completions: readonly Completion[],
  { inventory, environments, picture }: OpenedLinks,
  progress: Progress,
  { io: { signals }, environment: own, catalogue: { failoverTest: texts } }: Run,
): Promise<OutageResult> {
  const canAnswer = completions.some(({ link, fault }) => fault === undefined && !providers.has(link.name));
  if (!canAnswer) throw new Failure(3, 'no-fallback-answers', texts.noFallbackAnswers(unit), { where: unit });
  const environment = gateway.unit === null ? undefined : environments.get(gateway.unit);
  const program = gateway.unit === null ? undefined : inventory.service(gateway.unit).program;
  const command = openclawCommand(
    program === undefined || environment === undefined ? undefined : { program, environment },
    own,
  );
  const proxy = picture.proxies.find(each => each.unit === unit);
  const known = knownServices.find(({ id }) => id === proxy?.service);
  const probe = probeOf(known?.probes.readiness ?? known?.probes.liveness, proxy?.port);
  const interruption = new AbortController();
  const interrupt = () => interruption.abort();
  for (const signal of interruptions) signals.on(signal, interrupt);
  let outage: Outage<Turn> | 'busy';
  try {
    outage = await causeOutage(unit, inventory.host, {
      ask: signal => askAgent(agent, command, turnSeconds, signal),
      isReady: probe && (() => isReady(probe, 5_000)),
      warmUpSeconds: known?.probes.warmUpSeconds ?? 60,
      tell: stage => progress.show(seconds => texts.stage(stage, unit, seconds)),
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
  const { answer, end, cameBackEarly } = outage;
  const [winner = ''] = answer?.answeredBy?.split('/') ?? [];
  const isThroughFallback = answer?.outcome === 'answered' && !providers.has(winner);
  const isPassed = isThroughFallback && end.kind === 'ready' && !cameBackEarly;
  return { ...outage, unit, agent, isThroughFallback, isPassed };
}

/** Ctrl-C, an end that is asked for, and a terminal that is gone. */
const interruptions = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Undefined where nobody knows how to ask. */
function probeOf(
  known:
    | { readonly path: string; readonly statuses: readonly number[]; readonly bodyIncludes?: string }
    | undefined,
  port: number | undefined,
): Probe | undefined {
  if (known === undefined || port === undefined) return undefined;
  const url = `http://127.0.0.1:${port}${known.path}`;
  return { kind: 'http', url, statuses: known.statuses, body: known.bodyIncludes };
}
