/** The drop-ins of a plan below another folder, for a configuration that is kept elsewhere. */
import path from 'node:path';
import { UnwritableLink } from '../transaction/apply.ts';
import { putState, readState, writtenThrough } from '../transaction/file-operation.ts';
import type { FileState } from '../systemd/host/overlay-files.ts';
import { wholeMachine } from '../systemd/host/tree.ts';
import type { Plan } from './plan.ts';

type DropInFile = Extract<FileState, { readonly kind: 'file' }>;

/** The drop-ins of a plan: where each lies below the folder, and what it says. */
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

/** What stands there; undefined where nothing does. @throws UnwritableLink, and the errno error of what cannot be read */
export function contentThere(file: string): Buffer | undefined {
  const there = readState(placeOf(file), wholeMachine);
  return there.kind === 'file' ? there.content : undefined;
}

/** Writes it whole or not at all. @throws UnwritableLink, and the errno error of what cannot be written */
export function writeThere(file: string, state: DropInFile): void {
  putState(placeOf(file), state, wholeMachine);
}

/** What is kept elsewhere and linked to goes on being kept there. */
function placeOf(file: string): string {
  const place = writtenThrough(file, wholeMachine);
  if (place === undefined) throw new UnwritableLink(file);
  return place;
}
