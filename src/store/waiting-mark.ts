/**
 * A file that lies there while something waits. The timer looks for it (`ConditionPathExists=`): where nothing waits, no
 * process is started.
 */
import fs from 'node:fs';
import path from 'node:path';

export function waitingMark(folder: string): string {
  return path.join(folder, 'waiting');
}

/** To be set behind what was written: whoever takes it away looks once more afterwards. */
export function setWaitingMark(folder: string): void {
  fs.closeSync(fs.openSync(waitingMark(folder), 'a', 0o600));
}

export function removeWaitingMark(folder: string): void {
  fs.rmSync(waitingMark(folder), { force: true });
}
