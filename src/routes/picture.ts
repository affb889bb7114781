/**
 * Who asks whom for an answer: machine -> OpenClaw agent -> provider -> proxy -> upstream. As files say it; who answers
 * at this moment is asked elsewhere.
 */
import type { ConfigProblem } from '../services/config-problem.ts';
import type { LitellmAlias, LitellmDeployment, LitellmFallback } from '../services/litellm-config.ts';
import type { OpenclawConfig } from '../services/openclaw-config.ts';
import type { SourceLine } from '../systemd/service-settings.ts';
import type { Node } from './node.ts';

/** One machine. */
export interface Picture {
  readonly hostName: string;
  /** The node of the list that it is. */
  readonly node: Node | undefined;
  /** All nodes, this one among them. */
  readonly nodes: readonly Node[];
  /** A configuration of OpenClaw each: one a profile. */
  readonly gateways: readonly Gateway[];
  /** LiteLLM, copilot-api and what else passes requests on, one a service. */
  readonly proxies: readonly Proxy[];
  /** Where those who ask this machine from outside come out, by its reverse proxy. */
  readonly entrances: readonly Entrance[];
  /** Ports of other machines that lead back here: `ssh -R`. */
  readonly remoteForwards: readonly RemoteForward[];
}

export interface Gateway {
  /** The service that reads it; null where none does. */
  readonly unit: string | null;
  /** Its openclaw.json. */
  readonly file: string;
  readonly state: OpenclawConfig['state'];
  /** Why it could not be read as a whole; what could be is there all the same. */
  readonly problems: readonly ConfigProblem[];
  /** All that was read, for those who need more of it than the picture shows. */
  readonly config: OpenclawConfig;
  readonly providers: readonly Provider[];
  /** `agents.defaults` first, then the agents that have a model of their own. */
  readonly agents: readonly Agent[];
}

/** `models.providers.ID` */
export interface Provider {
  readonly id: string;
  readonly source: SourceLine;
  /** Variables filled in; undefined where it has none, or a variable is not known. */
  readonly baseUrl: string | undefined;
  readonly key: 'none' | 'literal' | 'variable' | 'reference';
  /** `openai-completions` ... */
  readonly api: string | undefined;
  readonly timeoutSeconds: number | undefined;
  /** Ids; undefined where it declares none, which only providers that OpenClaw knows may do. */
  readonly models: readonly string[] | undefined;
  readonly leadsTo: Destination;
}

export interface Agent {
  /** Null for `agents.defaults`. */
  readonly id: string | null;
  readonly source: SourceLine;
  readonly primary: ModelReference | undefined;
  /** A model of an agent's own without fallbacks of its own has none: those of the defaults do not count for it. */
  readonly fallbacks: readonly ModelReference[];
}

/** `PROVIDER/MODEL` */
export interface ModelReference {
  readonly provider: string;
  readonly model: string;
  readonly source: SourceLine;
}

export interface Proxy {
  readonly unit: string;
  /** Of the services that daruma knows: `litellm`, `copilot-api`, `ollama` ... */
  readonly service: string;
  readonly port: number | undefined;
  /** Its configuration; undefined where it has none. */
  readonly file: string | undefined;
  readonly problems: readonly ConfigProblem[];
  readonly deployments: readonly Deployment[];
  readonly fallbacks: readonly LitellmFallback[];
  readonly aliases: readonly LitellmAlias[];
  /** False where a database or another file may add to it. */
  readonly isComplete: boolean;
}

/** An entry of LiteLLM's `model_list`, and where it goes on. */
interface Deployment extends LitellmDeployment {
  readonly leadsTo: Destination;
}

/** An address that a reverse proxy of this machine answers, and what it asks for it. */
export interface Entrance {
  /** Without names it answers to any. */
  readonly hosts: readonly string[];
  readonly port: number;
  /** What paths begin with: `/litellm`; empty for all. */
  readonly path: string;
  readonly leadsTo: Destination;
}

export interface RemoteForward {
  /** The machine whose port it is, as ssh was told. */
  readonly host: string;
  readonly port: number;
  readonly leadsTo: Destination;
}

/** What a client asks for, taken apart. */
export interface Address {
  readonly host: string;
  readonly port: number;
  /** Without a slash at the end. */
  readonly path: string;
}

/** Where an address leads. */
export type Destination =
  /** A service of this machine that daruma found. */
  | { readonly kind: 'proxy'; readonly unit: string }
  /** This machine, where none of its services that were looked at listens. */
  | { readonly kind: 'own-port'; readonly port: number }
  /** Another node, or this machine by the address that the others use; `by` is how the address gets there. */
  | ({ readonly kind: 'node'; readonly node: string; readonly by: Way } & Address)
  /** Another machine that the list of nodes does not name. */
  | ({ readonly kind: 'elsewhere'; readonly by: Way } & Address)
  | { readonly kind: 'unknown' };

/** By a port of this machine that leads to another (`ssh -L`, a reverse proxy), or by its own address. */
export type Way = 'address' | 'tunnel' | 'reverse-proxy';
