/** The TCP ports that a running process listens on, according to the kernel. */
import type { HostFiles } from '../systemd/host/host.ts';

/**
 * Reads the ports from /proc: the sockets among the descriptors of the process that are in state LISTEN.
 *
 * @returns undefined when the process may not be inspected, or does not exist any more
 *
 * Source: proc_pid_fd(5), proc_pid_net(5).
 */
export function listeningPorts(files: HostFiles, pid: number): ReadonlySet<number> | undefined {
  try {
    const folder = `/proc/${pid}/fd`;
    const sockets = new Set(
      (files.list(folder) ?? [])
        .map(({ name }) => linkOf(files, `${folder}/${name}`))
        .flatMap(link => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []),
    );
    const listening = ['tcp', 'tcp6'].flatMap(table => listeningIn(files, `/proc/${pid}/net/${table}`));
    return new Set(listening.filter(({ inode }) => sockets.has(inode)).map(({ port }) => port));
  } catch {
    return undefined;
  }
}

/** Reads where a descriptor leads; the process may close it at any time. */
function linkOf(files: HostFiles, file: string): string {
  try {
    return files.readLink(file);
  } catch {
    return '';
  }
}

/** The ports that one table of sockets lists. A kernel without IPv6 has no table for it. */
function listeningIn(
  files: HostFiles,
  table: string,
): readonly { readonly port: number; readonly inode: string }[] {
  if (files.status(table) === undefined) return [];
  const lines = files.read(table).toString('latin1').split('\n').slice(1);
  return lines.flatMap(line => {
    const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
    const port = Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16);
    return state === LISTEN ? [{ port, inode }] : [];
  });
}

const LISTEN = '0A';
