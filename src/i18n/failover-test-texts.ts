/** What a language says of `daruma failover test`. */
import type { OutageEnd, OutageStage } from '../failover/live/outage.ts';
import type { StopRefusal } from '../failover/live/stoppable.ts';
import type { Turn } from '../failover/live/agent-turn.ts';

export interface FailoverTestTexts {
  /** Leads into the list of what is asked. */
  willAsk(requests: number): string;
  upToTokens(count: number): string;
  willStop(unit: string, agent: string): string;
  readonly nothingToAsk: string;
  readonly question: string;
  asking(seconds: number | undefined): string;
  stage(stage: OutageStage, unit: string, seconds: number | undefined): string;
  /** `by`: the model that says so; null where it does not say. */
  answered(model: string, seconds: string, by: string | null): string;
  /** LiteLLM needed fallbacks of its own. */
  proxyFellBack(count: number): string;
  notAnswered(model: string, fault: string): string;
  stopped(unit: string, seconds: string): string;
  notStopped(unit: string): string;
  turn(agent: string, turn: Turn, isThroughFallback: boolean): string;
  cameBackEarly(unit: string): string;
  back(unit: string, end: OutageEnd, seconds: string): string;
  /** How a person starts it. */
  startByHand(command: string): string;
  interrupted(unit: string, isBack: boolean): string;
  readonly interruptedAsking: string;
  busy(unit: string): string;
  /** No provider but the one that is to be stopped has answered. */
  noFallbackAnswers(unit: string): string;
  /** Nothing of this machine would be missed. */
  nothingToStop(agent: string): string;
  noFallback(agent: string): string;
  refusal(refusal: StopRefusal): string;
  refusalHint(refusal: StopRefusal, scope: 'user' | 'system'): string;
  summary(answered: number, asked: number): string;
  readonly passed: string;
  readonly failed: string;
}
