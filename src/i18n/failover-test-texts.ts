/** The interface of the texts of `daruma failover test`. */
import type { OutageEnd, OutageStage } from '../failover/live/outage.ts';
import type { StopRefusal } from '../failover/live/stoppable.ts';
import type { OutageResult, PlannedOutage } from '../failover/live/agent-outage.ts';
import type { StreamResult } from '../failover/live/gentle-stream.ts';
import type { FallKind } from '../failover/live/fall.ts';
import type { Turn } from '../failover/live/agent-turn.ts';

export interface FailoverTestTexts {
  /** Introduces the list of requests. */
  willAsk(requests: number): string;
  upToTokens(count: number): string;
  /** What `--down` does, and for how long agents go without the service. `front`: the service that answers in its place. */
  willFall(
    planned: Pick<PlannedOutage, 'fall' | 'unit' | 'agent'>,
    front: string | undefined,
    mostTokens: number,
  ): string;
  readonly nothingToAsk: string;
  readonly question: string;
  asking(seconds: number | undefined): string;
  stage(stage: OutageStage, fall: FallKind, unit: string, seconds: number | undefined): string;
  /** `by`: the model named in the answer; null when none is named. */
  answered(model: string, seconds: string, by: string | null): string;
  /** The answer came in one piece, and OpenClaw waits only so long for a sign of it. */
  inOnePiece(waitsSeconds: number): string;
  /** LiteLLM used its own fallbacks. */
  proxyFellBack(count: number): string;
  notAnswered(model: string, fault: string): string;
  /** No request was sent. */
  notTried(model: string, reason: string): string;
  fallen(fall: FallKind, unit: string, seconds: string): string;
  notFallen(fall: FallKind, unit: string): string;
  turn(agent: string, turn: Turn, by: Pick<OutageResult, 'isThroughFallback' | 'standIn'>): string;
  cameBackEarly(unit: string): string;
  /** What became of the questions through the front. */
  stream(fall: FallKind, stream: StreamResult): string;
  /** Of the questions without an answer the first. */
  firstLost(fault: string): string;
  back(fall: FallKind, unit: string, end: OutageEnd, seconds: string): string;
  /** The command to start the service by hand. */
  startByHand(command: string): string;
  interrupted(unit: string, isBack: boolean): string;
  readonly interruptedAsking: string;
  busy(unit: string): string;
  /** Only the provider that would be stopped has answered. */
  noFallbackAnswers(unit: string): string;
  /** No service of this machine answers the agent. */
  nothingToStop(agent: string): string;
  noFallback(agent: string): string;
  /** Only a stop can be tried without a front. */
  noFront(fall: FallKind, unit: string): string;
  readonly makeFront: string;
  refusal(refusal: StopRefusal): string;
  refusalHint(refusal: StopRefusal, scope: 'user' | 'system'): string;
  summary(answered: number, asked: number): string;
  readonly passed: string;
  readonly failed: string;
}
