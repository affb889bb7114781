/** The services that have hooks, and where these lie. */
import { hooksDropInName } from '../check/own-drop-ins.ts';
import type { Host } from '../systemd/host/host.ts';
import { searchedFiles } from '../systemd/host/search.ts';
import { ownUnitFolder } from '../systemd/search-path.ts';

/** The name of a file in the runtime folder, which a boot takes away: it exists once daruma has looked since. */
export const seenMark = 'daruma-seen';

/** The services of a host that have hooks. */
export function watchedUnits(host: Host): readonly string[] {
  const folder = ownUnitFolder(host.scope, host.environment);
  return folder === undefined ? [] : hookedUnits(folder, host);
}

/** Services that have the drop-in with the hooks. */
export function hookedUnits(folder: string, host: Host): readonly string[] {
  return (host.files.list(folder) ?? [])
    .filter(({ name }) => name.endsWith('.service.d'))
    .map(({ name }) => name.slice(0, -'.d'.length))
    .filter(unit => isAnything(dropInOf(folder, unit), host))
    .sort();
}

/** The drop-in with the hooks of a service. */
export function dropInOf(folder: string, unit: string): string {
  return `${folder}/${unit}.d/${hooksDropInName}`;
}

/** Whether there is anything by that name, also a link that leads nowhere. */
export function isAnything(path: string, { files }: Host): boolean {
  const at = path.lastIndexOf('/');
  return searchedFiles(files)
    .list(path.slice(0, at))
    .some(({ name }) => name === path.slice(at + 1));
}
