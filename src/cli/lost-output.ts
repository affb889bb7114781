/**
 * What happens when standard output cannot be written any more, since its reader is gone or a disk is full. Most commands
 * have nothing to do then but to end. A command that changes something carries on without it, so that a reader that
 * leaves early (`daruma fix --yes | head -1`) neither stops a change halfway nor hides whether it was made.
 */
import type { Output } from './io.ts';

const lost = new WeakSet<Output>();
const dispensable = new WeakSet<Output>();

/** Records that a stream cannot be written. */
export function loseOutput(stream: Output): void {
  lost.add(stream);
}

export function isOutputLost(stream: Output): boolean {
  return lost.has(stream);
}

/** From here on the command carries on when the stream cannot be written. */
export function carryOnWithout(stream: Output): void {
  dispensable.add(stream);
}

export function carriesOnWithout(stream: Output): boolean {
  return dispensable.has(stream);
}
