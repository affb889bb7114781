/**
 * A real outage for one agent: daruma stops the service that answers the agent first, kills it or makes it hang, and then asks the agent.
 * Through a front short questions are asked all the while.
 */
import { isReady, type Probe } from '../../probe/probe.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import { placeOf } from '../../routes/asked-place.ts';
import type { Gateway, Picture, Place, Proxy } from '../../routes/picture.ts';
import { isFront } from '../../services/front.ts';
import { knownServices } from '../../services/index.ts';
import { usualAgent } from '../../services/openclaw-models.ts';
import { askFront, type FrontNow } from '../front/statistics.ts';
import { askAgent, type Turn } from './agent-turn.ts';
import type { FallKind } from './fall.ts';
import { type Completion, completionLimits, requestOnce } from './completion.ts';
import type { GatewayEnvironment } from './gateway-environment.ts';
import { startGentleStream, type StreamResult } from './gentle-stream.ts';
import { openclawCommand } from './openclaw-command.ts';
import { causeOutage, type Outage, type OutageStage } from './outage.ts';
import { isPromised } from './start-again.ts';
import { type StopRefusal, stopRefusal } from './stoppable.ts';

export interface PlannedOutage {
  readonly fall: FallKind;
  /** The service that falls. */
  readonly unit: string;
  /** The agent that is asked. */
  readonly agent: string;
  readonly gateway: Gateway;
  /** Providers that lead to the stopped service. */
  readonly providers: ReadonlySet<string>;
  /** The front before the stopped service, which answers in its place; undefined without one. */
  readonly front: Proxy | undefined;
}

/** Why the outage is not possible. */
type OutageRefusal =
  /** The agent that would be asked; undefined without a gateway. */
  | { readonly code: 'nothing-to-stop'; readonly agent: string | undefined }
  | { readonly code: 'no-fallback'; readonly agent: string }
  /** OpenClaw alone does not leave what hangs, and has no answer from what is killed before it runs again. */
  | { readonly code: 'no-front'; readonly unit: string }
  /** Another test has stopped the service; to start it would make that one worthless. */
  | { readonly code: 'busy'; readonly unit: string }
  | { readonly code: 'not-stoppable'; readonly unit: string; readonly refusal: StopRefusal };

/** Chooses the first gateway whose first provider is a service of this machine. */
export async function planOutage(
  fall: FallKind,
  picture: Picture,
  inventory: Inventory,
): Promise<{ readonly planned: PlannedOutage } | { readonly refusal: OutageRefusal }> {
  const candidates = picture.gateways.map(gateway => candidateOf(gateway, picture));
  const chosen = candidates.find(({ unit }) => unit !== undefined) ?? candidates[0];
  if (chosen?.unit === undefined) {
    return { refusal: { code: 'nothing-to-stop', agent: chosen?.agent } };
  }
  const { unit, agent, gateway, providers, front, hasFallback } = chosen;
  if (!hasFallback) return { refusal: { code: 'no-fallback', agent } };
  if (fall !== 'stop' && front === undefined) return { refusal: { code: 'no-front', unit } };
  const refusal = await stopRefusal(unit, inventory);
  if (refusal?.code === 'not-running' && (await isPromised(unit, inventory.host)))
    return { refusal: { code: 'busy', unit } };
  if (refusal !== undefined) return { refusal: { code: 'not-stoppable', unit, refusal } };
  return { planned: { fall, unit, agent, gateway, providers, front } };
}

function candidateOf(gateway: Gateway, { proxies }: Picture) {
  const agent = usualAgent(gateway.config);
  const own = gateway.agents.find(({ id }) => id === agent && id !== null);
  const defaults = gateway.agents.find(({ id }) => id === null);
  const primary = own?.primary ?? defaults?.primary;
  const fallbacks = (own ?? defaults)?.fallbacks ?? [];
  const proxyAt = (place: Pick<Place, 'leadsTo'> | undefined) => {
    const leadsTo = place?.leadsTo;
    return leadsTo?.kind === 'proxy' ? proxies.find(({ name }) => name === leadsTo.name) : undefined;
  };
  // A front goes on when what it stands before is stopped.
  const behind = (proxy: Proxy | undefined) =>
    proxy !== undefined && isFront(proxy) ? proxyAt(proxy.deployments[0]) : proxy;
  const unitAt = (place: Place | undefined) => behind(proxyAt(place))?.unit ?? undefined;
  const first = primary === undefined ? undefined : placeOf(gateway, primary);
  const unit = unitAt(first);
  const asked = proxyAt(first);
  const front = asked === behind(asked) ? undefined : asked;
  // An answer names its provider and its model, and one of these may be elsewhere: then it proves nothing.
  const providers = new Set(
    gateway.providers
      .filter(
        each => unit !== undefined && [each, ...each.apart.values()].some(place => unitAt(place) === unit),
      )
      .map(({ id }) => id),
  );
  const hasFallback =
    (front?.deployments.length ?? 0) > 1 || fallbacks.some(({ provider }) => !providers.has(provider));
  return { unit, agent, gateway, providers, front, hasFallback };
}

/**
 * Whether a provider that the outage does not affect has answered: without one the test would prove nothing. A front answers as soon as
 * one of its machines does.
 */
