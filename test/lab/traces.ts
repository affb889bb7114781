import { existsSync, globSync, readFileSync } from 'node:fs';
import { hostRegistry } from '../../lab/registry.ts';

/** What of a host is still on the machine: processes' control groups, mounts, the network namespace, files. */
export function tracesOf(id: string): string[] {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  return [
    ...globSync(`/sys/fs/cgroup/{,*/}daruma-lab-${id}`),
    ...mounts.filter(line => line.includes(`/${id}`)),
    ...globSync(`/run/netns/daruma-lab-*${id}`),
    ...globSync(`/run/systemd/nspawn/*/${id}`),
    ...[hostRegistry.folder(id)].filter(folder => existsSync(folder)),
  ];
}
