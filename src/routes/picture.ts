/**
 * Who asks whom for an answer: machine -> OpenClaw agent -> provider -> proxy -> upstream, according to files. Other
 * parts of daruma find out who answers at the moment.
 */
import type { ConfigNode } from '../services/config-node.ts';
import type { ConfigProblem } from '../services/config-problem.ts';
import type { LitellmAlias, LitellmDeployment, LitellmFallback } from '../services/litellm-config.ts';
import type { OpenclawConfig } from '../services/openclaw-config.ts';
import type { OpenclawKey } from '../services/openclaw-key.ts';
import type { AgentModels, SettingModels } from '../services/openclaw-models.ts';
import type { Program } from '../services/program.ts';
import type { SourceLine } from '../systemd/service-settings.ts';
import type { Node } from './node.ts';
import type { Pace } from './reverse-proxy.ts';

/** The picture of one machine. */
export interface Picture {
  readonly hostName: string;
  /** The node of the list that is this machine. */
  readonly node: Node | undefined;
  /** All nodes, this machine included. */
  readonly nodes: readonly Node[];
  /** The gateways of OpenClaw: one for each configuration, that is, for each profile. */
  readonly gateways: readonly Gateway[];
  /** LiteLLM, copilot-api and other programs that pass requests on: one for each service, and for each container of LiteLLM. */
  readonly proxies: readonly Proxy[];
  /** The addresses of this machine's reverse proxies, with the destinations that requests from outside reach. */
  readonly entrances: readonly Entrance[];
  /** Ports of other machines that lead back to this one: `ssh -R`. */
  readonly remoteForwards: readonly RemoteForward[];
}

export interface Gateway {
  /** The service that reads the configuration; null when none does. */
  readonly unit: string | null;
  /** The version of the OpenClaw that the service runs; undefined when it is not known. */
  readonly version: string | undefined;
  /** Whether it starts with any configuration: `--allow-unconfigured`. */
  readonly allowsUnconfigured: boolean;
  /** The path of its openclaw.json. */
  readonly file: string;
  readonly state: OpenclawConfig['state'];
  /** Why parts of the configuration could not be read; the other parts are in the picture. */
  readonly problems: readonly ConfigProblem[];
  /** The whole configuration, for functions that need more of it than the picture shows. */
  readonly config: OpenclawConfig;
  readonly providers: readonly Provider[];
  /** `agents.defaults` first, then the agents that ask others than it does. */
  readonly agents: readonly AgentModels[];
  /** Settings that name models for something else than the answers of agents. */
  readonly settings: readonly SettingModels[];
}

/** `models.providers.ID` */
export interface Provider {
  readonly id: string;
  readonly source: SourceLine;
  /** The address, with its variables replaced; undefined when there is none, or a variable is not known. */
  readonly baseUrl: string | undefined;
  readonly key: OpenclawKey;
  /** The API, such as `openai-completions`. */
  readonly api: string | undefined;
  readonly timeoutSeconds: number | undefined;
  /**
   * The names by which it is asked for its models; undefined when it declares none, which is allowed only for providers that
   * OpenClaw knows.
   */
  readonly models: readonly string[] | undefined;
  readonly leadsTo: Destination;
  /** Where models are asked for that have an address of their own, by their entries. */
  readonly apart: ReadonlyMap<ConfigNode, Place & { /** Its name. */ readonly model: string }>;
}

/** An address, and what is there. */
export type Place = Pick<Provider, 'baseUrl' | 'leadsTo' | 'source'>;

export interface Proxy {
  /** Unique on its machine: the unit that runs it, else the name of its container. */
  readonly name: string;
  /** The examined service that runs it; null for a container that none of them runs. */
  readonly unit: string | null;
  /** The container in which it runs; left out without one. */
  readonly container?: ProxyContainer;
  /** Id of the known service: `litellm`, `copilot-api`, `ollama`, `front` ... */
  readonly service: string;
  readonly port: number | undefined;
  /** The host of a URL that reaches it from this machine: loopback, unless it listens on another address alone. */
  readonly address: string;
  /** The path of its configuration; undefined when it has none. */
  readonly file: string | undefined;
  readonly problems: readonly ConfigProblem[];
  readonly deployments: readonly Deployment[];
  readonly fallbacks: readonly LitellmFallback[];
  readonly aliases: readonly LitellmAlias[];
  /** How many fallbacks may follow each other in one request. */
  readonly mostFallbacks: number;
  /** Set on a LiteLLM that asks an upstream that fails once alone. */
  readonly isWithoutRetries?: true;
  /** False when a database or another file may add to it. */
  readonly isComplete: boolean;
  /** Set on a LiteLLM that is known to ask its callers for a key. */
  readonly asksForKey?: true;
}

interface ProxyContainer {
  /** The line of the compose file, the quadlet or the unit that names its image. */
  readonly source: SourceLine;
  /** What runs in it, with the container's own environment, and its paths where the machine has these files. */
  readonly program: Program;
}

/** An entry of LiteLLM's `model_list`, or a place that a front passes requests on to, with the destination of its address. */
interface Deployment extends LitellmDeployment {
  readonly leadsTo: Destination;
}

/** An address of this machine's reverse proxy, and the destination that the proxy asks. */
export interface Entrance {
  /** Host names of the address; without any, it answers to all names. */
  readonly hosts: readonly string[];
  readonly port: number;
  /** The beginning of the paths: `/litellm`; empty for all paths. */
  readonly path: string;
  readonly pace: Pace | undefined;
  readonly leadsTo: Destination;
}

export interface RemoteForward {
  /** The machine on which the port is, as it is given to ssh. */
  readonly host: string;
  readonly port: number;
  readonly leadsTo: Destination;
}

/** The parts of the address that a client asks for. */
export interface Address {
  readonly host: string;
  readonly port: number;
  /** The path without a slash at the end. */
  readonly path: string;
}

/** Where an address leads. */
export type Destination =
  /** A service of this machine that daruma found. */
  | { readonly kind: 'proxy'; readonly name: string }
  /** A port of this machine on which none of the examined services listens. */
  | { readonly kind: 'own-port'; readonly port: number }
  /** Another node, or this machine by the address that the others use; `by` is the way there. */
  | ({ readonly kind: 'node'; readonly node: string; readonly by: Way } & Address)
  /** Another machine that the list of nodes does not name. */
  | ({ readonly kind: 'elsewhere'; readonly by: Way } & Address)
  | { readonly kind: 'unknown' };

/** The way to another machine: through a port of this machine (`ssh -L`, a reverse proxy), or directly by its address. */
export type Way = 'address' | 'tunnel' | 'reverse-proxy';
