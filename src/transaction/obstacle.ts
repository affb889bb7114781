/** Finds out, before anything is written, what prevents a path from being written. Only the unit concerned is left out of the plan. */
import fs from 'node:fs';
import path from 'node:path';
import { errorCode } from '../kernel/errno.ts';
import type { Host } from '../systemd/host/host.ts';
import type { FileState } from '../systemd/host/overlay-files.ts';
import { enter, LeadsOut, lookAt, type Tree } from '../systemd/host/tree.ts';
import { writtenThrough } from './file-operation.ts';

/**
 * `too-large`: the present file would have to be read and shown. `not-writable`: a link that leads to no writable file, a file
 * where a folder is needed, or a folder that may not be entered.
 */
export type Obstacle = 'name-too-long' | 'too-large' | 'leads-out' | 'not-writable';

/** A path that a plan cannot write and therefore leaves out. */
export interface LeftOut {
  /** Undefined when the path belongs to no unit. */
  readonly unit: string | undefined;
  /** The path on the host. */
  readonly path: string;
  readonly why: Obstacle;
}

/**
 * @param file path on the host
 * @param kind the kind of state to be written
 * @returns undefined when nothing prevents the write
 */
export function obstacleTo(file: string, kind: FileState['kind'], { tree }: Host): Obstacle | undefined {
  const place = path.join(tree.root, file);
  try {
    if (kind === 'mode') return lookAt(tree, place, () => undefined);
    if (!canHaveFolder(path.dirname(place), tree)) return 'not-writable';
    if (kind !== 'file') return undefined;
    if (writtenThrough(place, tree) === undefined) return 'not-writable';
    return (lookAt(tree, place, ({ status }) => status.size) ?? 0) > mostBytes ? 'too-large' : undefined;
  } catch (error) {
    if (error instanceof LeadsOut) return 'leads-out';
    const code = errorCode(error);
    if (code === 'ENAMETOOLONG') return 'name-too-long';
    if (code === 'EACCES' || code === 'ELOOP') return 'not-writable';
    throw error;
  }
}

/** A drop-in has only a few lines. */
const mostBytes = 1024 * 1024;

/** Whether a folder exists or can be made. */
function canHaveFolder(directory: string, tree: Tree): boolean {
  using folder = enter(tree, directory);
  if (folder !== undefined) return true;
  const above = path.dirname(directory);
  if (above === directory || !canHaveFolder(above, tree)) return false;
  using parent = enter(tree, above);
  return (
    parent === undefined ||
    fs.lstatSync(parent.at(path.basename(directory)), { throwIfNoEntry: false }) === undefined
  );
}
