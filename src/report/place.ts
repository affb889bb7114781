/** How files are named to those who read a report: as they would open them from where they are. */
import path from 'node:path';
import type { Host } from '../systemd/host/host.ts';

/** Where the reader stands. */
export interface Viewpoint {
  readonly workingDirectory: string;
  /** Shown as `~`. */
  readonly home: string | undefined;
}

/**
 * The path of a host's file as a person would type it: from the working directory for what lies there, from `~` for
 * what lies in the home, else absolute. For a file of an unpacked root it leads to where it lies on this machine.
 *
 * @example shownPath('/home/kuma/a.service', host, { workingDirectory: '/tmp', home: '/home/kuma' }) // '~/a.service'
 */
export function shownPath(file: string, { files }: Host, viewpoint: Viewpoint): string {
  const physical = files.physicalPath(file);
  const { workingDirectory, home } = viewpoint;
  return (
    pathBelow(workingDirectory, physical) ??
    (home === undefined ? undefined : tildePath(home, physical)) ??
    physical
  );
}

function tildePath(home: string, file: string): string | undefined {
  const below = pathBelow(home, file);
  return below === undefined ? undefined : `~/${below}`;
}

/** The way from a folder to a file inside it; undefined for one outside, and from `/`, where nothing is shorter. */
export function pathBelow(folder: string, file: string): string | undefined {
  const relative = path.relative(folder, file);
  const isBelow = folder !== '/' && relative !== '' && relative !== '..' && !relative.startsWith('../');
  return isBelow ? relative : undefined;
}