export function canFallBack(
  { providers, front }: PlannedOutage,
  completions: readonly Completion[],
): boolean {
  return (
    front !== undefined ||
    completions.some(({ link, fault }) => fault === undefined && !providers.has(link.name))
  );
}

export interface OutageResult extends Outage<Turn> {
  readonly fall: FallKind;
  readonly unit: string;
  readonly agent: string;
  /** The machine that answered through the front; undefined where none did. */
  readonly standIn: string | undefined;
  /** What became of the questions that were asked all the while; undefined without a front. */
  readonly stream: StreamResult | undefined;
  readonly isThroughFallback: boolean;
  readonly isPassed: boolean;
}

export interface AgentOutageOptions {
  /** Environments of the gateways, by unit. */
  readonly environments: ReadonlyMap<string, GatewayEnvironment>;
  /** The environment of daruma itself. */
  readonly environment: NodeJS.ProcessEnv;
  readonly tell: (stage: OutageStage) => void;
  /** Ends the test early; the service runs again in any case. */
  readonly signal: AbortSignal;
  /** What has answered through the front before, to be asked again and again; undefined where nothing did. */
  readonly throughFront: Pick<Completion, 'link' | 'model'> | undefined;
}

/**
 * Has the service fall, asks the agent, and has the service run again.
 *
 * @returns `busy` when another test of this service is under way
 * @throws CommandFailed before anything is done to the service
 */
export async function carryOutOutage(
  { fall, unit, agent, gateway, providers, front }: PlannedOutage,
  picture: Picture,
  inventory: Inventory,
  { environments, environment: own, tell, signal, throughFront }: AgentOutageOptions,
): Promise<OutageResult | 'busy'> {
  const environment = gateway.unit === null ? undefined : environments.get(gateway.unit);
  const program = gateway.unit === null ? undefined : inventory.service(gateway.unit).program;
  const command = openclawCommand(
    program === undefined || environment === undefined ? undefined : { program, environment },
    inventory.host,
    own,
  );
  const proxy = picture.proxies.find(each => each.unit === unit);
  const known = knownServices.find(({ id }) => id === proxy?.service);
  const probe = probeOf(known?.probes.readiness ?? known?.probes.liveness, proxy);
  const frontNow = () => (front === undefined ? undefined : askFront(inventory.host));
  let before: FrontNow | undefined;
  let after: FrontNow | undefined;
  using stream =
    throughFront &&
    startGentleStream(
      () => requestOnce(throughFront.link, throughFront.model, completionLimits),
      picture.node?.name ?? '',
      signal,
    );
  const outage = await causeOutage(unit, inventory.host, {
    fall,
    ask: async asking => {
      before = await frontNow();
      const turn = await askAgent(agent, command, turnSeconds, asking);
      after = await frontNow();
      return turn;
    },
    isReady: probe && (() => isReady(probe, probeMs)),
    warmUpSeconds: known?.probes.warmUpSeconds ?? 60,
    tell: stage => {
      tell(stage);
      if (stage === (fall === 'kill' ? 'down' : 'starting')) stream?.awaitOwn();
    },
    signal,
  });
  if (outage === 'busy') return outage;
  const asked = await stream?.finish();
  const { answer, end, cameBackEarly } = outage;
  const [winner = ''] = answer?.answeredBy?.split('/') ?? [];
  const isAnswered = answer?.outcome === 'answered';
  const standIn = isAnswered && providers.has(winner) ? standInOf(front, before, after) : undefined;
  const isThroughFallback = isAnswered && (standIn !== undefined || !providers.has(winner));
  // What is killed may answer again before the agent asks.
  const isAnsweredWell = fall === 'kill' ? isAnswered : isThroughFallback;
  const hasLost = asked !== undefined && asked.lost.length > 0;
  const isPassed = isAnsweredWell && !hasLost && end.kind === 'ready' && !cameBackEarly;
  return { ...outage, fall, unit, agent, standIn, stream: asked, isThroughFallback, isPassed };
}

/** The one machine that has answered through the front meanwhile, short questions included; undefined where that was more than one. */
function standInOf(
  front: Proxy | undefined,
  before: FrontNow | undefined,
  after: FrontNow | undefined,
): string | undefined {
  const answering = (after?.servers ?? []).flatMap(({ answered }, index) =>
    answered > (before?.servers[index]?.answered ?? Infinity) ? [front?.deployments[index]] : [],
  );
  const [only, ...others] = answering;
  return others.length === 0 && only?.leadsTo.kind === 'node' ? only.leadsTo.node : undefined;
}

/** OpenClaw needs two minutes to give up a provider that refuses, three after a 429, and four on a busy machine. */
const turnSeconds = 420;

const probeMs = 5_000;

/** The probe of the service; undefined when none is known. */
function probeOf(
  known:
    | { readonly path: string; readonly statuses: readonly number[]; readonly bodyIncludes?: string }
    | undefined,
  proxy: Proxy | undefined,
): Probe | undefined {
  if (known === undefined || proxy?.port === undefined) return undefined;
  const url = `http://${proxy.address}:${proxy.port}${known.path}`;
  return { kind: 'http', url, statuses: known.statuses, body: known.bodyIncludes, takesPage: false };
}
