/** Writes the drop-ins of a plan below another folder, for users who keep their configuration in one place, such as a repository. */
import path from 'node:path';
import { UnwritableLink } from '../transaction/apply.ts';
import { putState, readState, writtenThrough } from '../transaction/file-operation.ts';
import type { FileState } from '../systemd/host/overlay-files.ts';
import { wholeMachine } from '../systemd/host/tree.ts';
import type { Plan } from './plan.ts';

type DropInFile = Extract<FileState, { readonly kind: 'file' }>;

/** The drop-ins of a plan with their paths below the folder. */
export function dropInsBelow(
  { files }: Plan,
  folder: string,
): readonly { readonly file: string; readonly state: DropInFile }[] {
  return [...files].flatMap(([original, state]) => {
    const unitFolder = path.dirname(original);
    if (state.kind !== 'file' || !unitFolder.endsWith('.d')) return [];
    return [{ file: path.join(folder, path.basename(unitFolder), path.basename(original)), state }];
  });
}

/** The present content of a file; undefined when it does not exist. @throws UnwritableLink, or the errno error of the read */
export function contentThere(file: string): Buffer | undefined {
  const there = readState(placeOf(file), wholeMachine);
  return there.kind === 'file' ? there.content : undefined;
}

/** Writes a file atomically. @throws UnwritableLink, or the errno error of the write */
export function writeThere(file: string, state: DropInFile): void {
  putState(placeOf(file), state, wholeMachine);
}

/** The file that a link leads to, which is written in its place. */
function placeOf(file: string): string {
  const place = writtenThrough(file, wholeMachine);
  if (place === undefined) throw new UnwritableLink(file);
  return place;
}
