/** Paths of which nobody knows whether they will be there at the next start of a service. */
import { isVolatile } from '../services/named-paths.ts';
import { ownFilesOf } from '../services/own-files.ts';
import type { Host } from '../systemd/host/host.ts';
import { systemLoaderOf } from '../systemd/system-manager.ts';
import type { UnitLoader } from '../systemd/unit.ts';
import { unescapeUnitPath } from '../systemd/unit-name.ts';

/**
 * Whether a path lies where a boot or other programs make and remove files, or where a file system may be mounted that is not
 * mounted now. On a root that does not run, nothing is mounted.
 */
export function mayChangeByItself(path: string, loader: UnitLoader): boolean {
  return (
    isVolatile(path) || mountPointsOf(loader).some(point => path === point || path.startsWith(`${point}/`))
  );
}

function mountPointsOf(loader: UnitLoader): readonly string[] {
  let points = known.get(loader);
  if (points === undefined) {
    points = comingMounts(loader);
    known.set(loader, points);
  }
  return points;
}

const known = new WeakMap<UnitLoader, readonly string[]>();

/** The folders on which units of either manager, or /etc/fstab, mount something, apart from those where it is mounted now. */
function comingMounts(loader: UnitLoader): readonly string[] {
  const { host } = loader;
  const units = [loader, systemLoaderOf(loader)].flatMap(({ index }) =>
    index.names.flatMap(name => {
      const [, escaped] = /^(.*)\.(?:mount|automount)$/.exec(name) ?? [];
      return (escaped !== undefined && unescapeUnitPath(escaped)) || [];
    }),
  );
  const mounted = new Set(host.kind === 'live' ? fieldsOf('/proc/self/mountinfo', 4, host) : []);
  const points = [...units, ...fieldsOf('/etc/fstab', 1, host)];
  return [...new Set(points)].filter(point => /^\/./.test(point) && !mounted.has(point));
}

/** One field of each line; in both files spaces are written as `\040` (fstab(5), proc_pid_mountinfo(5)). */
function fieldsOf(file: string, field: number, host: Host): readonly string[] {
  const content = ownFilesOf(host).read(file);
  if (content.state !== 'read') return [];
  return content.text.split('\n').flatMap(line => {
    const written = line.startsWith('#') ? undefined : line.trim().split(/\s+/)[field];
    return written === undefined
      ? []
      : [
          written.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
            String.fromCharCode(Number.parseInt(octal, 8)),
          ),
        ];
  });
}
