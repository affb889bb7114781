/** How reports name files: as the reader would type the path; and lines of them in documents. */
import path from 'node:path';
import type { Host } from '../systemd/host/host.ts';
import type { Source } from '../systemd/service-settings.ts';

/** The folders from which the reader sees paths. */
export interface Viewpoint {
  readonly workingDirectory: string;
  /** Shown as `~`. */
  readonly home: string | undefined;
}

/**
 * The path of a host's file as the reader would type it: relative to the working directory for files inside it, with `~` for
 * files in the home, otherwise absolute. For a file of an unpacked root it is the path on this machine.
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

/** The path of a file relative to a folder; undefined for a file outside it, and for the folder `/`, where it is hardly shorter. */
export function pathBelow(folder: string, file: string): string | undefined {
  const relative = path.relative(folder, file);
  const isBelow = folder !== '/' && relative !== '' && relative !== '..' && !relative.startsWith('../');
  return isBelow ? relative : undefined;
}

/** A line of a file; 0 means the whole file. */
export function sourceToJson(source: Source | null): object | null {
  return source === null ? null : { ...source, line: source.line ?? 0 };
}
