/** What a language says of `daruma failover check`: ways to an answer, and what is wrong with them. */
import type { LinkFault, LinkFaultCode } from '../failover/live/link-fault.ts';
import type { NotAskedReason } from '../failover/live/not-asked.ts';

type FaultOf<Code extends LinkFaultCode> = Extract<LinkFault, { readonly code: Code }>;

interface LinkFaultTexts<Code extends LinkFaultCode> {
  /** What is wrong, in one sentence without a full stop; begins like a sentence. */
  message(fault: FaultOf<Code>): string;
  /** What it leads to: one or two sentences, full stops included. */
  why(fault: FaultOf<Code>): string;
  /** What a person does about it: one or two sentences, full stops included. */
  remedy(fault: FaultOf<Code>): string;
}

export interface LinkTexts {
  readonly faults: { readonly [Code in LinkFaultCode]: LinkFaultTexts<Code> };
  /** Headings: which link it is. */
  provider(id: string): string;
  node(name: string): string;
  answersIn(seconds: string): string;
  readonly answersNot: string;
  models(count: number): string;
  certificateUntil(date: string, days: number): string;
  /** The proxy was asked what it has behind its models. */
  staysApart(deployments: number): string;
  /** It may not say, or is none of LiteLLM's. */
  readonly apartUnknown: string;
  /** Progress, on stderr. */
  asking(count: number): string;
  summary(links: number, critical: number, warning: number, info: number): string;
  /** There is no provider in any chain, and no node. */
  readonly nothingToAsk: string;
  notAsked(provider: string, reason: NotAskedReason): string;
}
