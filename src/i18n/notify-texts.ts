/** The interface of the texts of `daruma notify` on the command line; those of messages are in `notice-texts.ts`. */
import type { ChannelFault } from '../notify/channel.ts';
import type { Incident } from '../notify/incident.ts';
import type { PresentState } from '../notify/present-state.ts';

/** The falls of an incident, with the times of those that were seen. */
export interface FallTimes {
  /** Falls and failed starts. */
  readonly count: number;
  readonly failedStarts: number;
  /** There were more, of which nothing tells. */
  readonly isAtLeast: boolean;
  readonly first: string | undefined;
  readonly last: string | undefined;
}

export interface NotifyTexts {
  /** The hook was not run by systemd; a hint follows. */
  readonly hookByHand: string;
  notKept(unit: string, cause: string): string;
  /** Files of the spool that were cut off, or that no hook has written. */
  signsDiscarded(count: number): string;
  notHandedOver(unit: string, cause: string): string;
  putAside(file: string): string;
  /** Seen by a command that only looks. */
  storeDamaged(folder: string): string;
  storeTooNew(file: string): string;
  readonly storeBusy: string;
  readonly noChannels: string;
  readonly addChannel: string;
  /** @param remark what is to be changed all the same */
  delivered(channel: string, remark?: string): string;
  notDelivered(channel: string, fault: string): string;
  fault(fault: ChannelFault): string;
  readonly allDelivered: string;
  nothingWaits(channel: string): string;
  /** `since`: when the event of the oldest message happened. */
  waiting(channel: string, count: number, since: string): string;
  /** Why no attempt was made yet; `last`: the last of several, `isRest`: of others an attempt was due. */
  notBefore(first: string, last: string | undefined, isRest: boolean): string;
  heldBack(time: string): string;
  readonly notTried: string;
  /** The user's manager does not run; `isWaiting`: there are messages or signs. */
  asleep(isWaiting: boolean): string;
  failed(attempts: number, fault: string, next: string): string;
  refused(count: number): string;
  /** One message that was refused. */
  refusal(channel: string, happened: string, title: string): string;
  readonly noRefusals: string;
  readonly sendRefusedAgain: string;
  readonly noHooks: string;
  /** @param start the command that starts them */
  wakersStopped(units: string, start: string): string;
  hooksWork(units: string): string;
  earlierHooks(units: string): string;
  /** What they lead to is not there. */
  hooksLeadTo(units: string, missing: string): string;
  /** Services without hooks, where others have some. */
  unhooked(units: string): string;
  /** Jobs of timers without hooks: as a list, and as words of a command. */
  unhookedJobs(units: string, words: string): string;
  /** @param fault why nothing can be written into the state folder */
  noSigns(fault: string): string;
  /** Signs that nobody has taken yet. */
  signsWait(count: number): string;
  quietUntil(time: string): string;
  /** Messages of a channel that the configuration does not name any more. */
  stranded(channel: string, count: number): string;
  /** Without a unit: all units. */
  mutedUntil(unit: string | undefined, time: string): string;
  notMuted(unit: string): string;
  incident(unit: string, state: Incident['state'], falls: FallTimes, present: PresentState): string;
  passingProgram(folder: string): string;
  readonly installForGood: string;
  /** The programs that the hooks run are missing, or cannot do what they need; a hint follows. */
  readonly noTimeout: string;
  readonly installTools: string;
  /** A command of the service that sends messages by itself; `line`: the setting as written. */
  otherMessenger(unit: string, line: string, receiver: string, isTakenOut: boolean): string;
  /** Services that are down, and of which no hook has told. */
  readonly unnoticed: Readonly<Record<'failed' | 'refused' | 'fails', (unit: string) => string>>;
  readonly alreadyInstalled: string;
  readonly notInstalled: string;
  /** Above the services whose hooks a plan changes. */
  hookFiles(services: number, files: number): string;
  /** The units that deliver messages. */
  ownUnits(names: string): string;
  readonly unitsOnly: string;
  /** Services that get a hook less, and why. */
  readonly missingHooks: Readonly<
    Record<'inRing' | 'required' | 'soleFailureJob', (units: string) => string>
  >;
  /** Services whose commands end while they stay active: what is told of them. */
  remaining(units: string): string;
  /** Of services whose start job was over before their process could have failed, and now waits for the hook. */
  readonly longerStarts: string;
  /** Services without hooks, of which something was not told yet. */
  untold(units: string): string;
  /** After the last hooks are gone. */
  stillWaiting(channel: string, count: number): string;
  /** What was kept of services without hooks. */
  notForgotten(cause: string): string;
  /** The hooks lead through a folder that an upgrade deletes. */
  passingVersion(folder: string): string;
  /** Comments above the hooks in the drop-in. */
  readonly hookComments: Readonly<Record<'started' | 'ended' | 'failed', string>>;
}
