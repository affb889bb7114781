/** What a language says of messages on the command line; what it says in them: `notice-texts.ts`. */
import type { ChannelFault } from '../notify/channel.ts';
import type { Incident } from '../notify/incident.ts';

export interface NotifyTexts {
  /** A hook was not called by systemd; a hint follows. */
  readonly hookByHand: string;
  notKept(unit: string, cause: string): string;
  notHandedOver(unit: string, cause: string): string;
  putAside(file: string): string;
  storeTooNew(file: string): string;
  readonly storeBusy: string;
  readonly noChannels: string;
  readonly addChannel: string;
  delivered(channel: string): string;
  notDelivered(channel: string, fault: string): string;
  fault(fault: ChannelFault): string;
  readonly allDelivered: string;
  nothingWaits(channel: string): string;
  /** `since`: when the oldest happened. */
  waiting(channel: string, count: number, since: string): string;
  /** Why nothing of it was tried yet. */
  notBefore(time: string): string;
  heldBack(time: string): string;
  readonly notTried: string;
  failed(attempts: number, fault: string, next: string): string;
  refused(count: number): string;
  quietUntil(time: string): string;
  /** Without a unit: all of them. */
  mutedUntil(unit: string | undefined, time: string): string;
  notMuted(unit: string): string;
  incident(unit: string, state: Incident['state'], since: string | undefined, falls: number): string;
  passingProgram(folder: string): string;
  readonly installForGood: string;
  readonly alreadyInstalled: string;
  readonly notInstalled: string;
  readonly unitsOnly: string;
  /** Comments in the drop-in, above the hooks. */
  readonly hookComments: Readonly<Record<'started' | 'ended' | 'failed', string>>;
}
