/** The interface of the texts of the front: HAProxy before the local LiteLLM. */
import type { FrontNote, NoFront } from '../failover/front/plan.ts';
import type { FrontServer } from '../failover/front/statistics.ts';
import type { FrontUnits } from '../failover/front/units.ts';

/** A place that a front passes requests on to. */
export interface FrontPlaceNow extends FrontServer {
  readonly name: string;
}

export interface FrontTexts {
  readonly units: FrontUnits['texts'];
  /** Nobody has asked for a front, and there cannot be one. */
  noFront(why: string): string;
  readonly noHaproxy: string;
  readonly getHaproxy: string;
  /** @param version undefined when it says none */
  oldHaproxy(version: string | undefined, oldest: string): string;
  getNewer(oldest: string): string;
  /** Another program has the port of the front that is there. */
  portTaken(port: number): string;
  freePort(port: number): string;
  refused(reason: NoFront): { readonly message: string; readonly hint: string };
  /** A key cannot be written into a line. */
  readonly unwritableKey: string;
  /** HAProxy itself refuses the configuration. */
  rejected(said: string): string;
  /** @param isEdited whether a person has edited it */
  rejectedHint(isEdited: boolean): string;
  /** @param version that of HAProxy; undefined when it says none */
  accepted(version: string | undefined): string;
  note(note: FrontNote): string;
  /** Nothing is to be changed for the front. */
  upToDate(url: string): string;
  /** The command for a front on another machine, where nothing is done from here. */
  alsoThere(command: string): string;
  /** What another client than OpenClaw asks. */
  forOthers(url: string): string;
  /**
   * Who answers now.
   *
   * @param place undefined when nobody does
   * @param local the LiteLLM of this machine
   */
  answering(place: FrontPlaceNow | undefined, local: FrontPlaceNow | undefined): string;
  /** Stands before the counts: since when they are counted. */
  counted(seconds: number): string;
  /** @param command starts a front that rests */
  startsAgain(command: string): string;
  /** @param command the command with which HAProxy reads it */
  notRead(file: string, command: string): string;
  /** How many requests went to a place, and how many of them failed. */
  requests(place: FrontPlaceNow): string;
  /** HAProxy stands still. @param command what ends that */
  hangs(command: string): string;
  /** Files that are not as they would be written now. */
  outdated(files: readonly string[]): string;
  /** Another machine whose checks fail. */
  unfit(place: FrontPlaceNow): string;
  /** Nothing was written, and HAProxy has read its configuration again. */
  readonly reread: string;
  /** After it was set up: what came of a question through it. */
  asked(url: string, answer: string): string;
}
