/** The interface of the texts of `daruma failover`: plan, other machines and status. */
import type { Grip } from '../failover/live/in-force.ts';
import type { GatewayNote } from '../failover/gateway-edits.ts';
import type { RefusedReason } from '../failover/plan.ts';
import type { ShipFault } from '../failover/ship.ts';
import type { Answering } from '../failover/standing.ts';
import type { SnippetTexts } from '../failover/web-server.ts';
import type { UnclearReference } from '../services/openclaw-models.ts';
import type { FrontTexts } from './front-texts.ts';

export interface FailoverTexts {
  readonly front: FrontTexts;
  readonly noNodes: string;
  readonly addNodes: string;
  notANode(host: string): string;
  nodesAre(names: string): string;
  noOtherNode(node: string): string;
  readonly addAnother: string;
  plainHttp(node: string, url: string): string;
  readonly useHttps: string;
  readonly noGateway: string;
  readonly gatewaySought: string;
  refused(reason: RefusedReason): string;
  /** What to do about a refusal. */
  /** @param validation the command with which OpenClaw judges its configuration */
  refusedHint(code: RefusedReason['code'], validation: string): string;
  note(note: GatewayNote): string;
  /** What to do when a key is missing. */
  readonly giveKey: string;
  upToDate(file: string): string;
  /**
   * Headline above the steps for a machine whose files are not here.
   *
   * @param since the first version of OpenClaw that takes them
   */
  onMachine(node: string, since: string): string;
  /** Names the command that does these steps. */
  shipIt(command: string): string;
  inConfiguration(file: string): string;
  /** Headline above the key of a machine's proxy, in a file of its own. */
  inKeyFile(file: string, node: string): string;
  /** The limit that the provider of a machine's own proxy needs. */
  ownTimeout(seconds: number): string;
  webServerOf(node: string, url: string): string;
  readonly orNginx: string;
  readonly webServer: SnippetTexts;
  /** OpenClaw itself refuses the new configuration. */
  rejected(file: string, said: string): string;
  /** @param validation the command with which OpenClaw judges the configuration as it is */
  rejectedHint(validation: string): string;
  /** OpenClaw's command was not found. */
  notFound(file: string): string;
  /** It gave no verdict. */
  notAsked(file: string): string;
  accepted(file: string): string;
  /** Progress while daruma asks or restarts a gateway. */
  askingGateway(unit: string, seconds: number | undefined): string;
  restartingGateway(unit: string, seconds: number | undefined): string;
  /** @param command the command that restarts it, or else shows its state, or what is wrong */
  grip(gateway: string, grip: Grip | 'ended', command: string): string;
  restartRefused(gateway: string, said: string, command: string): string;
  restartQuestion(unit: string): string;
  shipped(destination: string, id: string): string;
  nothingToShip(destination: string): string;
  shipFault(destination: string, fault: ShipFault): string;
  shipHint(code: ShipFault['code']): string;
  readonly notARequest: string;
  readonly sameVersion: string;
  readonly liveOnly: string;
  // status
  /** Progress while daruma asks who answers. */
  readonly asking: string;
  thisMachine(node: string): string;
  readonly machines: string;
  readonly own: string;
  readonly defaults: string;
  /** Said of the service of a gateway. */
  readonly gatewayDown: string;
  /** The turns of an agent for which a setting names models of their own. */
  readonly turns: Readonly<Record<'subagents' | 'heartbeat', string>>;
  /** Said of the first model of a chain whose provider is alive. */
  readonly aliveNow: string;
  readonly next: string;
  readonly nobody: string;
  readonly noNext: string;
  /** The only model that is alive is not the first. */
  onlyOne(model: string): string;
  /** A model that hangs comes before the one that is alive. */
  noFallback(model: string): string;
  answering(answering: Answering): string;
  readonly missing: string;
  /** @param hasOthers whether there are other machines, whose files were not read */
  nothingMissing(hostName: string, hasOthers: boolean): string;
  /** What was not asked although something was. */
  /** What to do about a provider whose key is refused; `place` is where the key stands. */
  keyRefused(provider: string, place: string): string;
  readonly notProven: string;
  /** What the files alone cannot show. */
  readonly limits: string;
  readonly noModels: string;
  /** Said of a chain. */
  readonly noModel: string;
  /** Said of a reference in a chain. */
  unclear(reference: string, reason: UnclearReference['reason']): string;
  /** Chains with no model of another machine, where there is one. */
  staying(chains: readonly string[]): string;
  /** Why not all agents of a configuration are known. */
  readonly unread: Readonly<Record<'missing' | 'unknown' | 'unusable' | 'incomplete', string>>;
  /** Said of a proxy: its configuration may hold more than is shown. */
  readonly notAllKnown: string;
  /** A proxy in a container, with the line that defines it. */
  readonly inContainer: (line: string) => string;
}
