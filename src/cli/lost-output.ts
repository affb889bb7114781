/**
 * What happens when standard output cannot be written any more, since its reader is gone or a disk is full. Most commands
 * have nothing to do then but to end. A command that changes something carries on without it, so that a reader that
 * leaves early (`daruma fix --yes | head -1`) neither stops a change halfway nor hides whether it was made. A command whose
 * exit code is a verdict carries on without a reader, too: the verdict is the same whoever reads (`daruma check | head`).
 */
import type { Output } from './io.ts';

const lost = new WeakSet<Output>();
const dispensable = new WeakMap<Output, Work>();

/** What a command does beside its output. */
export type Work = 'change' | 'verdict';

/** Records that a stream cannot be written. */
export function loseOutput(stream: Output): void {
  lost.add(stream);
}

export function isOutputLost(stream: Output): boolean {
  return lost.has(stream);
}

/** From here on the command carries on when the stream cannot be written. */
export function carryOnWithout(stream: Output, work: Work): void {
  dispensable.set(stream, work);
}

/** @param isUnread whether the reader is gone, and nothing else is wrong with the stream */
export function carriesOnWithout(stream: Output, isUnread: boolean): boolean {
  const work = dispensable.get(stream);
  return work === 'change' || (work === 'verdict' && isUnread);
}
