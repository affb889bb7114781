/** The interface of the texts of `daruma failover check`: links and their faults. */
import type { LinkFault, LinkFaultCode, NotAskedReason } from '../failover/live/link-fault.ts';

type FaultOf<Code extends LinkFaultCode> = Extract<LinkFault, { readonly code: Code }>;

interface LinkFaultTexts<Code extends LinkFaultCode> {
  /** The fault in one sentence without a full stop; begins with a capital letter. */
  message(fault: FaultOf<Code>): string;
  /** The consequence: one or two sentences with full stops. */
  why(fault: FaultOf<Code>): string;
  /** What the user can do: one or two sentences with full stops. */
  remedy(fault: FaultOf<Code>): string;
}

export interface LinkTexts {
  readonly faults: { readonly [Code in LinkFaultCode]: LinkFaultTexts<Code> };
  /** Headings of links. */
  provider(id: string): string;
  node(name: string): string;
  answersIn(seconds: string): string;
  readonly answersNot: string;
  models(count: number): string;
  certificateUntil(date: string, days: number): string;
  /** The proxy listed its deployments, and none leads to another machine. */
  staysApart(deployments: number): string;
  /** The key does not permit the list, or the proxy is not LiteLLM. */
  readonly apartUnknown: string;
  /** Progress on stderr. */
  asking(count: number): string;
  /** Said of a link whose key is not known: only whether somebody is there was asked. */
  readonly modelsNotAsked: string;
  /** Said after the summary. */
  readonly notProven: string;
  summary(links: number, critical: number, warning: number, info: number): string;
  /** No chain has a provider, and there is no node. */
  readonly nothingToAsk: string;
  notAsked(provider: string, reason: NotAskedReason): string;
}
